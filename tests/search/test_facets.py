"""Facets as readers get them: through the page's own query, on a real index."""

from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest
from django.db import transaction

from isthmus.publications import actions
from isthmus.publications.models import Byline, Publication
from isthmus.search import facets, names
from isthmus.search.asked import Asked
from isthmus.search.keeper import Keeper
from isthmus.search.queries import Results, search
from tests import makers

CANARY = "Telluroscope"


@pytest.fixture
def archive(keeper: Keeper) -> list[Publication]:
    """Eight pieces on tariffs: two series and none, two kinds, three people, three years and none, a small tree."""
    asia = makers.category("Asia")
    korea, europe = makers.category("Korea", parent=asia), makers.category("Europe")
    robert, elif_ = makers.person("Robert King"), makers.person("Elif Karaman")
    staged = [
        actions.StagedPiece(
            Publication(
                title=f"Tariff {n}", slug=f"tariff-{n}", kind=kind, body=[("text", "<p>On tariffs.</p>")],
                series=makers.series(series) if series else None, published_on=date(2018 + n % 3, 5, 1),
                published_at=datetime(2018 + n % 3, 5, 1, tzinfo=UTC),
            ),
            bylines=[Byline(person=one) for one in ((robert, elif_), (elif_,), ())[n % 3]],
            category_ids=[one.pk for one in ((korea,) if n < 3 else (asia, europe) if n < 6 else ())],
        )
        for n, (series, kind) in enumerate(product(["The Peninsula", "Papers", None, "Papers"], ["post", "paper"]))
    ]  # fmt: skip
    with transaction.atomic():
        actions.stage_many(staged, run="tariffs")
        actions.release_staged([item.piece.pk for item in staged], run="tariffs")
    keeper.tick()
    return [item.piece for item in staged]


def values(found: Results, group: str) -> dict[str, int]:
    return {value.value: value.n for facet in found.facets if facet.group == group for value in facet.values}


def every_choice(found: Results) -> list[tuple[str, str, int]]:
    return [(facet.group, value.value, value.n) for facet in found.facets for value in facet.values]


def test_every_choice_leads_to_as_many_as_it_says(archive: list[Publication]):
    for group, value, n in every_choice(search("tariff")):
        assert (group, value, search("tariff", chosen={group: (value,)}).total) == (group, value, n)


def test_second_choices_lead_to_as_many_as_they_say_and_never_to_nothing(archive: list[Publication]):
    for group, value in (("series", "papers"), ("category.region", "korea"), ("year", "2019")):
        narrowed = search("tariff", chosen={group: (value,)})
        for second, other, n in every_choice(narrowed):
            both = {group: (value,)} | {second: (other,)} if second != group else {group: (value, other)}
            found = search("tariff", chosen=both)
            alone = search("tariff", chosen={second: (other,)}) if second == group else found
            assert (second, other, alone.total) == (second, other, n)
            assert found.total >= n > 0


@pytest.mark.parametrize("chosen", [{}, {"author": ("robert-king",)}, {"category.region": ("asia",)}])
@pytest.mark.parametrize("question", ["tariff", ""])
def test_counts_of_what_each_piece_has_once_add_up_to_the_total(
    archive: list[Publication], chosen: dict[str, tuple[str, ...]], question: str
):
    found = search(question, chosen=chosen)

    for group in ("series", "kind", "year"):
        assert sum(values(found, group).values()) == found.total


def test_values_of_one_group_widen_and_groups_narrow(archive: list[Publication]):
    assert search("tariff", chosen={"series": ("papers", "the-peninsula")}).total == 6
    assert search("tariff", chosen={"series": ("papers",), "kind": ("paper",)}).total == 2
    assert search("tariff", chosen={"series": ("-",)}).total == 2


def test_a_category_counts_what_is_below_it(archive: list[Publication]):
    assert values(search("tariff"), "category.region") == {"asia": 6, "korea": 3, "europe": 3}
    assert search("tariff", chosen={"category.region": ("asia",)}).total == 6


def test_an_empty_question_can_be_narrowed(archive: list[Publication]):
    found = search("", chosen={"year": ("2018",)})

    assert found.total == 3 == len(found.hits)
    assert [hit.card.title for hit in found.hits] == ["Tariff 6", "Tariff 3", "Tariff 0"]


def test_unknown_values_select_nothing_and_can_be_seen(archive: list[Publication]):
    found = search("tariff", chosen={"series": ("gone",), "year": ("soon",)})

    assert found.total == 0
    assert found.as_json()["facets"]["series"] == [{"value": "gone", "label": "gone", "n": 0, "selected": True}]
    assert found.as_json()["facets"]["year"][0] == {"value": "soon", "label": "soon", "n": 0, "selected": True}
    assert search("tariff", chosen={"category.colour": ("red",)}).total == 8


def test_what_is_chosen_says_so(archive: list[Publication]):
    found = search("tariff", chosen={"year": ("2018-2019",), "kind": ("paper",)}).as_json()["facets"]

    assert {value["value"]: value["selected"] for value in found["year"]} == {"2018": True, "2019": True, "2020": False}
    assert [value for value in found["kind"] if value["selected"]] == [
        {"value": "paper", "label": "Papers", "n": 3, "selected": True}
    ]


def test_a_withdrawn_piece_is_in_no_count_before_the_index_follows(archive: list[Publication]):
    actions.withdraw(Publication.objects.get(pk=archive[0].pk))

    for question in ("tariff", ""):
        found = search(question)
        assert sum(values(found, "series").values()) == found.total == 7


def test_nothing_that_is_not_public_has_a_name_in_a_facet(archive: list[Publication], keeper: Keeper):
    hidden = makers.draft(
        f"Tariff {CANARY}", people=(makers.person(CANARY),), categories=(makers.category(CANARY),),
        series=makers.series(f"{CANARY} Papers"),
    )  # fmt: skip
    shown = actions.release(makers.draft("Tariff gone", people=(makers.person(f"{CANARY} Two"),)))
    keeper.tick()
    actions.withdraw(shown)

    for question in ("tariff", ""):
        assert CANARY not in str(search(question).as_json())
    named = search("tariff", chosen={"author": (hidden.bylines.all()[0].person.slug,)})
    assert CANARY not in str(named.as_json())


def test_a_renamed_person_has_the_new_name_at_once(archive: list[Publication]):
    search("tariff")
    person = makers.person("Robert King")

    person.name = "Robert R. King"
    person.save()

    labels = {value.label for facet in search("tariff").facets if facet.group == "author" for value in facet.values}
    assert "Robert R. King" in labels


def test_people_are_listed_to_a_hundred_and_what_is_chosen_always():
    counts = {"author": {f"p{n}": 500 - n for n in range(300)}}
    known = names.Names({}, {f"p{n}": f"Person {n}" for n in range(300)}, {})

    [found] = facets.facets(counts, Asked("", {"author": ("p299",)}), known)

    assert len(found.values) == facets.MAX_VALUES + 1
    assert (found.values[0].value, found.values[-1].value, found.n_in_all) == ("p0", "p299", 300)


def test_empty_search_without_an_index_has_no_facets_and_says_the_total(archive: list[Publication], settings: Any):
    from isthmus.search.shelf import POINTER, shelf

    (shelf().root / POINTER).unlink()
    shelf().close()

    found = search("")

    assert (found.total, found.as_json()["facets"], len(found.hits)) == (8, {}, 8)
