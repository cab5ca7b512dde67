"""An item after judgement: what the writer saves, in plain values that may cross from a throw-away process."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True)
class CleanedByline:
    """One person's part, as `publications.models.Byline` has it; printed_name is empty where it equals the name."""

    name: str
    role: str
    printed_name: str
    affiliation: str


@dataclass(slots=True)
class Cleaned:
    """One publication ready to be saved.

    body: the blocks as JSON text. body_hash: of the blocks without their ids. published_on, published_at: ISO 8601,
    the latter in UTC; None where the source has no date. status: release, draft or scheduled. warnings: (kind, text).
    former_paths: root-relative old addresses. slug: the source's own or what the title asks for, before collisions.
    type: piece or page. source_kind: the source's own word for the kind. labels: (taxonomy, label) of the source's
    other taxonomies. links: addresses in the body that may lead to another item. image_id: the picture above the piece;
    document_ids: files offered, each with its title. people: what the source's profiles say of the authors, as (name,
    biography, title, affiliation, old paths, number of the photo). parent: the id of the page it stands below.
    shelves: old listings of its labels, as (table of the map, label, path).
    """

    id: str
    source: str
    where: str
    content_hash: str
    title: str
    slug: str
    kind: str
    language: str
    summary: str
    body: str
    body_hash: str
    published_on: str | None
    published_at: str | None
    offset_min: int | None
    bylines: list[CleanedByline]
    categories: list[str]
    tags: list[str]
    series: str
    author_note: str
    disclaimer: str
    photo_credit: str
    external_url: str
    former_paths: list[str]
    status: str
    type: str = "piece"
    source_kind: str = ""
    labels: list[tuple[str, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    image_id: int | None = None
    image_caption: str = ""
    document_ids: list[tuple[int, str]] = field(default_factory=list)
    people: list[tuple[str, str, str, str, list[str], int | None]] = field(default_factory=list)
    parent: str = ""
    shelves: list[tuple[str, str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)

    def plain(self) -> tuple[Any, ...]:
        """The same as nested tuples of plain values."""
        values = [getattr(self, name) for name in _NAMES]
        values[_BYLINES_AT] = [(line.name, line.role, line.printed_name, line.affiliation) for line in self.bylines]
        return tuple(values)


def from_plain(values: tuple[Any, ...]) -> Cleaned:
    """What `plain` was made from. Raises: TypeError, ValueError for anything else."""
    named = dict(zip(_NAMES, values, strict=True))
    named["bylines"] = [CleanedByline(*line) for line in named["bylines"]]
    return Cleaned(**named)


_NAMES = tuple(spec.name for spec in fields(Cleaned))
_BYLINES_AT = _NAMES.index("bylines")
