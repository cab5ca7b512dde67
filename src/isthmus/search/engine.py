"""The contract of a search engine: what every engine behind Isthmus promises, in seven methods.

One suite, tests/contracts/test_engines.py, runs against every implementation; `engines/fake.py` is the second.
An engine knows Documents and Queries and nothing of databases, visibility or pages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from isthmus.kit.errors import IsthmusError
from isthmus.publications.documents import Document
from isthmus.search.language import Query


class SearchAway(IsthmusError):
    """The index cannot answer now: missing, being made, of another version, unreadable. Pages say so with 503."""


class EngineBusy(IsthmusError):
    """Another process is writing to this index; whoever wanted to write tries again later."""


class Sort(StrEnum):
    """The order of hits. What ties in relevance keeps one order until the next commit, so that pages never overlap."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class EngineHit:
    """One found Document: its number, how well it fits (higher is better), the paragraphs to cut a snippet from."""

    id: int
    score: float
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EngineHits:
    """One page of hits and how many there are in all: exact, never an estimate."""

    total: int
    hits: tuple[EngineHit, ...]


class Engine(Protocol):
    """An index of Documents that is open."""

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

    def search(self, query: Query, *, offset: int, limit: int, sort: Sort, without: Collection[int] = ()) -> EngineHits:
        """The hits from place `offset` on, at most `limit`, with the exact total.

        Called for every search of a reader, from several threads at once: 5 ms for 10,000 Documents. Sees the newest
        commit of any process. A query without clauses finds nothing. without: numbers that count as absent.
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

    def count(self) -> int:
        """How many Documents the newest commit holds; called to verify a rebuild. Raises: SearchAway."""
        ...

    def seq(self) -> int:
        """The `seq` of the newest commit, 0 for a new index; called before every search and tick, so 0.2 ms.

        Raises: SearchAway.
        """
        ...

    def close(self) -> None:
        """Let go of files and memory; called when another index has taken this one's place. Never raises."""
        ...
