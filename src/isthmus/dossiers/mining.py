"""What one text says happened when, and whom it names: plain values in, plain values out, no database.

Dates hang on the text and its day of publication alone, names on the vocabulary too. They are found apart, so that
a changed alias costs no date. Places are in characters of the body, ends exclusive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from isthmus.dossiers import extract
from isthmus.dossiers.extract import Expression, Grade, Kind, Modality, sentence_around, sentence_starts
from isthmus.dossiers.extract.modality import modality_of
from isthmus.dossiers.extract.names import Dated, Matcher, Named
from isthmus.dossiers.extract.relations import Deed, Tones, deeds
from isthmus.dossiers.extract.spacing import Spacing
from isthmus.dossiers.extract.words import table
from isthmus.dossiers.extract.written import is_whole
from isthmus.dossiers.keys import Keys

MAX_QUOTE_CHARS = 200
MAX_SENTENCE_CHARS = 4_000
# What stands nowhere on a calendar is no date that was left unresolved.
_REFERENCES = ("PRESENT_REF", "PAST_REF", "FUTURE_REF")
# What may stand between two expressions that mean one date: " in ", ", ".
_TOUCH_CHARS = 5
# In "In May, weeks before her speech on 4 June, she thanked him" the thanks are of May.
_ASIDE = re.compile(r"\b(?:before|after|until|ahead of|prior to)\b[^,;]*\Z")
# "She brought a chart of 1790": the year tells which one is meant, and not when the sentence happened.
_WHICH_ONE = re.compile(r"\bof\s+\Z")
_AS_OF = re.compile(r"\b[Aa]s\s+of\s+\Z")
_YEAR_CHARS = 4
_GRADES = tuple(Grade)
NAMED_DATE_RULE = "named date"


@dataclass(frozen=True, slots=True)
class Text:
    """What is read of a publication. piece: its name in keys, see `keys.piece_of`."""

    piece: str
    title: str
    body: str
    published_on: date | None
    language: str


@dataclass(frozen=True, slots=True)
class NamedStretch:
    """A name that editors gave to a stretch of days, the second exclusive."""

    name: str
    first_on: date
    before_on: date


@dataclass(frozen=True, slots=True)
class DatedSentence:
    """An occurrence: see the model of that name. precision: of `extract.Unit`; empty for a stretch of no one length."""

    key: str
    sentence_start: int
    sentence_end: int
    sentence: str
    start: int
    end: int
    quote: str
    first_on: date
    before_on: date
    precision: str
    edtf: str
    grade: Grade
    modality: Modality
    anchor: str = ""
    rule: str = ""
    is_carried: bool = False


@dataclass(frozen=True, slots=True)
class Dates:
    """The occurrences of a text in its order, and how many dates no day could be found for."""

    occurrences: tuple[DatedSentence, ...]
    n_unresolved: int


@dataclass(frozen=True, slots=True)
class NamedSubject:
    """A mention: see the model of that name."""

    subject: int
    start: int
    end: int
    quote: str
    sentence_start: int
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Act:
    """A relation: see the model of that name."""

    key: str
    actor: int
    towards: int
    sentence_start: int
    sentence_end: int
    sentence: str
    verb: str
    tone: str
    is_negated: bool
    is_quoted: bool
    modality: Modality
    first_on: date | None = None
    before_on: date | None = None
    edtf: str = ""
    grade: Grade | str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a text names, and who acts towards whom in it."""

    subjects: tuple[NamedSubject, ...]
    acts: tuple[Act, ...]


class Reader:
    """One text laid out for reading; made once for its dates and its names."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self._spacing = Spacing(text.body)
        self._spaced = self._spacing.text
        self._starts = sentence_starts(self._spaced)

    def dates(self, named: Sequence[NamedStretch] = ()) -> Dates:
        """Everything with a date in it. named: stretches that editors gave a name to."""
        text = self.text
        found = extract.tag(self._spaced, published_on=text.published_on, language=text.language)
        placed = _once([*self._placed(found), *self._by_name(named)])
        placed += self._carried(placed) if text.language.lower().startswith("en") else []
        keys = Keys(text.piece)
        placed.sort(key=lambda one: (one.sentence_start, one.is_carried, one.start))
        return Dates(tuple(self._finished(one, keys) for one in placed), sum(map(_is_unresolved, found)))

    def names(self, matcher: Matcher, tones: Tones, occurrences: Sequence[DatedSentence]) -> Found:
        """Everyone the text names; occurrences: its own, whose dates tell who held an office, and when one acted."""
        named = self._named(matcher, occurrences)
        return Found(tuple(map(self._subject, named)), tuple(self._acts(named, tones, occurrences)))

    def _acts(self, named: Sequence[Named], tones: Tones, occurrences: Sequence[DatedSentence]) -> Iterator[Act]:
        """Only English has verbs here, and only who is surely named acts."""
        if not self.text.language.lower().startswith("en"):
            return
        keys = Keys(self.text.piece)
        by_sentence: dict[tuple[int, int], list[Named]] = {}
        for one in named:
            if one.is_sure:
                place = sentence_around(self._spaced, self._starts, one.start)
                by_sentence.setdefault(place, []).append(one)
        dated = _by_sentence(occurrences)
        for place, who in by_sentence.items():
            for deed in deeds(self._spaced, place, who, tones) if len({one.subject for one in who}) > 1 else ():
                yield self._act(deed, place, keys, dated)

    def _act(self, deed: Deed, place: tuple[int, int], keys: Keys, dated: Mapping[int, Sequence[DatedSentence]]) -> Act:
        start, end = place
        sentence = self._spaced[start:end]
        to_body = self._spacing.in_body
        at = to_body(deed.start)
        on = min(dated.get(to_body(start), ()), key=lambda one: (self._is_aside(one), _far(one, at)), default=None)
        return Act(
            keys.key("relation", sentence, deed.actor_quote, deed.verb, deed.towards_quote), deed.actor, deed.towards,
            to_body(start), to_body(end), sentence[:MAX_SENTENCE_CHARS], deed.verb, deed.tone, deed.is_negated,
            deed.is_quoted, modality_of(self._spaced, place, deed.start, deed.end),
            *((on.first_on, on.before_on, on.edtf, on.grade) if on else ()),
        )  # fmt: skip

    def _is_aside(self, one: DatedSentence) -> bool:
        """Whether it dates only what something came before or after."""
        return _ASIDE.search(self.text.body, one.sentence_start, one.start) is not None

    def _named(self, matcher: Matcher, occurrences: Iterable[DatedSentence]) -> tuple[Named, ...]:
        place = self._spacing.in_text
        dated = [
            Dated(place(one.sentence_start), place(one.sentence_end), one.first_on, one.before_on)
            for one in occurrences
            if not one.is_carried
        ]
        return matcher.find(
            self._spaced,
            starts=self._starts,
            published_on=self.text.published_on,
            dated=dated,
            lead=self.text.title,
        )

    def _subject(self, one: Named) -> NamedSubject:
        sentence, _ = sentence_around(self._spaced, self._starts, one.start)
        place = self._spacing.in_body
        quote = self._spaced[one.start : one.end][:MAX_QUOTE_CHARS]
        return NamedSubject(one.subject, place(one.start), place(one.end), quote, place(sentence), one.is_sure)

    def _placed(self, found: Iterable[Expression]) -> Iterator[DatedSentence]:
        """The expressions that stand on a calendar, by their places in the spaced text and still without a key."""
        for one in found:
            if one.interval is None or one.grade is None or one.kind not in (Kind.DATE, Kind.TIME):
                continue
            start, end = sentence_around(self._spaced, self._starts, one.start)
            first_on, before_on = one.interval
            yield DatedSentence(
                "", start, end, "", one.start, one.end, one.quote, first_on, before_on, one.precision or "", one.edtf,
                Grade.APPROXIMATE if self._tells_which(one, start) else one.grade, one.modality, one.anchor, one.rule,
            )  # fmt: skip

    def _tells_which(self, one: Expression, sentence: int) -> bool:
        """Whether a year alone belongs to the thing before it."""
        if len(one.quote) != _YEAR_CHARS or not one.quote.isdecimal():
            return False
        before = self._spaced[sentence : one.start]
        return _WHICH_ONE.search(before) is not None and _AS_OF.search(before) is None

    def _by_name(self, named: Sequence[NamedStretch]) -> Iterator[DatedSentence]:
        """Names that editors gave to stretches. What is told beside one need not be of its days: an editor looks."""
        for stretch in named:
            words = re.sub(r"^(?i:the) ", "", stretch.name.strip())
            for found in re.finditer(re.escape(words), self._spaced) if words else ():
                start, end = found.span()
                if not is_whole(self._spaced, start, end):
                    continue
                first, last = sentence_around(self._spaced, self._starts, start)
                yield DatedSentence(
                    "", first, last, "", start, end, found[0], stretch.first_on, stretch.before_on, "",
                    f"{stretch.first_on}/{stretch.before_on - timedelta(days=1)}", Grade.FROM_TEXT,
                    modality_of(self._spaced, (first, last), start, end), rule=NAMED_DATE_RULE,
                )  # fmt: skip

    def _carried(self, placed: Sequence[DatedSentence]) -> list[DatedSentence]:
        """Sentences that go on with a dated one and have no date of their own, with its last date, unconfirmed."""
        last_of = {one.sentence_start: one for one in placed if one.grade is not Grade.APPROXIMATE}
        has_date = {one.sentence_start for one in placed}
        carried, before = [], -1
        for at in self._starts:
            start, end = sentence_around(self._spaced, self._starts, at)
            source = last_of.get(before)
            if source and start not in has_date and self._goes_on(source, start):
                carried.append(self._with_date_of(source, start, end))
            before = start
        return carried

    def _with_date_of(self, source: DatedSentence, start: int, end: int) -> DatedSentence:
        modality = modality_of(self._spaced, (start, end), start, start)
        return DatedSentence(
            "", start, end, "", source.start, source.end, source.quote, source.first_on, source.before_on,
            source.precision, source.edtf, Grade.FROM_TEXT, modality, source.edtf, f"carried: {source.rule}"[:60],
            is_carried=True,
        )  # fmt: skip

    def _goes_on(self, source: DatedSentence, start: int) -> bool:
        is_same_paragraph = "\n" not in self._spaced[source.sentence_end : start]
        return is_same_paragraph and _carrying().match(self._spaced, start) is not None

    def _finished(self, one: DatedSentence, keys: Keys) -> DatedSentence:
        """With its sentence, its key and its places in the body."""
        place = self._spacing.in_body
        sentence = self._spaced[one.sentence_start : one.sentence_end]
        kind = "carried" if one.is_carried else "occurrence"
        return DatedSentence(
            keys.key(kind, sentence, one.quote), place(one.sentence_start), place(one.sentence_end),
            sentence[:MAX_SENTENCE_CHARS], place(one.start), place(one.end), one.quote[:MAX_QUOTE_CHARS],
            one.first_on, one.before_on, one.precision, one.edtf, one.grade, one.modality, one.anchor, one.rule,
            one.is_carried,
        )  # fmt: skip


def _by_sentence(occurrences: Iterable[DatedSentence]) -> dict[int, list[DatedSentence]]:
    """Occurrences with a date of their own, by where their sentence starts in the body."""
    found: dict[int, list[DatedSentence]] = {}
    for one in occurrences:
        if not one.is_carried:
            found.setdefault(one.sentence_start, []).append(one)
    return found


def _far(one: DatedSentence, at: int) -> int:
    return max(at - one.end, one.start - at, 0)


def _once(placed: Iterable[DatedSentence]) -> list[DatedSentence]:
    """In order; of two that touch and agree, "four months later in October", the one that is better known."""
    kept: list[DatedSentence] = []
    for one in sorted(placed, key=lambda one: (one.start, one.end)):
        before = kept[-1] if kept else None
        if before and one.start - before.end <= _TOUCH_CHARS and _agree(before, one):
            kept[-1] = min(before, one, key=lambda one: (_GRADES.index(one.grade), one.before_on - one.first_on))
        else:
            kept.append(one)
    return kept


def _agree(one: DatedSentence, other: DatedSentence) -> bool:
    """Whether one stretch lies in the other."""
    wide, narrow = sorted((one, other), key=lambda one: one.first_on - one.before_on)
    is_within = wide.first_on <= narrow.first_on and narrow.before_on <= wide.before_on
    return is_within and one.sentence_start == other.sentence_start


def _is_unresolved(one: Expression) -> bool:
    return one.kind in (Kind.DATE, Kind.TIME) and one.interval is None and one.value not in _REFERENCES


@cache
def _carrying() -> re.Pattern[str]:
    starts = table("carrying.toml")["starts"]
    return re.compile(rf"(?:{'|'.join(sorted(map(re.escape, starts), key=len, reverse=True))})\b")
