"""Publications as listings show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.encoding import iri_to_uri

from isthmus.publications import pictures
from isthmus.publications.models import Byline, Publication


@dataclass(frozen=True, slots=True)
class Link:
    """A named address; url is None where the public has no page for it."""

    name: str
    url: str | None
    role: str = ""


@dataclass(frozen=True, slots=True)
class SeriesLink:
    """A series as cards and pages name it."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """One piece in a listing."""

    url: str
    title: str
    kind: str
    kind_label: str
    series: SeriesLink | None
    published_on: date | None
    people: list[Link]
    summary: str
    image: pictures.Picture | None
    lang: str
    starts: datetime | None = None
    details: dict[str, Any] = field(default_factory=dict)


def kind_label(kind: str) -> str:
    """The kind's own word, such as "Testimony"; a kind that is no longer declared is shown by its name."""
    declared = settings.ISTHMUS.kinds.get(kind)
    return declared.label if declared else kind.capitalize()


def series_link(piece: Publication) -> SeriesLink | None:
    """The piece's series; it is public because the piece is."""
    return SeriesLink(piece.series.title, iri_to_uri(piece.series.path)) if piece.series else None


def card(piece: Publication, *, with_people: bool = True) -> Card:
    """A visible piece as a listing shows it; with_people False where its bylines were not fetched."""
    return Card(
        url=iri_to_uri(piece.path),
        title=piece.title,
        kind=piece.kind,
        kind_label=kind_label(piece.kind),
        series=series_link(piece),
        published_on=piece.published_on,
        people=_people(piece) if with_people else [],
        summary=piece.excerpt,
        image=pictures.picture(piece.lead_image, sizes="12rem") if piece.lead_image else None,
        lang=piece.language,
        starts=_start(piece),
        details=piece.details,
    )


def _people(piece: Publication) -> list[Link]:
    return [
        Link(line.name, iri_to_uri(line.person.path), line.role)
        for line in piece.bylines.all()
        if line.role in (Byline.Role.AUTHOR, Byline.Role.SPEAKER, Byline.Role.INTERVIEWEE)
    ]


def _start(piece: Publication) -> datetime | None:
    start = piece.details.get("start") if piece.kind == "event" else None
    return parse_datetime(str(start)) if start else None
