"""An engine in a few dictionaries, for tests and as the second implementation of the contract: slow, plain, right.

It ranks by counting and stems by cutting endings; whoever relies on more relies on an engine, not on the contract.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from isthmus.kit import text
from isthmus.publications.documents import Document
from isthmus.search import analysis
from isthmus.search.engine import EngineBusy, EngineHit, EngineHits, SearchAway, Sort
from isthmus.search.fields import Texts, revision_number, sort_key, texts_of
from isthmus.search.language import Phrase, Query, Word

_ENDING = re.compile(r"(?<=\w{3})(?:ies|ied|ings?|edly|ed|es|s|y|e)$")


def _stem(token: str) -> str:
    return _ENDING.sub("", text.fold(token))


@dataclass(slots=True)
class _Entry:
    """A Document as it was cut into words; each part apart, so that no phrase runs from one into the next."""

    texts: Texts
    parts: list[list[str]]
    stems: dict[str, int]
    joined: set[str]


@dataclass(slots=True)
class Disk:
    """What lasts when a FakeEngine is closed; engines on the same Disk are processes on the same directory."""

    entries: dict[int, _Entry] = field(default_factory=dict)
    seq: int = 0
    is_broken: bool = False
    has_writer: bool = False


class FakeEngine:
    """See `engine.Engine`."""

    def __init__(self, disk: Disk) -> None:
        self._disk: Disk | None = disk

    def apply(self, upserts: Iterable[Document], deletes: Iterable[int], *, seq: int, is_bulk: bool = False) -> int:
        """Copies what is there, changes the copy, puts it in its place."""
        disk = self._open()
        if disk.has_writer:
            raise EngineBusy("Another process is writing to this index: try again later.")
        disk.has_writer = True
        try:
            taken = {document.id: _entry(document) for document in upserts}
        finally:
            disk.has_writer = False
        gone = set(deletes)
        disk.entries = {number: entry for number, entry in disk.entries.items() if number not in gone} | taken
        disk.seq = seq
        return len(taken)

    def search(self, query: Query, *, offset: int, limit: int, sort: Sort, without: Collection[int] = ()) -> EngineHits:
        """Looks at every Document."""
        found = [
            (score, number, entry)
            for number, entry in self._open().entries.items()
            if number not in without and (score := _score(query, entry))
        ]
        sign = 1 if sort is Sort.OLDEST else -1
        found.sort(
            key=lambda hit: (0.0 if sort is not Sort.RELEVANCE else -hit[0], sign * sort_key(hit[2].texts.document))
        )
        hits = tuple(
            EngineHit(number, score, tuple(entry.texts.document.body_text.split("\n")))
            for score, number, entry in found[offset : offset + limit]
        )
        return EngineHits(len(found), hits)

    def forms(self, tokens: Sequence[str]) -> list[str]:
        """By cutting endings."""
        return [_stem(token) for token in tokens]

    def revisions(self) -> Mapping[int, int]:
        """Of every Document."""
        entries = self._open().entries.items()
        return {number: revision_number(entry.texts.document.revision) for number, entry in entries}

    def count(self) -> int:
        """Of Documents."""
        return len(self._open().entries)

    def seq(self) -> int:
        """Of the last apply."""
        return self._open().seq

    def close(self) -> None:
        """The Disk stays."""
        self._disk = None

    def _open(self) -> Disk:
        if self._disk is None or self._disk.is_broken:
            raise SearchAway("This index cannot be read: run `isthmus index rebuild`.")
        return self._disk


def _entry(document: Document) -> _Entry:
    texts = texts_of(document)
    plain = (texts.title, texts.people, texts.rest)
    parts = [[text.fold(token) for token in analysis.tokens(part)] for part in plain]
    stems: dict[str, int] = {}
    for token in [*parts[0], *(token for part in parts for token in part)]:
        stems[_stem(token)] = stems.get(_stem(token), 0) + 1
    return _Entry(texts, parts, stems, set().union(*map(analysis.joined_forms, plain)))


def _score(query: Query, entry: _Entry) -> float:
    scores = [_fit(clause, entry) for clause in query.clauses]
    is_found = bool(scores) and sum(score > 0 for score in scores) >= query.n_required
    return sum(scores) if is_found else 0.0


def _fit(clause: Word | Phrase, entry: _Entry) -> float:
    if isinstance(clause, Phrase):
        wanted = [text.fold(token) for token in clause.tokens]
        n_found = sum(part[i : i + len(wanted)] == wanted for part in entry.parts for i in range(len(part)))
        return n_found + (entry.stems.get(_stem(clause.joined), 0) if clause.joined else 0)
    n_found = sum(entry.stems.get(_stem(way), 0) for way in (clause.token, *clause.joined))
    return n_found + (text.fold(clause.token) in entry.joined)
