"""So far from an anchor: three days ago, a year earlier, two weeks after, the day before."""

import re
from datetime import date, timedelta

from isthmus.dossiers.extract.anchoring import looks_ahead
from isthmus.dossiers.extract.expression import Grade, Kind
from isthmus.dossiers.extract.moments import Moment, Unit, containing, moved, shifted, year_before
from isthmus.dossiers.extract.reading import Head, Place, Reading, Rule, unresolved
from isthmus.dossiers.extract.words import amount, pattern, unit_of, weekday_of

_UNITS = {unit.value: unit for unit in Unit if unit not in (Unit.SEASON, Unit.HALF, Unit.WEEKEND)}
_BACK = re.compile(r"(?i)\b(?:ago|earlier|before|previously|prior|back)\b")
_CLAUSE_END = re.compile(r"\s?(?:[.,;:!?)\"”—–]|$|and\b|when\b|in\b|on\b|at\b|that\b|the\b(?! (?:war|attack)))")
_ALONE = re.compile(r"\s?(?:[.,;:!?)\"”—–]|$|(?:and|but|when|in|on|at|that|he|she|they|it|we)\b)")
# What a vague amount may be, in units: "a few" and "several" by how they are used, not by a dictionary.
_FEWEST, _MOST = 2, 7
# What is short enough to count from without a day.
_COUNTED_FROM = frozenset((Unit.WEEK, Unit.WEEKEND, Unit.MONTH, Unit.SEASON, Unit.QUARTER))


def _distance(parts: dict[str, str], place: Place) -> Reading | None:
    words = parts["direction"].lower()
    back = bool(_BACK.search(words))
    now = "ago" in words or "from now" in words or "hence" in words or "back" in words
    letter = unit_of(parts["unit"])
    unit = {"F": Unit.WEEK, "N": Unit.DAY, "K": Unit.WEEK}.get(letter, _UNITS.get(letter))
    if unit is None:
        return _hours(parts, place, back=back, now=now)
    number = _number(parts)
    if number is not None and letter == "F":
        number *= 2
    reference = place.reference(unit, from_text=not now) if not now else _published(place, unit)
    if reference is None:
        return unresolved(Kind.DATE, "PAST_REF" if back else "FUTURE_REF")
    if number is None:
        # "A few weeks later".
        counts = (-_FEWEST, -_MOST) if back else (_FEWEST, _MOST)
        return _within(_anchor_days(place, unit, now=now), unit, counts, now=now)
    sign = -1 if back else 1
    return _at_distance(reference, place, unit, sign * number, now=now, about="about" in parts)


def _number(parts: dict[str, str]) -> float | None:
    words = parts.get("number", "")
    return 1 if re.fullmatch(r"(?i)an?|the|one", words) else amount(words)


def _published(place: Place, unit: Unit) -> tuple[Moment, Grade] | None:
    published = place.anchors.published
    if published is None:
        return None
    return containing(unit, published), Grade.FROM_PUBLICATION


def _anchor_days(place: Place, unit: Unit, *, now: bool) -> tuple[date, date] | None:
    """The day to count from, twice, or the first and last it may be: three weeks may be counted from a month.

    None where only a year or longer is known.
    """
    anchors = place.anchors
    latest = anchors.named[-1] if anchors.named and not now else None
    if latest is None:
        return (anchors.published, anchors.published) if anchors.published else None
    named = anchors.last_named(max(unit, Unit.YEAR, key=list(Unit).index))
    # Of what was named before something longer, only a day of that is still told of.
    if named is not None and latest.first <= named.first <= latest.last:
        return named.first, named.first
    return (latest.first, latest.last) if latest.unit in _COUNTED_FROM else None


def _at_distance(
    reference: tuple[Moment, Grade], place: Place, unit: Unit, n: float, *, now: bool, about: bool
) -> Reading | None:
    """Whole units keep their unit; half a year or a year and a half are months."""
    if unit is Unit.DECADE:
        unit, n = Unit.YEAR, n * 10
    elif unit is Unit.CENTURY:
        unit, n = Unit.YEAR, n * 100
    if n != int(n):
        if unit is not Unit.YEAR:
            return None
        unit, n = Unit.MONTH, n * 12
    days = _anchor_days(place, unit, now=now)
    if days is None or days[0] != days[1]:
        return _within(days, unit, (int(n), int(n)), now=now)
    period = place.anchors.accounted()
    if unit is Unit.YEAR and n == -1 and period is not None:
        return Reading(Kind.DATE, "", year_before(period), Grade.FROM_TEXT, names=False)
    moment = containing(unit, moved(days[0], unit, int(n)))
    if n > 0 and not now and _is_to_come(moment, place):
        # "I came back two years later", of nobody knows when: what is told has been.
        return unresolved(Kind.DATE, "FUTURE_REF")
    # What is told goes on from where it was, not from the day it looked back to.
    looks_back = n < 0 and reference[1] is Grade.FROM_TEXT
    grade = Grade.APPROXIMATE if about else reference[1]
    return Reading(Kind.DATE, "", moment, grade, mod="APPROX" if about else "", names=not looks_back)


def _is_to_come(moment: Moment, place: Place) -> bool:
    published = place.anchors.published
    if published is None or moment.is_before_christ or looks_ahead(place):
        return False
    return moment.first > published


def _within(days: tuple[date, date] | None, unit: Unit, ns: tuple[int, int], *, now: bool) -> Reading:
    """A stretch in which it must lie, and no value that would be too exact. ns: the fewest and the most units."""
    back = min(ns) < 0
    value = "PAST_REF" if back else "FUTURE_REF"
    if days is None:
        return unresolved(Kind.DATE, value)
    near, far = sorted(ns, key=abs)
    ends = (far, near) if back else (near, far)
    first = containing(unit, moved(days[0], unit, ends[0])).first
    last = containing(unit, moved(days[1], unit, ends[1])).last
    anchor = days[0].isoformat() if now else ""
    return Reading(Kind.DATE, value, None, Grade.APPROXIMATE, spread=(first, last), names=False, anchor=anchor)


def _hours(parts: dict[str, str], place: Place, *, back: bool, now: bool) -> Reading | None:
    """Hours and minutes from a time nobody gave to the minute: the length is all that is known."""
    found = amount(parts["number"])
    letter = unit_of(parts["unit"])[1:]
    number = "X" if found is None and parts["number"].lower() not in ("a", "an") else f"{found or 1:g}"
    return unresolved(Kind.DURATION, f"PT{number}{letter}")


def _beside(parts: dict[str, str], place: Place) -> Reading | None:
    """`the day before`, `the night after`: beside the day last named."""
    reference = place.reference(Unit.DAY, from_text=True)
    unit = _UNITS.get(unit_of(parts["unit"])) or Unit.DAY
    # "The day after his election": nobody knows when, unless a day was named that may be the one of the election.
    if reference is None or (reference[1] is Grade.FROM_PUBLICATION and not _ALONE.match(place.trail(12))):
        return None
    anchor = place.reference(unit, from_text=True)
    if anchor is None:
        return None
    step = -1 if _BACK.search(parts["direction"]) else 1
    moment = shifted(anchor[0], step)
    grade = anchor[1] if _CLAUSE_END.match(place.trail(12)) else Grade.APPROXIMATE
    return Reading(Kind.DATE, "", moment, grade)


_WHEN_UNITS = {"week": Unit.WEEK, "weekend": Unit.WEEKEND, "month": Unit.MONTH}
_WHEN_DAYS = {"yesterday": -1, "tomorrow": 1}


def _ago_today(parts: dict[str, str], place: Place) -> Reading | None:
    """`ten years ago today`, `a year ago this month`, `a week ago Friday`: as far back from there as the words say."""
    unit, number, published = _UNITS.get(unit_of(parts["unit"])), _number(parts), place.anchors.published
    if unit is None or number is None or number != int(number) or published is None:
        return None
    if "weekday" in parts:
        ahead = (weekday_of(parts["weekday"]) - published.isoweekday()) % 7
        when, day = "day", published + timedelta(days=ahead if "coming" in parts or not ahead else ahead - 7)
    else:
        when = parts["when"].lower().split()[-1]
        day = published + timedelta(days=_WHEN_DAYS.get(when, 0))
    moment = containing(_WHEN_UNITS.get(when, Unit.DAY), moved(day, unit, -int(number)))
    return Reading(Kind.DATE, "", moment, Grade.FROM_PUBLICATION)


_DIRECTION = (
    "(?P<direction>ago|earlier|later|afterwards?|hence|from now|previously|before that|after that"
    "|thereafter|back(?=[.,;]))"
)
RULES = (
    Rule(
        "distance",
        Head.UNIT,
        pattern(
            "(?:(?P<about>{ABOUT}) )?(?P<number>{NUMBER}|{VAGUE}|the)(?: |-)(?P<unit>{UNITS})(?: (?P<orso>or so"
            "|or more|and a half))? " + _DIRECTION
        ),
        lambda parts, place: _distance(_with_half(parts), place),
    ),
    Rule(
        "ago-today",
        Head.UNIT,
        pattern(
            "(?P<number>{NUMBER}) (?P<unit>days?|weeks?|months?|years?|decades?) ago (?:(?P<when>today|yesterday"
            "|tomorrow|tonight|this (?:very )?(?:day|morning|evening|week|weekend|month))"
            "|(?:(?P<coming>this )|on |last )?(?P<weekday>{LONGDAY}))"
        ),
        _ago_today,
        deictic=True,
    ),
    Rule(
        "distance-to-clause",
        Head.UNIT,
        pattern(
            "(?P<number>{NUMBER}|{VAGUE}) (?P<unit>days?|weeks?|months?|years?|decades?) (?P<direction>before"
            '|after|prior)(?=[.,;:!?)"”]|$)'
        ),
        _distance,
    ),
    Rule(
        "bare-distance",
        Head.UNIT,
        pattern(
            "(?P<number>)(?P<unit>minutes|hours|days|weeks|months|years|decades|centuries)"
            " (?P<direction>ago|earlier|later|afterwards?)"
        ),
        _distance,
    ),
    Rule(
        "beside",
        Head.UNIT,
        pattern("(?:the )(?P<unit>day|week|month|year) (?P<direction>before|after)(?! (?:yesterday|tomorrow))"),
        _beside,
    ),
)


def _with_half(parts: dict[str, str]) -> dict[str, str]:
    if "half" not in parts.get("orso", "").lower():
        return parts
    return parts | {"number": parts["number"].lower().replace("an", "1").replace("a", "1") + " 1/2"}
