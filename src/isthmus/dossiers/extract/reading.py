"""What a rule is, what it finds and what it makes of it; what a rule may know of the place where it found something."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntFlag

from isthmus.dossiers.extract.expression import Grade, Kind
from isthmus.dossiers.extract.moments import Moment, Unit, containing

# From the finest on; a date named in the text serves as an anchor for what is coarser than itself.
_FINENESS = {unit: place for place, unit in enumerate(Unit)}
_CLAUSE_CHARS = 80
_ACCOUNTED = frozenset((Unit.QUARTER, Unit.HALF))
_SENTENCE_END = re.compile(r"[.!?]\s|\n\s*\n")


@dataclass(frozen=True, slots=True)
class Reading:
    """What words mean at their place.

    grade: None where the words name no stretch of the calendar.
    spread: for what is only approximately known, the first and the last day it may be; `moment` is then None.
    names: may serve later words as the date last named.
    """

    kind: Kind
    value: str
    moment: Moment | None = None
    grade: Grade | None = None
    mod: str = ""
    spread: tuple[date, date] | None = None
    names: bool = True
    anchor: str = ""


@dataclass(slots=True)
class Anchors:
    """The dates that others are worked out from, as known at one place of the text.

    tale: the whole text tells of another time than that of its publication; nothing is worked out from that.
    narrative: the paragraph does, so that its bare months and days belong to the date last named.
    is_entry: the date heads an entry of a chronology, and goes on from the one that headed the entry before.
    named_end: where the words of the date last named end.
    period: the quarter whose figures the paragraph gives, or the year if it gives those of nine months.
    """

    published: date | None
    narrative: bool = False
    tale: bool = False
    named: list[Moment] = field(default_factory=list)
    named_end: int = 0
    is_entry: bool = False
    period: Moment | None = None

    def name(self, moment: Moment, end: int) -> None:
        """Remember a date that was named up to this place of the text."""
        self.named.append(moment)
        self.named_end = end
        if moment.unit in _ACCOUNTED and not self._is_to_come(moment):
            self.period = moment

    def last_named(self, at_least: Unit = Unit.YEAR) -> Moment | None:
        """The date last named that is at least as fine as the unit; only the last forty are looked at."""
        fine = _FINENESS[at_least]
        return next((moment for moment in self.named[-1:-41:-1] if _FINENESS[moment.unit] >= fine), None)

    def accounted(self) -> Moment | None:
        """What figures are given of: the period of the paragraph, else the latest of the last eight dates named.

        None where no quarter and no half of a year was named; a quarter to come has no figures.
        """
        if self.period is not None:
            return self.period
        past = (one for one in self.named[-1:-9:-1] if one.unit in _ACCOUNTED and not self._is_to_come(one))
        return max(past, key=lambda one: one.first, default=None)

    def _is_to_come(self, moment: Moment) -> bool:
        return self.published is not None and moment.first > self.published


@dataclass(frozen=True, slots=True)
class Found:
    """Words that one rule has found. parts: the named groups of its pattern that took part."""

    rule: "Rule"
    start: int
    end: int
    parts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where words were found: the text around, the neighbours, the anchors."""

    text: str
    found: Found
    before: Found | None
    after: Found | None
    anchors: Anchors

    def lead(self, n_chars: int = 60) -> str:
        """What stands before in the same paragraph, at most so many characters."""
        return self.text[max(self.found.start - n_chars, 0) : self.found.start].rpartition("\n\n")[2]

    def trail(self, n_chars: int = 60) -> str:
        """What follows in the same paragraph, at most so many characters."""
        return self.text[self.found.end : self.found.end + n_chars].partition("\n\n")[0]

    def reference(self, unit: Unit, *, from_text: bool) -> tuple[Moment, Grade] | None:
        """The stretch of that unit that holds the anchor, and the grade of what is worked out from it.

        from_text: prefer the date last named, as a narrative always does; else the day of publication. Either serves
        where the other is missing, but a tale is never worked out from its publication.
        """
        anchors = self.anchors
        named = anchors.last_named(unit)
        if (from_text or anchors.narrative or anchors.published is None) and named is not None:
            return containing(unit, named.first), Grade.FROM_TEXT
        if anchors.published is None or anchors.tale:
            return None
        return containing(unit, anchors.published), Grade.FROM_PUBLICATION

    def follows_coarser(self, unit: Unit) -> bool:
        """Whether the sentence has just named something longer than the unit: `that day` behind `in March`."""
        anchors = self.anchors
        return bool(anchors.named) and _FINENESS[anchors.named[-1].unit] < _FINENESS[unit] and self.is_beside_named()

    def is_beside_named(self) -> bool:
        """Whether the date last named stands shortly before in the same sentence."""
        between = self.text[self.anchors.named_end : self.found.start]
        return len(between) < _CLAUSE_CHARS and not _SENTENCE_END.search(between)


class Head(IntFlag):
    """Kinds of words of time. A rule is tried only where one of those it needs is near: most of the tagger's speed."""

    DIGIT = 1
    MONTH = 2
    WEEKDAY = 4
    SEASON = 8
    PART = 16
    UNIT = 32
    DECADE = 64
    DAY_WORD = 128
    VAGUE = 256
    OFTEN = 512
    HOLIDAY = 1024
    ERA = 2048
    SPOKEN = 4096
    CODE = 8192


Read = Callable[[dict[str, str], Place], Reading | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern and what to make of it.

    needs: kinds of words of which one must stand in every match. deictic: its words point at the day of publication
    ("yesterday"), which tells a report from a narrative.
    """

    name: str
    needs: Head
    pattern: re.Pattern[str]
    read: Read
    deictic: bool = False


def neighbours(founds: Sequence[Found]) -> Iterator[tuple[Found | None, Found, Found | None]]:
    """Each with the one before and the one after it."""
    for place, found in enumerate(founds):
        yield (
            founds[place - 1] if place else None,
            found,
            founds[place + 1] if place + 1 < len(founds) else None,
        )


def unresolved(kind: Kind, value: str, mod: str = "") -> Reading:
    """Words of time that name no stretch of the calendar: `PRESENT_REF`, `P3D`, `XXXX-WXX-5`."""
    return Reading(kind, value, mod=mod, names=False)
