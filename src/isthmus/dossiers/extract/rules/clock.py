"""Times of day: as the hour of a date, and alone."""

import re

from isthmus.dossiers.extract.anchoring import looks_back
from isthmus.dossiers.extract.expression import Kind
from isthmus.dossiers.extract.moments import Moment, Unit
from isthmus.dossiers.extract.reading import Head, Place, Reading, Rule, unresolved
from isthmus.dossiers.extract.words import HOURS, PARTS, amount, pattern

_ZONE = r"(?-i:UTC|GMT|[ECMP][SD]?T|AES?T|CES?T|EES?T|BST|HKT|IST|JST|KST|MSK|NZ[SD]?T|SGT)(?:[+-]\d{1,2}(?::\d\d)?)?"
ZONE = (
    rf"(?: {_ZONE}| \({_ZONE}\)"
    r"|(?: (?:(?:eastern|central|pacific|mountain|moscow|greenwich) )?(?:(?:standard|daylight|summer|mean) )?"
    r"(?:local )?time))"
)
CLOCK = (
    r"(?:(?:12(?::00)? |twelve )?(?:noon(?:time)?|midday|midnight)"
    r"|\d{1,2}(?:[:.][0-5]\d){0,2} ?(?:[ap]\.m\.?|[ap]m\b)"
    r"|(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?: ?(?:hours|hrs|h))?(?![:\d])"
    r"(?: (?:in the (?:morning|afternoon|evening)|at night))?"
    r"|half past (?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
    r"|(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) o{APOSTROPHE}clock"
    r"(?: (?:in the (?:morning|afternoon|evening)|at night))?"
    r"|(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|eleven) (?:in the (?:morning|afternoon|evening)"
    r"|at night)"
    r"|(?:[01]\d|2[0-3])[0-5]\d(?= (?:(?-i:GMT|UTC)|local time)\b)"
    rf"|[0-2]\d[0-5]\d (?:hours|hrs)|[0-2]\d[0-5]\d(?= on (?:the )?\d)){ZONE}?"
)
_DIGITS = re.compile(r"(\d{1,2})[:.]?(\d\d)?|([a-z]+)", re.IGNORECASE)
_TWELVE = re.compile(r"^(?:12(?::00)?|twelve)\s(?=[nm])")
_AFTERNOON = re.compile(r"p\.?m|afternoon|evening|at night", re.IGNORECASE)
_MORNING = re.compile(r"a\.?m\b|morning", re.IGNORECASE)


def clock_value(text: str) -> str:
    """`T17:00` for `5 p.m.`; empty where the words cannot be an hour."""
    low = _TWELVE.sub("", text.lower())
    for word, hour in HOURS.items():
        if low.startswith(word):
            return f"T{hour}"
    is_half = low.startswith("half past ")
    found = _DIGITS.match(low.removeprefix("half past "))
    if not found:
        return ""
    number = int(found[1]) if found[1] else int(amount(found[3]) or 0)
    if _AFTERNOON.search(low) and number < 12:
        number += 12
    elif _MORNING.search(low) and number == 12:
        number = 0
    minute = 30 if is_half else int(found[2] or 0) if found[1] else 0
    return f"T{number:02}:{minute:02}" if number <= 24 and minute < 60 else ""


def time_of(parts: dict[str, str]) -> str:
    """What stands behind the T for the hour or part of day among a rule's parts; empty if there is none."""
    if "clock" in parts or "clock2" in parts:
        return clock_value(parts.get("clock") or parts["clock2"])
    name = parts.get("part") or parts.get("part2") or ""
    if not name:
        return ""
    word = name.lower().split()[-1].rpartition("-")[2]
    return f"T{HOURS[word]}" if word in HOURS else f"T{PARTS[word]}"


def at_time(day: Moment, parts: dict[str, str]) -> tuple[Kind, Moment]:
    """The day, or the time on it if the parts name one."""
    time = time_of(parts) if day.unit is Unit.DAY else ""
    return (Kind.TIME, Moment(Unit.DAY, day.first, time)) if time else (Kind.DATE, day)


def _alone(parts: dict[str, str], place: Place) -> Reading | None:
    """An hour belongs to the day last named in the text, else to that of publication."""
    time = time_of(parts)
    if not time or place.lead(5).lower() == "high ":
        return None
    reference = place.reference(Unit.DAY, from_text=True)
    published = place.anchors.published
    is_ahead = reference is not None and published is not None and reference[0].first > published
    if is_ahead and not place.is_beside_named() and looks_back(place):
        # "It reopens on Monday. At 10 a.m. an alarm rang": what was, was not on a day to come.
        reference = place.reference(Unit.DAY, from_text=False)
    if reference is None:
        return unresolved(Kind.TIME, time)
    moment = Moment(Unit.DAY, reference[0].first, time)
    return Reading(Kind.TIME, "", moment, reference[1], names=False)


def _part_alone(parts: dict[str, str], place: Place) -> Reading | None:
    """`at dawn`, `overnight`: of the day last named. `Operation Dawn` is a name, `a sunrise` one of many."""
    if re.search(r"(?i)\ban?\s$", place.lead(3)):
        return None
    return None if parts["part"][0].isupper() and re.search(r"\w\s$", place.lead(3)) else _alone(parts, place)


# "Until late afternoon" tells a time, "late-night talks" a kind of talks.
_PART_BEFORE = re.compile(r"(?i)\b(?:by|until|till|in|from|since|to|through|before|after|around|towards?)\s(?:the\s)?$")
_PART_ENDS = re.compile(
    r"[ \t\u00a0](?!(?:and|or|but|when|while|as|with|to|until|the|a|an|of|on|in|by|after|before|it|he"
    r"|she|they|we|there|all|four|three|two|had|was|were)\b)[a-z]|-"
)


def _edge_of_day(parts: dict[str, str], place: Place) -> Reading | None:
    """`until late afternoon`: of the day last named."""
    if not _PART_BEFORE.search(place.lead(12)) or _PART_ENDS.match(place.trail(12)):
        return None
    return _alone(parts, place)


RULES = (
    Rule(
        "edge-of-day",
        Head.PART,
        pattern("(?P<part>(?:early|late|mid)[ -](?:morning|afternoon|evening|night)|mid(?:morning|afternoon))"),
        _edge_of_day,
    ),
    Rule("dawn", Head.PART, pattern("(?P<part>dawn|dusk|nightfall|daybreak|sunrise|sunset|overnight)"), _part_alone),
    Rule(
        "clock",
        Head.DIGIT | Head.PART,
        pattern("(?:{ABOUT} |{NEAR} )?(?P<clock>{CLOCK})", CLOCK=CLOCK),
        _alone,
    ),
)
