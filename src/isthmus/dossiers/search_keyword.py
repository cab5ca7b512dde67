"""`happened:`, which finds pieces by the date of what they tell of and not by that of their publication."""

from __future__ import annotations

import re
from datetime import date

from isthmus.search.keywords import Keyword, Value
from isthmus.search.query import Has, Node

_ENDS = " .,;:!?"
_ONE = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?)?")
_YEARS = re.compile(r"([0-9]{4})(?:-|–|\.\.)([0-9]{4})|([0-9]{3}0)s")
# A range becomes one value a year; longer ones are cut, for engines bound what they take.
_MAX_YEARS = 200


def keyword() -> Keyword:
    """The keyword for `search.keywords.add`."""
    return Keyword(
        "happened", _read, "happened:2019-06",
        "Tells of something that happened on this day, in this month or year, or in these years: happened:2015-2019.",
        "what happened in June is also told years later, and people remember when something was",
        "write a day, month or year such as happened:2019-06-12, happened:2019-06 or happened:2019",
    )  # fmt: skip


def _read(value: Value) -> Node | None:
    text = value[0].strip(_ENDS)
    years = _YEARS.fullmatch(text)
    if years is not None:
        return Has("happened", _of_years(years))
    one = _ONE.fullmatch(text)
    return _of_one(one) if one else None


def _of_years(years: re.Match[str]) -> tuple[str, ...]:
    first = int(years[1] or years[3])
    last = int(years[2]) if years[2] else first + 9
    first, last = min(first, last), max(first, last)
    return tuple(f"{year:04}" for year in range(first, min(last, first + _MAX_YEARS - 1) + 1))


def _of_one(one: re.Match[str]) -> Node | None:
    """None for a day that no calendar has."""
    year, month, day = one[1], one[2], one[3]
    try:
        on = date(int(year), int(month or 1), int(day or 1)).isoformat()
    except ValueError:
        return None
    return Has("happened", (on[: 10 if day else 7 if month else 4],))
