"""Dates as an editor writes them into a correction: a small part of EDTF (ISO 8601-2), as precise as they choose.

`2019`, `2019-06`, `2019-06-12`, a span `2019-06/2019-08`, open ends `../2020-11-20` and `2020-11-20/..`, a season
`2019-21` (spring) to `2019-24` (winter), a quarter `2019-33` to `2019-36`, a half `2019-40` or `2019-41`, a decade
`201X`, a century `20XX`; a `~` behind it says about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from isthmus.dossiers.extract.moments import Moment, Unit
from isthmus.kit.errors import UsageError

_FORM = re.compile(r"(?P<year>\d{4}|\d{3}X|\d{2}XX)(?:-(?P<part>\d{2})(?:-(?P<day>\d{2}))?)?")
_PARTS = {
    **{20 + n: (Unit.SEASON, 3 * n) for n in (1, 2, 3, 4)},
    **{33 + n: (Unit.QUARTER, 3 * n + 1) for n in (0, 1, 2, 3)},
    40: (Unit.HALF, 1),
    41: (Unit.HALF, 7),
}
_OPEN = ".."
_DAY = timedelta(days=1)
# Later years are taken for ones before Christ (see `moments`), and no institute writes of them.
_MAX_YEAR = 3999


class DateUnreadable(UsageError):
    """A date that is not written in the small part of EDTF that is read here."""


@dataclass(frozen=True, slots=True)
class Written:
    """A date as it is kept. first_on, before_on: the first day and the day after the last; precision: of `Unit`,
    empty for a stretch of no one length."""

    edtf: str
    first_on: date
    before_on: date
    precision: str


def read(text: str) -> Written:
    """What the editor wrote, blanks around it forgiven. Raises: DateUnreadable."""
    edtf = text.strip().upper()
    try:
        first, slash, last = edtf.partition("/")
        return _span(edtf, first, last) if slash else _one(edtf)
    except (ValueError, OverflowError) as error:
        said = text.strip()[:60]
        raise DateUnreadable(
            f"“{said}” is no date that can be read here: write 2019, 2019-06, 2019-06-12 or 2019-06/2019-08."
        ) from error


def _one(edtf: str) -> Written:
    moment = _moment(edtf.removesuffix("~"))
    return Written(edtf, moment.first, moment.last + _DAY, moment.unit.value)


def _span(edtf: str, first: str, last: str) -> Written:
    """With an open end only the known side is the stretch: nobody knows how far the other goes."""
    if first == _OPEN or last == _OPEN:
        known = _one(last if first == _OPEN else first)
        return Written(edtf, known.first_on, known.before_on, known.precision)
    start, end = _moment(first.removesuffix("~")), _moment(last.removesuffix("~"))
    if end.last < start.first:
        raise ValueError("the end lies before the start")
    return Written(edtf, start.first, end.last + _DAY, "")


def _moment(edtf: str) -> Moment:
    found = _FORM.fullmatch(edtf)
    if found is None:
        raise ValueError("no such form")
    year, part, day = found["year"], found["part"], found["day"]
    if "X" in year:
        return _years(year, has_more=bool(part))
    number = int(year)
    if number > _MAX_YEAR:
        raise ValueError("too late")
    if part is None:
        return Moment(Unit.YEAR, date(number, 1, 1))
    if day is not None:
        return Moment(Unit.DAY, date(number, int(part), int(day)))
    if int(part) in _PARTS:
        unit, month = _PARTS[int(part)]
        return Moment(unit, date(number, month, 1))
    return Moment(Unit.MONTH, date(number, int(part), 1))


def _years(year: str, *, has_more: bool) -> Moment:
    if has_more:
        raise ValueError("a decade has no months")
    unit = Unit.DECADE if year.endswith("X") and not year.endswith("XX") else Unit.CENTURY
    if int(year.replace("X", "9")) > _MAX_YEAR:
        raise ValueError("too late")
    return Moment(unit, date(int(year.replace("X", "0")), 1, 1))
