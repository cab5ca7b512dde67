"""Days with a name, from holidays.toml: in a year that is named, else the nearest."""

import calendar
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from isthmus.dossiers.extract.anchoring import looks_ahead, told_year
from isthmus.dossiers.extract.expression import Grade, Kind
from isthmus.dossiers.extract.moments import Moment, Unit, containing
from isthmus.dossiers.extract.reading import Head, Place, Reading, Rule, unresolved
from isthmus.dossiers.extract.rules.dates import RELATIVE_YEAR, YEAR, grade_of, year_of
from isthmus.dossiers.extract.words import LISTS, either, pattern, table

_RULES: dict[str, dict[str, Any]] = {
    spelling: rule for name, rule in table("holidays.toml").items() for spelling in (name, *rule.get("spellings", ()))
}
FIRST_WORDS = frozenset(re.split(r"[\s'’.]", name)[0].lower() for name in _RULES)
# In front of a noun the name is an attribute ("a Christmas present") and dates nothing, unless the noun is a day.
_ATTRIBUTE = re.compile(rf"[ \t\u00a0](?!(?:{either(LISTS['after_holiday'])})\b)[a-z]{{2,}}")


def easter_of(year: int) -> date:
    """Easter Sunday of the western churches. Source: the anonymous Gregorian computus (Meeus 1991, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def holiday(rule: dict[str, Any], year: int) -> date:
    """The day in that year by a rule of holidays.toml."""
    if "easter" in rule:
        return easter_of(year) + timedelta(days=rule["easter"])
    if "day" in rule:
        return date(year, rule["month"], rule["day"])
    days = [
        date(year, rule["month"], number)
        for number in range(1, calendar.monthrange(year, rule["month"])[1] + 1)
        if date(year, rule["month"], number).isoweekday() == rule["weekday"]
    ]
    nth = rule["nth"]
    return days[nth if nth < 0 else nth - 1] + timedelta(days=rule.get("after", 0))


def _holiday(parts: dict[str, str], place: Place) -> Reading | None:
    if _ATTRIBUTE.match(place.trail(20)) and not (
        {"year", "relyear", "which", "unit"} & parts.keys() or parts["name"].endswith(("Day", "Eve"))
    ):
        return None
    rule = _RULES[" ".join(parts["name"].split())]
    year = year_of(parts, place)
    if year is not None:
        return Reading(Kind.DATE, "", Moment(Unit.DAY, holiday(rule, year)), grade_of(parts))
    told, named = place.anchors.tale or place.anchors.narrative, place.anchors.last_named()
    if told and named is not None and not named.is_before_christ and "which" not in parts:
        month = holiday(rule, named.first.year).month
        return Reading(Kind.DATE, "", Moment(Unit.DAY, holiday(rule, told_year(month, named))), Grade.FROM_TEXT)
    reference = place.reference(Unit.DAY, from_text=False)
    if reference is None:
        return unresolved(Kind.DATE, "XXXX-XX-XX")
    day, grade = _nearest(rule, reference[0].first, parts, place), reference[1]
    return Reading(Kind.DATE, "", Moment(Unit.DAY, day), grade)


def _read(parts: dict[str, str], place: Place) -> Reading | None:
    """The day, or the week or weekend it falls in: `Easter week`, `the Labor Day weekend`."""
    day = _holiday(parts, place)
    if day is None or day.moment is None or "unit" not in parts:
        return day
    if parts["unit"].lower() == "week":
        return replace(day, moment=containing(Unit.WEEK, day.moment.first))
    # A Monday off makes the weekend before it long.
    return replace(day, moment=containing(Unit.WEEKEND, day.moment.first - timedelta(days=2)))


def _nearest(rule: dict[str, Any], today: date, parts: dict[str, str], place: Place) -> date:
    """The last that has been; the next where the clause looks ahead, or where it is under four weeks off."""
    years = [holiday(rule, year) for year in (today.year - 1, today.year, today.year + 1)]
    past = max(day for day in years if day <= today)
    ahead = min(day for day in years if day >= today)
    which = parts.get("which", "").lower()
    if which in ("last", "past"):
        return past if past < today else years[0]
    if which in ("next", "this coming"):
        return ahead
    near = (ahead - today).days <= 28 and (today - past).days > 180
    return ahead if looks_ahead(place) or near else past


RULES = (
    Rule(
        "holiday",
        Head.HOLIDAY,
        pattern(
            rf"(?:(?P<which>last|next|this|this past|past) )?(?-i:(?P<name>{either(_RULES)}))"
            rf"(?: (?:holiday|day|(?P<unit>week|weekend)))?"
            rf"(?:(?:,? (?:of |in )?(?P<year>{YEAR})|,? (?P<relyear>{RELATIVE_YEAR})))?"
        ),
        _read,
    ),
)
