"""What editors pin to a question comes first when it is asked, as long as the public may see it."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from isthmus.publications import actions
from isthmus.search import editors, pins
from isthmus.search.models import Pin
from isthmus.search.query import Query, Word
from tests import makers

pytestmark = pytest.mark.django_db


def _asked(text: str, *, is_plain: bool = True) -> Query:
    return Query(text, Word("any"), is_plain=is_plain)


def _pin(question: str, *pieces) -> Pin:
    pin = Pin(question=question, **dict(zip(("first", "second", "third"), pieces, strict=False)))
    pin.full_clean()
    pin.save()
    return pin


def test_pinned_pieces_come_in_the_editors_order():
    one, two = makers.released("One"), makers.released("Two")
    _pin("North Korea sanctions", two, one)

    assert pins.for_question(_asked("north korea sanctions")) == [two.pk, one.pk]


@pytest.mark.parametrize("typed", ["sanctions NORTH korea", "  Sanctions,  north Korea?", "north korea’s sanctions"])
def test_any_order_and_spelling_of_the_words_is_the_same_question(typed: str):
    piece = makers.released()
    _pin("North Korea sanctions", piece)

    assert pins.for_question(_asked(typed)) == [piece.pk]


def test_other_words_and_operators_are_another_question():
    _pin("sanctions", makers.released())

    assert pins.for_question(_asked("sanctions 2017")) == []
    assert pins.for_question(_asked("sanctions", is_plain=False)) == []
    assert pins.for_question(_asked("")) == []
    assert pins.for_question(_asked("sanctions " * 400)) == []


def test_what_the_public_may_not_see_is_not_pinned():
    shown, withdrawn, draft = makers.released("One"), makers.released("Two"), makers.draft("Three")
    _pin("sanctions", withdrawn, draft, shown)

    actions.withdraw(withdrawn)

    assert pins.for_question(_asked("sanctions")) == [shown.pk]


def test_a_deleted_piece_leaves_the_others_pinned():
    one, two = makers.released("One"), makers.released("Two")
    _pin("sanctions", one, two)
    editors.kept()

    one.delete()

    assert pins.for_question(_asked("sanctions")) == [two.pk]


def test_a_question_nothing_is_pinned_to_costs_the_look_at_the_mark(django_assert_num_queries):
    _pin("sanctions", makers.released())
    editors.kept()

    with django_assert_num_queries(1):
        assert pins.for_question(_asked("ferry")) == []


def test_two_pins_of_one_question_are_refused():
    piece = makers.released()
    _pin("North Korea", piece)

    with pytest.raises(ValidationError, match="pinned to these words already"):
        _pin("korea, NORTH", piece)


@pytest.mark.parametrize("question", ["???", "\ufdfa" * 100])
def test_a_question_that_cannot_be_asked_is_refused(question: str):
    with pytest.raises(ValidationError):
        _pin(question, makers.released())
