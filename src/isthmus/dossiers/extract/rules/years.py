"""Years and what is made of years: decades, centuries, seasons, quarters and halves of a year."""

import re
from datetime import date

from isthmus.dossiers.extract.anchoring import looks_ahead, year_number
from isthmus.dossiers.extract.expression import Grade, Kind
from isthmus.dossiers.extract.moments import Moment, Unit, containing, season, shifted
from isthmus.dossiers.extract.reading import Head, Place, Reading, Rule
from isthmus.dossiers.extract.rules.dates import RELATIVE_YEAR, YEAR, grade_of, year_of
from isthmus.dossiers.extract.rules.edges import EDGE_LEAD, half_of, mod_of
from isthmus.dossiers.extract.words import DECADES, LISTS, NUMBERS, SEASONS, either, month_of, ordinal, pattern

_PIECES = {"EDGE_LEAD": EDGE_LEAD, "YEAR": YEAR}
_NOT_BEFORE = re.compile(
    r"(?i)(?:[$£€¥#]\s?|\b(?:no|nos|number|page|pages|p|pp|resolution|flight|route|highway|article|section|room|"
    r"model|boeing|unit|building|lot|chapter|verse|about|some|nearly|almost|least|most|than|over|only|all|"
    r"approximately|least|up to|another|roughly|these|those|killed|wounded|captured|with|lost)\.?\s{1,2})$"
)
_STRONG_BEFORE = re.compile(
    r"(?i)(?:\b(?:in|since|until|till|by|from|before|after|during|through|year|and|to|circa|(?-i:ca?)|early|late|mid|"
    r"as of|between|of|the|for)\.?\s{1,2}|[(–—-])$"
)
_COUNTED_AFTER = re.compile(rf"[ \t\u00a0-](?:[a-z-]+(?:ed|an|al|ish|ese) )?(?:{either(LISTS['counted'])}|[a-z]+men)\b")
_ROUND_COUNT = re.compile(rf"[ \t\u00a0](?!(?:{either(LISTS['not_counted'])})\b)[a-z]+s\b")


_ARTICLE_BEFORE = re.compile(r"(?i)\b(?:the|an?|its|his|her|their|this|that)\s(?:\w{3,}\s)?$")
_NOUN_AFTER = re.compile(
    r"[ \t\u00a0](?!(?:and|or|but|the|an?|in|on|at|by|as|to|for|from|with|when|while|after|before|until|was|were|is|are"
    r"|had|has|he|she|it|they|we|that|which|who|did|did|would|saw)\b)\w{3,}"
)


def _year(parts: dict[str, str], place: Place) -> Reading | None:
    """Four digits are a year unless they price, number or count something."""
    number = year_of(parts, place)
    if number is None or (number < 1000 and "'" not in parts["year"] and "’" not in parts["year"]):
        return None
    marked = "edge" in parts or "kind" in parts
    lead, trail = place.lead(24), place.trail(24)
    if not marked and (_NOT_BEFORE.search(lead) or _COUNTED_AFTER.match(trail)):
        return None
    strong = marked or place.text[place.found.start].lower() == "c" or bool(_STRONG_BEFORE.search(lead))
    if not strong and not 1700 <= number <= 2100:
        return None
    if not marked and number % 50 == 0 and _ROUND_COUNT.match(trail):
        return None
    half = half_of(parts)
    moment = Moment(Unit.YEAR, date(number, 1, 1))
    if half is not None:
        moment = Moment(Unit.HALF, date(number, 6 * half - 5, 1))
    mod = mod_of(parts) if half is None else ""
    return Reading(Kind.DATE, "", moment, Grade.STATED, mod=mod, names=not _is_attribute(place))


def _is_attribute(place: Place) -> bool:
    """Whether the year tells one thing from another, "the 1967 war": what is told does not go on from there."""
    return bool(_ARTICLE_BEFORE.search(place.lead(12)) and _NOUN_AFTER.match(place.trail(24)))


def _short_year(parts: dict[str, str], place: Place) -> Reading | None:
    """`'98`, but not an apostrophe that closes a quotation or drops letters."""
    return _year(parts, place) if _STRONG_BEFORE.search(place.lead(12)) else None


def _fiscal_short(parts: dict[str, str], place: Place) -> Reading | None:
    """`FY14`."""
    year = year_number(parts["year"], place.anchors.published)
    return Reading(Kind.DATE, "", Moment(Unit.YEAR, date(year, 1, 1)), Grade.STATED)


def _spoken_year(parts: dict[str, str], place: Place) -> Reading | None:
    """`nineteen ninety-one`, `the winter of nineteen ninety-four`, as broadcasts are written down."""
    tens, ones = NUMBERS[parts["tens"].lower()], NUMBERS[parts.get("ones", "zero").lower()]
    number = NUMBERS[parts["century"].lower()] * 100 + tens + ones
    if "season" in parts:
        moment = season(number, SEASONS[parts["season"].lower()])
        return Reading(Kind.DATE, "", moment, Grade.STATED, mod=mod_of(parts))
    if "month" in parts:
        moment = Moment(Unit.MONTH, date(number, month_of(parts["month"]), 1))
        return Reading(Kind.DATE, "", moment, Grade.STATED, mod=mod_of(parts))
    return Reading(Kind.DATE, "", Moment(Unit.YEAR, date(number, 1, 1)), Grade.STATED, mod=mod_of(parts))


def _two_thousand(parts: dict[str, str], place: Place) -> Reading | None:
    """`the year two thousand`, `two thousand ten`."""
    number = 2000 + NUMBERS.get(parts.get("ones", "zero").lower(), 0)
    if "year" not in place.text[place.found.start : place.found.end].lower() and "ones" not in parts:
        return None
    return Reading(Kind.DATE, "", Moment(Unit.YEAR, date(number, 1, 1)), Grade.STATED)


def _decade(parts: dict[str, str], place: Place) -> Reading | None:
    """`the 1990s`, `the '80s`, `the late eighties`: without a century, the latest that has begun."""
    if "full" in parts:
        first = int(parts["full"])
        # "the 1900s" are a century as often as a decade; the evaluators' texts take the decade.
        return Reading(Kind.DATE, "", Moment(Unit.DECADE, date(first, 1, 1)), Grade.STATED, mod=mod_of(parts))
    tens = int(parts["short"]) if "short" in parts else DECADES[parts["name"].lower()]
    if "name" in parts and not re.search(
        r"(?i)\b(?:the|early|late|mid)\b", place.text[place.found.start : place.found.end]
    ):
        return None
    if re.search(
        r"(?i)\b(?:his|her|their|my|our|your|low|high|upper|lower)\s(?:(?:early|late|mid)[ -])?$", place.lead(12)
    ):
        return None
    latest = place.anchors.published.year if place.anchors.published else 1999
    first = max(century + tens for century in (1800, 1900, 2000) if century + tens <= latest)
    if "century" in parts:
        first = NUMBERS[parts["century"].lower()] * 100 + tens
    return Reading(Kind.DATE, "", Moment(Unit.DECADE, date(first, 1, 1)), Grade.STATED, mod=mod_of(parts))


def _century(parts: dict[str, str], place: Place) -> Reading | None:
    number = ordinal(parts["ordinal"]) if "ordinal" in parts else 21
    if not 1 <= number <= 30:
        return None
    moment = Moment(Unit.CENTURY, date(max((number - 1) * 100, 1), 1, 1))
    return Reading(Kind.DATE, "", moment, Grade.STATED, mod=mod_of(parts))


def _season(parts: dict[str, str], place: Place) -> Reading | None:
    """`the summer of 1942`, `winter 1941-42`."""
    year = year_of(parts, place)
    if year is None:
        return None
    code = SEASONS[parts["season"].lower()]
    # "the early winter of 1942" may be either end of that year; the winter that begins in it is what TIMEX3 writes.
    return Reading(Kind.DATE, "", season(year, code), grade_of(parts), mod=mod_of(parts))


# "The last quarter of the 19th century", "the first half of the match".
_OF_ANOTHER = re.compile(
    r"(?i)\sof\s(?:the|an?|this|that|his|her|its|their)\s(?!(?:year|fiscal|calendar|financial|current|same|last|next))"
)
_PART_UNITS = {"quarter": Unit.QUARTER, "half": Unit.HALF}
_PERIODS = {Unit.QUARTER: 4, Unit.HALF: 2}


def _part(parts: dict[str, str], place: Place) -> Reading | None:
    """A quarter or half of a year, with its year or without."""
    if "code" in parts:
        unit = Unit.QUARTER if parts["code"][0] in "Qq" else Unit.HALF
        number = int(parts["code"][1])
    else:
        unit = _PART_UNITS[parts["unit"].lower()]
        name = parts["ordinal"].lower()
        number = _PERIODS[unit] if name in ("last", "final", "latter") else ordinal(name)
    if not 1 <= number <= _PERIODS[unit] or ("year" not in parts and _OF_ANOTHER.match(place.trail(24))):
        return None
    month = (number - 1) * 12 // _PERIODS[unit] + 1
    if (
        unit is Unit.QUARTER
        and parts.get("ordinal", "").lower() == "last"
        and not {"year", "relyear", "fiscal"} & parts.keys()
    ):
        return _quarter_before(place)
    year = year_of(parts, place)
    if year is not None:
        return Reading(Kind.DATE, "", Moment(unit, date(year, month, 1)), grade_of(parts), mod=mod_of(parts))
    reference = place.reference(Unit.YEAR, from_text=False)
    if reference is None or (unit is Unit.HALF and not _sounds_fiscal(parts, place)):
        return None
    moment = Moment(unit, date(reference[0].first.year, month, 1))
    if "ago" in parts:
        moment = shifted(moment, -_PERIODS[unit])
    elif reference[1] is Grade.FROM_PUBLICATION and place.anchors.published is not None:
        moment = _nearest(moment, place, place.anchors.published)
    return Reading(Kind.DATE, "", moment, reference[1], mod=mod_of(parts), names=not _is_forecast(moment, place))


def _is_forecast(moment: Moment, place: Place) -> bool:
    """Whether the period is not over and is looked forward to; figures that follow are not given of it."""
    published = place.anchors.published
    return published is not None and moment.last >= published and looks_ahead(place)


def _quarter_before(place: Place) -> Reading | None:
    """`last quarter`: the one before this, as `last month` is the month before; with a year it is the fourth."""
    reference = place.reference(Unit.QUARTER, from_text=False)
    return reference and Reading(Kind.DATE, "", shifted(reference[0], -1), reference[1])


_ACCOUNT = re.compile(r"\s(?:\w+\s)?(?:profits?|results?|earnings|sales|loss(?:es)?|revenues?|income|output|figures)\b")


def _sounds_fiscal(parts: dict[str, str], place: Place) -> bool:
    """Whether a bare `first half` is one of a year and not of a match: it follows `in the` and ends its phrase."""
    return "year" in place.trail(20) or "fiscal" in parts or bool(_ACCOUNT.match(place.trail(20)))


def _nearest(moment: Moment, place: Place, published: date) -> Moment:
    """A quarter more than one ahead was that of the year before; one that is over may be the next in a plan."""
    now = containing(moment.unit, published)
    if moment.first > shifted(now, 1).first and not looks_ahead(place):
        return shifted(moment, -_PERIODS[moment.unit])
    if moment.first < shifted(now, -2).first and looks_ahead(place):
        return shifted(moment, _PERIODS[moment.unit])
    return moment


def _period_of_year(parts: dict[str, str], place: Place) -> Reading | None:
    """`the 1988 quarter`: the one talked of, in that year; `the 1988 season`: the year."""
    year = int(parts["year"])
    named = place.anchors.accounted()
    if named is not None and parts["unit"].lower() in ("quarter", "period"):
        moment = Moment(named.unit, named.first.replace(year=year))
        return Reading(Kind.DATE, "", moment, Grade.FROM_TEXT, names=False)
    return Reading(Kind.DATE, "", Moment(Unit.YEAR, date(year, 1, 1)), Grade.STATED)


_WHOSE_YEAR = (
    rf"(?:(?:,? of|,? in|,)? (?:(?:fiscal|calendar)(?: year)? )?(?P<year>{YEAR})|,? (?P<relyear>{RELATIVE_YEAR}))"
)
RULES = (
    Rule(
        "year",
        Head.DIGIT,
        pattern(
            r"(?:{ABOUT} )?{EDGE_LEAD}(?:(?P<kind>(?:the )?(?:fiscal(?: year)?|calendar(?: year)?|year"
            r"|model year|academic year|FY)) ?)?"
            r"(?P<year>[12]\d{3})(?!\d|[.,:]\d|%|s\b|['’]s? \w+ers\b)(?:[-–/](?:\d\d)(?![\d-]))?(?: (?:or later"
            r"|and beyond))?",
            **_PIECES,
        ),
        _year,
    ),
    Rule("fiscal-short", Head.CODE, pattern(r"(?-i:FY) ?(?P<year>{APOSTROPHE}?\d\d)(?![\d%-])"), _fiscal_short),
    Rule("short-year", Head.DIGIT, pattern(r"{EDGE_LEAD}(?P<year>{APOSTROPHE}\d\d)(?!s)", **_PIECES), _short_year),
    Rule(
        "spoken-year",
        Head.SPOKEN,
        pattern(
            "{EDGE_LEAD}(?:(?:the )?(?P<season>{SEASON})(?: of| in|,)? |(?P<month>{MONTH})(?: of|,)? )?"
            "(?:the year )?(?P<century>sixteen|seventeen|eighteen|nineteen)[ -](?P<tens>twenty|thirty"
            "|forty|fifty|sixty|"
            "seventy|eighty|ninety)(?:[ -](?P<ones>one|two|three|four|five|six|seven|eight|nine))?",
            **_PIECES,
        ),
        _spoken_year,
    ),
    Rule(
        "two-thousand",
        Head.SPOKEN,
        pattern(
            "(?:the )?(?:year )?two thousand(?: and)?(?: (?P<ones>one|two|three|four|five|six|seven|eight|nine|ten|"
            "eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen))?",
        ),
        _two_thousand,
    ),
    Rule(
        "decade",
        Head.DIGIT | Head.DECADE,
        pattern(
            r"{EDGE_LEAD}(?:the )?(?:(?P<full>[12]\d{2}0){APOSTROPHE}?s|{APOSTROPHE}?(?P<short>[2-9]0){APOSTROPHE}?s"
            r"|(?:(?P<century>eighteen|nineteen)[ -])?{APOSTROPHE}?(?P<name>twenties|thirties|forties|fifties"
            r"|sixties|seventies|eighties|nineties))",
            **_PIECES,
        ),
        _decade,
    ),
    Rule(
        "century",
        Head.UNIT,
        pattern(
            r"{EDGE_LEAD}(?:the )?(?P<ordinal>{ORDINAL})(?:(?: |-)(?:century|centuries)(?: (?:CE|AD))?"
            r"|(?= (?:and|or|to|through) (?:the )?(?:early |late |mid-)?{ORDINAL}(?: |-)centur))",
            **_PIECES,
        ),
        _century,
    ),
    Rule(
        "season-year",
        Head.SEASON,
        pattern(
            rf"{{EDGE_LEAD}}(?:the )?(?P<season>{{SEASON}})(?:(?:,| of| in)? (?:the year )?(?P<year>{YEAR})(?:"
            rf"(?:-|–|/)\d{{2,4}})?"
            rf"|,? (?P<relyear>{RELATIVE_YEAR}))",
            **_PIECES,
        ),
        _season,
    ),
    Rule(
        "part-of-year",
        Head.UNIT,
        pattern(
            rf"{{EDGE_LEAD}}(?:the |its |their )?(?:fiscal(?: |-))?(?:(?P<ago>year-ago|year-earlier) )?"
            rf"(?P<ordinal>{{ORDINAL}}|last|latter|final)(?: |-)(?:fiscal[ -])?(?P<unit>quarter|half)(?!(?: "
            rf"|-)centur)(?: of(?= fiscal| the fiscal| the year))?"
            rf"(?: ?,? (?P<fiscal>(?:the )?fiscal year|the year))?{_WHOSE_YEAR}?",
            **_PIECES,
        ),
        _part,
    ),
    Rule(
        "period-of-year",
        Head.UNIT,
        pattern(
            r"(?:the )?(?P<year>1[5-9]\d\d|20\d\d)(?:[-–/]\d\d)? (?P<unit>quarter|period|season|semester|session"
            r"|(?:fiscal|calendar|financial|school|academic|budget|tax|model|marketing) year)"
        ),
        _period_of_year,
    ),
    Rule(
        "year-part",
        Head.UNIT,
        pattern(
            rf"(?:the )?(?:fiscal )?(?:(?P<year>{YEAR})(?:{{APOSTROPHE}}s)?|(?P<relyear>(?:this|last"
            rf"|next) year){{APOSTROPHE}}s)"
            r"(?: |-)(?:fiscal )?(?P<ordinal>{ORDINAL}|last)(?: |-)(?P<unit>quarter|half)",
            **_PIECES,
        ),
        _part,
    ),
    Rule(
        "quarter-code",
        Head.CODE,
        pattern(
            rf"(?-i:(?P<code>Q[1-4]|H[12]))(?: (?:of )?(?:FY ?)?(?P<year>{YEAR}))?|"
            rf"(?:FY ?)?(?P<year2>[12]\d{{3}})(?: |-)?(?P<code2>(?-i:Q[1-4]|H[12]))"
        ),
        lambda parts, place: _part({name.rstrip("2"): words for name, words in parts.items()}, place),
    ),
)
