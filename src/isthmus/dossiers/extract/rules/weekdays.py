"""Weekdays: bare, with a word that points, of another week, or any."""

import re
from datetime import timedelta

from isthmus.dossiers.extract.anchoring import weekday_near
from isthmus.dossiers.extract.expression import Kind
from isthmus.dossiers.extract.moments import Moment, Unit, shifted
from isthmus.dossiers.extract.reading import Head, Place, Reading, Rule, unresolved
from isthmus.dossiers.extract.rules.clock import CLOCK, at_time
from isthmus.dossiers.extract.rules.edges import EDGE_LEAD, mod_of
from isthmus.dossiers.extract.rules.pointers import FROM_TEXT, LEAD, TRAIL, WHICH, step_of
from isthmus.dossiers.extract.words import LISTS, PARTS, WEEKDAYS, pattern, weekday_of

_PIECES = {"EDGE_LEAD": EDGE_LEAD, "CLOCK": CLOCK}
_NAMED_DAY = re.compile(rf"\b(?:{'|'.join(LISTS['before_weekday'])})\s$")


# The first of two: "Monday and Tuesday nights".
_NIGHTS = re.compile(rf"\s(?:and|or|to)\s(?:{'|'.join(WEEKDAYS)})\s(morning|afternoon|evening|night)s\b", re.IGNORECASE)


def _weekday(parts: dict[str, str], place: Place) -> Reading | None:
    if _NAMED_DAY.search(place.lead(8)):
        return None
    if nights := _NIGHTS.match(place.trail(36)):
        return unresolved(Kind.SET, f"XXXX-WXX-{weekday_of(parts['weekday'])}T{PARTS[nights[1].lower()]}")
    if "any" in parts:
        # "On a Sunday in August" does not say which.
        return unresolved(Kind.DATE, f"XXXX-WXX-{weekday_of(parts['weekday'])}")
    weekday, which = weekday_of(parts["weekday"]), parts.get("which", "").lower().split()[-1:]
    if not which or which == ["this"] or which == ["on"]:
        guessed = weekday_near(weekday, place)
        if guessed is None:
            return unresolved(Kind.DATE, f"XXXX-WXX-{weekday}")
        kind, moment = at_time(guessed[0], parts)
        return Reading(kind, "", moment, guessed[1], mod=mod_of(parts))
    reference = place.reference(Unit.DAY, from_text=which[0] in FROM_TEXT)
    if reference is None:
        return unresolved(Kind.DATE, f"XXXX-WXX-{weekday}")
    today, step = reference[0].first, step_of(which[0])
    gap = (weekday - today.isoweekday()) % 7
    days = gap - 7 if step < 0 else gap if step == 0 else gap or 7
    kind, moment = at_time(Moment(Unit.DAY, today + timedelta(days=days)), parts)
    return Reading(kind, "", moment, reference[1], mod=mod_of(parts))


def _weekday_of_week(parts: dict[str, str], place: Place) -> Reading | None:
    """`Tuesday of last week`, `Friday next week`."""
    reference = place.reference(Unit.WEEK, from_text=False)
    if reference is None:
        return None
    week = shifted(reference[0], step_of(parts["which"].lower()))
    day = Moment(Unit.DAY, week.first + timedelta(days=weekday_of(parts["weekday"]) - 1))
    return Reading(Kind.DATE, "", day, reference[1])


RULES = (
    Rule(
        "weekday",
        Head.WEEKDAY,
        pattern(
            LEAD
            + "(?:(?P<any>an?|one) (?={LONGDAY}(?: {PART})?(?:[,.;:]| (?:in|of|when|that|and|at)\\b))"
            + "|(?:the )?"
            + WHICH
            + " )?(?P<weekday>{LONGDAY})"
            + TRAIL,
            **_PIECES,
        ),
        _weekday,
    ),
    Rule(
        "weekday-of-week",
        Head.WEEKDAY,
        pattern("(?P<weekday>{LONGDAY})(?: of|,)? (?P<which>last|this|next) week"),
        _weekday_of_week,
        deictic=True,
    ),
)
