"""The fields an import fills in, as plain values: compared by hash, put onto a piece, put back by `--undo`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from isthmus.importers import judgement
from isthmus.publications.models import Attachment, Byline, Category, Publication

_PLAIN = (
    "title", "kind", "language", "summary", "photo_credit", "author_note", "disclaimer", "external_url", "series_id",
)  # fmt: skip
NAMES = (*_PLAIN, "published", "body", "bylines", "categories", "lead", "attachments")
# Fields that came later: an item of an older import, which has no hash of them, had none of them.
_LATER: dict[str, Any] = {"lead": [None, ""], "attachments": []}

Values = dict[str, Any]


def values_of(
    piece: Publication, bylines: Sequence[Byline], category_ids: Iterable[int], *,
    attachments: Iterable[Attachment], with_body: bool,
) -> Values:  # fmt: skip
    """Every field in plain values; the body as its hash unless `with_body`, since few need the whole."""
    values: Values = {name: getattr(piece, name) for name in _PLAIN}
    values["published"] = _published(piece)
    values["body"] = list(piece.body.raw_data) if with_body else judgement.body_hash(piece.body.raw_data)
    values["bylines"] = [[line.person_id, line.role, line.printed_name, line.affiliation] for line in bylines]
    values["categories"] = sorted(set(category_ids))
    values["lead"] = [piece.lead_image_id, piece.lead_image_caption]
    values["attachments"] = [[file.document_id, file.title] for file in attachments]
    return values


def present_values(piece: Publication, *, with_body: bool = False) -> Values:
    """The fields as a saved piece, or a draft of it, has them now."""
    category_ids = [category.pk for category in piece.categories.all()]
    return values_of(
        piece, list(piece.bylines.all()), category_ids, attachments=piece.attachments.all(), with_body=with_body
    )


def _published(piece: Publication) -> list[Any]:
    at = piece.published_at
    return [
        piece.published_on.isoformat() if piece.published_on else None,
        at.isoformat() if at else None,
        piece.published_offset_min,
    ]


def recorded(hashes: Mapping[str, str], name: str) -> str | None:
    """The hash of a field as last imported; of one that came later, that of nothing."""
    return hashes.get(name) or (_hash(_LATER[name]) if name in _LATER else None)


def hashes_of(values: Values) -> dict[str, str]:
    """A short hash (16 hex digits) of each field."""
    return {name: _hash(value if name != "body" else _body_key(value)) for name, value in values.items()}


def _body_key(value: Any) -> str:
    return value if isinstance(value, str) else judgement.body_hash(value)


def _hash(value: Any) -> str:
    # Most fields of most pieces are empty or the same on many.
    return _hash_of_said(value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str))


@lru_cache(maxsize=10_000)
def _hash_of_said(said: str) -> str:
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]


def put(piece: Publication, values: Mapping[str, Any]) -> None:
    """Set these fields on a piece in memory; the caller saves it."""
    for name, value in values.items():
        if name == "published":
            on, at, offset = value
            piece.published_on = date.fromisoformat(on) if on else None
            piece.published_at = datetime.fromisoformat(at) if at else None
            piece.published_offset_min = offset
        elif name == "body":
            piece.body = json.dumps(value)
        elif name == "bylines":
            _put_bylines(piece, value)
        elif name == "lead":
            piece.lead_image_id, piece.lead_image_caption = value
        elif name == "attachments":
            piece.attachments.set(
                [Attachment(document_id=pk, title=title, sort_order=order) for order, (pk, title) in enumerate(value)]
            )
        elif name == "categories":
            piece.categories.set(Category.objects.filter(pk__in=value))
        else:
            setattr(piece, name, value)


def _put_bylines(piece: Publication, rows: Sequence[Sequence[Any]]) -> None:
    notes = {(line.person_id, line.role): line.note for line in piece.bylines.all()}
    piece.bylines.set(
        [
            Byline(
                person_id=person, role=role, printed_name=printed, affiliation=affiliation, sort_order=order,
                note=notes.get((person, role), ""),
            )
            for order, (person, role, printed, affiliation) in enumerate(rows)
        ]
    )  # fmt: skip
