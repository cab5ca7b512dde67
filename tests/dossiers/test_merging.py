"""What may be told as one happening: days in common, a subject in common, and words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from isthmus.dossiers.merging import Told, likeness, proposed

MEETING = "Orla Verin met Han Sol-bi on the old ferry at Korin and promised him a map of the shoals."
AGAIN = "On the ferry at Korin she promised Han Sol-bi a new map of the shoals, Orla Verin said."
OTHER = "Han Sol-bi closed eleven harbours and Orla Verin counted grain."


def told(key: str, sentence: str = MEETING, **fields: Any) -> Told:
    days = {"first_on": date(2019, 3, 4), "before_on": date(2019, 3, 5)}
    return Told(key, **{**days, "subjects": frozenset({1, 2}), "place": (ord(key), 0), **fields}, sentence=sentence)


def test_two_accounts_of_one_day_are_proposed_and_another_matter_is_not():
    assert proposed(told("a"), [told("c", OTHER), told("b", AGAIN), told("a")]) == ["b"]


@pytest.mark.parametrize(
    "fields",
    [
        {"first_on": date(2019, 3, 5), "before_on": date(2019, 3, 6)},
        {"subjects": frozenset({3})},
        {"first_on": date(2019, 1, 1), "before_on": date(2020, 1, 1)},
        {"place": (ord("a"), 0)},
    ],
)
def test_another_day_another_subject_a_whole_year_and_the_same_sentence_are_not_proposed(fields: dict[str, Any]):
    assert proposed(told("a"), [told("b", AGAIN, **fields)]) == []


def test_the_month_of_the_day_is_proposed_after_the_day():
    month = {"first_on": date(2019, 3, 1), "before_on": date(2019, 4, 1)}

    assert proposed(told("a"), [told("m", AGAIN, **month), told("d", AGAIN)]) == ["d", "m"]


def test_a_proposal_goes_both_ways_and_its_order_hangs_on_nothing_but_the_entries():
    entries = [told(name, sentence) for name, sentence in (("a", MEETING), ("b", AGAIN), ("c", MEETING), ("d", OTHER))]

    for one in entries:
        assert proposed(one, entries) == proposed(one, entries[::-1])
        for other in entries:
            assert (other.key in proposed(one, entries)) == (one.key in proposed(other, entries))
            assert likeness(one.sentence, other.sentence) == likeness(other.sentence, one.sentence)
