"""Which entries may tell of the same happening: a proposal for an editor, from stretch, subjects and words.

Never decided by itself. Pure: plain values in, plain values out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from isthmus.kit import text as kit_text

# Beginnings of words are compared, so that "met" is not "meeting" but "denounced" is "denouncing".
_STEM_CHARS = 6
_MIN_WORD_CHARS = 4
# Shares of words in common that were enough to look alike in the demonstration: of 32 pairs proposed among its 370
# entries some 28 tell of one happening. With names among the words it were 95 pairs, most of them of two happenings.
ENOUGH_SAME_DAYS = 0.18
ENOUGH_OVERLAP = 0.3
# A stretch this many times as long as the other says little about when.
_MAX_TIMES_AS_LONG = 40
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as far as it matters here. before_on: the day after the last. subjects: numbers.

    place: of its text and sentence, by which entries of one sentence are known: they are no two accounts.
    """

    key: str
    first_on: date
    before_on: date
    subjects: frozenset[int]
    sentence: str
    place: tuple[int, int]


def proposed(one: Told, others: Iterable[Told], *, limit: int = 3) -> list[str]:
    """The keys of those that may be told as one with it, the likeliest first.

    Each has a day in common with it, a subject, and enough words beside dates and names.
    """
    scored = [(score, other.key) for other in others if other.place != one.place and (score := _score(one, other))]
    return [key for _, key in sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:limit]]


def likeness(one: str, other: str) -> float:
    """The share of words two sentences have in common, without names, from 0 to 1.

    Source: twice the common ones by the sum of both (Dice 1945).
    """
    words, others = _words(one), _words(other)
    return 2 * len(words & others) / (len(words) + len(others)) if words and others else 0.0


def _score(one: Told, other: Told) -> float:
    """0 for no proposal."""
    if not (one.first_on < other.before_on and other.first_on < one.before_on and one.subjects & other.subjects):
        return 0.0
    short, long = sorted((_days(one), _days(other)))
    if long > short * _MAX_TIMES_AS_LONG:
        return 0.0
    alike = likeness(one.sentence, other.sentence)
    is_same_days = (one.first_on, one.before_on) == (other.first_on, other.before_on)
    if alike < (ENOUGH_SAME_DAYS if is_same_days else ENOUGH_OVERLAP):
        return 0.0
    return alike + 0.1 * min(len(one.subjects & other.subjects), 3) + 0.2 * is_same_days


def _days(told: Told) -> int:
    return (told.before_on - told.first_on).days


def _words(sentence: str) -> set[str]:
    """Words that are written small, so that names do not count: whoever is named in both was compared before."""
    found: Sequence[str] = _WORD.findall(sentence)
    words = (word for word in found if len(word) >= _MIN_WORD_CHARS and not (word[0].isupper() or word.isdigit()))
    return {kit_text.fold(word)[:_STEM_CHARS] for word in words}
