"""The one shape that crosses folder borders: a publication as search, dossiers, mailing and edition see it.

A Document holds plain values only, never Wagtail's objects; it is made from what the public may see.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from isthmus.publications import queries, rendering, visibility
from isthmus.publications.models import Publication

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
    """One category of a document, with its axis and the branches above it."""

    id: int
    axis: str
    slug: str
    label: str


@dataclass(frozen=True, slots=True)
class Document:
    """A visible publication in plain values.

    id: the publication's number. revision: changes whenever anything public in it does. url: root-relative.
    body_text: the body as plain text, one paragraph a line, footnotes last. passages: the same text as its
    paragraphs. other_text: captions, credits, notes, the title of attached files.
    published_on: the date as printed; None for a piece without one.
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

    @property
    def subject(self) -> str:
        """The journal's name for the publication."""
        return f"pub:{self.id}"


def documents(publication_ids: Iterable[int]) -> Iterator[Document]:
    """The visible ones among these publications, in batches; what the public may not see is left out."""
    wanted = list(publication_ids)
    for start in range(0, len(wanted), _BATCH):
        rows = queries.with_page_relations(visibility.publications().filter(pk__in=wanted[start : start + _BATCH]))
        yield from (document_of(row) for row in rows)


def visible_ids(*, after: int = 0, limit: int = 1000) -> list[int]:
    """Numbers of visible publications above `after`, ascending: for walking all of them by key."""
    rows = visibility.publications().filter(pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def revisions(*, after: int = 0, limit: int = 5000) -> dict[int, str]:
    """Number and revision of visible publications above `after`, ascending: for checking an index."""
    rows = visibility.publications().filter(pk__gt=after).order_by("pk")
    return dict(rows.values_list("pk", "fingerprint")[:limit])


def document_of(row: Publication) -> Document:
    """A publication in plain values; the caller has asked the gate."""
    return Document(
        id=row.pk,
        revision=row.fingerprint,
        url=row.path,
        kind=row.kind,
        title=row.title,
        summary=row.summary,
        language=row.language,
        people=_people(row),
        series_slug=row.series.slug if row.series else "",
        series_title=row.series.title if row.series else "",
        categories=_categories(row),
        published_on=row.published_on,
        published_at=row.published_at,
        released_at=row.released_at,
        body_text=rendering.plain_text(row.body.raw_data),
        other_text=_other_text(row),
    )


def _people(row: Publication) -> tuple[PersonName, ...]:
    return tuple(
        PersonName(line.person_id, line.name, line.person.name, line.role, line.person.slug)
        for line in row.bylines.all()
    )


def _categories(row: Publication) -> tuple[CategoryName, ...]:
    return tuple(
        CategoryName(category.pk, category.axis.slug, category.slug, category.label)
        for category in row.categories.all()
    )


def _other_text(row: Publication) -> str:
    image = row.lead_image
    parts = [row.lead_image_caption, row.photo_credit, row.author_note]
    if image:
        parts += [image.creator, image.credit_line]
    parts += [line.note for line in row.bylines.all()]
    parts += [str(file) for file in row.attachments.all()]
    return "\n".join(part for part in parts if part)
