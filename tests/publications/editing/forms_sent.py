"""What a browser sends when an editor saves the form of a publication."""

from __future__ import annotations

import json
from typing import Any

from django.urls import reverse

from isthmus.publications.models import Publication


def address(view: str, *args: Any) -> str:
    """The address of one of the admin's views of publications."""
    return reverse(f"wagtailsnippets_isthmus_publications_publication:{view}", args=args)


def sent(
    title: str = "Ardor Fades", *, people: tuple[int, ...] = (), text: str = "<p>Words.</p>", **more: Any
) -> dict[str, Any]:
    """The fields, with one text block and these people in order; `more` adds or replaces fields."""
    fields: dict[str, Any] = {
        "title": title, "kind": "post", "language": "en", "summary": "", "slug": "",
        "body-count": "1", "body-0-deleted": "", "body-0-order": "0", "body-0-type": "text", "body-0-id": "",
        "body-0-value": _draftail(text),
        "attachments-TOTAL_FORMS": "0", "attachments-INITIAL_FORMS": "0",
        "bylines-TOTAL_FORMS": str(len(people)), "bylines-INITIAL_FORMS": "0",
    }  # fmt: skip
    for order, person in enumerate(people):
        line = {
            "person": person,
            "role": "author",
            "printed_name": "",
            "affiliation": "",
            "note": "",
            "ORDER": order + 1,
        }
        fields |= {f"bylines-{order}-{name}": str(value) for name, value in line.items()}
    return fields | more


def saved(title: str) -> Publication:
    """The piece with this title in its newest version."""
    return Publication.objects.get(draft_title=title)


def _draftail(html: str) -> str:
    from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

    from isthmus.publications.body import TEXT_FEATURES

    return str(json.dumps(json.loads(ContentstateConverter(TEXT_FEATURES).from_database_format(html))))
