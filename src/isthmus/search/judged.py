"""Relevance as a judged collection measures it: its texts through the site's own indexing, its questions through the
site's own search, and a TREC run of what came out. The institute they are run in is left as it is."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isthmus.kit.errors import UsageError
from isthmus.publications.documents import Document
from isthmus.search import vectors
from isthmus.search.engine import Engine
from isthmus.search.language import parse
from isthmus.search.meaning import Meaning, MeaningReader
from isthmus.search.meaning_keeper import bag_of
from isthmus.search.retrieval import retrieve
from isthmus.search.semantic import embedding
from isthmus.search.shelf import Shelf

N_HITS = 100
Tick = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Judged:
    """What was run: how many texts were indexed, how many questions asked, whether meaning ranked them too."""

    n_documents: int
    n_queries: int
    with_meaning: bool


def run(folder: Path, to: Path, *, on_progress: Tick = lambda n: None, with_meaning: bool = True) -> Judged:
    """Index folder/corpus.jsonl, ask folder/queries.jsonl word for word, write the run to `to`.

    corpus.jsonl: {"id", "title", "text"} a line; queries.jsonl: {"id", "text"}. 100 hits a question: what is located,
    then what comes close. with_meaning: False ranks by words alone, as without the extra.
    Raises: UsageError for a file that is missing or not so.
    """
    with tempfile.TemporaryDirectory(prefix="isthmus-judged-") as scratch:
        numbered = dict(enumerate((row["id"] for row in _rows(folder / "corpus.jsonl")), start=1))
        engine = _indexed(folder, Path(scratch), on_progress)
        meaning = _meaning(folder, Path(scratch)) if with_meaning else None
        queries = list(_rows(folder / "queries.jsonl"))
        _write(to, (line for query in queries for line in _lines(query, numbered, engine, meaning)))
    return Judged(len(numbered), len(queries), meaning is not None)


def n_texts(folder: Path) -> int:
    """How many texts a collection has. Raises: UsageError."""
    return sum(1 for _ in _rows(folder / "corpus.jsonl"))


def _indexed(folder: Path, scratch: Path, on_progress: Tick) -> Engine:
    shelf = Shelf(scratch)
    path, engine = shelf.begin()
    engine.apply(_counted(_documents(folder), on_progress), (), seq=1, is_bulk=True)
    engine.close()
    shelf.switch(path)
    return shelf.current()


def _meaning(folder: Path, scratch: Path) -> Meaning | None:
    known = embedding()
    if known is None:
        return None
    path = scratch / vectors.NAME
    vectors.filled(path, known, ((document.id, bag_of(document, known)) for document in _documents(folder)))
    return MeaningReader(path).current()


def _lines(query: dict[str, Any], numbered: dict[int, str], engine: Engine, meaning: Meaning | None) -> Iterator[str]:
    found = retrieve(engine, parse(query["text"]), limit=N_HITS, n_close=N_HITS, meaning=meaning, with_texts=False)
    for rank, hit in enumerate([*found.hits, *found.close][:N_HITS], start=1):
        # Judges order by the score, so it says the place and nothing else.
        yield f"{query['id']} Q0 {numbered[hit.id]} {rank} {N_HITS + 1 - rank} isthmus\n"


def _write(to: Path, lines: Iterator[str]) -> None:
    try:
        with to.open("w", encoding="utf-8") as file:
            file.writelines(lines)
    except OSError as error:
        raise UsageError(f"{to} cannot be written ({error.strerror}): name another file with --run.") from error


def _documents(folder: Path) -> Iterator[Document]:
    for number, row in enumerate(_rows(folder / "corpus.jsonl"), start=1):
        yield Document(
            id=number, revision="1", url=f"/publications/{number}/", kind="post", title=row["title"], summary="",
            language="en", people=(), series_slug="", series_title="", categories=(), published_on=None,
            published_at=None, released_at=None, body_text=row["text"], other_text="",
        )  # fmt: skip


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            for n_line, line in enumerate(file, start=1):
                if line.strip():
                    yield _row(line, f"{path}, line {n_line}")
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): a judged collection has it.") from error


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
        return {"id": str(row["id"]), "title": str(row.get("title") or ""), "text": str(row.get("text") or "")}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f'{where}: write an object with "id" and "text".') from error


def _counted(source: Iterator[Document], tick: Tick) -> Iterator[Document]:
    for document in source:
        yield document
        tick(1)
