"""What each row of an export must look like, as plain values that a throw-away process can be told.

A shape is made of the columns of a model, so that a new column needs no line here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from isthmus.importers.own_export.media import KINDS
from isthmus.importers.own_export.pages import LINKS, PAGE, SETTINGS
from isthmus.importers.own_export.pieces import CONTENT, HISTORY
from isthmus.importers.own_export.tables import AFTER_PIECES, BEFORE_PIECES, Table
from isthmus.publications.models import Publication, SiteSettings, StandardPage

# (kind, most characters or 0, whether it may be null, the shape of what is inside).
Spec = tuple[str, int, bool, Any]
Shape = dict[str, Spec]
# (section, shape, the fields by which rows differ, the fields that must be there).
Section = tuple[str, Shape, tuple[str, ...], tuple[str, ...]]

_KINDS: tuple[tuple[type[Any], str], ...] = (
    (models.DateTimeField, "moment"),
    (models.DateField, "date"),
    (models.BooleanField, "bool"),
    (models.FloatField, "number"),
    (models.IntegerField, "int"),
    (models.JSONField, "json"),
    (models.URLField, "url"),
    (models.SlugField, "slug"),
)


def sections() -> list[Section]:
    """All that is in an export, in the order in which it can come in."""
    return [
        ("media", _media(), ("kind", "file"), ("kind", "file", "sha256")),
        *map(_of_table, BEFORE_PIECES),
        ("publications", _piece(), ("series", "slug"), ("series", "slug", "identity", "live", *_NEEDED)),
        ("pages", _page(), ("address", "home"), ("title",)),
        *map(_of_table, AFTER_PIECES),
        ("site", _site(), (), ()),
        ("subscribers", _subscriber(), ("email",), tuple(_subscriber())),
    ]


_NAME: Spec = ("text", 1000, False, None)
_NEEDED = ("title", "lead_image", "categories", "bylines", "attachments", "body")


def _of_table(table: Table) -> Section:
    shape: Shape = {}
    for spec in table.fields():
        if spec.name in table.refs:
            shape[spec.name] = ("text", 1000, True, None)
        else:
            shape[spec.name] = ("rich", 0, False, None) if spec.name in table.rich else _spec(spec)
    return table.file, shape, table.key, table.key


def _spec(column: models.Field[Any, Any]) -> Spec:
    kind = next((name for base, name in _KINDS if isinstance(column, base)), "text")
    if column.name == "path":
        kind = "path"
    return kind, getattr(column, "max_length", None) or 0, column.null, None


def _columns(model: type[models.Model], names: Iterable[str]) -> Shape:
    return {name: _spec(model._meta.get_field(name)) for name in names}


def _rows(shape: Mapping[str, Spec]) -> Spec:
    return "rows", 0, False, dict(shape)


def _media() -> Shape:
    found: Shape = {"kind": _NAME, "file": _NAME, "sha256": _NAME, "tags": ("texts", 0, False, None)}
    for model, fields in KINDS.values():
        found |= _columns(model, fields)
    return found


def _content() -> Shape:
    line = dict.fromkeys(("person", "role", "printed_name", "affiliation", "note"), _NAME)
    return _columns(Publication, CONTENT) | {
        "lead_image": _NAME,
        "categories": ("texts", 0, False, None),
        "bylines": _rows(line),
        "attachments": _rows({"document": _NAME, "title": _NAME}),
        "body": ("body", 0, False, None),
    }


def _piece() -> Shape:
    return _columns(Publication, HISTORY) | _content() | {
        "series": ("slug", 0, False, None),
        "identity": _NAME,
        "is_scheduled": ("bool", 0, False, None),
        "draft": ("row", 0, False, _content()),
    }  # fmt: skip


def _page() -> Shape:
    return _columns(StandardPage, (*PAGE, "summary")) | {
        "address": ("path", 2000, False, None),
        "home": ("bool", 0, False, None),
        "introduction": ("rich", 0, False, None),
        "featured": ("text", 2000, True, None),
        "body": ("body", 0, False, None),
    }


def _site() -> Shape:
    links = dict.fromkeys(LINKS, ("links", 0, False, None))
    return _columns(SiteSettings, SETTINGS) | links | {"logo": _NAME}


def _subscriber() -> Shape:
    moment: Spec = ("moment", 0, False, None)
    follows: Shape = {"subject": _NAME, "pace": _NAME, "created_at": moment, "confirmed_at": moment}
    consents: Shape = dict.fromkeys(("what", "form", "how", "network", "wording"), ("text", 5000, False, None))
    consents |= {"subjects": ("pairs", 0, False, None), "at": moment}
    return {
        "email": _NAME, "name": _NAME, "state": _NAME,
        **dict.fromkeys(("paused_until", "created_at", "confirmed_at", "left_at"), moment),
        "follows": _rows(follows), "consents": _rows(consents),
    }  # fmt: skip
