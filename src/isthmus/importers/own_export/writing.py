"""`isthmus export OUT`: written beside and switched when it is whole, so that OUT is never half an export."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from isthmus.importers.own_export import media, pages, pieces, subscribers
from isthmus.importers.own_export.markdown import markdown_of
from isthmus.importers.own_export.names import Names
from isthmus.importers.own_export.tables import AFTER_PIECES, BEFORE_PIECES, Table, row_of
from isthmus.kit import files
from isthmus.kit.errors import UsageError
from isthmus.publications.models import Publication

FORMAT = 1
MANIFEST = "isthmus-export.json"
_BATCH = 200
# File systems take 255 bytes; a part file of some program beside it needs a few more.
_NAME_MAX_BYTES = 200


def write_export(out: Path, *, with_keys: bool = False, tick: Callable[[int], None] = lambda n: None) -> Counter[str]:
    """Write all there is into a directory that is new, empty or an earlier export; returns how many of what.

    One reading transaction, so that the export is of one moment. with_keys: also the keys of `data/secrets`.
    Raises: UsageError for a directory that holds something else; OSError.
    """
    _check(out)
    beside = out.with_name(f".{out.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        with transaction.atomic(), files.disk_full_said(beside):
            counts = _write(beside, tick)
        if with_keys:
            shutil.copytree(settings.DATA / "secrets", beside / "secrets")
        manifest = {"isthmus_export": FORMAT, "counts": dict(sorted(counts.items())), "has_keys": with_keys}
        files.write_durably(beside / MANIFEST, _json(manifest))
        _switch(beside, out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return counts


def _check(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file: name a directory for the export.")
    if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file():
        raise UsageError(f"{out} holds something that is no export: name a new directory, or empty this one.")


def _switch(beside: Path, out: Path) -> None:
    old = out.with_name(f".{out.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    beside.rename(out)
    files.sync_directory(out.parent)
    shutil.rmtree(old, ignore_errors=True)


def _write(folder: Path, tick: Callable[[int], None]) -> Counter[str]:
    names, counts = Names(), Counter[str]()
    for table in (*BEFORE_PIECES, *AFTER_PIECES):
        counts[table.file] = _write_rows(folder / f"{table.file}.jsonl", _rows(table, names))
    counts["media"] = _write_rows(folder / "media.jsonl", media.rows_out(folder / "files"))
    counts["pages"] = _write_rows(folder / "pages.jsonl", pages.rows_out(names))
    counts["site"] = _write_rows(folder / "site.jsonl", pages.site_out(names))
    counts["subscribers"] = _write_rows(folder / "subscribers.jsonl", subscribers.rows_out(names))
    for piece in _pieces():
        _write_piece(folder / "publications", piece, names)
        counts["publications"] += 1
        tick(1)
    return counts


def _rows(table: Table, names: Names) -> Iterator[dict[str, Any]]:
    order = table.key or ("pk",)
    for obj in table.model._default_manager.order_by(*(_column(table, name) for name in order)).iterator():
        yield row_of(obj, table, names)


def _column(table: Table, name: str) -> str:
    # Of what is named by another row, that row's own name decides the order, not its number.
    own = {"axis": "axis__slug", "subject": "subject__slug"}
    return own.get(name, name) if name in table.refs else name


def _pieces() -> Iterator[Publication]:
    rows = Publication.objects.filter(staged_in="").order_by("series__slug", "slug")
    related = ("bylines", "attachments", "categories")
    yield from rows.select_related("series").prefetch_related(*related).iterator(chunk_size=_BATCH)


def _write_piece(folder: Path, piece: Publication, names: Names) -> None:
    row = pieces.row_of(piece, names)
    path = folder / (row["series"] or "_") / file_name(row["slug"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_name(f"{path.name}.json").write_bytes(_json(row))
    path.with_name(f"{path.name}.md").write_text(markdown_of(row), "utf-8", errors="replace", newline="\n")


def file_name(slug: str) -> str:
    """A slug as the name of a file: cut where file systems would refuse it, and then told apart by a hash."""
    raw = slug.encode()
    if len(raw) <= _NAME_MAX_BYTES:
        return slug
    return f"{raw[: _NAME_MAX_BYTES - 20].decode('utf-8', 'ignore')}-{hashlib.sha256(raw).hexdigest()[:16]}"


def _write_rows(path: Path, rows: Iterator[dict[str, Any]]) -> int:
    n_rows = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            n_rows += 1
    return n_rows


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")
