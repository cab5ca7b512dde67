"""What editors told about subjects, as reading texts wants it: made once a process, and again when anything changed.

One row's mark changes with every change of the vocabulary, in its transaction, so that a small query tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from secrets import token_hex
from typing import Any, TypeAlias

from isthmus.dossiers.extract.names import Matcher, Name, Office
from isthmus.dossiers.extract.relations import Tones, shipped_tones
from isthmus.dossiers.mining import NamedStretch
from isthmus.dossiers.models import Alias, NamedDate, Subject, SubjectKind, SubjectTitle, ToneWord, VocabularyMark
from isthmus.kit.compiled import Compiled

THE_MARK = 1

Entries: TypeAlias = Sequence[Sequence[Any]]
"""A vocabulary as plain values, in order: what is kept of the one that texts were matched with."""


@dataclass(frozen=True)
class Vocabulary:
    """What holds at one mark."""

    mark: str
    names: tuple[Name, ...] = ()
    offices: tuple[Office, ...] = ()
    named_dates: tuple[NamedStretch, ...] = ()
    tone_words: tuple[tuple[str, str], ...] = ()

    @cached_property
    def matcher(self) -> Matcher:
        """Finds its names; some 10 ms to make for 10,000 ways of writing."""
        return Matcher(self.names, self.offices)

    @cached_property
    def tones(self) -> Tones:
        """The shipped words, and over them what editors said."""
        return Tones({**shipped_tones(), **dict(self.tone_words)})

    @property
    def entries(self) -> Entries:
        """Everything in it, in order and as JSON can keep it."""
        names = [
            ["name", one.subject, one.text, one.is_person, list(one.companions), one.is_ambiguous] for one in self.names
        ]
        offices = [["office", one.subject, one.text, _iso(one.starts_on), _iso(one.ends_on)] for one in self.offices]
        dates = [["date", one.name, _iso(one.first_on), _iso(one.before_on)] for one in self.named_dates]
        return [*names, *offices, *dates, *(["tone", word, tone] for word, tone in self.tone_words)]


def current() -> Vocabulary:
    """What holds now. 0.1 ms while nothing changed."""
    global _held
    now = mark()
    held = _held
    if held is None or held.mark != now:
        # The mark was read before the rows: rows that are newer than it are read once more, never too seldom.
        held = _held = _read(now)
    return held


def mark() -> str:
    """Of the vocabulary as it is in the database at this moment."""
    return _MARK.first() or ""


def touch() -> None:
    """Say that the vocabulary changed; called in the transaction of the change, by signals for every row of it."""
    VocabularyMark.objects.update_or_create(pk=THE_MARK, defaults={"mark": token_hex(8)})


def of_entries(mark: str, entries: Entries) -> Vocabulary:
    """The vocabulary that these entries were written from."""
    by_kind: dict[str, list[Sequence[Any]]] = {"name": [], "office": [], "date": [], "tone": []}
    for kind, *values in entries:
        by_kind[kind].append(values)
    return Vocabulary(
        mark,
        tuple(Name(number, text, person, tuple(near), vague) for number, text, person, near, vague in by_kind["name"]),
        tuple(Office(number, text, _day(first), _day(last)) for number, text, first, last in by_kind["office"]),
        tuple(
            NamedStretch(name, date.fromisoformat(first), date.fromisoformat(before))
            for name, first, before in by_kind["date"]
        ),
        tuple((word, tone) for word, tone in by_kind["tone"]),
    )


def _read(mark: str) -> Vocabulary:
    return Vocabulary(mark, tuple(_names()), tuple(_offices()), tuple(_named_dates()), tuple(_tone_words()))


def _names() -> Iterator[Name]:
    """Aliases, and the name at the head of the dossier where no alias says it."""
    rows = Alias.objects.order_by("subject_id", "pk")
    said: set[tuple[int, str]] = set()
    columns = ("subject_id", "text", "companion", "is_ambiguous", "subject__kind")
    for number, text, companion, is_ambiguous, kind in rows.values_list(*columns):
        said.add((number, text))
        companions = tuple(word.strip() for word in companion.split(",") if word.strip())
        yield Name(number, text, kind == SubjectKind.PERSON, companions, is_ambiguous)
    for number, name, kind in Subject.objects.order_by("pk").values_list("pk", "name", "kind"):
        if (number, name) not in said:
            yield Name(number, name, kind == SubjectKind.PERSON)


def _offices() -> Iterator[Office]:
    rows = SubjectTitle.objects.order_by("subject_id", "pk")
    for row in rows.values_list("subject_id", "text", "starts_on", "ends_on"):
        yield Office(*row)


def _named_dates() -> Iterator[NamedStretch]:
    for name, first, last in NamedDate.objects.order_by("pk").values_list("name", "first_on", "last_on"):
        yield NamedStretch(name, first, last + timedelta(days=1))


def _tone_words() -> Iterable[tuple[str, str]]:
    return ToneWord.objects.order_by("word").values_list("word", "tone")


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


_held: Vocabulary | None = None
_MARK = Compiled[str](lambda: VocabularyMark.objects.filter(pk__in=[THE_MARK]).values_list("mark", flat=True))
