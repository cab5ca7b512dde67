"""Peers of the search on the same pieces, asked the same questions in turn; and Pagefind, which asks in the browser."""

from __future__ import annotations

import html
import importlib.util
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from search_peers import Fts5, Isthmus, Peer, Piece, Postgres, Tantivy, tree_bytes
from search_questions import KINDS, PLAIN, Asked, Drawer

sys.path.insert(0, str(Path(__file__).parent.parent))

Row = tuple[str, str]
_MAX_SECONDS_A_KIND = 60.0
# Pagefind wants a file for every piece.
_MAX_PAGEFIND_PIECES = 20_000
_PAGEFIND_SCRIPT = Path(__file__).with_name("pagefind.mjs")
_MEGABYTE = 1_000_000


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


def _seconds(call: Callable[[], object]) -> float:
    before = time.perf_counter()
    call()
    return time.perf_counter() - before
