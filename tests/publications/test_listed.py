"""The pieces of a listing come in order, all of them, and what was made of one serves every listing it stands in."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.kit import collecting
from isthmus.publications import actions, feeds, listed
from isthmus.publications.models import Category, Person, Publication
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def state() -> Any:
    with collecting.gathering(object()) as gathered:
        yield gathered


def released(n: int, **given: Any) -> list[int]:
    return [makers.released(f"No. {i}", **given).pk for i in range(n)]


def cards_and_tags(pieces: list[int], state: object) -> tuple[list[str], set[str]]:
    with collecting.gathering(state) as own:
        return [card.title for card in listed.cards_of(pieces)], own.tags


def test_more_cards_than_one_statement_asks_for_come_in_the_order_wanted() -> None:
    pieces = released(23, people=(makers.person("Robert King"),))
    wanted = pieces[::-2]

    shown = listed.cards_of(wanted)

    assert [card.title for card in shown] == [f"No. {pieces.index(pk)}" for pk in wanted]
    assert {card.people[0].name for card in shown} == {"Robert King"}


def test_every_listing_holds_its_pieces_newest_first_and_none_that_is_withdrawn() -> None:
    king, north = makers.person("Robert King"), makers.category("North")
    below = makers.category("Harbour", parent=north)
    pieces = released(3, people=(king,), categories=(below,), series=makers.series("Notes"))
    released(1)
    actions.withdraw(Publication.objects.get(pk=pieces[1]))

    for one in (king, north, below, Publication.objects.get(pk=pieces[0]).series):
        assert list(listed.numbers(one.subject, 0, 20)) == [pieces[2], pieces[0]]
        assert listed.size_of(one.subject) == 2
    assert listed.size_of("all") == 3
    assert len(listed.cards_of(pieces)) == 2


def test_a_card_made_once_for_a_state_names_all_it_shows_wherever_it_stands(django_assert_num_queries: Any) -> None:
    person, state = makers.person("Robert King"), object()
    pieces = released(4, people=(person,), series=makers.series("Notes"))

    first = cards_and_tags(pieces, state)
    with django_assert_num_queries(0):
        again = cards_and_tags(pieces, state)

    assert again == first
    assert {f"pub:{pieces[0]}", person.subject} < first[1]


def test_a_new_state_shows_what_changed() -> None:
    pieces = released(1)
    cards_and_tags(pieces, "before")
    piece = Publication.objects.get(pk=pieces[0])
    piece.title = "Another"
    piece.save()

    assert cards_and_tags(pieces, "after")[0] == ["Another"]


def test_an_entry_made_once_for_a_state_is_the_same_in_the_next_feed(state: collecting.Gathering) -> None:
    north = makers.category("North")
    pieces = released(2, people=(makers.person("Robert King"),), categories=(north,))
    place = {"title": "All", "page_path": "/", "feed_path": "/feed/"}

    first, tags = feeds.atom(pieces, **place).content, set(state.tags)
    state.tags.clear()

    assert feeds.atom(pieces, **place).content == first
    assert state.tags == tags > {f"pub:{pieces[0]}", north.subject}


def test_whom_the_public_may_not_see_is_found_under_no_address() -> None:
    hidden, north = makers.person("Ada King"), makers.category("North")
    released(1, people=(makers.person("Robert King"),))

    assert listed.person_at(hidden.slug) is None
    assert listed.person_at("robert-king") == Person.objects.get(slug="robert-king")
    assert listed.category_at(north.axis.slug, north.slug) is None
    assert Category.objects.count() == 1


def test_both_forms_of_a_citation_are_written_from_one_reading(django_assert_num_queries: Any) -> None:
    king, state = makers.person("Robert King"), object()
    piece = makers.released("Ardor", people=(king,), series=makers.series("Notes"))
    with collecting.gathering(state):
        listed.cited_at("notes", piece.slug)

    with collecting.gathering(state) as own, django_assert_num_queries(0):
        found = listed.cited_at("notes", piece.slug)
        assert found is not None
        assert [line.name for line in found.bylines.all()] == ["Robert King"]

    assert own.tags == {piece.subject, king.subject, piece.series.subject}
    assert listed.cited_at(None, piece.slug) is None


def test_what_is_withdrawn_is_cited_no_more() -> None:
    piece = makers.released("Ardor")
    actions.withdraw(piece)

    assert listed.cited_at(None, piece.slug) is None


@pytest.mark.parametrize("n_held", [0, 1, 100])
def test_cards_are_right_however_few_are_held(n_held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed, "_most_cards", 0)
    listed.hold(n_held)
    pieces, state = released(3), object()

    for some in (pieces, pieces[:1], pieces[::-1]):
        assert cards_and_tags(some, state) == (
            [f"No. {pieces.index(pk)}" for pk in some],
            {f"pub:{pk}" for pk in some},
        )
