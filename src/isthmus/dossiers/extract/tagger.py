"""From text to expressions: find, decide paragraph by paragraph what is told, resolve in order, print."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from isthmus.dossiers.extract.entries import entry_heads
from isthmus.dossiers.extract.expression import Expression, Grade, Kind
from isthmus.dossiers.extract.finding import found_in
from isthmus.dossiers.extract.languages import explicit_dates
from isthmus.dossiers.extract.modality import modality_of
from isthmus.dossiers.extract.moments import Moment, Unit, containing, edtf_of, shifted, timex_of
from isthmus.dossiers.extract.reading import Anchors, Found, Place, Reading, neighbours
from isthmus.dossiers.extract.sentences import sentence_around, sentence_starts
from isthmus.dossiers.extract.telling import is_tale, narrative_paragraphs

_ABOUT = re.compile(r"(?i)(?:about|around|approximately|roughly|circa|ca?\.|nearly|almost|some)\s")
_OPEN_START = re.compile(r"(?i)\b(?:by|until|till|before|up to|prior to|no later than)\s(?:the\s)?$")
_OPEN_END = re.compile(r"(?i)\b(?:since|after|from|as of)\s(?:the\s)?$")
# What was planned for a day is not where the telling stands: "she cancels the visit set for June. A day later ..."
_PLANNED = re.compile(
    r"(?i)\b(?:planned|scheduled|set|due|slated|expected|fixed|foreseen)\s(?:for|on|in|by)\s(?:the\s)?$"
)
# Figures "for the nine months" are of a year, and so are those of "a year earlier" that they are compared with.
_PART_OF_YEAR = re.compile(r"(?i)(?:the\s)?(?:(?:first|latest|past)\s)?(?:six|nine|ten|eleven|12|twelve)[\s-]months?$")
_TO = re.compile(r"\s?(?:[-–—]|to|until|till|through)\s")


def tag(text: str, *, published_on: date | None, language: str = "en") -> tuple[Expression, ...]:
    """Every expression of time in the text, in its order, none overlapping another.

    published_on: None if it is not known or not to be trusted; then nothing is worked out from it.
    language: a code such as `en`, `de-AT`. Only English is read in full; of the others, dates written in full.
    Takes time in proportion to the text, whatever the text. Never raises for any text.
    """
    starts = sentence_starts(text)
    if language.lower().replace("_", "-").partition("-")[0] != "en":
        return tuple(_expression(text, starts, found, reading) for found, reading in explicit_dates(text, language))
    read = [_expression(text, starts, found, reading) for found, reading in _readings(text, starts, published_on)]
    return tuple(_without_contradictions(text, starts, read))


def _readings(text: str, starts: list[int], published_on: date | None) -> Iterator[tuple[Found, Reading]]:
    founds = found_in(text, starts)
    anchors = Anchors(published_on, tale=is_tale(founds, published_on))
    narrative = narrative_paragraphs(text, founds, published_on)
    heads, entry, joined = entry_heads(text, founds), None, -1
    for number, (before, found, after) in enumerate(neighbours(founds)):
        anchors.narrative = narrative[number] or anchors.tale
        if before is not None and "\n\n" in text[before.end : found.start]:
            anchors.period = None
        anchors.is_entry = number in heads and entry is not None
        if anchors.is_entry and entry is not None:
            anchors.name(entry, found.start)
        if number == joined:
            continue
        reading = _read(Place(text, found, before, after, anchors))
        if after is not None and (beside := _beside_next(text, found, after, anchors)) is not None:
            reading, found, joined = beside, replace(found, end=after.end), number + 1
        if reading is None:
            continue
        yield found, reading
        anchors.period = _period_of_year(text, found, anchors) or anchors.period
        entry = reading.moment or entry if number in heads else entry
        if (
            reading.names
            and reading.moment is not None
            and not _PLANNED.search(text, max(0, found.start - 20), found.start)
        ):
            anchors.name(reading.moment, found.end)


def _period_of_year(text: str, found: Found, anchors: Anchors) -> Moment | None:
    """The year of figures that are given for a good part of it."""
    if anchors.published is None or not _PART_OF_YEAR.match(text, found.start, found.end):
        return None
    return containing(Unit.YEAR, anchors.published)


def _beside_next(text: str, found: Found, after: Found, anchors: Anchors) -> Reading | None:
    """`the day before last Tuesday`, `the night after Christmas`: one day beside the date that follows at once."""
    if found.rule.name != "beside" or after.start - found.end > 2 or not text[found.end : after.start].isspace():
        return None
    base = _read(Place(text, after, found, None, anchors))
    if base is None or base.moment is None or base.moment.unit is not Unit.DAY or base.kind is not Kind.DATE:
        return None
    step = -1 if found.parts["direction"].lower() == "before" else 1
    return replace(base, moment=shifted(base.moment, step)) if found.parts["unit"].lower() == "day" else None


def _read(place: Place) -> Reading | None:
    """What the rule makes of it; None also for a date that no calendar has (30 February, the year 12000)."""
    try:
        reading = place.found.rule.read(place.found.parts, place)
        if reading is not None and reading.moment is not None:
            _ = reading.moment.last
    except (ValueError, OverflowError):
        return None
    if reading is None or reading.anchor or reading.grade in (None, Grade.STATED):
        return reading
    return replace(reading, anchor=_anchor(place.anchors, reading.grade))


def _anchor(anchors: Anchors, grade: Grade | None) -> str:
    """What the date was worked out from, as EDTF."""
    named = anchors.last_named()
    if grade is Grade.FROM_PUBLICATION or named is None:
        return anchors.published.isoformat() if anchors.published else ""
    return edtf_of(named)


def _expression(text: str, starts: list[int], found: Found, reading: Reading) -> Expression:
    moment = reading.moment
    sentence = sentence_around(text, starts, found.start)
    interval = _interval(reading)
    approximate = moment is not None and bool(_ABOUT.match(text, found.start, found.end))
    return Expression(
        start=found.start,
        end=found.end,
        quote=text[found.start : found.end],
        kind=reading.kind,
        value=timex_of(moment) if moment is not None else reading.value,
        interval=interval,
        precision=moment.unit if moment is not None else None,
        edtf=_edtf(text, found, reading, approximate=approximate),
        grade=Grade.APPROXIMATE if approximate else reading.grade,
        modality=modality_of(text, sentence, found.start, found.end),
        mod="APPROX" if approximate else reading.mod,
        anchor=reading.anchor,
        rule=found.rule.name,
    )


def _interval(reading: Reading) -> tuple[date, date] | None:
    if reading.spread is not None:
        first, last = reading.spread
    elif reading.moment is not None and not reading.moment.is_before_christ:
        first, last = reading.moment.first, reading.moment.last
    else:
        return None
    return (first, last + timedelta(days=1)) if last < date.max else None


def _edtf(text: str, found: Found, reading: Reading, *, approximate: bool) -> str:
    """With ~ where approximate, and open to the side that a "by" or a "since" in front of the words leaves open."""
    if reading.spread is not None:
        first, last = reading.spread
        return f"../{last}" if reading.mod == "BEFORE" else f"{first}~/{last}~"
    if reading.moment is None or reading.kind not in (Kind.DATE, Kind.TIME):
        return ""
    edtf = edtf_of(reading.moment) + "~" * (approximate and "/" not in edtf_of(reading.moment))
    lead = text[max(0, found.start - 16) : found.start]
    if "/" in edtf:
        return edtf
    if _OPEN_START.search(lead):
        return f"../{edtf}"
    # "from May to July" has an end; only what is left open is written as open.
    return f"{edtf}/.." if _OPEN_END.search(lead) and not _TO.match(text, found.end) else edtf


def _without_contradictions(text: str, starts: list[int], read: list[Expression]) -> Iterator[Expression]:
    """An approximate distance yields to an exact date behind it in its sentence that says otherwise.

    "Just a week or so earlier, on Thanksgiving": both mean one happening, and only one of them is exact.
    """
    for place, one in enumerate(read):
        after = read[place + 1] if place + 1 < len(read) else None
        if one.grade is Grade.APPROXIMATE and one.rule == "distance" and after is not None and _gainsays(one, after):
            _, end = sentence_around(text, starts, one.start)
            if after.start < end:
                yield replace(one, value="PAST_REF", interval=None, precision=None, edtf="", grade=None)
                continue
        yield one


def _gainsays(one: Expression, after: Expression) -> bool:
    if one.interval is None or after.interval is None or after.kind is not Kind.DATE:
        return False
    return one.interval[1] <= after.interval[0] or after.interval[1] <= one.interval[0]
