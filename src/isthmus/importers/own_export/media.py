"""Pictures and files: their data as rows, themselves below `files/` under the names they have in the store."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.base import File

from isthmus.importers.own_export.names import Names
from isthmus.importers.own_export.tables import Row
from isthmus.publications.models import Document, Image

_IMAGE = (
    "title", "description", "alt_text", "creator", "source_url", "licence", "licence_version", "licence_url",
    "credit_line", "focal_point_x", "focal_point_y", "focal_point_width", "focal_point_height",
)  # fmt: skip
_DOCUMENT = ("title",)
# What each kind of medium is, and its columns in an export.
KINDS: dict[str, tuple[type[Any], tuple[str, ...]]] = {"image": (Image, _IMAGE), "document": (Document, _DOCUMENT)}
_CHUNK_BYTES = 1 << 20


def rows_out(folder: Path) -> Iterator[Row]:
    """One row a picture or file, which is copied below the folder on the way; one that is not there says so."""
    for kind, (model, fields) in KINDS.items():
        for medium in model.objects.order_by("file").prefetch_related("tags").iterator(chunk_size=200):
            row: Row = {"kind": kind, "file": medium.file.name}
            row |= {name: getattr(medium, name) for name in fields}
            row["tags"] = sorted(medium.tags.names())
            row["sha256"] = _copied_out(medium, folder / medium.file.name)
            yield row


def _copied_out(medium: Any, path: Path) -> str:
    """Copy the file; its hash (SHA-256, hexadecimal), empty where the store has no such file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with medium.file.storage.open(medium.file.name, "rb") as source, path.open("wb") as target:
            shutil.copyfileobj(source, target, _CHUNK_BYTES)
    except FileNotFoundError:
        path.unlink(missing_ok=True)
        return ""
    return _sha256(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def bring_in(row: Row, folder: Path, names: Names) -> bool:
    """Make the picture or file of a row, unless it is here; returns whether it was made.

    row: checked, with the width and height of a picture as the throw-away process found them; nobody opens it here.
    """
    name = str(row["file"])
    if names.number(row["kind"], name) is not None:
        return False
    model, fields = KINDS[row["kind"]]
    medium = model(**{field: row[field] for field in fields if field in row})
    medium.file.name = _stored(medium, folder / name, name) if row["sha256"] else name
    if row["sha256"]:
        _measure(medium, row)
    medium.save()
    medium.tags.set(row.get("tags") or [])
    names.add(row["kind"], medium.pk, name)
    return True


def _stored(medium: Any, path: Path, name: str) -> str:
    """Put the file into the store under its own name; one of the same content that is there already is taken."""
    storage = medium.file.storage
    if storage.exists(name):
        with storage.open(name, "rb") as there:
            if hashlib.file_digest(there, "sha256").hexdigest() == _sha256(path):
                return name
    with path.open("rb") as file:
        return str(storage.save(name, File(file)))


def _measure(medium: Any, row: Row) -> None:
    """Size, hash and, of a picture, width and height, which the database keeps beside the name."""
    if isinstance(medium, Image):
        medium._set_image_file_metadata()
        medium.width, medium.height = row["width"], row["height"]
    else:
        medium._set_document_file_metadata()
