"""Tantivy inside the process: one directory of files, read by every process, written by one at a time.

`tantivy_schema` says what is in it, `tantivy_compile` how it is asked.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import tantivy

from isthmus.kit.errors import IsthmusError
from isthmus.kit.files import DiskFull
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
from isthmus.search.engines.tantivy_compile import Compiler, split_group
from isthmus.search.engines.tantivy_places import Places, places_of
from isthmus.search.engines.tantivy_schema import (
    MARKER_ID,
    SEQ,
    analyzers,
    folded,
    indexed,
    marker,
    schema,
    stems,
)
from isthmus.search.fields import EXACT, ID, PASSAGES, PUBLISHED, REVISION, VALUED
from isthmus.search.query import Filters, Query

# A small update: Tantivy's least heap. Many: enough for 9,166 Documents in fewer segments than the eight that Tantivy
# merges at once. One thread takes Documents as fast as Python makes them, and each more would have a heap of its own.
_SMALL_HEAP_BYTES = 15_000_000
_BULK_HEAP_BYTES = 48_000_000
# Less free than one small heap's segment: a thread that died while writing died of it.
_MIN_FREE_BYTES = 32_000_000
# Where Tantivy says which segments the newest commit has.
_COMMIT_FILE = "meta.json"
# Where an index is that has no directory, as messages name it.
_MEMORY = Path("memory")
# Tantivy's own limit of what one aggregation may hold: no value is left out below it.
_MAX_VALUES = 65_000
# Documents whose addresses are kept, 0.2 kB each.
_MAX_ADDRESSES = 20_000
# Pages of one commit that Tantivy counts before its arrays are made, which takes as long as to count some 30: while an
# archive moves in, commits are gone before.
_N_BEFORE_PLACES = 20


@contextmanager
def _trouble_told(path: Path) -> Iterator[None]:
    """Turn whatever Tantivy raises into our errors; a panic of Rust code arrives as a BaseException."""
    try:
        yield
    except IsthmusError:
        raise
    except BaseException as error:
        if isinstance(error, ValueError) and "LockBusy" in str(error):
            raise EngineBusy(f"Another process is writing to the search index at {path}: try again later.") from error
        if _is_disk_full(path, error):
            raise DiskFull(
                f"The disk is full, so the search index at {path} was not changed: "
                f"make room on the file system of {path.parent}; indexing then goes on by itself."
            ) from error
        if isinstance(error, ValueError | OSError) or type(error).__name__ == "PanicException":
            raise SearchAway(
                f"The search index at {path} cannot be used ({str(error)[:200]}): run `isthmus index rebuild`."
            ) from error
        raise


def _is_disk_full(path: Path, error: BaseException) -> bool:
    """Tantivy names the cause only when the failing write was the caller's own; its threads just die."""
    said = str(error)
    if "No space left" in said or "os error 28" in said:
        return True
    with suppress(OSError):
        return "writer was killed" in said and shutil.disk_usage(path).free < _MIN_FREE_BYTES
    return False


class TantivyEngine:
    """An open Tantivy index; see `engine.Engine` for what each method promises."""

    def __init__(self, path: Path, index: Any, *, n_before_places: int = _N_BEFORE_PLACES) -> None:
        self._path, self._index, self._n_before_places = path, index, n_before_places
        self._commit_file = str(path / _COMMIT_FILE)
        self._lock, self._n_applied = threading.Lock(), 0
        self._snapshot: _Snapshot | None = None
        # Tokenizers belong to the opened object, not to the files.
        for name, analyzer in analyzers().items():
            index.register_tokenizer(name, analyzer)
        index.config_reader("manual")

    @classmethod
    def create(cls, path: Path | None) -> TantivyEngine:
        """A new, empty index in an empty directory; without one in memory, as long as somebody holds it."""
        with _trouble_told(path or _MEMORY):
            return cls(path or _MEMORY, tantivy.Index(schema(), str(path) if path else None, reuse=False))

    @classmethod
    def open(cls, path: Path, *, n_before_places: int = _N_BEFORE_PLACES) -> TantivyEngine:
        """The index in a directory. n_before_places: how many pages of a commit are counted without its arrays.

        Raises: SearchAway if there is none or it cannot be read.
        """
        with _trouble_told(path):
            return cls(path, tantivy.Index.open(str(path)), n_before_places=n_before_places)

    def apply(self, upserts: Iterable[Document], deletes: Iterable[int], *, seq: int, is_bulk: bool = False) -> int:
        """All of it in one commit."""
        with _trouble_told(self._path):
            is_new = self._newest().num_docs == 0
            writer = self._writer(is_bulk=is_bulk)
        try:
            n_taken = self._write(writer, upserts, deletes, is_new=is_new)
            with _trouble_told(self._path):
                writer.delete_documents_by_term(ID, MARKER_ID)
                writer.add_document(marker(seq))
                writer.commit()
        except BaseException:
            with suppress(Exception):
                writer.rollback()
            raise
        finally:
            self._n_applied += 1
            # Lets merges end and gives the lock back; a writer that is only dropped would kill its merges.
            with suppress(Exception):
                writer.wait_merging_threads()
        return n_taken

    def _writer(self, *, is_bulk: bool) -> Any:
        writer = self._index.writer(_BULK_HEAP_BYTES if is_bulk else _SMALL_HEAP_BYTES, 1)
        # A writer killed before its commit leaves files behind, and Tantivy refuses to write over one of the same name:
        # lists of deletions are named by a number that the next writer counts to again (0.27.0, met by the crash test).
        writer.garbage_collect_files()
        return writer

    def _write(self, writer: Any, upserts: Iterable[Document], deletes: Iterable[int], *, is_new: bool) -> int:
        n_taken = 0
        for number in deletes:
            writer.delete_documents_by_term(ID, number)
        for document in upserts:
            with _trouble_told(self._path):
                if not is_new:
                    writer.delete_documents_by_term(ID, document.id)
                writer.add_document(indexed(document))
            n_taken += 1
        return n_taken

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
        """One search on the newest commit."""
        with _trouble_told(self._path):
            newest, by_score = self._newest_snapshot(), sort is Sort.RELEVANCE
            searcher, compiler = newest.searcher, newest.compiler
            order = {} if by_score else {"order_by_field": PUBLISHED, "order": _ORDERS[sort]}
            is_of_numbers = with_texts and by_score and not (query.text or filters or without)
            if is_of_numbers and among is not None and (hits := newest.texts_of(among)) is not None:
                return EngineHits(len(hits), hits[offset : offset + limit])
            if not by_score and (places := newest.places):
                part, text_of = slice(offset, offset + limit), newest.text_of if with_texts else None
                return places.by_date(
                    query, filters, without=without, among=among, order=sort, part=part, text_of=text_of
                )
            wanted = compiler.located(query, filters, without=without, among=among, is_weighed=by_score)
            # Tantivy makes room for every hit up to the last one asked for, whether there are as many or not.
            limit = min(limit, max(0, searcher.num_docs - offset))
            if limit <= 0:
                return EngineHits(searcher.search(wanted, limit=1).count, ())
            if by_score and not (offset or with_texts or among is not None) and limit > 1 and (places := newest.places):
                # All of them, for what the same page asks next: a quarter of the time of asking for each part anew.
                found = searcher.search(wanted, limit=searcher.num_docs)
                return places.best(query, filters, without, found.hits, limit)
            found = searcher.search(wanted, limit=limit, offset=offset, **order)
            return EngineHits(found.count, newest.hits(found.hits, by_score=by_score, with_texts=with_texts))

    def facets(
        self, query: Query, *, filters: Filters, groups: Sequence[str], without: Collection[int] = ()
    ) -> Mapping[str, Mapping[str, int]]:
        """One aggregation for all groups that the same filters narrow."""
        alike: dict[frozenset[str], list[str]] = {}
        for group in groups:
            alike.setdefault(frozenset(filters.keys() - {group}), []).append(group)
        with _trouble_told(self._path):
            newest = self._newest_snapshot()
            searcher, compiler = newest.searcher, newest.compiler
            newest.n_counted += 1
            found: dict[str, dict[str, int]] = {}
            if places := newest.places:
                found = places.counted(query, filters, groups, without)
            for kept, together in alike.items():
                narrowed = {group: filters[group] for group in filters if group in kept}
                if left := [group for group in together if group not in found]:
                    found |= _counted(searcher, compiler.located(query, narrowed, without=without), left)
            return {group: found[group] for group in groups}

    def vocabulary(self, start: str, *, limit: int) -> list[tuple[str, int]]:
        """From the dictionary of the unstemmed words."""
        with _trouble_told(self._path):
            found: list[tuple[str, int]] = self._newest().terms_with_prefix(
                EXACT, "".join(folded(start)), limit=max(0, limit)
            )
            return found

    def forms(self, tokens: Sequence[str]) -> list[str]:
        """By the stemming analyser."""
        return stems(tokens)

    def revisions(self) -> Mapping[int, int]:
        """From the columns, without touching a stored text."""
        with _trouble_told(self._path):
            searcher = self._newest()
            found = searcher.search(tantivy.Query.all_query(), limit=max(1, searcher.num_docs), count=False)
            addresses = [address for _, address in found.hits]
            ids = searcher.fast_field_values(ID, addresses)
            pairs = zip(ids, searcher.fast_field_values(REVISION, addresses), strict=True)
            return {number: revision for number, revision in pairs if number != MARKER_ID}

    def state(self) -> State:
        """Of the newest commit, worked out once for each."""
        with _trouble_told(self._path):
            return self._newest_snapshot().state

    def close(self) -> None:
        """Files are let go with the last searcher."""
        self._index = self._snapshot = None

    def _newest(self) -> Any:
        return self._newest_snapshot().searcher

    def _newest_snapshot(self) -> _Snapshot:
        """The newest commit of any process: opened again only if there is another than last time."""
        if self._index is None:
            raise SearchAway(f"The search index at {self._path} was closed: ask for the current one.")
        commit, held = self._commit(), self._snapshot
        if held is not None and held.commit == commit:
            return held
        with self._lock:
            # The commit was looked up before: one that comes between is opened twice, never too seldom.
            self._index.reload()
            self._snapshot = newest = _Snapshot(
                commit, self._index.searcher(), self._index.schema, self._n_before_places
            )
            return newest

    def _commit(self) -> Hashable:
        """Which commit is the newest, by one stat: each puts another file in the place of `meta.json`.

        A page of results asks some ten times; a reload that finds nothing new took 0.2 ms of CPU. Of an index in memory
        nobody else changes anything.
        """
        if self._path is _MEMORY:
            return self._n_applied
        found = os.stat(self._commit_file)
        return found.st_ino, found.st_mtime_ns, found.st_size, self._n_applied


@dataclass
class _Snapshot:
    """One commit as it was opened, for any number of searches at once. n_counted: how often its facets were asked."""

    commit: Hashable
    searcher: Any
    schema: Any
    n_before_places: int
    # Where Documents stand in this commit, as searches came upon them.
    addresses: dict[int, Any] = field(default_factory=dict)
    n_counted: int = 0
    made_places: Places | None = None

    def hits(self, found: Sequence[Any], *, by_score: bool, with_texts: bool) -> tuple[EngineHit, ...]:
        """What the searcher found, as the contract has it."""
        addresses = [address for _, address in found]
        ids = self.searcher.fast_field_values(ID, addresses) if addresses else ()
        if self.made_places is None:
            if len(self.addresses) > _MAX_ADDRESSES:
                self.addresses.clear()
            self.addresses.update(zip(ids, addresses, strict=True))
        scores = [score for score, _ in found] if by_score else [0.0] * len(found)
        texts = [self.text_of(address) for address in addresses] if with_texts else [""] * len(found)
        return tuple(map(EngineHit, ids, scores, texts))

    def texts_of(self, numbers: Iterable[int]) -> tuple[EngineHit, ...] | None:
        """These Documents in the order of the index, all alike good; None if one has not been come upon.

        To search for ten that were found just now took as long as to read their texts.
        """
        try:
            found = [(self.addresses[number], number) for number in dict.fromkeys(numbers)]
        except KeyError:
            return None
        found.sort(key=lambda pair: (pair[0].segment_ord, pair[0].doc))
        return tuple(EngineHit(number, 0.0, self.text_of(address)) for address, number in found)

    def text_of(self, address: Any) -> str:
        """What a snippet of the Document is cut from."""
        return _text(self.searcher.doc(address))

    @property
    def places(self) -> Places | None:
        """The commit's arrays, made when pages have been counted often enough to be worth it; None before."""
        if self.made_places is None and self.n_counted > self.n_before_places:
            if made := places_of(self.schema, self.searcher, self.compiler):
                self.addresses, self.made_places = made.addresses, made
            else:
                # Nothing of a commit changes: it is not tried again.
                self.n_before_places = sys.maxsize
        return self.made_places

    @cached_property
    def compiler(self) -> Compiler:
        """Of questions to this commit."""
        return Compiler(self.schema, self.searcher)

    @cached_property
    def state(self) -> State:
        """From the marker and the count of one searcher."""
        marked = tantivy.Query.term_query(self.schema, ID, MARKER_ID)
        found = self.searcher.search(marked, limit=1, count=False).hits
        if not found:
            return State(0, self.searcher.num_docs)
        return State(self.searcher.fast_field_values(SEQ, [found[0][1]])[0], self.searcher.num_docs - 1)


_ORDERS = {Sort.NEWEST: tantivy.Order.Desc, Sort.OLDEST: tantivy.Order.Asc}


def _counted(searcher: Any, base: Any, groups: Sequence[str]) -> dict[str, dict[str, int]]:
    """Of each group the values with their numbers; a field is counted once, however many axes it holds."""
    fields = dict.fromkeys(split_group(group)[0] for group in groups)
    if unknown := [field for field in fields if field not in VALUED]:
        raise UnknownField(f"No index keeps values of {unknown[0]!r}: ask for one of {', '.join(VALUED)}.")
    asked = {field: {"terms": {"field": field, "size": _MAX_VALUES}} for field in fields}
    found = searcher.aggregate(base, asked)
    told: dict[str, dict[str, int]] = {group: {} for group in groups}
    for name in fields:
        buckets = found[name]["buckets"]
        if name in told:
            told[name] = {row["key"]: row["doc_count"] for row in buckets}
        for row in buckets if any(group.startswith(f"{name}.") for group in groups) else ():
            axis, _, value = row["key"].partition("/")
            if (group := f"{name}.{axis}") in told:
                told[group][value] = row["doc_count"]
    return told


def _text(row: Any) -> str:
    stored = row.get_first(PASSAGES)
    return str(stored, "utf-8", "replace") if stored else ""
