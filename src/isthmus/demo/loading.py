"""The content as rows of an institute: site, people, series, categories, pictures, files, pages, pieces.

Every row is saved through `save()`, where the journal stands.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.images import ImageFile

from isthmus.demo import blocks
from isthmus.demo.entries import (
    BylineEntry,
    Content,
    Institute,
    Link,
    PageEntry,
    PersonEntry,
    PieceEntry,
    SubjectEntry,
)
from isthmus.dossiers import actions as dossier_actions
from isthmus.dossiers.actions import AliasKept, TitleKept
from isthmus.dossiers.models import NamedDate, Subject
from isthmus.publications import preparation
from isthmus.publications.models import (
    Attachment,
    Byline,
    Category,
    CategoryAxis,
    Document,
    HomePage,
    Image,
    Person,
    Publication,
    Series,
    SiteSettings,
    StandardPage,
)  # fmt: skip
from isthmus.search.models import Pin, SynonymSet

FLAGSHIP = "ardor-cools-across-the-narrows"


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is loaded so far, by the names the content files use: numbers of rows, and the categories themselves."""

    images: dict[str, int] = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    series: dict[str, int] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)
    pieces: dict[str, int] = field(default_factory=dict)


def load(content: Content) -> None:
    """Put the content into an institute fresh from `init`; the caller's transaction makes it all or nothing."""
    numbers = Numbers()
    _load_media(content, numbers)
    _load_site(content.institute, numbers)
    numbers.people.update({entry.slug: _person(entry, numbers).pk for entry in content.people})
    _load_series(content, numbers)
    _load_categories(content, numbers)
    _load_pages(content.pages, numbers)
    _load_pieces(content.pieces, numbers)
    _load_search(content, numbers)
    _load_dossiers(content)
    _finish_home(content.pages, numbers)


def save_unreleased(entry: PieceEntry) -> Publication:
    """The piece as a new row that nobody sees, in an institute that has been loaded before."""
    numbers = _numbers_in_database()
    piece = _saved(entry, numbers)
    piece.body = _body(entry, numbers)
    piece.save()
    return piece


def _numbers_in_database() -> Numbers:
    return Numbers(
        images={image.filename: image.pk for image in Image.objects.all()},
        documents={document.filename: document.pk for document in Document.objects.all()},
        people=dict(Person.objects.values_list("slug", "pk")),
        series=dict(Series.objects.values_list("slug", "pk")),
        categories={f"{row.axis.slug}/{row.slug}": row for row in Category.objects.select_related("axis")},
        pages=dict(StandardPage.objects.values_list("slug", "pk")),
        pieces=dict(Publication.objects.values_list("slug", "pk")),
    )


# --- site, people, series, categories -------------------------------------------------------------


def _load_media(content: Content, numbers: Numbers) -> None:
    for name, picture in content.pictures.items():
        with picture.path.open("rb") as opened:
            row = Image(
                title=picture.title,
                file=ImageFile(opened, name=name),
                alt_text=picture.alt,
                creator=picture.creator,
                source_url=picture.source_url,
                licence=picture.licence,
                licence_version=picture.licence_version,
                licence_url=picture.licence_url,
            )
            row.save()
        # An upload in the admin fills it in as well; addresses of pictures are made from it.
        row.get_file_hash()
        numbers.images[name] = row.pk
    for name, file in content.files.items():
        document = Document(title=file.title, file=ContentFile(file.path.read_bytes(), name=name))
        document.save()
        document.get_file_hash()
        numbers.documents[name] = document.pk


def _load_site(institute: Institute, numbers: Numbers) -> None:
    site = SiteSettings.objects.first() or SiteSettings()
    for name in ("name", "short_name", "tagline", "description", "disclaimer", "accent", "accent_dark"):
        setattr(site, name, getattr(institute, name))
    site.logo_id = numbers.images.get(institute.logo)
    site.menu, site.footer, site.social = (
        _links(rows) for rows in (institute.menu, institute.footer, institute.social)
    )
    site.footer_text = f"{institute.address}\n{institute.email}\n\n{institute.licence_note}"
    site.save()


def _links(rows: Iterable[Link]) -> list[tuple[str, dict[str, str]]]:
    return [("link", {"label": row.label, "url": row.url}) for row in rows]


def _person(entry: PersonEntry, numbers: Numbers) -> Person:
    person = Person(
        slug=entry.slug,
        name=entry.name,
        sort_name=entry.sort_name,
        title=entry.title,
        affiliation=entry.affiliation,
        bio=blocks.rich_text(entry.bio),
        note=entry.note,
        disclaimer=entry.disclaimer,
        email=entry.email,
        photo_id=numbers.images.get(entry.photo),
        is_public=entry.is_staff,
    )
    person.save()
    return person


def _load_series(content: Content, numbers: Numbers) -> None:
    for position, entry in enumerate(content.series, start=1):
        row = Series(
            slug=entry.slug,
            title=entry.title,
            summary=blocks.rich_text(entry.summary),
            disclaimer=entry.disclaimer,
            position=position,
        )
        row.save()
        numbers.series[entry.slug] = row.pk


def _load_categories(content: Content, numbers: Numbers) -> None:
    axes = {}
    for position, axis in enumerate(content.axes, start=1):
        axes[axis.slug] = CategoryAxis(slug=axis.slug, label=axis.label, position=position)
        axes[axis.slug].save()
    # Branches that hang from another come after it.
    for entry in sorted(content.categories, key=lambda entry: bool(entry.parent)):
        row = Category(
            axis=axes[entry.axis],
            slug=entry.slug,
            label=entry.label,
            parent=numbers.categories.get(f"{entry.axis}/{entry.parent}"),
            summary=blocks.rich_text(entry.summary),
        )
        row.save()
        numbers.categories[entry.key] = row


# --- pages proper ---------------------------------------------------------------------------------


def _load_pages(pages: Iterable[PageEntry], numbers: Numbers) -> None:
    """About, Contact and Privacy, of which `init` has made empty ones; home waits for the pieces it names."""
    numbers.pages.update(StandardPage.objects.values_list("slug", "pk"))
    for page in pages:
        if page.slug == "home":
            continue
        row = StandardPage.objects.get(slug=page.slug)
        row.title = row.draft_title = page.title
        row.summary = page.summary
        made = blocks.body_blocks(page.body, image_ids=numbers.images)
        row.body = json.dumps(_linked(made, numbers))
        row.save()


def _finish_home(pages: Iterable[PageEntry], numbers: Numbers) -> None:
    page = next(page for page in pages if page.slug == "home")
    home = HomePage.objects.get()
    home.title = home.draft_title = page.title
    home.search_description = page.summary
    home.introduction = _linked(blocks.rich_text(page.body), numbers)
    home.featured_id = numbers.pieces[FLAGSHIP]
    home.save()


def _linked(value: Any, numbers: Numbers) -> Any:
    return blocks.with_links(value, publication_ids=numbers.pieces, page_ids=numbers.pages)


# --- pieces ---------------------------------------------------------------------------------------


def _load_pieces(entries: Iterable[PieceEntry], numbers: Numbers) -> None:
    """Release every piece as if on its day: without revisions, as what moves in has none, and no news.

    All rows are there before the first body is written, since a piece may link to one that came out later.
    """
    rows = {entry.slug: _saved(entry, numbers) for entry in entries}
    numbers.pieces.update({slug: piece.pk for slug, piece in rows.items()})
    for entry in entries:
        piece = rows[entry.slug]
        piece.body = _body(entry, numbers)
        piece.released_at = piece.first_published_at = piece.last_published_at = piece.published_at
        piece.live = piece.is_backdated = True
        preparation.freeze(piece)
        piece.save()


def _saved(entry: PieceEntry, numbers: Numbers) -> Publication:
    """A row with everything but its body. What an editor has removed since from the demo is left out."""
    piece = Publication(
        title=entry.title,
        slug=entry.slug,
        kind=entry.kind,
        series_id=numbers.series.get(entry.series),
        language=entry.language,
        summary=entry.summary,
        lead_image_id=numbers.images.get(entry.image),
        lead_image_caption=entry.image_caption,
        photo_credit=entry.photo_credit,
        disclaimer=entry.disclaimer,
        details=_details(entry.details, numbers.documents),
        live=False,
        **_dates(entry.published_at),
    )
    piece.bylines = [_byline(line, numbers) for line in entry.byline if line.person in numbers.people]
    files = (numbers.documents.get(name) for name in entry.attachments)
    piece.attachments = [Attachment(document_id=number) for number in files if number]
    piece.save()
    piece.categories.set(numbers.categories[key] for key in entry.categories if key in numbers.categories)
    return piece


def _dates(at: datetime | None) -> dict[str, Any]:
    """The date as printed, in the offset of its place; none for a piece that gets its date on release."""
    if at is None:
        return {}
    offset = at.utcoffset()
    assert offset is not None
    return {"published_on": at.date(), "published_at": at, "published_offset_min": int(offset.total_seconds() // 60)}


def _byline(line: BylineEntry, numbers: Numbers) -> Byline:
    return Byline(
        person_id=numbers.people[line.person],
        role=line.role,
        printed_name=line.printed,
        affiliation=line.affiliation,
        note=line.note,
    )


def _details(details: Mapping[str, str], document_ids: Mapping[str, int]) -> dict[str, Any]:
    return {name: document_ids[value] if name == "pdf" else value for name, value in details.items()}


def _load_search(content: Content, numbers: Numbers) -> None:
    """What editors keep for the search, checked as their forms check it."""
    rows: list[SynonymSet | Pin] = [
        SynonymSet(terms=", ".join(entry.terms), is_one_way=entry.is_one_way) for entry in content.synonyms
    ]
    for entry in content.pins:
        pieces = (numbers.pieces[slug] for slug in entry.pieces)
        rows.append(
            Pin(question=entry.question, **dict(zip(("first_id", "second_id", "third_id"), pieces, strict=False)))
        )
    for row in rows:
        row.full_clean()
        row.save()


def _load_dossiers(content: Content) -> None:
    """The vocabulary, by the doors editors use; what it finds in the texts is mined afterwards."""
    for entry in content.named_dates:
        NamedDate.objects.create(name=entry.name, first_on=entry.first_on, last_on=entry.last_on)
    for subject in content.subjects:
        _keep_subject(subject)


def _keep_subject(entry: SubjectEntry) -> None:
    made = dossier_actions.keep_subject(
        Subject(kind=entry.kind, name=entry.name, note=entry.note),
        aliases=[AliasKept(alias.text, alias.companion, alias.is_ambiguous) for alias in entry.aliases],
        titles=[TitleKept(title.text, title.starts_on, title.ends_on) for title in entry.titles],
    )
    if entry.is_open:
        dossier_actions.open_dossier(made, by=None)


def _body(entry: PieceEntry, numbers: Numbers) -> str:
    return json.dumps(_linked(blocks.body_blocks(entry.body, image_ids=numbers.images), numbers))
