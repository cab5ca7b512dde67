"""An engine in a few dictionaries, for tests and as the second implementation of the contract: slow, plain, right.

It ranks by counting and stems by cutting endings; whoever relies on more relies on an engine, not on the contract.
`fake_answers` says whether a Document answers a question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from isthmus.kit import text
from isthmus.publications.documents import Document
from isthmus.search.engine import (
    NO_FILTERS,
    EngineBusy,
    EngineHit,
    EngineHits,
    SearchAway,
    Sort,
    State,
    UnknownField,
)
from isthmus.search.engines.fake_answers import Entry, answers, entry_of, fit, has_one, stem
from isthmus.search.fields import EXACT, PASSAGES, PUBLISHED, REVISION, VALUED
from isthmus.search.query import Filters, Query


@dataclass(slots=True)
class Disk:
    """What lasts when a FakeEngine is closed; engines on the same Disk are processes on the same directory."""

    entries: dict[int, Entry] = field(default_factory=dict)
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
            taken = {document.id: entry_of(document) for document in upserts}
        finally:
            disk.has_writer = False
        gone = set(deletes)
        disk.entries = {number: entry for number, entry in disk.entries.items() if number not in gone} | taken
        disk.seq = seq
        return len(taken)

    def search(
        self,
        query: Query,
        *,
        filters: Filters = NO_FILTERS,
        offset: int = 0,
        limit: int,
        sort: Sort = Sort.RELEVANCE,
        without: Collection[int] = (),
        among: Collection[int] | None = None,
        with_texts: bool = True,
    ) -> EngineHits:
        """Looks at every Document."""
        by_score = sort is Sort.RELEVANCE
        found = [
            (_score(query, entry) if by_score else 0.0, entry)
            for entry in self._located(query, filters, without)
            if among is None or entry.document.id in among
        ]
        sign = 1 if sort is Sort.OLDEST else -1
        found.sort(key=lambda hit: (-hit[0], sign * int(hit[1].values[PUBLISHED][0])))
        hits = tuple(
            EngineHit(entry.document.id, score, str(entry.values[PASSAGES][0]) if with_texts else "")
            for score, entry in found[offset : offset + limit]
        )
        return EngineHits(len(found), hits)

    def facets(
        self, query: Query, *, filters: Filters, groups: Sequence[str], without: Collection[int] = ()
    ) -> Mapping[str, Mapping[str, int]]:
        """Counts what is located without the group's own filter."""
        return {group: self._counted(query, filters, group, without) for group in groups}

    def vocabulary(self, start: str, *, limit: int) -> list[tuple[str, int]]:
        """Of every Document."""
        beginning = text.fold(start)
        entries = self._open().entries.values()
        counts = Counter(word for entry in entries for word in set().union(*entry.words[EXACT]))
        there = [(word, n) for word, n in counts.items() if word.startswith(beginning)]
        return sorted(there, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def forms(self, tokens: Sequence[str]) -> list[str]:
        """By cutting endings."""
        return [stem(token) for token in tokens]

    def revisions(self) -> Mapping[int, int]:
        """Of every Document."""
        return {number: int(entry.values[REVISION][0]) for number, entry in self._open().entries.items()}

    def state(self) -> State:
        """Of the last apply."""
        disk = self._open()
        return State(disk.seq, len(disk.entries))

    def close(self) -> None:
        """The Disk stays."""
        self._disk = None

    def _open(self) -> Disk:
        if self._disk is None or self._disk.is_broken:
            raise SearchAway("This index cannot be read: run `isthmus index rebuild`.")
        return self._disk

    def _located(self, query: Query, filters: Filters, without: Collection[int]) -> Iterator[Entry]:
        for number, entry in self._open().entries.items():
            is_found = query.is_empty if query.found_by is None else answers(query.found_by, entry)
            chosen = all(has_one(entry, *_whole(group, values)) for group, values in filters.items() if values)
            if is_found and chosen and number not in without:
                yield entry

    def _counted(self, query: Query, filters: Filters, group: str, without: Collection[int]) -> dict[str, int]:
        others = {name: values for name, values in filters.items() if name != group}
        name, (start,) = _whole(group, [""])
        if name not in VALUED:
            raise UnknownField(f"No index keeps values of {name!r}.")
        located = self._located(query, others, without)
        return Counter(
            str(value).removeprefix(start)
            for entry in located
            for value in entry.values[name]
            if str(value).startswith(start)
        )


def _whole(group: str, values: Sequence[str]) -> tuple[str, list[str]]:
    """A facet group's field, and its values as they stand in it."""
    name, _, axis = group.partition(".")
    return name, [f"{axis}/{value}" if axis else value for value in values]


def _score(query: Query, entry: Entry) -> float:
    weighed = query.weighed or tuple((clause, 1.0) for clause in query.clauses)
    return sum(weight * fit(clause, entry) for clause, weight in weighed)
