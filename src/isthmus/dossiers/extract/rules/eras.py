"""Years before Christ and of the first thousand after, with the words and figures that tell them from a count."""

import re
from datetime import date

from isthmus.dossiers.extract.expression import Grade, Kind
from isthmus.dossiers.extract.moments import Moment, Unit, before_christ, season
from isthmus.dossiers.extract.reading import Head, Place, Reading, Rule, unresolved
from isthmus.dossiers.extract.rules.edges import EDGE_LEAD, mod_of
from isthmus.dossiers.extract.words import SEASONS, month_of, ordinal, pattern

_PIECES = {"EDGE_LEAD": EDGE_LEAD}
_BC = r"(?-i:BCE?|B\. ?C\.(?: ?E\.)?)"
_AD = r"(?-i:CE|AD|A\. ?D\.|C\. ?E\.)"
# What may stand before the year: "the summer of", "15 March", "September 2,".
_WITHIN = (
    r"(?:(?P<season>{SEASON}),? (?:of |in )?"
    r"|(?:(?P<day>[123]?\d)(?:st|nd|rd|th)? (?:of )?)?(?P<month>{MONTH}),? (?:of )?"
    r"|(?P<month2>{MONTH}) (?P<day2>[123]?\d)(?:st|nd|rd|th)?,? (?:of )?)?(?:the )?(?:year )?"
)


def _plain(parts: dict[str, str]) -> dict[str, str]:
    """The parts by one name whichever order they stood in."""
    return {name.rstrip("2"): words for name, words in parts.items()}


def _before_christ(parts: dict[str, str], place: Place) -> Reading | None:
    """TIMEX's `BC0490`, `BC0490-03`, `BC0490-SP`; centuries and decades without a place on the calendar."""
    if "nth" in parts:
        return unresolved(Kind.DATE, f"BC{max(ordinal(parts['nth']) - 1, 0):02}", mod_of(parts))
    number = int(parts.get("number") or parts["first"])
    if "century" in parts:
        return unresolved(Kind.DATE, f"BC{max(number - 1, 0):02}", mod_of(parts))
    if "decade" in parts:
        return unresolved(Kind.DATE, f"BC{number // 10:03}", mod_of(parts))
    return _within(before_christ(number), parts)


def _within(year: int, parts: dict[str, str]) -> Reading:
    """The year, or the season, month or day of it that the parts name."""
    if "season" in parts:
        moment = season(year, SEASONS[parts["season"].lower()])
    elif "month" not in parts:
        moment = Moment(Unit.YEAR, date(year, 1, 1))
    elif "day" in parts:
        moment = Moment(Unit.DAY, date(year, month_of(parts["month"]), int(parts["day"])))
    else:
        moment = Moment(Unit.MONTH, date(year, month_of(parts["month"]), 1))
    return Reading(Kind.DATE, "", moment, Grade.STATED, mod=mod_of(parts))


_YEAR_ENDS = re.compile(r"[,.;:)]|\s(?:and|or|the|he|they|a|an|when|while|with|it|by|to|after|but|his|under|as|was)\b")


def _ancient_named(place: Place) -> Moment | None:
    """The date last named, if from there three digits may be a year."""
    named = place.anchors.last_named()
    return named if named is not None and (named.is_before_christ or named.first.year < 1000) else None


def _ancient_season(parts: dict[str, str], place: Place) -> Reading | None:
    """`the summer of 432`, likewise."""
    named, number = _ancient_named(place), int(parts["number"])
    if named is None:
        return None
    year = before_christ(number) if named.is_before_christ else number
    return Reading(Kind.DATE, "", season(year, SEASONS[parts["season"].lower()]), Grade.FROM_TEXT, mod=mod_of(parts))


def _ancient_year(parts: dict[str, str], place: Place) -> Reading | None:
    """`In 218`, in a text that names years before Christ or before 1000: three digits, clearly placed."""
    named = _ancient_named(place)
    if (
        named is None
        or not re.search(r"(?i)\b(?:in|by|since|until|from|of|to|before|after|and|or)\s$", place.lead(8))
        or not _YEAR_ENDS.match(place.trail(8))
    ):
        return None
    number = int(parts["number"])
    year = before_christ(number) if named.is_before_christ else number
    return Reading(Kind.DATE, "", Moment(Unit.YEAR, date(year, 1, 1)), Grade.FROM_TEXT)


def _anno_domini(parts: dict[str, str], place: Place) -> Reading | None:
    return _within(int(parts.get("number") or parts["first"]), parts)


RULES = (
    Rule(
        "before-christ",
        Head.ERA,
        pattern(
            rf"(?:{{ABOUT}} )?{{EDGE_LEAD}}(?:the )?{_WITHIN}(?P<number>\d{{1,2}}(?=st|nd|rd|th)|\d{{1,4}})"
            rf"(?:[-–/]\d{{1,4}})?(?P<decade>s)?(?:(?:st|nd|rd|th)(?: |-)(?P<century>century))?,? ?{_BC}"
            rf"|{{EDGE_LEAD2}}(?:the )?(?P<nth>{{ORDINAL}})(?: |-)century {_BC}"
            # The first of two: "between 480 and 470 BC".
            rf"|(?P<first>[1-9]\d{{0,3}})(?= ?(?:[-–—/]|and|or|to|until) ?\d{{1,4}},? ?{_BC}(?!\w))",
            EDGE_LEAD2="(?:(?:early|late|mid)(?: |-))?",
            **_PIECES,
        ),
        lambda parts, place: _before_christ(_plain(parts), place),
    ),
    Rule(
        "anno-domini",
        Head.ERA,
        pattern(rf"(?:{{ABOUT}} )?{{EDGE_LEAD}}(?:the )?{_WITHIN}{_AD} (?P<number>\d{{1,4}})(?!\d|[.,]\d)", **_PIECES),
        lambda parts, place: _anno_domini(_plain(parts), place),
    ),
    Rule(
        "domini-anno",
        Head.ERA,
        pattern(
            rf"(?:{{ABOUT}} )?{{EDGE_LEAD}}(?:the )?{_WITHIN}(?P<number>\d{{1,4}}) ?{_AD}"
            rf"|(?P<first>[1-9]\d{{0,3}})(?= ?(?:[-–—/]|and|or|to|until) ?\d{{1,4}} ?{_AD}(?!\w))",
            **_PIECES,
        ),
        lambda parts, place: _anno_domini(_plain(parts), place),
    ),
    # Behind those that see their era.
    Rule(
        "ancient-season",
        Head.SEASON,
        pattern(
            r"{EDGE_LEAD}(?:the )?(?P<season>{SEASON})(?: of| in|,)? (?P<number>[1-9]\d{2})(?!\d|[.,]\d|%)", **_PIECES
        ),
        _ancient_season,
    ),
    Rule("ancient-year", Head.DIGIT, pattern(r"(?P<number>[1-9]\d{2})(?!\d|[.,]\d|%)"), _ancient_year),
)
