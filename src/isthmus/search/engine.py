"""The contract of a search engine: what every engine behind Isthmus promises, in eight methods.

One suite, tests/contracts/test_engines.py, runs against every implementation; `engines/fake.py` is the second.
An engine knows Documents and Queries and nothing of databases, visibility, pages or how a question is typed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, Protocol

from isthmus.kit.errors import IsthmusError
from isthmus.publications.documents import Document
from isthmus.search.query import Filters, Query

NO_FILTERS: Filters = MappingProxyType({})


class SearchAway(IsthmusError):
    """The index cannot answer now: missing, being made, of another version, unreadable. Pages say so with 503."""


class EngineBusy(IsthmusError):
    """Another process is writing to this index; whoever wanted to write tries again later."""


class Sort(StrEnum):
    """The order of hits. What ties in relevance keeps one order until the next commit, so that pages never overlap."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


class EngineHit(NamedTuple):
    """One found Document: its number, how well it fits, the text to cut a snippet from.

    score: higher is better, comparable within one search; 0 for all when sorted by date. text: paragraphs, one a line,
    those of attached files marked and last; empty where it was not asked for.
    """

    id: int
    score: float
    text: str


@dataclass(frozen=True, slots=True)
class EngineHits:
    """One page of hits and how many there are in all: exact, never an estimate."""

    total: int
    hits: tuple[EngineHit, ...]


@dataclass(frozen=True, slots=True)
class State:
    """What the newest commit says of itself: the journal's number it covers, and how many Documents it holds."""

    seq: int
    n_documents: int


class Engine(Protocol):
    """An index of Documents that is open, on disk or, for a handful of Documents, in memory."""

    def apply(self, upserts: Iterable[Document], deletes: Iterable[int], *, seq: int, is_bulk: bool = False) -> int:
        """Take out every Document with a number in `deletes`, then take in `upserts`, replacing older versions.

        Returns how many were taken in. A number may be in both: the keeper takes out all that changed and brings in
        what is still public.

        Called by the keeper only, one caller at a time. All of it is durable and visible to every process when this
        returns, or nothing of it ever is. Applying the same again changes nothing. upserts is read once, while
        indexing goes on, and may be any length. seq: the number of the last journal row this covers, kept with the
        commit. is_bulk: takes more memory and threads for thousands of Documents.
        Raises: EngineBusy if another process writes; SearchAway if the index is broken; what reading upserts raises.
        """
        ...

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
        """The hits from place `offset` on, at most `limit`, with the exact total.

        Located is what answers `query.found_by` and has, of every group in `filters`, one of the chosen values; an
        empty query locates everything, one with a text but nothing to be found by locates nothing. Ordered by date,
        or by the sum of `query.weighed` (of the clauses, if that is empty): weights move nothing in or out.

        Called for every search of a reader, from several threads at once: 5 ms for 10,000 Documents, and whatever
        `language` lets through must end in 500 ms, for nothing can stop it. Sees the newest commit of any process.
        without: numbers that count as absent. among: the only numbers that count. with_texts: False spares
        reading the texts where nothing is shown. An offset beyond the last hit costs no more than one before it.
        Raises: SearchAway; UnknownField.
        """
        ...

    def facets(
        self, query: Query, *, filters: Filters, groups: Sequence[str], without: Collection[int] = ()
    ) -> Mapping[str, Mapping[str, int]]:
        """For each group the number of located pieces by value, exact; values that no piece has are left out.

        What is chosen in a group does not narrow the group itself but all others: so a second value can be added,
        and no choice that is offered leads to nothing. Groups are the names in `fields.VALUED`; `category.region`
        are the categories of one axis, without `region/` before them.

        Called once for every page of results: 5 ms for 10,000 Documents. Raises: SearchAway; UnknownField.
        """
        ...

    def vocabulary(self, start: str, *, limit: int) -> list[tuple[str, int]]:
        """Words that begin so, as they are written but for case and accents, with how many Documents have them.

        At most `limit`, the commonest first. For spelling and suggestions: 1 ms for two letters. May count Documents
        that were taken out lately, so whoever shows a word asks `search` whether anything is found by it.
        Raises: SearchAway.
        """
        ...

    def forms(self, tokens: Sequence[str]) -> list[str]:
        """The form under which each word is compared, so that a snippet marks what was found: policies → polici.

        Called ten times for a page of hits, with some hundred words: 0.1 ms. Never raises.
        """
        ...

    def revisions(self) -> Mapping[int, int]:
        """The number of every Document in the newest commit with its `fields.revision_number`.

        Called by `index check` and after a restore: a second for 100,000.
        Raises: SearchAway.
        """
        ...

    def state(self) -> State:
        """The newest commit's number and size, (0, 0) for a new index: both of one commit, never of two.

        Called before every search and tick, so 0.2 ms; and to verify a rebuild. Raises: SearchAway.
        """
        ...

    def close(self) -> None:
        """Let go of files and memory; called when another index has taken this one's place. Never raises."""
        ...


class UnknownField(IsthmusError):
    """A question or a filter names a field that no index has: a mistake of the caller, not of the reader."""
