"""Tantivy inside the process: one directory of files, read by every process, written by one at a time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Filter, Occur, Tokenizer

from isthmus.kit.files import DiskFull
from isthmus.publications.documents import Document
from isthmus.search.engine import EngineBusy, EngineHit, EngineHits, SearchAway, Sort
from isthmus.search.fields import EXACT, FIELDS, ID, JOINED, PASSAGES, PUBLISHED, REVISION, TEXT, Kind, texts_of
from isthmus.search.language import Clause, Phrase, Query, Word

# A small update: Tantivy's least heap and one thread. Many: enough for 9,166 Documents in a handful of segments.
_SMALL_HEAP_BYTES = 15_000_000
_BULK_HEAP_BYTES_PER_THREAD = 48_000_000
_MAX_BULK_THREADS = 4
# The Document that carries the commit's journal number: it has no words, so that no question finds it.
_MARKER_ID = 0
_SEQ = "seq"
# Less free than one small heap's segment: a thread that died while writing died of it.
_MIN_FREE_BYTES = 32_000_000
_INDEX_OPTIONS = {Kind.STEMMED: "freq", Kind.EXACT: "position", Kind.PRESENCE: "basic"}
_ANALYZERS = {Kind.STEMMED: "isthmus_en", Kind.EXACT: "isthmus", Kind.PRESENCE: "isthmus"}


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    for field in FIELDS:
        if field.kind is Kind.NUMBER:
            builder.add_integer_field(field.name, indexed=True, fast=True)
        elif field.kind is Kind.STORED:
            # Nothing asks for it, so it is one word to the index: stored fields cannot be left out of it.
            builder.add_bytes_field(field.name, stored=True)
        else:
            builder.add_text_field(
                field.name, tokenizer_name=_ANALYZERS[field.kind], index_option=_INDEX_OPTIONS[field.kind]
            )
    builder.add_integer_field(_SEQ, fast=True)
    return builder.build()


@lru_cache(maxsize=1)
def _analyzers() -> dict[str, Any]:
    """By name: words as they are, and by their English stem."""

    def folded() -> Any:
        builder = tantivy.TextAnalyzerBuilder(Tokenizer.simple())
        return builder.filter(Filter.lowercase()).filter(Filter.ascii_fold())

    return {"isthmus": folded().build(), "isthmus_en": folded().filter(Filter.stemmer("english")).build()}


@contextmanager
def _trouble_told(path: Path) -> Iterator[None]:
    """Turn whatever Tantivy raises into our errors; a panic of Rust code arrives as a BaseException."""
    try:
        yield
    except (EngineBusy, SearchAway):
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

    def __init__(self, path: Path, index: Any) -> None:
        self._path, self._index = path, index
        # Tokenizers belong to the opened object, not to the files.
        for name, analyzer in _analyzers().items():
            index.register_tokenizer(name, analyzer)
        index.config_reader("manual")

    @classmethod
    def create(cls, path: Path) -> TantivyEngine:
        """A new, empty index in an empty directory."""
        with _trouble_told(path):
            return cls(path, tantivy.Index(_schema(), str(path), reuse=False))

    @classmethod
    def open(cls, path: Path) -> TantivyEngine:
        """The index in a directory. Raises: SearchAway if there is none or it cannot be read."""
        with _trouble_told(path):
            return cls(path, tantivy.Index.open(str(path)))

    def apply(self, upserts: Iterable[Document], deletes: Iterable[int], *, seq: int, is_bulk: bool = False) -> int:
        """All of it in one commit."""
        with _trouble_told(self._path):
            is_new = self._newest().num_docs == 0
            writer = self._writer(is_bulk=is_bulk)
        try:
            n_taken = self._write(writer, upserts, deletes, is_new=is_new)
            with _trouble_told(self._path):
                writer.delete_documents_by_term(ID, _MARKER_ID)
                writer.add_document(_marker(seq))
                writer.commit()
        except BaseException:
            with suppress(Exception):
                writer.rollback()
            raise
        finally:
            # Lets merges end and gives the lock back; a writer that is only dropped would kill its merges.
            with suppress(Exception):
                writer.wait_merging_threads()
        return n_taken

    def _writer(self, *, is_bulk: bool) -> Any:
        n_threads = max(1, min(_MAX_BULK_THREADS, os.cpu_count() or 1)) if is_bulk else 1
        heap = n_threads * _BULK_HEAP_BYTES_PER_THREAD if is_bulk else _SMALL_HEAP_BYTES
        writer = self._index.writer(heap, n_threads)
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
                writer.add_document(_indexed(document))
            n_taken += 1
        return n_taken

    def search(self, query: Query, *, offset: int, limit: int, sort: Sort, without: Collection[int] = ()) -> EngineHits:
        """One search on the newest commit."""
        if not query.clauses:
            return EngineHits(0, ())
        with _trouble_told(self._path):
            searcher = self._newest()
            order = {} if sort is Sort.RELEVANCE else {"order_by_field": PUBLISHED, "order": _ORDERS[sort]}
            found = searcher.search(self._compiled(query, without), limit=max(1, limit), offset=offset, **order)
            addresses = [address for _, address in found.hits[:limit]]
            ids = searcher.fast_field_values(ID, addresses) if addresses else []
            hits = tuple(
                EngineHit(number, float(score), _passages(searcher.doc(address)))
                for number, (score, address) in zip(ids, found.hits, strict=False)
            )
        return EngineHits(found.count, hits)

    def forms(self, tokens: Sequence[str]) -> list[str]:
        """By the stemming analyser."""
        analyze = _analyzers()["isthmus_en"].analyze
        together: list[str] = analyze(" ".join(tokens))
        if len(together) == len(tokens):
            return together
        # A word that the analyser cuts or drops: one at a time then.
        return ["".join(analyze(token)) or token for token in tokens]

    def revisions(self) -> Mapping[int, int]:
        """From the columns, without touching a stored text."""
        with _trouble_told(self._path):
            searcher = self._newest()
            found = searcher.search(tantivy.Query.all_query(), limit=max(1, searcher.num_docs), count=False)
            addresses = [address for _, address in found.hits]
            ids = searcher.fast_field_values(ID, addresses)
            pairs = zip(ids, searcher.fast_field_values(REVISION, addresses), strict=True)
            return {number: revision for number, revision in pairs if number != _MARKER_ID}

    def count(self) -> int:
        """Without the marker."""
        with _trouble_told(self._path):
            return max(0, self._newest().num_docs - 1)

    def seq(self) -> int:
        """From the marker."""
        with _trouble_told(self._path):
            searcher = self._newest()
            marker = tantivy.Query.term_query(self._index.schema, ID, _MARKER_ID)
            found = searcher.search(marker, limit=1, count=False).hits
            return searcher.fast_field_values(_SEQ, [found[0][1]])[0] if found else 0

    def close(self) -> None:
        """Files are let go with the last searcher."""
        self._index = None

    def _newest(self) -> Any:
        # A reload that finds nothing new was measured at 0.06 ms; the reader's own watching lags by 0.4 s.
        if self._index is None:
            raise SearchAway(f"The search index at {self._path} was closed: ask for the current one.")
        self._index.reload()
        return self._index.searcher()

    def _compiled(self, query: Query, without: Collection[int]) -> Any:
        clauses = [self._clause(clause) for clause in query.clauses]
        if query.n_required >= len(clauses):
            wanted = tantivy.Query.boolean_query([(Occur.Must, clause) for clause in clauses])
        else:
            wanted = tantivy.Query.boolean_query(
                [(Occur.Should, clause) for clause in clauses], minimum_number_should_match=query.n_required
            )
        if not without:
            return wanted
        absent = tantivy.Query.term_set_query(self._index.schema, ID, list(without))
        return tantivy.Query.boolean_query([(Occur.Must, wanted), (Occur.MustNot, absent)])

    def _clause(self, clause: Clause) -> Any:
        if isinstance(clause, Phrase):
            return self._phrase(clause)
        return self._any_of(clause)

    def _any_of(self, word: Word) -> Any:
        ways = [self._term(TEXT, form) for form in self.forms([word.token, *word.joined])]
        ways += [self._term(JOINED, form) for form in _exact(word.token)]
        return tantivy.Query.disjunction_max_query(ways)

    def _phrase(self, phrase: Phrase) -> Any:
        words = [form for token in phrase.tokens for form in _exact(token)]
        if len(words) < 2:
            return self._any_of(Word(phrase.tokens[0]))
        together = tantivy.Query.phrase_query(self._index.schema, EXACT, words)
        if not phrase.joined:
            return together
        joined = [self._term(TEXT, form) for form in self.forms([phrase.joined])]
        return tantivy.Query.disjunction_max_query([together, *joined])

    def _term(self, field: str, form: str) -> Any:
        option = "basic" if field == JOINED else "freq"
        return tantivy.Query.term_query(self._index.schema, field, form, index_option=option)


_ORDERS = {Sort.NEWEST: tantivy.Order.Desc, Sort.OLDEST: tantivy.Order.Asc}


def _exact(token: str) -> list[str]:
    forms: list[str] = _analyzers()["isthmus"].analyze(token)
    return forms


def _indexed(document: Document) -> Any:
    """The Document with every field of the registry."""
    texts, row = texts_of(document), tantivy.Document()
    for field in FIELDS:
        for value in field.values(texts):
            if field.kind is Kind.NUMBER:
                row.add_integer(field.name, value)
            elif field.kind is Kind.STORED:
                row.add_bytes(field.name, str(value).encode("utf-8", "replace"))
            else:
                row.add_text(field.name, value)
    return row


def _marker(seq: int) -> Any:
    row = tantivy.Document()
    row.add_integer(ID, _MARKER_ID)
    row.add_integer(_SEQ, seq)
    return row


def _passages(row: Any) -> tuple[str, ...]:
    stored = row.get_first(PASSAGES)
    return tuple(bytes(stored).decode("utf-8", "replace").split("\n")) if stored else ()
