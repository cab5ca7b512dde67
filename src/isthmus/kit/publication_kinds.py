"""Kinds of publication as data: what an institute calls its pieces, and the extra fields each kind has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from isthmus.kit.errors import UsageError

FIELD_TYPES = ("text", "textarea", "url", "datetime", "duration", "number", "document")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class KindError(UsageError):
    """A table `[kinds.<name>]` that cannot be used."""


@dataclass(frozen=True)
class KindField:
    """One extra field of a kind; `type` is one of FIELD_TYPES."""

    name: str
    label: str
    type: str


@dataclass(frozen=True)
class Kind:
    """A kind of publication: its name in addresses and files, its words, its extra fields in order."""

    name: str
    label: str
    plural: str
    fields: tuple[KindField, ...] = ()


_NUMBERED = (KindField("number", "Number", "text"), KindField("pdf", "PDF", "document"))
_MEDIA = (
    KindField("media_url", "Media address", "url"),
    KindField("duration", "Duration", "duration"),
    KindField("transcript", "Transcript", "textarea"),
)
_HAPPENING = (
    KindField("start", "Start", "datetime"),
    KindField("end", "End", "datetime"),
    KindField("place", "Place", "text"),
    KindField("link", "Link", "url"),
)
# The seven kinds of contract.md, "Kinds". A table in isthmus.toml replaces one of them or adds another.
DEFAULT_KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("post", "Post", "Posts"),
        Kind("paper", "Paper", "Papers", _NUMBERED),
        Kind("report", "Report", "Reports", _NUMBERED),
        Kind("testimony", "Testimony", "Testimonies"),
        Kind("podcast", "Podcast", "Podcasts", _MEDIA),
        Kind("video", "Video", "Videos", _MEDIA),
        Kind("event", "Event", "Events", _HAPPENING),
    )
}


def kinds_from(tables: Any) -> dict[str, Kind]:
    """The default kinds with those of the `[kinds]` tables over them; what a table leaves out keeps its default.

    Raises: KindError that names the kind, the value, and what to write instead.
    """
    if not isinstance(tables, dict):
        raise KindError("kinds must be tables: write [kinds.brief] and below it label = …, plural = …, fields = […].")
    return DEFAULT_KINDS | {name: _kind(name, table) for name, table in tables.items()}


def _kind(name: str, table: Any) -> Kind:
    _named(name, where="kinds")
    known = DEFAULT_KINDS.get(name)
    if not isinstance(table, dict):
        raise KindError(f"kinds.{name} is not a table: write [kinds.{name}] and below it label = …")
    _only(table, ("label", "plural", "fields"), where=f"kinds.{name}")
    label = table.get("label", known.label if known else name.replace("_", " ").capitalize())
    plural = table.get("plural", known.plural if known else f"{label}s")
    _worded(label, where=f"kinds.{name}.label")
    _worded(plural, where=f"kinds.{name}.plural")
    if "fields" not in table:
        return Kind(name, label, plural, known.fields if known else ())
    return Kind(name, label, plural, _fields(table["fields"], where=f"kinds.{name}.fields"))


def _fields(rows: Any, *, where: str) -> tuple[KindField, ...]:
    if not isinstance(rows, list):
        raise KindError(f'{where} is not a list: write [{{ name = "number", label = "Number", type = "number" }}].')
    declared = tuple(_field(row, where=where) for row in rows)
    if len({field.name for field in declared}) < len(declared):
        raise KindError(f"{where} has two fields of one name: give each field a name of its own.")
    return declared


def _field(row: Any, *, where: str) -> KindField:
    if not isinstance(row, dict):
        raise KindError(f'{where} has {row!r}, which is no field: write {{ name = "…", label = "…", type = "text" }}.')
    _only(row, ("name", "label", "type"), where=where)
    name = _named(row.get("name"), where=where)
    label = _worded(row.get("label", name.replace("_", " ").capitalize()), where=f"{where}.{name}.label")
    if row.get("type", "text") not in FIELD_TYPES:
        raise KindError(f"{where}.{name} has type {row['type']!r}: write one of {', '.join(FIELD_TYPES)}.")
    return KindField(name, label, row.get("type", "text"))


def _named(name: Any, *, where: str) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise KindError(f"{where} has the name {name!r}: write lower-case letters, digits and _, a letter first.")
    return name


def _worded(text: Any, *, where: str) -> str:
    if not isinstance(text, str) or not text.strip() or not text.isprintable() or len(text) > 80:
        raise KindError(f"{where} is {text!r}: write a label of 1 to 80 characters in quotes.")
    return text


def _only(table: dict[str, Any], names: tuple[str, ...], *, where: str) -> None:
    for name in table:
        if name not in names:
            raise KindError(f"{where} has {name}, which means nothing here: write only {', '.join(names)}.")
