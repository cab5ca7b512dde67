"""What editors have of the search: their lists, and readers' questions with what to do about them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from isthmus.search.models import Pin, SearchedWords, SynonymSet
from tests import makers
from tests.publications.editing.people import browser_of, user

pytestmark = pytest.mark.django_db
SYNONYMS, PINS = "wagtailsnippets_isthmus_search_synonymset", "wagtailsnippets_isthmus_search_pin"


@pytest.fixture(autouse=True)
def institute(db: None) -> None:
    """A new institute with its pages and roles."""
    from isthmus.publications import setup

    setup.prepare_site("The Merrow Institute")


@pytest.fixture
def alice() -> Any:
    """An editor."""
    return browser_of(user("alice", "editor"))


def _searched(words: str, n_asked: int, n_unfound: int = 0, month: date = date(2026, 11, 1)) -> None:
    SearchedWords.objects.create(month=month, words=words, n_asked=n_asked, n_unfound=n_unfound)


def _errors(answer: Any) -> str:
    return str(answer.context["form"].errors) if answer.context and "form" in answer.context else ""


def test_an_editor_keeps_a_set_of_synonyms(alice):
    answer = alice.post(reverse(f"{SYNONYMS}:add"), {"terms": " DPRK , North Korea,, dprk"})

    assert answer.status_code == 302, _errors(answer)
    assert SynonymSet.objects.get().terms == "dprk, North Korea"


def test_one_word_alone_is_no_set(alice):
    answer = alice.post(reverse(f"{SYNONYMS}:add"), {"terms": "DPRK"})

    assert "two to 8 different words" in _errors(answer)
    assert not SynonymSet.objects.exists()


def test_an_editor_pins_pieces_to_a_question(alice):
    piece = makers.released()

    answer = alice.post(
        reverse(f"{PINS}:add"), {"question": "North  Korea", "first": piece.pk, "second": "", "third": ""}
    )

    assert answer.status_code == 302, _errors(answer)
    pin = Pin.objects.get()
    assert (pin.question, pin.key, pin.piece_ids) == ("North Korea", "korea north", (piece.pk,))
    assert "Ardor Fades" in alice.get(reverse(f"{PINS}:list")).content.decode()


def test_a_pin_of_nothing_and_a_second_pin_of_one_question_are_refused(alice):
    piece = makers.released()
    Pin.objects.create(question="north korea", first=piece)

    nothing = alice.post(reverse(f"{PINS}:add"), {"question": "ferry", "first": ""})
    twice = alice.post(reverse(f"{PINS}:add"), {"question": "Korea north", "first": piece.pk})

    assert "required" in _errors(nothing)
    assert "pinned to these words already" in _errors(twice)


def test_the_report_has_the_most_searched_first_and_what_to_do(alice):
    _searched("ferry", 3)
    _searched("<b>sanctons</b>", 9, 9)

    page = alice.get(reverse("isthmus_searches")).content.decode()

    assert page.index("sanctons") < page.index("ferry")
    assert "<b>sanctons" not in page
    assert f"{reverse(f'{SYNONYMS}:add')}?words=ferry" in page
    assert f"{reverse(f'{PINS}:add')}?words=ferry" in page


def test_the_report_can_show_only_what_was_not_found_in_a_month(alice):
    _searched("ferry", 30)
    _searched("sanctons", 9, 9)
    _searched("older", 9, 9, date(2026, 10, 1))

    page = alice.get(reverse("isthmus_searches"), {"found": "unfound", "month": "2026-11-01"}).content.decode()

    assert "sanctons" in page
    assert "words=ferry" not in page
    assert "words=older" not in page


def test_what_looks_like_a_formula_is_text_in_the_file(alice):
    _searched('=hyperlink("x")', 1)
    _searched("-korea", 2)

    answer = alice.get(reverse("isthmus_searches"), {"export": "csv"})
    lines = b"".join(answer.streaming_content).decode().splitlines()

    assert lines[0] == "Month,Words,Times searched,Found nothing"
    assert lines[1] == "2026-11-01,'-korea,2,0"
    assert lines[2].startswith("2026-11-01,\"'=hyperlink(")


@pytest.mark.parametrize("name", ["isthmus_searches", "isthmus_searches_results", f"{SYNONYMS}:add", f"{PINS}:list"])
def test_authors_see_none_of_it(name: str):
    bob = browser_of(user("bob", "author"))

    answer = bob.get(reverse(name))

    assert answer.status_code in {302, 403}


@pytest.mark.parametrize(("name", "shown"), [(SYNONYMS, 'value="sanctons, "'), (PINS, 'value="sanctons"')])
def test_a_link_from_the_report_fills_in_the_form(alice, name: str, shown: str):
    assert shown in alice.get(reverse(f"{name}:add"), {"words": "sanctons"}).content.decode()


def test_the_menu_has_its_place(alice):
    page = alice.get(reverse("wagtailadmin_home")).content.decode()

    assert all(
        url in page for url in (reverse("isthmus_searches"), reverse(f"{SYNONYMS}:list"), reverse(f"{PINS}:list"))
    )
