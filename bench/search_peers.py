"""What one search costs elsewhere: Tantivy as it comes, SQLite FTS5, PostgreSQL's full text, Pagefind's bytes.

All hold the title and the text of the same pieces and are asked the same questions in turn; each counts exactly and
brings the best ten with a snippet. As in Isthmus all words must be there, of a sentence any will do. Only Isthmus
counts facets, looks at meaning, and asks the database what the public may see.
"""

from __future__ import annotations

import html
import importlib.util
import json
import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import tantivy
from search_questions import KINDS, PLAIN, Asked, Drawer

sys.path.insert(0, str(Path(__file__).parent.parent))

_WORD = re.compile(r"\w+")
_N_SHOWN, _MAX_SECONDS_A_KIND = 10, 60.0
# A tsvector has a megabyte at most.
_MAX_POSTGRES_CHARS = 600_000
# Pagefind wants a file for every piece.
_MAX_PAGEFIND_PIECES = 20_000
_PAGEFIND_SCRIPT = Path(__file__).with_name("pagefind.mjs")
_MEGABYTE = 1_000_000


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
        """Exact count and ten snippets; in lower case, as AND and OR are signs to its parser."""
        searcher, must_all = self._index.searcher(), not _is_long(asked)
        query = self._index.parse_query(
            asked.typed.lower(), ["title", "body"], field_boosts={"title": 2.0}, conjunction_by_default=must_all
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
    """A weighted tsvector beside the text, GIN, ts_rank, ts_headline. A question is given up after ten seconds."""

    name = "PostgreSQL"

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._run("CREATE TABLE piece (id bigint PRIMARY KEY, title text, body text, found tsvector)")

    def _run(self, sql: str, values: Sequence[object] = ()) -> Any:
        return self._connection.execute(sql, values)

    def add(self, pieces: Sequence[Piece]) -> None:
        """By COPY; the vectors are made in `finish`."""
        with self._connection.cursor().copy("COPY piece (id, title, body) FROM STDIN") as copy:
            for piece in pieces:
                # It keeps no NUL in a text.
                copy.write_row((piece.id, piece.title, piece.body[:_MAX_POSTGRES_CHARS].replace("\x00", " ")))

    def finish(self) -> None:
        """Vectors, index, statistics; then the limit of ten seconds holds."""
        self._run(
            "UPDATE piece SET found = setweight(to_tsvector('english', title), 'A') "
            "|| setweight(to_tsvector('english', body), 'D')"
        )
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


class Table:
    """A row of text for each figure, a column for each engine."""

    def __init__(self) -> None:
        self._cells: dict[str, dict[str, str]] = defaultdict(dict)
        self.heads = [Isthmus.name]

    def put(self, what: str, name: str, figure: str) -> None:
        """One cell."""
        if name not in self.heads:
            self.heads.append(name)
        self._cells[what][name] = figure

    def rows(self) -> list[list[str]]:
        """As lists of cells, in the order they came; what was not measured is empty."""
        return [[what, *(cells.get(name, "") for name in self.heads)] for what, cells in self._cells.items()]


def measured(pieces: Callable[[], Iterable[Sequence[Piece]]], drawer: Drawer, scratch: Path, n: int, own: Row) -> Table:
    """Every figure, `n` questions of a kind; own: what Isthmus' own index took to make, and a page of it weighs.

    pieces: all of them in batches, anew for each call. Works in `scratch` and on a server that it starts.
    """
    table = Table()
    table.put("index made in", Isthmus.name, own[0])
    questions = {kind: drawer.draw(n, kind) for kind in PLAIN}
    with _peers(scratch) as peers:
        _fill(pieces(), peers, table)
        for peer in peers:
            table.put("index on disk", peer.name, f"{peer.n_bytes() / _MEGABYTE:.0f} MB")
        for kind, asked in questions.items():
            _ask(f"{KINDS[kind]}, p50 / p99", asked, peers, table)
    table.put("bytes to a new reader for words of a title", Isthmus.name, own[1])
    _pagefind(pieces(), questions, scratch, table)
    return table


Row = tuple[str, str]


@contextmanager
def _peers(scratch: Path) -> Iterator[list[Peer]]:
    with ExitStack() as stack:
        fts5 = Fts5(scratch / "fts5.sqlite3")
        stack.enter_context(closing(fts5._connection))
        peers: list[Peer] = [Isthmus(), Tantivy(scratch / "tantivy"), fts5]
        if connection := _postgres(stack):
            peers.append(Postgres(connection))
        yield peers


def _postgres(stack: ExitStack) -> Any:
    """A connection to a new server; None without the wheels that the tests take it from."""
    try:
        import psycopg

        from tests.postgres import temporary_server

        address = stack.enter_context(temporary_server())
    except ImportError:
        return None
    return stack.enter_context(psycopg.connect(address, autocommit=True))


def _fill(pieces: Iterable[Sequence[Piece]], peers: Sequence[Peer], table: Table) -> None:
    taken: dict[str, float] = defaultdict(float)
    for batch in pieces:
        for peer in peers:
            taken[peer.name] += _seconds(lambda peer=peer, batch=batch: peer.add(batch))
    for peer in peers[1:]:
        taken[peer.name] += _seconds(peer.finish)
        table.put("index made in", peer.name, f"{taken[peer.name]:.1f} s")


def _ask(what: str, questions: Sequence[Asked], peers: Sequence[Peer], table: Table) -> None:
    """Each question of each engine, one after the other, so that a slow second of the machine is slow for all.

    An engine that has taken its minute is asked no more.
    """
    taken: dict[str, list[float]] = defaultdict(list)
    n_found: dict[str, int] = defaultdict(int)
    # The first of them are for warming up.
    n_warm = len(questions) // 10
    for number, asked in enumerate(questions):
        for peer in peers:
            if sum(taken[peer.name]) > _MAX_SECONDS_A_KIND:
                continue
            before = time.perf_counter()
            total = peer.ask(asked)
            if number >= n_warm:
                taken[peer.name].append(time.perf_counter() - before)
                n_found[peer.name] += total > 0
    ours = statistics.median(taken[Isthmus.name])
    for peer in peers:
        table.put(what, peer.name, _figure(taken[peer.name], ours, n_found[peer.name]))


def _figure(taken: list[float], ours: float, n_found: int) -> str:
    p50 = statistics.median(taken)
    ratio = "" if p50 == ours else f", {p50 / ours:.2g} × ours"
    return f"{p50 * 1000:.1f} / {p99(taken) * 1000:.1f} ms{ratio}, {n_found / len(taken):.0%} found some"


def p99(taken: Sequence[float]) -> float:
    """The 99th percentile; of few figures the greatest."""
    return statistics.quantiles(taken, n=100)[98] if len(taken) >= 100 else max(taken)


def _pagefind(
    pieces: Iterable[Sequence[Piece]], questions: dict[str, list[Asked]], scratch: Path, table: Table
) -> None:
    """Its index of a file for each piece, asked in Node as a browser asks it. Nothing where it is not here."""
    program, n_pieces = _pagefind_program(), 0
    site = scratch / "pagefind-site"
    if not program or not shutil.which("node"):
        return
    for batch in pieces:
        n_pieces += len(batch)
        if n_pieces > _MAX_PAGEFIND_PIECES:
            return
        _write_pages(site, batch)
    built_s = _seconds(lambda: subprocess.run([*program, "--site", site], check=True, stdout=subprocess.DEVNULL))
    table.put("index made in", "Pagefind", f"{built_s:.1f} s")
    table.put("index on disk", "Pagefind", f"{tree_bytes(site / 'pagefind') / _MEGABYTE:.0f} MB")
    typed = {kind: [asked.typed for asked in some] for kind, some in questions.items()}
    command = ["node", _PAGEFIND_SCRIPT, site / "pagefind"]
    told = subprocess.run(command, check=True, input=json.dumps(typed), stdout=subprocess.PIPE, text=True).stdout
    found = json.loads(told)
    for kind, some in found["taken_ms"].items():
        taken = [ms / 1000 for ms in some]
        told = f"{statistics.median(taken) * 1000:.1f} / {p99(taken) * 1000:.1f} ms in Node, no network"
        table.put(f"{KINDS[kind]}, p50 / p99", "Pagefind", told)
    table.put("bytes to a new reader for words of a title", "Pagefind", kilobytes(found["bytes"]))


def _pagefind_program() -> list[str]:
    """How it is started: the program, or the wheel pagefind_bin; empty without either."""
    if found := shutil.which("pagefind"):
        return [found]
    return [sys.executable, "-m", "pagefind_bin"] if importlib.util.find_spec("pagefind_bin") else []


def _write_pages(site: Path, pieces: Sequence[Piece]) -> None:
    for piece in pieces:
        paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in piece.body.splitlines())
        title = html.escape(piece.title)
        path = site / f"{piece.id % 100}" / f"{piece.id}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f'<!doctype html><html lang="en"><title>{title}</title><body><h1>{title}</h1>{paragraphs}</body></html>'
        )


def kilobytes(some: Sequence[int]) -> str:
    """The median of these bytes, and the most."""
    return f"{statistics.median(some) / 1000:.0f} kB, at most {max(some) / 1000:.0f} kB"


def tree_bytes(folder: Path) -> int:
    """Of all files below a folder."""
    return sum(os.lstat(path).st_size for path in folder.rglob("*") if path.is_file())


def _seconds(call: Callable[[], object]) -> float:
    before = time.perf_counter()
    call()
    return time.perf_counter() - before


def _is_long(asked: Asked) -> bool:
    """Of more than six different words two are enough for Isthmus; nobody else has such a bound, so any will do."""
    return len(set(_WORD.findall(asked.typed.lower()))) > 6
