"""What a publication becomes on its way into the row: slug, dates, frozen notes, fingerprint, media uses."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from isthmus.kit import clock, text
from isthmus.publications import body, naming, recording, rendering
from isthmus.publications.models.addresses import FormerAddress, Withdrawal
from isthmus.publications.models.publication import DATELESS, Attachment, Byline, Publication

# Saves of only these fields change nothing a reader can see.
_PRIVATE_FIELDS = frozenset(
    {
        "latest_revision", "has_unpublished_changes", "draft_title", "locked", "locked_at", "locked_by", "owner",
        "go_live_at", "expire_at", "go_live_zone", "expire_zone", "staged_in",
    }
)  # fmt: skip

_PUBLIC_FIELDS = (
    "title", "slug", "kind", "series_id", "language", "summary", "published_on", "published_at", "updated_on",
    "lead_image_id", "lead_image_caption", "photo_credit", "author_note", "disclaimer", "external_url", "details",
)  # fmt: skip


def touches_public(fields: Iterable[str]) -> bool:
    """Whether a save of only these fields could change what the public sees."""
    return not set(fields) <= _PRIVATE_FIELDS


def prepare(piece: Publication, *, now: datetime) -> bool:
    """Complete the piece for saving; returns whether this save releases it for the first time."""
    fill_slug(piece)
    is_first_release = piece.live and piece.released_at is None
    if is_first_release:
        piece.released_at = now
        _date_release(piece, now=now)
        if not piece.identity:
            freeze(piece)
    if piece.published_on and (piece.published_at is None or _printed_on(piece) != piece.published_on):
        piece.published_at = datetime.combine(piece.published_on, time(), ZoneInfo(settings.TIME_ZONE))
        piece.published_offset_min = None
    piece.listed_at = piece.published_at or DATELESS
    piece.draft_title = piece.draft_title or piece.title
    piece.excerpt = excerpt(piece)
    piece.fingerprint = fingerprint(piece) if piece.live else ""
    return is_first_release


def excerpt(piece: Publication) -> str:
    """What listings show under the title: the summary, else how the body begins."""
    limit = settings.ISTHMUS.excerpt_max_chars
    if piece.summary:
        return text.shorten(piece.summary, limit)
    opening = rendering.beginning(piece.body.raw_data, n_chars=limit + 2)
    if len(opening) < limit + 2:
        opening = rendering.opening(piece.body.raw_data, n_chars=4 * limit)
    return text.shorten(opening, limit)


def fill_slug(piece: Publication) -> None:
    """Give the piece the first free address made from its title, unless it has one."""
    if piece.slug:
        return
    prefix = recording.publication_path("", piece.series.slug if piece.series else None)[:-1]
    piece.slug = naming.next_free(text.slug(piece.title), lambda slug: _is_taken(piece, slug, prefix))


def _is_taken(piece: Publication, slug: str, prefix: str) -> bool:
    path = f"{prefix}{slug}/"
    return (
        _stands_at(piece, slug)
        or FormerAddress.objects.filter(path=path).exclude(publication_id=piece.pk or 0).exists()
        or _withdrawn_from_another(piece, path)
        or slug == "feed"
    )


def has_twin(piece: Publication) -> bool:
    """Whether another row has the piece's slug in its series, which the database refuses."""
    return _stands_at(piece, piece.slug)


def _stands_at(piece: Publication, slug: str) -> bool:
    return Publication.objects.filter(series_id=piece.series_id, slug=slug).exclude(pk=piece.pk).exists()


def _withdrawn_from_another(piece: Publication, path: str) -> bool:
    found = Withdrawal.objects.filter(path=path).first()
    if found is None:
        return False
    is_its_own = found.publication_id is not None and found.publication_id == piece.pk
    return not (is_its_own or (piece.identity and found.identity == piece.identity))


def _printed_on(piece: Publication) -> Any:
    zone = piece.printed_zone
    at = piece.published_at
    return at.astimezone(zone).date() if zone else clock.local_date(at, settings.TIME_ZONE)


def _date_release(piece: Publication, *, now: datetime) -> None:
    """A piece without a date is published at the moment it is released, in the institute's zone."""
    if piece.published_on is None and not piece.identity:
        piece.published_at = now
        piece.published_on = clock.local_date(now, settings.TIME_ZONE)


def freeze(piece: Publication) -> None:
    """Copy notes, affiliations and the disclaimer that hold today onto the piece, where it has none of its own."""
    bylines = list(piece.bylines.all())
    before = [(line.affiliation, line.note) for line in bylines]
    for byline in bylines:
        byline.affiliation = byline.affiliation or byline.person.affiliation
        byline.note = byline.note or ("" if piece.author_note else byline.person.note)
    if [(line.affiliation, line.note) for line in bylines] != before:
        piece.bylines.set(bylines)
    piece.disclaimer = piece.disclaimer or rule_disclaimer(piece)


def rule_disclaimer(piece: Publication) -> str:
    """The disclaimer the rules give: a sole author's own, else the series', else the institute's.

    "The views expressed here are his own" is wrong under two authors, and under an event at which he spoke.
    """
    from isthmus.publications.models.site import SiteSettings

    authors = [line.person for line in piece.bylines.all() if line.role == Byline.Role.AUTHOR]
    own = authors[0].disclaimer if len(authors) == 1 else ""
    return own or (piece.series.disclaimer if piece.series else "") or SiteSettings.current().disclaimer


def fingerprint(piece: Publication) -> str:
    """A hash (SHA-256, hexadecimal) of everything on the piece's public page that the row decides."""
    categories = [category.pk for category in piece.categories.all()]
    return fingerprint_of(piece, list(piece.bylines.all()), categories, list(piece.attachments.all()))


def fingerprint_of(
    piece: Publication, bylines: Sequence[Byline], category_ids: Sequence[int], attachments: Sequence[Attachment]
) -> str:
    """The same for a piece whose children are not saved yet."""
    content = {
        "fields": {name: getattr(piece, name) for name in _PUBLIC_FIELDS},
        "body": list(piece.body.raw_data),
        "bylines": [[b.person_id, b.role, b.printed_name, b.affiliation, b.note] for b in bylines],
        "categories": sorted(category_ids),
        "attachments": [[file.document_id, file.title] for file in attachments],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def media_ids(piece: Publication) -> set[tuple[str, int]]:
    """`("image", id)` and `("document", id)` of everything the piece shows or offers."""
    found = body.media_ids(piece.body.raw_data)
    if piece.lead_image_id:
        found.add(("image", piece.lead_image_id))
    found.update(("document", file.document_id) for file in piece.attachments.all())
    found.update(("document", pk) for pk in detail_document_ids(piece))
    return found


def detail_document_ids(piece: Publication) -> list[int]:
    """The files that fields of the piece's kind name, such as a report's PDF."""
    declared = settings.ISTHMUS.kinds.get(piece.kind)
    names = [field.name for field in declared.fields if field.type == "document"] if declared else []
    found = [piece.details.get(name) for name in names]
    return [int(pk) for pk in found if str(pk or "").isdigit()]


def write_uses(piece: Publication) -> None:
    """Record which pictures and files the row refers to; whether they are public follows from `live`."""
    recording.rewrite_media_uses(piece.subject, media_ids(piece))
