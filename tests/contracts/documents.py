"""Documents for tests of engines and snippets, made without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from isthmus.publications.documents import Document, PersonName


def document(number: int, title: str = "A piece", body: str = "", *, by: str = "", **more: Any) -> Document:
    """A Document with what matters to the test; published on day `number` of 2020 unless said otherwise."""
    at = more.pop("published_at", datetime.fromtimestamp(1_577_836_800 + 86_400 * number, UTC))
    people = (PersonName(1, by, by, "author", "x"),) if by else ()
    plain: dict[str, Any] = {
        "revision": f"revision of {number}", "url": f"/publications/{number}/", "kind": "post", "summary": "",
        "language": "en", "series_slug": "", "series_title": "", "categories": (), "released_at": at,
        "published_on": at.date() if at else None, "other_text": "",
    }  # fmt: skip
    return Document(**(plain | more), id=number, title=title, body_text=body, people=people, published_at=at)
