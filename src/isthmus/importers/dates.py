"""Dates as archives print them, in English, Korean and by number; a date that cannot be is none, never a guess."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

# Earlier years in an archive were always a lost date (0000-00-00, 0001-01-01) and never a publication.
_FIRST_YEAR = 1400
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
# As a pattern, the longest name first.
MONTH_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_TIME = r"(?:[T,\s]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[ap]\.?m\.?)?)?"
# Jekyll writes -4 for -0400.
_ZONE = r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?)?"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[,.]?\s+)?"
_FORMS = [
    re.compile(pattern + _TIME + _ZONE, re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",
        r"(?P<year>\d{4})\s*년\s*(?P<month>\d{1,2})\s*월\s*(?P<day>\d{1,2})\s*일",
        r"(?P<year>\d{4})\s*[./]\s*(?P<month>\d{1,2})\s*[./]\s*(?P<day>\d{1,2})\.?",
        rf"{_WEEKDAY}(?P<name>{MONTH_NAMES})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})",
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<name>{MONTH_NAMES})\.?,?\s+(?P<year>\d{{4}})",
    )
]


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date with what its source said of the moment.

    on: as printed, in its own offset. at: the instant in UTC. offset_min: minutes east of UTC as printed; None where
    none was given and the institute's zone was taken.
    """

    on: date
    at: datetime
    offset_min: int | None


def read_date(printed: str, *, zone: str) -> PrintedDate | None:
    """The date in any known spelling; None for none, and for what no calendar has.

    zone: the institute's, for dates without an offset; a date alone is its midnight there.
    """
    words = " ".join(printed.split())
    if not words or len(words) > 80:
        return None
    for form in _FORMS:
        found = form.fullmatch(words)
        if found:
            return _date_of(found, zone=zone)
    return _mail_date(words, zone=zone)


def _date_of(found: re.Match[str], *, zone: str) -> PrintedDate | None:
    parts = found.groupdict()
    month = _MONTHS[parts["name"].lower()] if parts.get("name") else int(parts["month"])
    try:
        on = date(int(parts["year"]), month, int(parts["day"]))
        clock = time(_hour(parts), int(parts["minute"] or 0), int(parts["second"] or 0))
    except ValueError:
        return None
    offset_min = _offset_min(parts["zone"]) if parts["hour"] else None
    return _printed(datetime.combine(on, clock), offset_min, zone=zone)


def _hour(parts: dict[str, str]) -> int:
    hour = int(parts["hour"] or 0)
    if not parts["half"]:
        return hour
    return hour % 12 + (12 if parts["half"].lower().startswith("p") else 0)


def _offset_min(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "")
    minutes = int(digits) * 60 if len(digits) < 3 else int(digits[:-2]) * 60 + int(digits[-2:])
    return -minutes if zone[0] == "-" else minutes


def _mail_date(words: str, *, zone: str) -> PrintedDate | None:
    if not words[:1].isalpha() or ":" not in words:
        return None
    try:
        at = parsedate_to_datetime(words)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    offset = at.utcoffset()
    return _printed(at.replace(tzinfo=None), None if offset is None else round(offset.total_seconds() / 60), zone=zone)


def _printed(local: datetime, offset_min: int | None, *, zone: str) -> PrintedDate | None:
    # No place on earth is further than 14 hours from UTC; more is a broken export, and the date still holds.
    if offset_min is not None and abs(offset_min) > 14 * 60:
        offset_min = None
    if not _FIRST_YEAR <= local.year < 9999:
        return None
    if offset_min is None:
        return PrintedDate(local.date(), local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), None)
    seconds = local.replace(tzinfo=UTC).timestamp() - offset_min * 60
    return PrintedDate(local.date(), datetime.fromtimestamp(seconds, UTC), offset_min)
