"""What one search costs elsewhere: Tantivy as it comes, SQLite FTS5, PostgreSQL's full text, Pagefind's bytes.

All hold the title and the text of the same pieces and are asked the same questions in turn; each counts exactly and
brings the best ten with a snippet. As in Isthmus all words must be there, of a sentence any will do. Only Isthmus
counts facets, looks at meaning, and asks the database what the public may see.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import tantivy
from search_questions import Asked

_WORD = re.compile(r"\w+")
_N_SHOWN = 10
# A tsvector has a megabyte at most.
_MAX_POSTGRES_CHARS = 600_000


@dataclass(frozen=True, slots=True)
class Piece:
    """What every engine is given."""

    id: int
    title: str
    body: str


class Peer(Protocol):
    """A full-text search that is filled once and then asked."""

    name: str

    def add(self, pieces: Sequence[Piece]) -> None:
        """Take these pieces."""

    def finish(self) -> None:
        """Make all that was taken findable."""

    def ask(self, asked: Asked) -> int:
        """How many are located, after the ten best were read with a snippet each."""

    def n_bytes(self) -> int:
        """On disk."""


class Isthmus:
    """The product's own search, of the index that is there."""

    name = "Isthmus"

    def add(self, pieces: Sequence[Piece]) -> None:
        """It has them."""

    def finish(self) -> None:
        """It has them."""

    def ask(self, asked: Asked) -> int:
        """With facets, meaning, and the gate's word on every hit."""
        from isthmus.search import queries

        return queries.search(asked.typed).total

    def n_bytes(self) -> int:
        """With the meanings, which lie beside the words."""
        from isthmus.search.shelf import shelf

        return tree_bytes(shelf().root)


class Tantivy:
    """English stems, title twice, its own parser and snippets."""

    name = "Tantivy"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        builder = tantivy.SchemaBuilder().add_text_field("title", stored=True, tokenizer_name="en_stem")
        self._schema = builder.add_text_field("body", stored=True, tokenizer_name="en_stem").build()
        self._index = tantivy.Index(self._schema, path=str(folder))
        self._writer = self._index.writer(200_000_000, 2)

    def add(self, pieces: Sequence[Piece]) -> None:
        """Into the writer's memory."""
        for piece in pieces:
            self._writer.add_document(tantivy.Document(title=piece.title, body=piece.body))

    def finish(self) -> None:
        """One commit; segments are merged until it lets go."""
        self._writer.commit()
        self._writer.wait_merging_threads()
        self._index.reload()

    def ask(self, asked: Asked) -> int:
        """Exact count and ten snippets; in lower case, as AND, OR and apostrophes are signs to its parser."""
        searcher, must_all = self._index.searcher(), not _is_long(asked)
        query = self._index.parse_query(
            re.sub("['’]", " ", asked.typed.lower()),
            ["title", "body"],
            field_boosts={"title": 2.0},
            conjunction_by_default=must_all,
        )
        found = searcher.search(query, _N_SHOWN, count=True)
        cut = tantivy.SnippetGenerator.create(searcher, query, self._schema, "body")
        for _, address in found.hits:
            document = searcher.doc(address)
            assert document["title"] is not None
            cut.snippet_from_doc(document).to_html()
        return int(found.count)

    def n_bytes(self) -> int:
        """The folder."""
        return tree_bytes(self._folder)


class Fts5:
    """Porter stems without accents, bm25 with the title twice, snippet(), in a file of its own."""

    name = "SQLite FTS5"

    def __init__(self, path: Path) -> None:
        self._path, self._connection = path, sqlite3.connect(path)
        self._connection.executescript(
            "PRAGMA cache_size = -100000;"
            "CREATE VIRTUAL TABLE piece USING fts5(title, body, tokenize = 'porter unicode61 remove_diacritics 2');"
            "INSERT INTO piece(piece, rank) VALUES ('rank', 'bm25(2.0, 1.0)');"
        )

    def add(self, pieces: Sequence[Piece]) -> None:
        """In the one transaction that `finish` ends."""
        rows = ((piece.id, piece.title, piece.body) for piece in pieces)
        self._connection.executemany("INSERT INTO piece(rowid, title, body) VALUES (?, ?, ?)", rows)

    def finish(self) -> None:
        """Merged into one b-tree, which is quickest to ask."""
        self._connection.execute("INSERT INTO piece(piece) VALUES ('optimize')")
        self._connection.commit()

    def ask(self, asked: Asked) -> int:
        """Two queries: ordering by `rank` makes ten snippets, by bm25(…) one for each that is located."""
        words = " OR ".join(f'"{word}"' for word in _WORD.findall(asked.typed))
        match = words if _is_long(asked) else asked.typed if '"' in asked.typed else words.replace(" OR ", " ")
        self._connection.execute(
            "SELECT rowid, title, snippet(piece, 1, '<b>', '</b>', '…', 30) FROM piece WHERE piece MATCH ? "
            "ORDER BY rank LIMIT 10",
            (match,),
        ).fetchall()
        return int(self._connection.execute("SELECT count(*) FROM piece WHERE piece MATCH ?", (match,)).fetchone()[0])

    def n_bytes(self) -> int:
        """The file."""
        return self._path.stat().st_size


class Postgres:
    """A weighted tsvector beside the text, GIN, ts_rank, ts_headline.

    A question is given up after ten seconds and then finds nothing.
    """

    name = "PostgreSQL"

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        # Made as rows come: an UPDATE afterwards would leave every row twice on disk.
        self._run(
            "CREATE TABLE piece (id bigint PRIMARY KEY, title text, body text, found tsvector GENERATED ALWAYS AS ("
            "setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', body), 'D')) STORED)"
        )

    def _run(self, sql: str, values: Sequence[object] = ()) -> Any:
        return self._connection.execute(sql, values)

    def add(self, pieces: Sequence[Piece]) -> None:
        """By COPY."""
        with self._connection.cursor().copy("COPY piece (id, title, body) FROM STDIN") as copy:
            for piece in pieces:
                # It keeps no NUL in a text.
                copy.write_row((piece.id, piece.title, piece.body[:_MAX_POSTGRES_CHARS].replace("\x00", " ")))

    def finish(self) -> None:
        """Index and statistics; then the limit of ten seconds holds."""
        self._run("SET maintenance_work_mem = '256MB'")
        self._run("CREATE INDEX ON piece USING gin (found)")
        self._run("VACUUM ANALYZE piece")
        self._run("SET statement_timeout = 10000")

    def ask(self, asked: Asked) -> int:
        """Two queries; headlines of the best ten only."""
        import psycopg

        typed = " or ".join(_WORD.findall(asked.typed)) if _is_long(asked) else asked.typed
        try:
            self._run(
                "WITH asked AS (SELECT websearch_to_tsquery('english', %s) AS q), best AS ("
                " SELECT id, title, body, q, ts_rank(found, q) AS score FROM piece, asked WHERE found @@ q"
                " ORDER BY score DESC LIMIT 10) "
                "SELECT id, title, ts_headline('english', body, q) FROM best ORDER BY score DESC",
                (typed,),
            ).fetchall()
            counted = "SELECT count(*) FROM piece WHERE found @@ websearch_to_tsquery('english', %s)"
            return int(self._run(counted, (typed,)).fetchone()[0])
        except psycopg.errors.QueryCanceled:
            return 0

    def n_bytes(self) -> int:
        """Table, texts kept aside, indexes."""
        return int(self._run("SELECT pg_total_relation_size('piece')").fetchone()[0])


def tree_bytes(folder: Path) -> int:
    """Of all files below a folder."""
    return sum(os.lstat(path).st_size for path in folder.rglob("*") if path.is_file())


def _is_long(asked: Asked) -> bool:
    """Of more than six different words two are enough for Isthmus; nobody else has such a bound, so any will do."""
    return len(set(_WORD.findall(asked.typed.lower()))) > 6
