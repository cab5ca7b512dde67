"""What the templates of the public pages show: a piece, a listing, a person, a category."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.encoding import iri_to_uri
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from isthmus.kit import collecting
from isthmus.publications import (
    cards,
    citations,
    context,
    further,
    listed,
    pictures,
    preparation,
    queries,
    recording,
    related,
    rendering,
)
from isthmus.publications.models import Byline, Document, Publication


@dataclass(frozen=True, slots=True)
class ShownByline:
    """One person on a piece: the name as printed, the record's name and page, what was true of them that day."""

    name: str
    person_name: str
    url: str
    role: str
    affiliation: str


@dataclass(frozen=True, slots=True)
class CategoryLink:
    """A category as a piece names it."""

    label: str
    url: str
    axis_label: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One field of the piece's kind, such as an event's place."""

    label: str
    value_html: str


@dataclass(frozen=True, slots=True)
class Related:
    """A related piece and why it is shown."""

    card: cards.Card
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class PiecePage:
    """Everything a publication's page shows."""

    title: str
    url: str
    lang: str
    kind: str
    kind_label: str
    number: str
    series: cards.SeriesLink | None
    published_on: date | None
    published_iso: str
    updated_on: date | None
    bylines: list[ShownByline]
    byline_line: str
    categories: list[CategoryLink]
    lead_image: pictures.Picture | None
    body_html: SafeString
    contents: tuple[rendering.Section, ...]
    author_notes: list[str]
    disclaimer: str
    photo_credits: list[SafeString]
    attachments: list[pictures.ShownFile]
    details: list[Detail]
    external_url: str
    return_label: str
    return_url: str
    related: list[Related]
    further: list[further.Further]
    cite: citations.Citation
    json_ld: SafeString
    meta: list[dict[str, str]]
    preview: bool


def piece_page(piece: Publication, *, preview: bool = False) -> PiecePage:
    """The page of a visible piece; with preview, of a draft that only an editor sees."""
    # What moves only where it stands among its series changes this page, and no card of it elsewhere.
    collecting.note(f"self:{piece.pk}")
    body = rendering.render_body(piece.body.raw_data)
    image = pictures.picture(piece.lead_image, caption=piece.lead_image_caption) if piece.lead_image else None
    files = _files(piece)
    return_label, return_url = _way_back(piece)
    url = iri_to_uri(piece.path)
    return PiecePage(
        title=piece.title,
        url=url,
        lang=piece.language,
        kind=piece.kind,
        kind_label=cards.kind_label(piece.kind),
        number=str(piece.details.get("number") or ""),
        series=cards.series_link(piece),
        published_on=piece.published_on,
        published_iso=piece.published_on.isoformat() if piece.published_on else "",
        updated_on=piece.updated_on,
        bylines=_bylines(piece),
        byline_line=byline_line(piece),
        categories=_categories(piece),
        lead_image=image,
        body_html=body.html,
        contents=body.contents,
        author_notes=_notes(piece),
        disclaimer=piece.disclaimer,
        photo_credits=_photo_credits(piece, image, body),
        attachments=files,
        details=_details(piece),
        external_url=piece.external_url,
        return_label=return_label,
        return_url=return_url,
        related=[] if preview else [_related(row) for row in related.related(piece)],
        further=[] if preview else further.of_piece(piece.pk),
        cite=citations.cite(piece, url=url),
        json_ld=citations.json_ld(piece, image=image),
        meta=citations.meta(piece, image=image, pdf_url=next((f.url for f in files if f.type == "PDF"), None)),
        preview=preview,
    )


def preview_context(piece: Publication, request: HttpRequest) -> dict[str, Any]:
    """For Wagtail's preview: the page of a draft, with the slug and date it would get."""
    piece.slug = piece.slug or "preview"
    piece.excerpt = piece.summary
    return {"request": request, "piece": piece_page(piece, preview=True), "site": context.current_site()}


def _related(row: related.RelatedPiece) -> Related:
    series = cards.SeriesLink(row.series_title, iri_to_uri(f"/{row.series_slug}/")) if row.series_title else None
    shown = cards.Card(
        url=iri_to_uri(recording.publication_path(row.slug, row.series_slug)),
        title=row.title,
        kind=row.kind,
        kind_label=cards.kind_label(row.kind),
        series=series,
        published_on=row.published_on,
        people=[],
        summary="",
        image=None,
        lang=row.language,
    )
    return Related(shown, row.reasons)


def byline_line(piece: Publication) -> str:
    """ "By Robert R. King", "By A, B and C": the authors as printed; empty for a piece without any."""
    names = [line.name for line in piece.bylines.all() if line.role == Byline.Role.AUTHOR]
    if not names:
        return ""
    return "By " + (f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0])


def _files(piece: Publication) -> list[pictures.ShownFile]:
    """The files of the piece's kind, such as a report's PDF, then the others; each once."""
    attached = {file.document_id: (file.document, file.title) for file in piece.attachments.all()}
    own = [pk for pk in preparation.detail_document_ids(piece) if pk not in attached]
    named = {row.pk: (row, "") for row in Document.objects.filter(pk__in=own)} if own else {}
    return [pictures.shown_file(row, title=title) for row, title in (named | attached).values()]


def _bylines(piece: Publication) -> list[ShownByline]:
    order = [role.value for role in Byline.Role]
    lines = sorted(piece.bylines.all(), key=lambda line: order.index(line.role))
    return [
        ShownByline(line.name, line.person.name, iri_to_uri(line.person.path), line.role, line.affiliation)
        for line in lines
    ]


def _categories(piece: Publication) -> list[CategoryLink]:
    rows = sorted(piece.categories.all(), key=lambda row: (row.axis.position, row.axis.label, row.label))
    return [CategoryLink(row.label, iri_to_uri(row.path), row.axis.label) for row in rows]


def _notes(piece: Publication) -> list[str]:
    return [piece.author_note] if piece.author_note else [line.note for line in piece.bylines.all() if line.note]


def _photo_credits(
    piece: Publication, image: pictures.Picture | None, body: rendering.RenderedBody
) -> list[SafeString]:
    if piece.photo_credit:
        return [format_html("{}", piece.photo_credit)]
    return [format_html("Picture: {}", image.credit_html)] if image and image.credit_html else []


def _way_back(piece: Publication) -> tuple[str, str]:
    number = queries.page_number_of(piece, size=settings.ISTHMUS.listing_page_size)
    if piece.series:
        return f"Return to {piece.series.title_in_running_text}", f"{iri_to_uri(piece.series.path)}?page={number}"
    return "Return to all publications", f"/publications/?page={number}"


def _details(piece: Publication) -> list[Detail]:
    declared = settings.ISTHMUS.kinds.get(piece.kind)
    shown = []
    for field in declared.fields if declared else ():
        value = piece.details.get(field.name)
        if value and field.name != "number" and field.type != "document":
            shown.append(Detail(field.label, _SHOW.get(field.type, _as_text)(value)))
    return shown


def _as_text(value: Any) -> str:
    return format_html("{}", value)


def _as_link(value: Any) -> str:
    return format_html('<a href="{}">{}</a>', value, str(value).removeprefix("https://").removeprefix("http://"))


def _as_moment(value: Any) -> str:
    at = parse_datetime(str(value))
    if at is None:
        return _as_text(value)
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), date_format(at, "F j, Y, H:i"))


def _as_paragraphs(value: Any) -> str:
    return format_html('<details><summary>Read</summary><div class="transcript">{}</div></details>', value)


_SHOW: dict[str, Callable[[Any], str]] = {"url": _as_link, "datetime": _as_moment, "textarea": _as_paragraphs}


@dataclass(frozen=True, slots=True)
class PageNumber:
    """One step of a pager."""

    number: int
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class ShownPage:
    """One page of a listing or a search with the ways to the others; numbers of a listing count from the oldest.

    items: the cards of a listing; a search shows its hits itself.
    """

    number: int
    n_pages: int
    items: list[cards.Card]
    newer_url: str | None
    older_url: str | None
    newest_url: str
    oldest_url: str
    numbers: list[PageNumber | None]


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing of visible pieces."""

    heading: str
    kicker: str
    summary_html: str
    url: str
    feed_url: str
    total: int
    noun: str
    page: ShownPage


def listing(
    *,
    name: str,
    path: str,
    heading: str,
    kicker: str = "",
    summary_html: str = "",
    number: int | None,
) -> Listing | None:
    """One page of a listing; None for a page number that does not exist. name: as `listed.rows_of` has it."""
    found = listed.page_of(name, number=number, size=settings.ISTHMUS.listing_page_size)
    if found is None:
        return None
    collecting.note(f"list:{name}", f"list:{name}:{found.number}")
    if found.number == found.n_pages:
        collecting.note(f"list:{name}:newest")
    url = iri_to_uri(path)
    feed_url = "/feed/" if path == "/publications/" else f"{url}feed/"
    return Listing(heading, kicker, summary_html, url, feed_url, found.total, "publications", _shown_page(found, url))


def _shown_page(found: listed.Slice, url: str) -> ShownPage:
    def address(number: int) -> str:
        return url if number == found.n_pages else f"{url}?page={number}"

    at, last = found.number, found.n_pages
    return ShownPage(
        number=at,
        n_pages=last,
        items=listed.cards_of(found.pieces),
        newer_url=address(at + 1) if at < last else None,
        older_url=address(at - 1) if at > 1 else None,
        newest_url=url,
        oldest_url=address(1),
        numbers=[PageNumber(step, address(step), step == at) if step else None for step in _steps(at, last)],
    )


def _steps(at: int, last: int) -> list[int | None]:
    """The page numbers a pager offers, newest first: both ends, two on each side of this one, None for a gap."""
    wanted = sorted({1, last, *range(max(1, at - 2), min(last, at + 2) + 1)}, reverse=True)
    steps: list[int | None] = []
    for number in wanted:
        if steps and steps[-1] is not None and steps[-1] - number > 1:
            steps.append(None if steps[-1] - number > 2 else steps[-1] - 1)
        steps.append(number)
    return steps
