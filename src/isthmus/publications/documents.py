"""The one shape that crosses folder borders: a publication as search, dossiers, mailing and edition see it.

A Document holds plain values only, never Wagtail's objects; it is made from what the public may see.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from isthmus.publications import attached_text, rendering, visibility
from isthmus.publications.models import Attachment, Byline, Category, Publication
from isthmus.publications.recording import publication_path
from isthmus.publications.staged import staged_by

# Held in memory at once by `documents`; a report may have 130,000 characters.
_BATCH = 200


@dataclass(frozen=True, slots=True)
class PersonName:
    """One name on a document: as printed there, the record's own name, the role."""

    id: int
    printed: str
    name: str
    role: str
    slug: str


@dataclass(frozen=True, slots=True)
class CategoryName:
    """One category of a document, with the branches above it, the nearest first; those name none above themselves."""

    id: int
    axis: str
    slug: str
    label: str
    above: tuple["CategoryName", ...] = ()

    @property
    def key(self) -> str:
        """What tells it from all others: `region/east-asia`."""
        return f"{self.axis}/{self.slug}"


@dataclass(frozen=True, slots=True)
class Document:
    """A visible publication in plain values.

    id: the publication's number. revision: changes whenever anything public in it does. url: root-relative.
    body_text: the body as plain text, one paragraph a line, footnotes last. passages: the same text as its
    paragraphs. other_text: captions, credits, notes, affiliations, titles of attached files. attached_text: what
    stands inside those files, one paragraph a line, up to 2,000,000 characters a file.
    published_on: the date as printed; None for a piece without one. happened: days, months and years of what readers
    may see as having happened, such as 2019-06; empty but for whom `search.happened` brings it, and in no revision.
    """

    id: int
    revision: str
    url: str
    kind: str
    title: str
    summary: str
    language: str
    people: tuple[PersonName, ...]
    series_slug: str
    series_title: str
    categories: tuple[CategoryName, ...]
    published_on: date | None
    published_at: datetime | None
    released_at: datetime | None
    body_text: str
    other_text: str
    attached_text: str = ""
    happened: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The journal's name for the publication."""
        return f"pub:{self.id}"


def documents(publication_ids: Iterable[int]) -> Iterator[Document]:
    """The visible ones among these publications, in batches; what the public may not see is left out."""
    return _of(visibility.publications(), publication_ids)


def staged(publication_ids: Iterable[int], *, run: str) -> Iterator[Document]:
    """Those that a run has staged, as the public will see them once it is released; see `documents`.

    The one way around the gate: for an index in the making, which nobody can open before the release.
    """
    return _of(staged_by(run), publication_ids)


def visible_ids(*, after: int = 0, limit: int = 1000) -> list[int]:
    """Numbers of visible publications above `after`, ascending: for walking all of them by key."""
    rows = visibility.publications().filter(pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def revisions(*, after: int = 0, limit: int = 5000) -> dict[int, str]:
    """Number and revision of visible publications above `after`, ascending: for checking an index."""
    rows = visibility.publications().filter(pk__gt=after).order_by("pk")
    found = dict(rows.values_list("pk", "fingerprint")[:limit])
    files = attached_text.files_read(found)
    return {number: _revision(fingerprint, files.get(number, ())) for number, fingerprint in found.items()}


_COLUMNS = (
    "pk", "fingerprint", "slug", "kind", "title", "summary", "language", "published_on", "published_at", "released_at",
    "body", "lead_image_caption", "photo_credit", "author_note", "series__slug", "series__title",
    "lead_image__creator", "lead_image__credit_line",
)  # fmt: skip
_BYLINE_COLUMNS = (
    "publication_id", "person_id", "printed_name", "person__name", "role", "person__slug", "affiliation", "note",
)  # fmt: skip
_CATEGORY_COLUMNS = (
    "publication_id", "category__parent_id", "category_id", "category__axis__slug", "category__slug", "category__label",
)  # fmt: skip
_ABOVE_COLUMNS = ("parent_id", "pk", "axis__slug", "slug", "label")


def _of(rows: QuerySet[Publication], publication_ids: Iterable[int]) -> Iterator[Document]:
    wanted = list(publication_ids)
    for start in range(0, len(wanted), _BATCH):
        yield from _with_attached_text(_batch(rows, wanted[start : start + _BATCH]))


def _with_attached_text(found: list[Document]) -> Iterator[Document]:
    """The Documents with what stands in their files, one after the other: texts of a whole batch could be 400 MB."""
    files = attached_text.files_read(document.id for document in found)
    for document in found:
        if read := files.get(document.id):
            revision = _revision(document.revision, read)
            yield replace(document, revision=revision, attached_text=attached_text.text_of(read))
        else:
            yield document


def _revision(fingerprint: str, files_read: Iterable[attached_text.FileRead]) -> str:
    """The row's fingerprint and what was read of each file, which comes when the piece may long be released."""
    return ".".join([fingerprint, *(file.content_hash[:16] for file in files_read)])


def _batch(among: QuerySet[Publication], numbers: list[int]) -> list[Document]:
    """Four queries for plain values: rows made into models with their relations cost twice as much as all the rest.

    One more for each level that stands above the categories of these pieces.
    """
    lines = Byline.objects.filter(publication__in=numbers).order_by("sort_order", "id")
    branches = Publication.categories.through.objects.filter(publication__in=numbers).order_by("category__label")
    files = Attachment.objects.filter(publication__in=numbers).order_by("sort_order", "id")
    bylines = _grouped(lines.values_list(*_BYLINE_COLUMNS))
    categories = _grouped(branches.values_list(*_CATEGORY_COLUMNS))
    titles = _grouped(files.values_list("publication_id", "title", "document__title"))
    above = _branches_above(parent for rows in categories.values() for parent, *_ in rows)
    rows = among.filter(pk__in=numbers).order_by("pk").values(*_COLUMNS)
    return [
        _document(
            row, bylines.get(row["pk"], []), _named(categories.get(row["pk"], []), above), titles.get(row["pk"], [])
        )
        for row in rows
    ]


def _branches_above(parents: Iterable[int | None]) -> dict[int, tuple[CategoryName, ...]]:
    """For each of these categories itself and all above it, the nearest first."""
    found: dict[int, tuple[int | None, CategoryName]] = {}
    wanted = set(parents)
    while waiting := {pk for pk in wanted if pk is not None and pk not in found}:
        rows = Category.objects.filter(pk__in=waiting).values_list(*_ABOVE_COLUMNS)
        found |= {row[1]: (row[0], CategoryName(*row[1:])) for row in rows}
        wanted = {found[pk][0] for pk in waiting if pk in found}
    return {pk: tuple(_climbed(pk, found)) for pk in found}


def _climbed(start: int, found: dict[int, tuple[int | None, CategoryName]]) -> Iterator[CategoryName]:
    at: int | None = start
    seen: set[int] = set()
    # A tree that bites its own tail cannot be made by editors, but a database can hold one.
    while at in found and at not in seen:
        seen.add(at)
        at, name = found[at]
        yield name


def _named(rows: list[tuple[Any, ...]], above: dict[int, tuple[CategoryName, ...]]) -> tuple[CategoryName, ...]:
    return tuple(CategoryName(pk, axis, slug, label, above.get(parent, ())) for parent, pk, axis, slug, label in rows)


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    """The rows by their first value, which is taken off."""
    groups: dict[int, list[tuple[Any, ...]]] = {}
    for number, *rest in rows:
        groups.setdefault(number, []).append(tuple(rest))
    return groups


def _document(
    row: dict[str, Any],
    bylines: list[tuple[Any, ...]],
    categories: tuple[CategoryName, ...],
    files: list[tuple[Any, ...]],
) -> Document:
    about_authors = [said for *_, affiliation, note in bylines for said in (affiliation, note)]
    other = [row[name] for name in ("lead_image_caption", "photo_credit", "author_note")]
    other += [row["lead_image__creator"], row["lead_image__credit_line"], *about_authors]
    other += [title or of_file for title, of_file in files]
    return Document(
        id=row["pk"],
        revision=row["fingerprint"],
        url=publication_path(row["slug"], row["series__slug"]),
        series_slug=row["series__slug"] or "",
        series_title=row["series__title"] or "",
        people=tuple(
            PersonName(person_id, printed or name, name, role, slug)
            for person_id, printed, name, role, slug, *_ in bylines
        ),
        categories=categories,
        body_text=rendering.plain_text(row["body"].raw_data),
        other_text="\n".join(part for part in other if part),
        **{name: row[name] for name in _SAME_NAMES},
    )


_SAME_NAMES = ("kind", "title", "summary", "language", "published_on", "published_at", "released_at")
