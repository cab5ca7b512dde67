"""How fast the search is with an archive in the database: inside the server, over HTTP, rebuilds, beside its peers.

`make bench-search` runs it on 5,822 pieces, SIZE=n on as many: of the archive in the folder that DATA names
(real-archive.jsonl.gz in it or in archives/) if that has so many, else generated ones. Wall time, so the machine must
have nothing else to do. wrk asks over HTTP, or Python where it is not here; PostgreSQL comes with `make setup-dev`,
Pagefind with Node and `pip install pagefind_bin`.
"""

from __future__ import annotations

import argparse
import gzip
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import generated
import house
import measure
import search_beside
import search_http
from search_peers import Piece
from search_questions import KINDS, Asked, Drawer, Source

Row = tuple[str, str, str]
# Enough to draw every question from, whatever the archive holds.
_MAX_SOURCES, _MAX_SOURCE_CHARS = 8_000, 20_000
_N_IN_HALF = 25
_REAL = "Pieces of the real archive."
_MADE = "Generated pieces: made-up words in proportions as in English, without any meaning."
_NOTE = (
    "All hold the same pieces and are asked in turn; each counts exactly and brings the best ten with a snippet. "
    "Only Isthmus counts facets, looks at meaning, and asks the database what the public may see."
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. n_each: questions of a kind, inside the server and of each peer; n_http: different ones."""

    n_pieces: int
    n_each: int = 200
    n_of_peers: int = 110
    n_http: int = 12_000
    http_s: int = 15
    n_followed: int = 5_000


def main() -> None:
    """Print the tables; with --record, keep them in RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=5_822, help="how many pieces")
    parser.add_argument("--small", action="store_true", help="300 pieces and few questions: shows only that it runs")
    parser.add_argument("--record", action="store_true", help="write the figures into bench/RESULTS.md")
    options = parser.parse_args()
    size = Size(300, 20, 20, 900, 3, 100) if options.small else Size(options.size)
    with tempfile.TemporaryDirectory(prefix="isthmus-bench-") as name:
        scratch = Path(name)
        archive, described = _archive(scratch, size.n_pieces)
        rows, table = measured(scratch, archive, size)
    told = f"SIZE={size.n_pieces} make bench-search-speed"
    told = told if described is _MADE else f"DATA=DIR {told}"
    tell = measure.record if options.record else _told
    # The newest stands first, so the peers are written before.
    title = f"{size.n_pieces:,} pieces"
    print(tell(f"Search beside its peers, {title}", told, table.rows(), heads=["", *table.heads], note=_NOTE))
    print(tell(f"Search: speed, {title}", told, rows, note=f"{described} Two times are p50 / p99."))


def _told(title: str, command: str, rows: Sequence[Sequence[str]], *, heads: Sequence[str] = (), note: str = "") -> str:
    return "\n".join([f"{title} ({command})", *(" | ".join(cells) for cells in ([heads] if heads else []) + [*rows])])


def _archive(scratch: Path, n: int) -> tuple[Path, str]:
    """A file of so many pieces, spread over the given archive if that has so many, and what it is."""
    folder = os.environ.get("DATA")
    places = [Path(folder) / "real-archive.jsonl.gz", Path(folder) / "archives/real-archive.jsonl.gz"] if folder else []
    for given in (path for path in places if path.exists()):
        lines = gzip.decompress(given.read_bytes()).splitlines(keepends=True)
        if len(lines) >= n:
            path = scratch / "some.jsonl.gz"
            some = (lines[place * len(lines) // n] for place in range(n))
            path.write_bytes(gzip.compress(b"".join(some), compresslevel=1))
            return path, _REAL
    return generated.write(scratch / "made.jsonl.gz", n=n), _MADE


def measured(scratch: Path, archive: Path, size: Size) -> tuple[list[Row], search_beside.Table]:
    """Every figure as (what, figure, wanted), in a new institute; and the peers beside it."""
    directory = scratch / "institute"
    _say("import")
    house.isthmus(directory, "init", "--name", "Bench")
    house.isthmus(directory, "import", str(archive))
    os.environ.update(ISTHMUS_DIR=str(directory), DJANGO_SETTINGS_MODULE="isthmus.server.settings")
    import django

    django.setup()
    import saved_searches

    _say("rebuild")
    n, words_s, rebuilt = _rebuilt()
    drawer = Drawer(_sources(n))
    _say("questions inside the server")
    rows = [*rebuilt, *_inside(drawer, size)]
    _say("peers")
    own = (f"{words_s:.1f} s", search_beside.kilobytes(_page_bytes(drawer)))
    table = search_beside.measured(_pieces, drawer, scratch, size.n_of_peers, own)
    _say("questions over HTTP, once the worker is at rest")
    rows += search_http.measured(directory, drawer.draw(size.n_http), size.http_s)
    _say("followed searches")
    # Last: it brings followers, to whom a running server would send mail.
    return [*rows, *saved_searches.measured(size.n_followed)], table


def _say(what: str) -> None:
    """A line on standard error: each part takes a minute or more."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def _rebuilt() -> tuple[int, float, list[Row]]:
    """How many pieces the new index holds; how long that took, and the meanings."""
    from isthmus.search.keeper import Keeper
    from isthmus.search.meaning_keeper import MeaningKeeper

    n, words_s = _timed(Keeper().rebuild)
    n_meant, meaning_s = _timed(MeaningKeeper().rebuild)
    both = f"{words_s + meaning_s:.1f} s" if n_meant else "not measured: the extra isthmus[semantic] is not here"
    return n, words_s, [
        (f"rebuild of the index of words, {n:,} pieces", f"{words_s:.1f} s", "15 s"),
        (f"rebuild of everything, {n_meant:,} meanings with it", both, "60 s"),
    ]  # fmt: skip


def _timed(call: Callable[[], Any]) -> tuple[Any, float]:
    before = time.perf_counter()
    result = call()
    return result, time.perf_counter() - before


def _documents(step: int = 1) -> Iterator[Any]:
    """All Documents, or each so many-th."""
    from isthmus.publications import documents

    after = 0
    while ids := documents.visible_ids(after=after):
        yield from documents.documents(ids[::step])
        after = ids[-1]


def _pieces() -> Iterator[list[Piece]]:
    batch: list[Piece] = []
    for document in _documents():
        batch.append(Piece(document.id, document.title, document.body_text))
        if len(batch) == 1000:
            yield batch
            batch = []
    yield batch


def _sources(n: int) -> list[Source]:
    return [_source(document) for document in _documents(-(-n // _MAX_SOURCES))]


def _source(document: Any) -> Source:
    facets = {"kind": document.kind, "series": document.series_slug}
    facets |= {"year": str(document.published_on.year)} if document.published_on else {}
    facets |= {"author": document.people[0].slug} if document.people else {}
    kept = {group: value for group, value in facets.items() if value}
    return Source(document.title, document.body_text[:_MAX_SOURCE_CHARS], kept)


def _inside(drawer: Drawer, size: Size) -> Iterator[Row]:
    """Each way and each kind with questions of its own: pages are kept, and a question asked before is quicker."""
    from isthmus.search import meaning, queries

    how = "words and meaning" if meaning.current() else "words alone"
    mixed = drawer.draw(size.n_each * 3)
    warm = drawer.draw(_N_IN_HALF)
    alone = _p50_p99(lambda asked: queries.search(asked.typed, chosen=_chosen(asked)), mixed, warm)
    yield f"search alone, ranked by {how}: ten snippets, exact total, facets; readers' mixture", alone, "5 / 25 ms"
    for what, address, goal in (("page", "/search/", "5 / 25 ms"), ("JSON", "/api/v1/search", "")):
        yield f"{what}, readers' mixture", _p50_p99(_got(address), drawer.draw(size.n_each * 3), warm), goal
    for kind, said in KINDS.items():
        pages = _p50_p99(_got("/search/"), drawer.draw(size.n_each, kind), drawer.draw(_N_IN_HALF, kind))
        json = _p50_p99(_got("/api/v1/search"), drawer.draw(size.n_each, kind), [])
        yield f"page; JSON: {said}", f"{pages}; {json}", ""


def _chosen(asked: Asked) -> dict[str, tuple[str, ...]]:
    return {group: (value,) for group, value in asked.chosen.items()}


def _got(path: str) -> Callable[[Asked], Any]:
    """Asks in this process, through middleware and view, for a packed answer as browsers do."""
    from django.test import Client

    client = Client(headers={"accept-encoding": "gzip"})

    def get(asked: Asked) -> Any:
        answer = client.get(f"{path}?{asked.query_string}")
        assert answer.status_code == 200, asked
        return answer

    return get


def _p50_p99(ask: Callable[[Asked], object], questions: Sequence[Asked], warm: Sequence[Asked]) -> str:
    """Median and 99th percentile in milliseconds of wall time; `warm` are asked first and not counted."""
    for asked in warm:
        ask(asked)
    taken = [_timed(lambda asked=asked: ask(asked))[1] * 1000 for asked in questions]
    return f"{statistics.median(taken):.1f} / {search_beside.p99(taken):.1f} ms"


def _page_bytes(drawer: Drawer) -> list[int]:
    """Of pages of results as they travel, packed."""
    ask = _got("/search/")
    return [len(ask(asked).content) for asked in drawer.draw(50, "words")]


if __name__ == "__main__":
    main()
