"""Stretches of the calendar that have a name: a day, a week, a season, a decade. Arithmetic on them and their values.

A winter belongs to the year it begins in, a week to ISO 8601, a century to its hundreds (the 20th is 1900 to 1999).
Years before Christ stand 8,000 years on in `first`, because Python's dates begin with the year 1: 8,000 is twenty times
the 400 years after which our calendar repeats, so arithmetic on them holds.
"""

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

_SHIFT = 8000
# From here on a year in `first` is one before Christ; no text of an institute dates anything between 4000 and here.
_FIRST_SHIFTED = 4000


class Unit(StrEnum):
    """How long the stretch is; in order, the longest first."""

    MILLENNIUM = "L"
    CENTURY = "C"
    DECADE = "E"
    YEAR = "Y"
    HALF = "H"
    QUARTER = "Q"
    SEASON = "S"
    MONTH = "M"
    WEEK = "W"
    WEEKEND = "K"
    DAY = "D"


_MONTHS_LONG = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.SEASON: 3, Unit.HALF: 6, Unit.YEAR: 12}
_YEARS_LONG = {Unit.DECADE: 10, Unit.CENTURY: 100, Unit.MILLENNIUM: 1000}
_DAYS_LONG = {Unit.DAY: 1, Unit.WEEK: 7, Unit.WEEKEND: 7}
_SEASON_MONTHS = {3: "SP", 6: "SU", 9: "FA", 12: "WI"}
_SEASON_EDTF = {3: "21", 6: "22", 9: "23", 12: "24"}


@dataclass(frozen=True, slots=True)
class Moment:
    """One stretch: its unit, its first day, and for a time of day what stands behind the T (`TMO`, `T10:30`)."""

    unit: Unit
    first: date
    time: str = ""

    @property
    def is_before_christ(self) -> bool:
        """Whether it has no place among Python's dates."""
        return self.first.year >= _FIRST_SHIFTED

    @property
    def last(self) -> date:
        """The last day that belongs to it. Raises: ValueError or OverflowError past the year 9999."""
        if self.unit is Unit.WEEKEND:
            return self.first + timedelta(days=1)
        return shifted(self, 1).first - timedelta(days=1)


def containing(unit: Unit, day: date) -> Moment:
    """The stretch of that unit in which the day lies; for a weekend, the weekend of the day's week."""
    if unit in _YEARS_LONG:
        return Moment(unit, date(max(day.year // _YEARS_LONG[unit] * _YEARS_LONG[unit], 1), 1, 1))
    if unit is Unit.SEASON:
        return Moment(unit, _months_on(date(day.year, day.month, 1), -(day.month % 3)))
    if unit in _MONTHS_LONG:
        long = _MONTHS_LONG[unit]
        return Moment(unit, date(day.year, (day.month - 1) // long * long + 1, 1))
    if unit is Unit.DAY:
        return Moment(unit, day)
    monday = day - timedelta(days=day.isoweekday() - 1)
    return Moment(unit, monday if unit is Unit.WEEK else monday + timedelta(days=5))


def shifted(moment: Moment, n: int) -> Moment:
    """The n-th stretch of the same unit after it; before it for a negative n.

    Raises: ValueError or OverflowError outside the years 1 to 9999.
    """
    unit = moment.unit
    if unit in _DAYS_LONG:
        return replace(moment, first=moment.first + timedelta(days=n * _DAYS_LONG[unit]))
    if unit in _MONTHS_LONG:
        return replace(moment, first=_months_on(moment.first, n * _MONTHS_LONG[unit]))
    long = _YEARS_LONG[unit]
    return replace(moment, first=date(max((moment.first.year // long + n) * long, 1 if n < 1 else 0), 1, 1))


def year_before(moment: Moment) -> Moment:
    """The same month, quarter, half or season of the year before. Raises: ValueError or OverflowError before year 1."""
    return replace(moment, first=_months_on(moment.first, -12))


def moved(day: date, unit: Unit, n: int) -> date:
    """The day n units on, the end of a shorter month where there is no such day (31 March, a month on: 30 April)."""
    if unit in _DAYS_LONG:
        return day + timedelta(days=n * _DAYS_LONG[unit])
    return _months_on(day, n * _MONTHS_LONG.get(unit, 12 * _YEARS_LONG.get(unit, 0)))


def _months_on(day: date, n: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def before_christ(year: int) -> int:
    """The year `first` holds for one before Christ, as historians count: there is no year 0. Raises: ValueError."""
    if not 0 < year <= _SHIFT - _FIRST_SHIFTED:
        raise ValueError(f"{year} BC is beyond the years that can be kept")
    return _SHIFT + 1 - year


def season(year: int, code: str) -> Moment:
    """The season with TIMEX3's code that begins in the year."""
    month = next(month for month, name in _SEASON_MONTHS.items() if name == code)
    return Moment(Unit.SEASON, date(year, month, 1))


def timex_of(moment: Moment) -> str:
    """TIMEX3's value: `2019-06-12TMO`, `2019-W24`, `2019-Q2`, `201` for the decade, `20` for the century."""
    day, year = moment.first, f"{moment.first.year:04}"
    if moment.is_before_christ:
        return _timex_before_christ(moment)
    if moment.unit in (Unit.WEEK, Unit.WEEKEND):
        iso = day.isocalendar()
        return f"{iso.year:04}-W{iso.week:02}" + ("-WE" if moment.unit is Unit.WEEKEND else "")
    forms = {
        Unit.MILLENNIUM: year[:1],
        Unit.CENTURY: year[:2],
        Unit.DECADE: year[:3],
        Unit.YEAR: year,
        Unit.HALF: f"{year}-H{1 if day.month == 1 else 2}",
        Unit.QUARTER: f"{year}-Q{(day.month + 2) // 3}",
        Unit.SEASON: f"{year}-{_SEASON_MONTHS.get(day.month, '')}",
        Unit.MONTH: f"{year}-{day.month:02}",
        Unit.DAY: day.isoformat(),
    }
    return forms[moment.unit] + moment.time


def _timex_before_christ(moment: Moment) -> str:
    """`BC0431`, `BC0431-SP`, `BC043` for a decade, `BC04` for a century."""
    number = _SHIFT + 1 - moment.first.year
    if moment.unit in _YEARS_LONG:
        return f"BC{number:04}"[: 2 + 4 - len(str(_YEARS_LONG[moment.unit])) + 1]
    # Any year of our count serves for what follows the year; 2000 is a leap year as any of theirs may be.
    return f"BC{number:04}" + timex_of(replace(moment, first=moment.first.replace(year=2000)))[4:]


def edtf_of(moment: Moment) -> str:
    """The Extended Date/Time Format (ISO 8601-2), days at the finest: a week is an interval, a time of day its day."""
    day, year = moment.first, f"{moment.first.year:04}"
    if moment.is_before_christ:
        year = f"-{_SHIFT - day.year:04}"
    if moment.unit in (Unit.WEEK, Unit.WEEKEND):
        return f"{day.isoformat()}/{moment.last.isoformat()}"
    forms = {
        Unit.MILLENNIUM: year[:1] + "XXX",
        Unit.CENTURY: year[:2] + "XX",
        Unit.DECADE: year[:3] + "X",
        Unit.YEAR: year,
        Unit.HALF: f"{year}-{40 if day.month == 1 else 41}",
        Unit.QUARTER: f"{year}-{33 + (day.month - 1) // 3}",
        Unit.SEASON: f"{year}-{_SEASON_EDTF.get(day.month, '')}",
        Unit.MONTH: f"{year}-{day.month:02}",
        Unit.DAY: f"{year}-{day.month:02}-{day.day:02}",
    }
    return forms[moment.unit]
