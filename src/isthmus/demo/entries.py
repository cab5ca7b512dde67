"""What the content files say, as plain values: one class for each kind of file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of a menu."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Institute:
    """What the site settings hold; colours as #rrggbb, logo the file of a picture or empty."""

    name: str
    short_name: str
    tagline: str
    description: str
    disclaimer: str
    licence_note: str
    accent: str
    accent_dark: str
    address: str
    email: str
    time_zone: str
    logo: str
    menu: tuple[Link, ...]
    footer: tuple[Link, ...]
    social: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """One person; bio is Markdown, photo the file of a picture or empty."""

    slug: str
    name: str
    sort_name: str
    title: str
    affiliation: str
    bio: str
    note: str
    disclaimer: str
    email: str
    photo: str
    is_staff: bool


@dataclass(frozen=True, slots=True)
class SeriesEntry:
    """One series."""

    slug: str
    title: str
    summary: str
    disclaimer: str


@dataclass(frozen=True, slots=True)
class AxisEntry:
    """One way of dividing the work."""

    slug: str
    label: str


@dataclass(frozen=True, slots=True)
class CategoryEntry:
    """One branch; parent is the slug of another on the same axis, or empty."""

    axis: str
    slug: str
    label: str
    parent: str
    summary: str

    @property
    def key(self) -> str:
        """How pieces name it: `theme/summits`."""
        return f"{self.axis}/{self.slug}"


@dataclass(frozen=True, slots=True)
class PictureEntry:
    """One picture with its credit as data."""

    path: Path
    title: str
    alt: str
    creator: str
    source_url: str
    licence: str
    licence_version: str
    licence_url: str


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file that pieces offer."""

    path: Path
    title: str


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page proper: home, about, contact or privacy; body is Markdown."""

    where: str
    title: str
    slug: str
    summary: str
    body: str


@dataclass(frozen=True, slots=True)
class BylineEntry:
    """One person's part in a piece; what is empty comes from the person on release."""

    person: str
    role: str
    printed: str
    affiliation: str
    note: str


@dataclass(frozen=True, slots=True)
class PieceEntry:
    """One piece. published_at is in the offset of its place; None, with release_in_s set, for the scheduled one."""

    where: str
    title: str
    slug: str
    published_at: datetime | None
    release_in_s: int | None
    kind: str
    series: str
    language: str
    summary: str
    byline: tuple[BylineEntry, ...]
    categories: tuple[str, ...]
    image: str
    image_caption: str
    photo_credit: str
    disclaimer: str
    attachments: tuple[str, ...]
    details: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class SynonymsEntry:
    """Words that mean the same to the search, or of which the first finds the others."""

    terms: tuple[str, ...]
    is_one_way: bool


@dataclass(frozen=True, slots=True)
class PinEntry:
    """The pieces that come first when a question is asked, by their slugs."""

    question: str
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AliasEntry:
    """Words by which a subject of dossiers is found."""

    text: str
    companion: str
    is_ambiguous: bool


@dataclass(frozen=True, slots=True)
class TitleEntry:
    """An office and the days it was held, both inclusive."""

    text: str
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class SubjectEntry:
    """Whom or what a dossier can be about."""

    name: str
    kind: str
    note: str
    is_open: bool
    aliases: tuple[AliasEntry, ...]
    titles: tuple[TitleEntry, ...]


@dataclass(frozen=True, slots=True)
class NamedDateEntry:
    """A name for a stretch of days, both inclusive."""

    name: str
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class Content:
    """The whole demonstration; pieces oldest first, the scheduled one apart."""

    institute: Institute
    people: tuple[PersonEntry, ...]
    series: tuple[SeriesEntry, ...]
    axes: tuple[AxisEntry, ...]
    categories: tuple[CategoryEntry, ...]
    pictures: dict[str, PictureEntry]
    files: dict[str, FileEntry]
    synonyms: tuple[SynonymsEntry, ...]
    pins: tuple[PinEntry, ...]
    subjects: tuple[SubjectEntry, ...]
    named_dates: tuple[NamedDateEntry, ...]
    pages: tuple[PageEntry, ...]
    pieces: tuple[PieceEntry, ...]
    scheduled: PieceEntry
