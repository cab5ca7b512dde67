from dataclasses import replace

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from isthmus.search.asked import GROUPS, NONE, Asked, chosen_in, years_of
from isthmus.search.engine import Sort


def read(query: str) -> Asked:
    parameters = QueryDict(query)
    return Asked(parameters.get("q", ""), chosen_in(parameters), Sort(parameters.get("sort", "relevance")))


def test_the_address_is_the_whole_state():
    asked = Asked("north korea", {"series": ("the-peninsula", NONE), "category.region": ("japan",)}, Sort.OLDEST)

    assert asked.address(page=3) == (
        "/search/?q=north+korea&series=the-peninsula&series=-&category.region=japan&sort=oldest&page=3"
    )
    assert read(asked.without_page()) == asked


VALUES = st.lists(st.text("ab-ü&=", min_size=1, max_size=4), min_size=1, max_size=8, unique=True)


@given(st.text(max_size=20), st.dictionaries(st.sampled_from([*GROUPS, "category.region"]), VALUES, max_size=3))
def test_what_is_written_is_read_again(text: str, chosen: dict[str, list[str]]):
    asked = Asked(text, {group: tuple(values) for group, values in chosen.items()})

    again = read(asked.without_page())

    assert again == asked
    assert again.without_page() == asked.without_page()


def test_nothing_asked_is_the_bare_address():
    assert (Asked().address(), Asked().feed_address(), Asked().follow_address()) == (
        "/search/", "/feed/", "/subscribe/",
    )  # fmt: skip


def test_feed_and_mail_hold_the_question_and_what_is_chosen_but_no_order():
    asked = Asked("tariffs", {"year": ("2019",)}, Sort.OLDEST)

    assert asked.feed_address() == "/search/feed/?q=tariffs&year=2019"
    assert asked.follow_address() == "/subscribe/?search=q%3Dtariffs%26year%3D2019"


def test_unknown_parameters_and_empty_values_are_not_read():
    assert chosen_in(QueryDict("q=a&color=red&series=&kind=&category.=x&category=y&page=2&utm_source=z")) == {}


def test_no_address_makes_more_than_forty_choices():
    chosen = chosen_in(QueryDict("&".join(f"author=a{n}&kind=k{n}" for n in range(500))))

    assert sum(len(values) for values in chosen.values()) == 40


@pytest.mark.parametrize(
    ("value", "years"),
    [("2019", 1), ("2010-2014", 5), ("2014-2010", 0), ("soon", 0), ("-", 0), ("0001-9999", 0), ("20190", 0)],
)
def test_years_and_ranges_of_years(value: str, years: int):
    assert len(years_of(value)) == years


def test_what_an_engine_is_asked_for():
    asked = Asked("", {"year": ("2018-2019", "2019", "soon", NONE), "series": (NONE, "papers")})

    assert asked.filters == {"year": ("2018", "2019", "soon", ""), "series": ("", "papers")}


def test_a_value_can_be_put_on_and_taken_off():
    asked = Asked("a", {"kind": ("post",)})

    more = asked.with_value("kind", "paper").with_value("year", "2019")

    assert more.chosen == {"kind": ("post", "paper"), "year": ("2019",)}
    assert more.without_values("kind", ["paper"]).without_values("year", ["2019"]) == asked
    assert more.unfiltered() == replace(asked, chosen={})
