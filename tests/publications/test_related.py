"""Related pieces are earlier ones that share something, each with the reason said."""

from datetime import date, timedelta

import pytest

from isthmus.publications import actions, related
from tests import makers

pytestmark = pytest.mark.django_db


def on(day: int, title: str, **fields):
    return makers.released(title, published_on=date(2020, 1, 1) + timedelta(days=day), **fields)


def test_each_reason_is_said_and_more_reasons_come_first():
    king, korea, blog = makers.person(), makers.category(), makers.series()
    on(1, "Same author", people=(king,))
    on(2, "Same category", categories=(korea,))
    on(3, "Same series and author", series=blog, people=(king,))
    piece = on(4, "The piece", people=(king,), categories=(korea,), series=blog)

    found = [(row.title, row.reasons) for row in related.related(piece)]

    assert found == [
        ("Same series and author", ["also by Robert King", "earlier in The Peninsula"]),
        ("Same category", ["also on North Korea"]),
        ("Same author", ["also by Robert King"]),
    ]


def test_a_later_piece_changes_nothing_on_an_earlier_page():
    on(1, "First", people=(makers.person(),))
    piece = on(2, "Second", people=(makers.person(),))
    on(3, "Third", people=(makers.person(),))

    assert [row.title for row in related.related(piece)] == ["First"]


def test_the_very_first_piece_points_ahead():
    piece = on(1, "First", people=(makers.person(),))
    on(2, "Second", people=(makers.person(),))

    assert [row.title for row in related.related(piece)] == ["Second"]


def test_what_is_withdrawn_or_shares_nothing_is_not_related():
    actions.withdraw(on(1, "Withdrawn", people=(makers.person(),)))
    on(2, "Stranger")
    piece = on(3, "The piece", people=(makers.person(),))

    assert related.related(piece) == []


def test_kin_of_long_ago_is_found_behind_many_others(monkeypatch):
    monkeypatch.setattr(related, "_N_WALKED", 2)
    on(1, "Long ago", people=(makers.person(),))
    for day in range(2, 7):
        on(day, f"Between {day}")

    assert [row.title for row in related.related(on(9, "The piece", people=(makers.person(),)))] == ["Long ago"]


def test_related_pieces_take_two_statements_at_most(django_assert_max_num_queries):
    piece = on(1, "Alone", people=(makers.person(),), series=makers.series())
    piece = type(piece).objects.select_related("series").prefetch_related("bylines", "categories").get(pk=piece.pk)

    with django_assert_max_num_queries(2):
        related.related(piece)
