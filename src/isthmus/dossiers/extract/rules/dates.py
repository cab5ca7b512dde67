"""Dates with a month in them, in the orders English writes them, and dates in figures."""

import re
from dataclasses import replace
from datetime import date, timedelta

from isthmus.dossiers.extract.anchoring import day_of_month, listed_before, month_without_year, year_number
from isthmus.dossiers.extract.expression import Grade, Kind
from isthmus.dossiers.extract.moments import Moment, Unit, containing, shifted
from isthmus.dossiers.extract.reading import Head, Place, Reading, Rule
from isthmus.dossiers.extract.rules.clock import CLOCK, at_time
from isthmus.dossiers.extract.rules.edges import EDGE_LEAD, mod_of
from isthmus.dossiers.extract.words import FULL_MONTHS, NAMES_A_THING, either, month_of, ordinal, pattern, weekday_of

DAY_NUMBER = (
    r"(?:(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?(?!\d|:\d|[.,]\d|%| (?:percent|per cent|million|billion|[ap]\.m))"
    r"|the \d{1,2}(?:st|nd|rd|th)|(?:the )?{ORDINAL}(?! (?!of |in |and |to )[a-z]))"
)
YEAR = r"(?:[12]\d{3}|{APOSTROPHE}\d\d)(?!\d|[.,]\d|%)"
RELATIVE_YEAR = r"(?:of )?(?:this|last|next|that|the same|the following|the next|the previous|the preceding) year"
_LEAD = (
    "(?:(?:{ABOUT} |{NEAR} )?(?P<clock>{CLOCK})(?:,? on|,? of|,)?(?: the)? )?"
    "(?:(?:(?:early|late|shortly) (?:in|on) )?(?:the )?(?P<part>{PART})(?: hours)?,?(?: of| on)(?: the)? )?"
    "(?:{ABOUT} )?{EDGE_LEAD}(?:(?P<weekday>{WEEKDAY}),?(?: the| on the)? )?"
)
_YEAR = rf"(?:,? (?:of |in )?(?P<year>{YEAR})|,? (?P<relyear>{RELATIVE_YEAR}))"
_TRAIL = "(?:,? (?:at |about |in the |on the )?(?:(?P<clock2>{CLOCK})|(?P<part2>{PART})))?"
_PIECES = {"CLOCK": CLOCK, "EDGE_LEAD": EDGE_LEAD, "DAYNUMBER": DAY_NUMBER}


def year_of(parts: dict[str, str], place: Place) -> int | None:
    """The year that the parts name or point to; None if they leave it open."""
    if "year" in parts:
        return year_number(parts["year"], place.anchors.published)
    if "relyear" not in parts:
        return None
    words = parts["relyear"].lower()
    from_text = any(word in words.split() for word in ("the", "that"))
    reference = place.reference(Unit.YEAR, from_text=from_text)
    if reference is None:
        return None
    step = 1 if "next" in words or "following" in words else -1 if "last" in words or "pre" in words else 0
    return shifted(reference[0], step).first.year


def grade_of(parts: dict[str, str]) -> Grade:
    """Stated where the year is written, else worked out."""
    if "year" in parts:
        return Grade.STATED
    return Grade.FROM_TEXT if re.search(r"(?i)\b(?:the|that)\b", parts.get("relyear", "")) else Grade.FROM_PUBLICATION


def _day(parts: dict[str, str], place: Place) -> Reading | None:
    month, number = month_of(parts["month"]), ordinal(parts["day"].split()[-1])
    year = year_of(parts, place)
    weekday = weekday_of(parts["weekday"]) if "weekday" in parts else None
    if year is not None:
        moment, grade = Moment(Unit.DAY, date(year, month, number)), grade_of(parts)
    elif (guessed := day_of_month(month, number, weekday, place)) is not None:
        moment, grade = guessed
    else:
        return Reading(Kind.DATE, f"XXXX-{month:02}-{number:02}", names=False)
    kind, moment = at_time(moment, parts)
    return Reading(kind, "", moment, grade, mod=mod_of(parts))


def _week_of(parts: dict[str, str], place: Place) -> Reading | None:
    """`the week of 6 March`, `the week ending 12 March`: the one in which the day lies."""
    day = _day({name: words for name, words in parts.items() if name != "unit"}, place)
    if day is None or day.moment is None:
        return None
    unit = Unit.WEEK if parts["unit"].lower() == "week" else Unit.WEEKEND
    return replace(day, moment=containing(unit, day.moment.first))


def _month(parts: dict[str, str], place: Place) -> Reading | None:
    month, year = month_of(parts["month"]), year_of(parts, place)
    if year is None and not _may_be_month(parts, place):
        return None
    if year is not None:
        moment, grade = Moment(Unit.MONTH, date(year, month, 1)), grade_of(parts)
    elif (guessed := month_without_year(month, place)) is not None:
        moment, grade = guessed
    else:
        return Reading(Kind.DATE, f"XXXX-{month:02}", mod=mod_of(parts), names=False)
    outer = re.fullmatch(r"(?i)(first|last|final) day", parts.get("edge", ""))
    if outer:
        day = moment.first if outer[1].lower() == "first" else moment.last
        return Reading(Kind.DATE, "", Moment(Unit.DAY, day), grade)
    return Reading(Kind.DATE, "", moment, grade, mod=mod_of(parts))


_BEFORE_MONTH = re.compile(
    r"(?i)(?:^|\b(?:in|by|since|until|till|of|from|to|through|during|before|after|late|early|mid|last|next|this"
    r"|and|or|"
    r"for|between|end|every|each|around|about|as|beginning|starting|ending|on|the)[\s-]{1,3}(?:the\s)?|[(–—-]\s?)$"
)
_DASHES = frozenset("-–—")
_NOUN_AFTER = re.compile(r"[ \t]+(?:[A-Z][a-z]+|on|through|to)\b")


def _may_be_month(parts: dict[str, str], place: Place) -> bool:
    """Whether a bare name of a month is one: people are called April, June and August; may and march are verbs."""
    name = parts["month"].rstrip(".")
    if NAMES_A_THING.match(place.trail(20)):
        return False
    if "edge" in parts or (place.trail(1) in _DASHES and listed_before(place) is not None):
        return True
    if len(name) <= 4 and name not in ("May", "June", "July") and not parts["month"].endswith("."):
        return listed_before(place) is not None
    if name in ("May", "March", "MAY", "MARCH"):
        lead = place.lead(24)
        if not _BEFORE_MONTH.search(lead) or not lead.strip():
            return False
        return not _NOUN_AFTER.match(place.trail(20)) or bool(re.search(r"(?i)\bin\s$", lead))
    if name in ("April", "June", "August"):
        return not re.match(r" [A-Z][a-z]+", place.trail(20)) or bool(_BEFORE_MONTH.search(place.lead(24)))
    return not place.lead(1).isalnum()


def _figures(parts: dict[str, str], place: Place) -> Reading | None:
    """`2019-06-12`, with an hour if it has one; `12.06.2019` by day, `06/12/2019` by month unless it cannot be."""
    first, second = int(parts["first"]), int(parts["second"])
    year = year_number(parts["year"], place.anchors.published)
    by_month = (parts.get("mark") == "/" and first <= 12) or second > 12
    month, number = (first, second) if by_month or "iso" in parts else (second, first)
    kind, moment = at_time(Moment(Unit.DAY, date(year, month, number)), parts)
    return Reading(kind, "", moment, Grade.STATED)


def _nth_weekday(parts: dict[str, str], place: Place) -> Reading | None:
    """`the first Monday in October 2001`, `the last day of May`."""
    month, year = month_of(parts["month"]), year_of(parts, place)
    if year is None:
        guessed = month_without_year(month, place)
        if guessed is None:
            return None
        first, grade = guessed[0].first, guessed[1]
    else:
        first, grade = date(year, month, 1), grade_of(parts)
    within = containing(Unit.MONTH, first)
    which = parts["which"].lower()
    if parts["what"].lower() == "day":
        step, start = 1, first
    else:
        step, start = 7, first + timedelta(days=(weekday_of(parts["what"]) - first.isoweekday()) % 7)
    days = [start + timedelta(days=step * n) for n in range(31 // step + 1)]
    days = [day for day in days if day <= within.last]
    day = days[-1] if which in ("last", "final") else days[ordinal(which) - 1]
    return Reading(Kind.DATE, "", Moment(Unit.DAY, day), grade)


def _day_again(parts: dict[str, str], place: Place) -> Reading | None:
    """The second day of `June 5 and 7` or `June 5-7, 1942`: the month of the first."""
    named = place.anchors.last_named(Unit.DAY)
    if named is None:
        return None
    year = year_number(parts["year"], place.anchors.published) if "year" in parts else named.first.year
    day = date(year, named.first.month, ordinal(parts["day"]))
    return Reading(Kind.DATE, "", Moment(Unit.DAY, day), Grade.STATED if "year" in parts else Grade.FROM_TEXT)


_DAY_ENDS = re.compile(
    r"[,.;:)]|\s(?:and|the|he|she|they|to|in|at|a|an|it|when|while|with|by|after|but|his|was|were|as|of (?:that"
    r"|the) month)\b|$"
)


def _day_alone(parts: dict[str, str], place: Place) -> Reading | None:
    """`on the 16th`: of the month last named."""
    named = place.anchors.last_named(Unit.MONTH)
    if named is None and place.anchors.published is not None:
        named = Moment(Unit.MONTH, place.anchors.published)
    if named is None or not _DAY_ENDS.match(place.trail(16)):
        return None
    if not re.search(r"(?i)\b(?:on|by|until|till|from|to|of|and|between)\s$", place.lead(10)):
        return None
    day = named.first.replace(day=ordinal(parts["day"]))
    kind, moment = at_time(Moment(Unit.DAY, day), parts)
    return Reading(kind, "", moment, Grade.FROM_TEXT)


# Tried only right behind a month and a day.
DAY_AGAIN = Rule(
    "day-again",
    Head.DIGIT,
    pattern(rf"(?P<day>(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?)(?!\d|:\d|[.,]\d|%|-)(?:,? (?P<year>{YEAR}))?"),
    _day_again,
)

RULES = (
    Rule(
        "month-day",
        Head.MONTH,
        pattern(_LEAD + rf"(?P<month>{{MONTH}}) (?P<day>{{DAYNUMBER}}){_YEAR}?{_TRAIL}", **_PIECES),
        _day,
    ),
    Rule(
        "day-month",
        Head.MONTH,
        pattern(
            _LEAD + rf"(?:the )?(?P<day>{{DAYNUMBER}})(?: day)?(?: of)?(?: |-)(?P<month>{{MONTH}})(?:-(?=\d))?"
            rf"(?:{_YEAR}|(?<=-)(?P<year2>{YEAR}))?{_TRAIL}",
            **_PIECES,
        ),
        lambda parts, place: _day(parts | ({"year": parts["year2"]} if "year2" in parts else {}), place),
    ),
    Rule(
        "night-of-two",
        Head.MONTH,
        pattern(
            r"(?:the )?(?P<part>night) (?:of|between) (?:the )?(?:(?P<day>{DATE})(?:st|nd|rd|th)? ?(?:[-–—/]|to|and) ?"
            rf"(?:the )?{{DATE}}(?:st|nd|rd|th)?(?: of)? (?P<month>{{MONTH}})|(?P<month2>{{MONTH}}) (?P<day2>{{DATE}})"
            rf"(?:st|nd|rd|th)? ?(?:[-–—/]|to|and) ?{{DATE}}(?:st|nd|rd|th)?(?!\d)){_YEAR}?",
            DATE=r"(?:[12]\d|3[01]|0?[1-9])",
        ),
        lambda parts, place: _day({name.rstrip("2"): words for name, words in parts.items()}, place),
    ),
    Rule(
        "week-of",
        Head.UNIT,
        pattern(
            r"(?:the )?(?P<unit>week|weekend) (?:of|beginning|starting|commencing|ending)(?: on)? (?:(?:the )?(?P<day>"
            rf"{{DAYNUMBER}})(?: of)? (?P<month>{{MONTH}})|(?P<month2>{{MONTH}}) (?P<day2>{{DAYNUMBER}})){_YEAR}?",
            **_PIECES,
        ),
        lambda parts, place: _week_of({name.rstrip("2"): words for name, words in parts.items()}, place),
    ),
    Rule(
        "small-month",
        Head.MONTH,
        pattern(
            rf"(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)? (?P<month>{either(FULL_MONTHS)}) (?P<year>[12]\d{{3}})"
        ),
        _day,
    ),
    Rule(
        "day-of-two",
        Head.MONTH,
        pattern(
            _LEAD + r"(?:the )?(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?(?= ?(?:[-–—/]|and|or|to) ?(?:the )?"
            r"(?:[12]\d|3[01]|0?[1-9])"
            rf"(?:st|nd|rd|th)?(?: of)? (?P<month>{{MONTH}})(?:,? (?P<year>{YEAR}))?)",
            **_PIECES,
        ),
        _day,
    ),
    Rule(
        "day-alone",
        Head.DIGIT,
        pattern(
            _LEAD
            + r"the (?P<day>(?:[12]\d|3[01]|[1-9])(?:st|nd|rd|th))(?! (?:and|or|to) (?:the )?{ORDINAL}(?: |-)centur)",
            **_PIECES,
        ),
        _day_alone,
    ),
    Rule("month", Head.MONTH, pattern(rf"{{EDGE_LEAD}}(?:month of )?(?P<month>{{MONTH}}){_YEAR}?", **_PIECES), _month),
    Rule(
        "nth-weekday",
        Head.MONTH,
        pattern(
            rf"(?:the )?(?P<which>{{ORDINAL}}|last|final) (?P<what>{{LONGDAY}}|day) (?:of"
            rf"|in) (?P<month>{{MONTH}}){_YEAR}?",
            **_PIECES,
        ),
        _nth_weekday,
    ),
    Rule(
        "iso",
        Head.DIGIT,
        pattern(
            r"(?P<year>[12]\d{3})(?P<iso>[-/.])(?P<first>[01]\d)(?P=iso)(?P<second>[0-3]\d)"
            r"(?:(?:T|,? )(?P<clock>(?:[01]\d|2[0-3]):[0-5]\d)(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?"
        ),
        _figures,
    ),
    Rule(
        "figures",
        Head.DIGIT,
        pattern(
            r"(?:(?P<clock>{CLOCK})(?:,? on|,)? )?(?P<first>[0-3]?\d)(?P<mark>[-/.])(?P<second>[0-3]?\d)(?P=mark)"
            r"(?P<year>[12]\d{3}|\d\d)(?![\d/.]\d)",
            CLOCK=CLOCK,
        ),
        _figures,
    ),
)
