"""Words that point from an anchor: today, last week, the following spring, that night, bare seasons."""

import re
from datetime import date, timedelta

from isthmus.dossiers.extract.anchoring import listed_before, looks_ahead, told_year, year_number
from isthmus.dossiers.extract.expression import Grade, Kind
from isthmus.dossiers.extract.moments import Moment, Unit, containing, season, shifted, year_before
from isthmus.dossiers.extract.reading import Head, Place, Reading, Rule, unresolved
from isthmus.dossiers.extract.rules.clock import CLOCK, at_time
from isthmus.dossiers.extract.rules.edges import EDGE_LEAD, mod_of
from isthmus.dossiers.extract.rules.pointers import BACK, FROM_TEXT, LEAD, ON, TRAIL, WHICH, step_of
from isthmus.dossiers.extract.words import LISTS, NAMES_A_THING, SEASONS, month_of, pattern, unit_of, weekday_of

_PIECES = {"EDGE_LEAD": EDGE_LEAD, "CLOCK": CLOCK}
_UNITS = {unit.value: unit for unit in Unit if unit is not Unit.SEASON}
_DAYS = {
    "today": 0,
    "tonight": 0,
    "tonite": 0,
    "yesterday": -1,
    "tomorrow": 1,
    "the day before yesterday": -2,
    "the day after tomorrow": 2,
}


def _day_word(parts: dict[str, str], place: Place) -> Reading | None:
    name = " ".join(parts["name"].lower().split())
    if _LASTING.match(place.trail(40)):
        return None
    if name == "today" and place.anchors.tale:
        return unresolved(Kind.DATE, "PRESENT_REF")
    if place.anchors.published is None:
        return unresolved(Kind.DATE, "XXXX-XX-XX")
    day = Moment(Unit.DAY, place.anchors.published + timedelta(days=_DAYS[name]))
    kind, moment = at_time(day, parts)
    if name.startswith("toni") and not moment.time:
        kind, moment = Kind.TIME, Moment(Unit.DAY, day.first, "TNI")
    return Reading(kind, "", moment, Grade.FROM_PUBLICATION, mod=mod_of(parts))


# "In today's world": these last longer than a day.
_LASTING = re.compile(rf"['’]s\s(?:\w+\s)?(?:{'|'.join(LISTS['lasting'])})\b")
_OVER = re.compile(r"(?i)\b(?:over|for|throughout|within)\s(?:the\s)?$")


def _unit(parts: dict[str, str], place: Place) -> Reading | None:
    """`last week`, `the following year`, `that day`: a stretch beside the one the anchor lies in."""
    which, unit = parts["which"].lower(), _UNITS.get(unit_of(parts["unit"]))
    if unit in (Unit.DECADE, Unit.CENTURY) and (which in ("past", "coming") or _OVER.search(place.lead(12))):
        return unresolved(Kind.DURATION, "P10Y" if unit is Unit.DECADE else "P100Y")
    if unit is None or (unit is Unit.DAY and which in ("this", "present", "current")):
        return None
    from_text = which in FROM_TEXT or ("the" in parts and which == "next" and unit is Unit.DAY)
    if which in ("that", "same") and place.follows_coarser(unit):
        return unresolved(Kind.DATE, "XXXX-XX-XX")
    reference = place.reference(unit, from_text=from_text)
    if reference is None:
        return unresolved(Kind.DATE, "XXXX")
    moment = shifted(reference[0], step_of(which))
    if unit is Unit.WEEKEND and which in ("last", "past"):
        moment = _weekend_before(moment, reference[0], place)
    kind, moment = at_time(moment, parts)
    return Reading(kind, "", moment, reference[1], mod=mod_of(parts))


def _weekend_before(moment: Moment, reference: Moment, place: Place) -> Moment:
    published = place.anchors.published
    return reference if published is not None and reference.last < published else moment


# "The dawn of detente" is of no day; "the night of the 12th" is read as a whole.
_OF_A_THING = re.compile(r"\sof\s(?!that|the\s\d)")


def _two_off(parts: dict[str, str], place: Place) -> Reading | None:
    """`the week before last`, `the Friday after next`: two off."""
    published = place.anchors.published
    if published is None:
        return unresolved(Kind.DATE, "XXXX")
    steps = -2 if parts["which"].lower().startswith("before") else 2
    if "unit" in parts:
        moment = shifted(containing(_UNITS[unit_of(parts["unit"])], published), steps)
    else:
        gap = (weekday_of(parts["weekday"]) - published.isoweekday()) % 7
        moment = Moment(Unit.DAY, published + timedelta(days=gap - 14 if steps < 0 else (gap or 7) + 7))
    return Reading(Kind.DATE, "", moment, Grade.FROM_PUBLICATION)


def _part_of_day(parts: dict[str, str], place: Place) -> Reading | None:
    """`this morning`, `last night`, `that evening`, `the next morning`."""
    which = parts["which"].lower()
    if which == "the" and _OF_A_THING.match(place.trail(8)):
        return None
    from_text = which in FROM_TEXT or which in ("next", "the")
    if which in ("that", "same") and place.follows_coarser(Unit.DAY):
        return unresolved(Kind.TIME, "XXXX-XX-XX")
    reference = place.reference(Unit.DAY, from_text=from_text)
    if reference is None:
        return unresolved(Kind.TIME, "XXXX-XX-XX")
    kind, moment = at_time(shifted(reference[0], step_of(which)), parts)
    return Reading(kind, "", moment, reference[1], mod=mod_of(parts))


def _month(parts: dict[str, str], place: Place) -> Reading | None:
    """`last February` in January is the one eleven months back; `this May` is that of the year."""
    which, month = parts["which"].lower().split()[-1], month_of(parts["month"])
    reference = place.reference(Unit.MONTH, from_text=which in FROM_TEXT)
    if reference is None:
        return unresolved(Kind.DATE, f"XXXX-{month:02}")
    now = reference[0].first
    year = now.year
    if which in BACK:
        year -= month >= now.month
    elif which in ON:
        year += month <= now.month
    if "day" in parts:
        return Reading(Kind.DATE, "", Moment(Unit.DAY, date(year, month, int(parts["day"]))), reference[1])
    return Reading(Kind.DATE, "", Moment(Unit.MONTH, date(year, month, 1)), reference[1], mod=mod_of(parts))


# From autumn a tale goes on to the spring to come.
_SEASON_ON = 6
_SEASON_BEFORE = re.compile(r"(?i)\b(?:in|by|during|until|till|since|through|before|after|from|for|over)\s(?:the\s)?$")


def _season(parts: dict[str, str], place: Place) -> Reading | None:
    """`last fall`, `the following spring`, and a bare season behind a preposition: the nearest past one."""
    which, code = parts.get("which", "").lower().split()[-1:], SEASONS[parts["season"].lower()]
    word = parts["season"].lower()
    if not which and "edge" not in parts and not _SEASON_BEFORE.search(place.lead(12)) and "the" not in parts:
        return None
    if NAMES_A_THING.match(place.trail(20)):
        return None
    if word in ("fall", "spring") and not which and "edge" not in parts and _verb_like(place):
        return None
    listed = listed_before(place)
    if listed is not None and listed.rule.name == "season-year":
        year = year_number(listed.parts["year"], place.anchors.published)
        return Reading(Kind.DATE, "", season(year, code), Grade.FROM_TEXT, mod=mod_of(parts))
    reference = place.reference(Unit.MONTH, from_text=bool(which) and which[0] in FROM_TEXT)
    if reference is None:
        return unresolved(Kind.DATE, f"XXXX-{code}")
    now = reference[0].first
    moment = season(now.year, code)
    if not which and reference[1] is Grade.FROM_TEXT:
        told = place.anchors.last_named(Unit.SEASON) or reference[0]
        moment = season(told_year(moment.first.month, told, months_on=_SEASON_ON), code)
    elif which and which[0] in BACK:
        moment = shifted(moment, -4) if moment.last >= now else moment
    elif which and which[0] in ON:
        moment = shifted(moment, 4) if moment.first <= now else moment
    elif reference[1] is Grade.FROM_PUBLICATION and moment.first > now and not which and not looks_ahead(place):
        moment = shifted(moment, -4)
    return Reading(Kind.DATE, "", moment, reference[1], mod=mod_of(parts))


def _verb_like(place: Place) -> bool:
    # "the fall of Saigon", "the spring water": the word is something else before "of", "in" or a noun.
    return bool(re.match(r"(?i)\s(?:of|in|from|to|below|under|behind|water|semester)\b", place.trail(12)))


def _edge_of(parts: dict[str, str], place: Place) -> Reading | None:
    """`the end of the month`, `later in the year`, `earlier this week` without its "this"."""
    unit = _UNITS[unit_of(parts["unit"])]
    reference = place.reference(unit, from_text=unit is Unit.DAY)
    if reference is None:
        return None
    kind, moment = at_time(reference[0], parts)
    return Reading(kind, "", moment, reference[1], mod=mod_of(parts))


_BEFORE_YEAR_END = re.compile(r"(?i)\b(?:by|before|until|till|at|around|about|near|towards?|after)\s(?:the\s)?$")


def _year_end(parts: dict[str, str], place: Place) -> Reading | None:
    """`by year-end` is December; `year-end results` are not of a month."""
    reference = place.reference(Unit.YEAR, from_text=False)
    if reference is None or not _BEFORE_YEAR_END.search(place.lead(12)):
        return None
    december = Moment(Unit.MONTH, reference[0].first.replace(month=12))
    return Reading(Kind.DATE, "", reference[0] if "whose" in parts else december, reference[1], mod="END")


def _outer_day(parts: dict[str, str], place: Place) -> Reading | None:
    """`the last day of the month`: of the one last named."""
    reference = place.reference(_UNITS[unit_of(parts["unit"])], from_text=True)
    if reference is None:
        return None
    day = reference[0].first if parts["which"].lower() == "first" else reference[0].last
    return Reading(Kind.DATE, "", Moment(Unit.DAY, day), reference[1])


def _the_year(parts: dict[str, str], place: Place) -> Reading | None:
    """`for the year`, `the full year`; `the quarter`: the one named last, else the last that is over."""
    unit = Unit.QUARTER if parts["unit"].lower() in ("quarter", "period") else Unit.YEAR
    named = place.anchors.accounted() if unit is Unit.QUARTER else None
    if named is not None:
        return Reading(Kind.DATE, "", named, Grade.FROM_TEXT)
    # "During the year" of a yearly report is that of the report, whatever its paragraph looks back on.
    published = place.anchors.published if not place.anchors.tale and unit is Unit.YEAR else None
    reference = (containing(unit, published), Grade.FROM_PUBLICATION) if published else None
    reference = reference or place.reference(unit, from_text=False)
    if reference is None or (unit is Unit.QUARTER and reference[1] is Grade.FROM_TEXT):
        return None
    moment = shifted(reference[0], -1) if unit is Unit.QUARTER else reference[0]
    return Reading(Kind.DATE, "", moment, reference[1])


def _latest(parts: dict[str, str], place: Place) -> Reading | None:
    """`the latest fiscal year`: the last that is over."""
    reference = place.reference(_UNITS[unit_of(parts["unit"])], from_text=False)
    return reference and Reading(Kind.DATE, "", shifted(reference[0], -1), reference[1])


def _year_earlier(parts: dict[str, str], place: Place) -> Reading | None:
    """`the year-ago quarter`, `the year-earlier period`: what was named last, a year before."""
    named = place.anchors.accounted()
    if named is not None:
        return Reading(Kind.DATE, "", year_before(named), Grade.FROM_TEXT, names=False)
    if parts.get("unit", "").lower() == "quarter" and place.anchors.published is not None:
        return Reading(
            Kind.DATE, "", shifted(containing(Unit.QUARTER, place.anchors.published), -5), Grade.FROM_PUBLICATION
        )
    reference = place.reference(Unit.YEAR, from_text=True)
    if reference is None:
        return None
    return Reading(Kind.DATE, "", shifted(reference[0], -1), reference[1], names=False)


def _period(parts: dict[str, str], place: Place) -> Reading | None:
    if "bare" in parts:
        return _bare_year(place)
    unit = parts.get("unit") or parts.get("unit2") or parts.get("unit3")
    if unit is not None:
        return _the_year({"unit": unit}, place)
    reference = place.reference(Unit.DAY, from_text=False)
    if reference is None:
        return None
    weekend = containing(Unit.WEEKEND, reference[0].first)
    past = weekend.first > reference[0].first and not looks_ahead(place)
    return Reading(Kind.DATE, "", shifted(weekend, -1) if past else weekend, reference[1])


_YEAR_BEFORE = re.compile(r"(?i)\b(?:for|of|throughout|during|in|from|over|within)\s$")
_OF_THE_LORD = re.compile(r"(?i)\sof\s(?:our|the)\sLord\b")
_YEAR_ENDED = re.compile(r"\s(?:[Ee]nd(?:ed|ing)\b|to (?:the end\b|\d|[A-Z]))")


def _bare_year(place: Place) -> Reading | None:
    """`the year ended 30 June` is a length; `for the year` the year itself; elsewhere too much else."""
    if _OF_THE_LORD.match(place.trail(14)):
        return None
    if _YEAR_ENDED.match(place.trail(10)):
        return unresolved(Kind.DURATION, "P1Y")
    return _the_year({"unit": "year"}, place) if _YEAR_BEFORE.search(place.lead(12)) else None


RULES = (
    Rule(
        "day-word",
        Head.DAY_WORD,
        pattern(
            LEAD + "(?P<name>the day before yesterday|the day after tomorrow|today|tonight|tonite|yesterday"
            "|tomorrow)" + TRAIL,
            **_PIECES,
        ),
        _day_word,
        deictic=True,
    ),
    Rule(
        "unit-here",
        Head.UNIT,
        pattern(
            LEAD + "(?:(?P<the>the) )?(?P<which>last|next|this past|this coming|this|past|coming|current|upcoming"
            "|present)(?: (?:very|fiscal|calendar|full|whole))?"
            " (?P<unit>week|weekend|month|quarter|year|decade|century)(?: or so)?",
            **_PIECES,
        ),
        lambda parts, place: _unit(parts | {"which": parts["which"].split()[-1]}, place),
        deictic=True,
    ),
    Rule(
        "unit-there",
        Head.UNIT,
        pattern(
            LEAD + "(?:(?P<the>the|this|that|its) )?(?:very )?(?P<which>next|previous|preceding|following|same|that"
            "|ensuing|subsequent|prior)(?: (?:very|same|fiscal|calendar|full))?"
            " (?P<unit>day|week|weekend|month|quarter|year|decade|century)" + TRAIL,
            **_PIECES,
        ),
        _unit,
    ),
    Rule(
        "before-last",
        Head.UNIT | Head.WEEKDAY,
        pattern(
            "(?:the )?(?:(?P<unit>week|weekend|month|quarter|year|decade)|(?P<weekday>{LONGDAY})) (?P<which>before last"
            "|after next)"
        ),
        _two_off,
        deictic=True,
    ),
    Rule(
        "part-of-day",
        Head.PART,
        pattern(
            "{EDGE_LEAD}(?:earlier |later )?(?P<which>this|last|that|the next|the following|the same"
            "|the previous|the preceding|tomorrow|the)(?: very| same)? (?P<part>{PART})",
            **_PIECES,
        ),
        lambda parts, place: _part_of_day(parts | {"which": parts["which"].split()[-1]}, place),
    ),
    Rule(
        "which-month",
        Head.MONTH,
        pattern(
            "{EDGE_LEAD}(?:the )?" + WHICH + " (?P<month>{MONTH})(?: (?P<day>[123]?\\d)(?![\\d:%]|[.,]\\d))?"
            "(?!,? (?:[123]?\\d(?:st|nd|rd|th)?,? )?[12]\\d{3}\\b)",
            **_PIECES,
        ),
        _month,
    ),
    Rule(
        "season",
        Head.SEASON,
        pattern("{EDGE_LEAD}(?:(?P<the>the) )?(?:" + WHICH + " )?(?P<season>{SEASON})", **_PIECES),
        _season,
    ),
    Rule(
        "edge-of-unit",
        Head.UNIT,
        pattern(
            "(?:(?:later|earlier|sometime|late|early)(?: on)? in the |(?:the )?(?P<edge>{EDGE}) of (?:the"
            "|its) )(?:fiscal |calendar )?(?P<unit>day|week|month|year|decade|century|weekend)"
        ),
        _edge_of,
    ),
    Rule(
        "year-end",
        Head.UNIT,
        pattern("(?:the )?year(?P<whose>{APOSTROPHE}s)?(?: |-)(?P<edge>end)"),
        _year_end,
    ),
    Rule(
        "outer-day",
        Head.UNIT,
        pattern("(?:the )?(?:very )?(?P<which>first|last|final) day of (?:the|that|this) (?P<unit>week|month|year)"),
        _outer_day,
    ),
    Rule(
        "the-period",
        Head.UNIT,
        pattern(
            "the (?:full |whole |entire |latest |current )?(?P<unit>quarter)(?!-)|(?:the )?(?:latest"
            "|most recent) (?P<unit2>quarter|period)|(?:the )?full (?P<unit3>year)|the (?:fiscal )?(?P<bare>year)"
            "|the weekend"
        ),
        _period,
    ),
    Rule("latest", Head.UNIT, pattern("(?:the )?latest (?:fiscal |calendar )?(?P<unit>week|month|year)"), _latest),
    Rule(
        "year-earlier",
        Head.UNIT,
        pattern(
            "(?:the |an? )?(?:comparable |same )?(?:year-earlier|year-ago)(?: (?:fiscal )?(?P<unit>quarter|period))?"
        ),
        _year_earlier,
    ),
)
