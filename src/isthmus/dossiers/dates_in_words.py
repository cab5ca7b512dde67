"""Dates as people write them, as precise as the text was and no more: "June 2019", "early January 2020"."""

from __future__ import annotations

import re
from datetime import date, timedelta

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_SEASONS = {3: "spring", 6: "summer", 9: "autumn", 12: "winter"}
_NTH = {1: "first", 2: "second", 3: "third", 4: "fourth"}
_DAY = timedelta(days=1)
# What the text says of a part of a month or year stands in its words; the stretch that is kept is the whole of it.
_PART = re.compile(r"\b(early|mid|late|(?:beginning|middle|end|start) of)(?=[\s-])", re.IGNORECASE)
_PARTS = {"beginning of": "early", "start of": "early", "middle of": "mid", "end of": "end of"}
_EDTF = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def day(on: date) -> str:
    """`20 January 2020`."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def in_words(first_on: date, before_on: date, *, precision: str, edtf: str, quote: str = "") -> str:
    """The stretch in words. precision: of `extract.Unit`, empty for a stretch of no one length; quote: the text's."""
    if edtf.startswith("../"):
        return f"by {day(before_on - _DAY)}"
    whole = _NAMED[precision](first_on, before_on) if precision in _NAMED else stretch(first_on, before_on)
    if edtf.endswith("/.."):
        return f"since {whole}"
    if "~" in edtf:
        return f"about {whole}"
    return _with_part(whole, precision, quote)


def edtf_in_words(edtf: str) -> str:
    """A date in EDTF as words; what is no plain year, month or day is given back as it is."""
    found = _EDTF.fullmatch(edtf)
    if found is None:
        return edtf
    year, month, on = (int(part) if part else 0 for part in found.groups())
    named = f"{_MONTHS[month - 1]} {year}" if 1 <= month <= len(_MONTHS) else str(year)
    return f"{on} {named}" if on else named


def stretch(first_on: date, before_on: date) -> str:
    """From the one day to the other, shortened where month or year are the same, whole months and years by name."""
    last_on = before_on - _DAY
    if first_on == last_on:
        return day(first_on)
    if first_on.day == 1 and before_on.day == 1:
        return _whole_months(first_on, last_on)
    if (first_on.year, first_on.month) == (last_on.year, last_on.month):
        return f"{first_on.day}–{day(last_on)}"
    if first_on.year == last_on.year:
        return f"{first_on.day} {_MONTHS[first_on.month - 1]} – {day(last_on)}"
    return f"{day(first_on)} – {day(last_on)}"


def _whole_months(first_on: date, last_on: date) -> str:
    if first_on.month == 1 and last_on.month == len(_MONTHS):
        return str(first_on.year) if first_on.year == last_on.year else f"{first_on.year}–{last_on.year}"
    if (first_on.year, first_on.month) == (last_on.year, last_on.month):
        return _month(last_on, last_on)
    start = _MONTHS[first_on.month - 1] + ("" if first_on.year == last_on.year else f" {first_on.year}")
    return f"{start} – {_month(last_on, last_on)}"


def _with_part(whole: str, precision: str, quote: str) -> str:
    found = _PART.search(quote)
    if found is None or precision not in "MYESC" or not precision:
        return whole
    part = _PARTS.get(found[1].lower(), found[1].lower())
    if part == "mid":
        return f"mid-{whole.removeprefix('the ')}"
    return f"{part} {whole}" if part == "end of" else f"{part} {whole.removeprefix('the ')}"


def _month(first_on: date, _: date) -> str:
    return f"{_MONTHS[first_on.month - 1]} {first_on.year}"


def _season(first_on: date, before_on: date) -> str:
    if first_on.month not in _SEASONS:
        return stretch(first_on, before_on)
    year = f"{first_on.year}–{before_on.year % 100:02}" if first_on.month == len(_MONTHS) else str(first_on.year)
    return f"{_SEASONS[first_on.month]} {year}"


def _century(first_on: date, _: date) -> str:
    number = first_on.year // 100 + 1
    ending = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"the {number}{ending} century"


_NAMED = {
    "D": lambda first, _: day(first),
    "K": lambda first, before: f"weekend of {stretch(first, before)}",
    "W": lambda first, _: f"week of {day(first)}",
    "M": _month,
    "S": _season,
    "Q": lambda first, _: f"{_NTH[(first.month + 2) // 3]} quarter of {first.year}",
    "H": lambda first, _: f"{'first' if first.month == 1 else 'second'} half of {first.year}",
    "Y": lambda first, _: str(first.year),
    "E": lambda first, _: f"the {first.year // 10 * 10}s",
    "C": _century,
}
