"""What rows are called outside of this database: by address, by file, never by number.

A body refers to pictures, files, pieces and pages by number; in an export by these names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from isthmus.dossiers.models import Subject
from isthmus.mailing.models import SavedSearch
from isthmus.publications.models import (
    Category,
    CategoryAxis,
    Document,
    Image,
    Person,
    Publication,
    Series,
    StandardPage,
)
from isthmus.publications.recording import publication_path

_REFERENCE = re.compile(r"<(?:a|embed)\s[^>]*>")
_KIND = re.compile(r'\b(?:linktype|embedtype)="(\w+)"')
_ID = re.compile(r'\bid="([^"]*)"')
_KINDS = {"document": "document", "image": "image", "publication": "publication", "page": "page"}
# Of `series:2`, as subscriptions and consents name what is followed.
_FOLLOWED = {"series": "series", "person": "person", "category": "category", "subject": "subject", "search": "search"}


class Names:
    """The names of all rows that others refer to, both ways; looked up once."""

    def __init__(self) -> None:
        self._names: dict[str, dict[int, str]] = {}
        self._numbers: dict[str, dict[str, int]] = {}
        for kind, rows in _rows().items():
            self._names[kind] = dict(rows)
            self._numbers[kind] = {name: pk for pk, name in self._names[kind].items()}

    def add(self, kind: str, number: int, name: str) -> None:
        """Know a row that was just made."""
        self._names[kind][number], self._numbers[kind][name] = name, number

    def name(self, kind: str, number: int | None) -> str:
        """What the row is called; empty for none."""
        return self._names[kind].get(number, "") if number is not None else ""

    def number(self, kind: str, name: str) -> int | None:
        """The row of that name; None where there is none."""
        return self._numbers[kind].get(name)

    def outward(self, value: Any) -> Any:
        """A stored body, or a part of one, with names in place of numbers; without the ids of its blocks."""
        return _walked(value, self._reference_out, self.name)

    def inward(self, value: Any) -> Any:
        """What `outward` made, with the numbers of this database; a reference to nothing keeps its words."""
        return _walked(value, self._reference_in, self.number)

    def _reference_out(self, kind: str, number: str) -> str | None:
        return self.name(kind, int(number)) or None if number.isdigit() else number

    def _reference_in(self, kind: str, name: str) -> str | None:
        number = self.number(kind, name)
        return str(number) if number is not None else None

    def followed_out(self, subject: str) -> str:
        """`series:2` as `series:the-peninsula`; what is followed no more keeps its number behind a #."""
        kind, colon, number = subject.partition(":")
        if not colon or kind not in _FOLLOWED or not number.isdigit():
            return subject
        return f"{kind}:{self.name(kind, int(number)) or f'#{number}'}"

    def followed_in(self, subject: str) -> str:
        """What `followed_out` was made of, with this database's number."""
        kind, colon, name = subject.partition(":")
        number = self.number(kind, name) if colon and kind in _FOLLOWED else None
        return f"{kind}:{number}" if number is not None else subject


def _rows() -> dict[str, Iterable[tuple[int, str]]]:
    pieces = Publication.objects.values_list("pk", "slug", "series__slug")
    categories = Category.objects.values_list("pk", "axis__slug", "slug")
    return {
        "image": Image.objects.values_list("pk", "file"),
        "document": Document.objects.values_list("pk", "file"),
        "series": Series.objects.values_list("pk", "slug"),
        "person": Person.objects.values_list("pk", "slug"),
        "axis": CategoryAxis.objects.values_list("pk", "slug"),
        "category": ((pk, f"{axis}/{slug}") for pk, axis, slug in categories),
        "publication": ((pk, publication_path(slug, series)) for pk, slug, series in pieces),
        "page": StandardPage.objects.values_list("pk", "url_path"),
        "subject": Subject.objects.values_list("pk", "slug"),
        "search": SavedSearch.objects.values_list("pk", "key"),
    }


def _walked(value: Any, in_text: Callable[[str, str], str | None], of_block: Callable[[str, Any], Any]) -> Any:
    """The value with every reference changed: of picture and file blocks, and of links in texts."""
    if isinstance(value, str):
        return _REFERENCE.sub(lambda found: _tag(found[0], in_text), value) if "type=" in value else value
    if isinstance(value, list):
        return [_walked(part, in_text, of_block) for part in value]
    if not isinstance(value, dict):
        return value
    kind, inside = value.get("type"), value.get("value")
    if kind == "image" and isinstance(inside, dict):
        return {**value, "value": {**inside, "image": of_block("image", inside.get("image"))}}
    if kind == "file" and isinstance(inside, dict):
        return {**value, "value": {**inside, "document": of_block("document", inside.get("document"))}}
    return {name: _walked(part, in_text, of_block) for name, part in value.items()}


def _tag(tag: str, changed: Callable[[str, str], str | None]) -> str:
    kind, number = _KIND.search(tag), _ID.search(tag)
    if not kind or not number or kind[1] not in _KINDS:
        return tag
    new = changed(_KINDS[kind[1]], number[1])
    # A reference to nothing stays what it was, and leads nowhere here as there.
    return tag if new is None else f"{tag[: number.start(1)]}{new}{tag[number.end(1) :]}"
