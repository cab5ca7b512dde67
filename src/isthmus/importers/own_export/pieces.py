"""One publication as JSON: everything of it that is not made anew, by names, and the draft that waits behind it."""

from __future__ import annotations

from typing import Any

from isthmus.importers.own_export.names import Names
from isthmus.importers.own_export.tables import Row, inward, outward
from isthmus.publications.models import Publication

# What editors write: the same in the piece and in the draft behind it.
CONTENT = (
    "title", "kind", "language", "summary", "published_on", "updated_on", "lead_image_caption", "photo_credit",
    "author_note", "disclaimer", "external_url", "details",
)  # fmt: skip
# What the piece went through.
HISTORY = (
    "slug", "published_at", "published_offset_min", "released_at", "listed_at", "first_published_at",
    "last_published_at", "is_backdated", "live", "go_live_at", "expire_at", "go_live_zone", "expire_zone",
)  # fmt: skip


def row_of(piece: Publication, names: Names) -> Row:
    """The piece with all that belongs to it."""
    row: Row = {"series": names.name("series", piece.series_id)}
    row |= {name: outward(getattr(piece, name), names) for name in HISTORY}
    # Decisions about mined entries hang on the identity, which a piece written here has in its number.
    row["identity"] = piece.identity or f"pub:{piece.pk}"
    row["is_scheduled"] = bool(piece.approved_schedule)
    row |= content_of(piece, names)
    if piece.has_unpublished_changes and piece.latest_revision_id and piece.live:
        row["draft"] = content_of(piece.get_latest_revision_as_object(), names)
    return row


def content_of(piece: Publication, names: Names) -> Row:
    """What editors write, as the piece or a draft of it has it."""
    row: Row = {name: outward(getattr(piece, name), names) for name in CONTENT}
    row["lead_image"] = names.name("image", piece.lead_image_id)
    row["categories"] = sorted(names.name("category", category.pk) for category in piece.categories.all())
    row["bylines"] = [
        {
            "person": names.name("person", line.person_id), "role": line.role, "printed_name": line.printed_name,
            "affiliation": line.affiliation, "note": line.note,
        }
        for line in piece.bylines.all()
    ]  # fmt: skip
    row["attachments"] = [
        {"document": names.name("document", one.document_id), "title": one.title} for one in piece.attachments.all()
    ]
    row["body"] = names.outward(list(piece.body.raw_data))
    return row


def columns_of(row: Row, fields: tuple[str, ...], names: Names) -> dict[str, Any]:
    """The columns of these names, as the row that was read has them."""
    meta = Publication._meta
    return {name: inward(row[name], meta.get_field(name), names) for name in fields if name in row}
