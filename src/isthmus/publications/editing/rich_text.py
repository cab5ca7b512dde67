"""Links from one piece to another by number, so that they survive a new title, slug or series.

Stored as `<a linktype="publication" id="17">`. Readers get an address only while the gate shows the target; else
the words alone, so that an embargoed piece's address cannot be read from a page that mentions it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse_lazy
from django.utils.html import format_html
from draftjs_exporter.dom import DOM
from wagtail.admin.rich_text.converters.html_to_contentstate import LinkElementHandler
from wagtail.admin.rich_text.editors.draftail import features as draftail
from wagtail.rich_text import LinkHandler
from wagtail.rich_text.feature_registry import FeatureRegistry

from isthmus.kit import collecting
from isthmus.publications import naming, visibility
from isthmus.publications.models import Publication

FEATURE = "publication-link"
_CHOOSER = "wagtailsnippetchoosers_isthmus_publications_publication"


class PublicationLink(LinkHandler):
    """Turns stored links into what readers get."""

    identifier = "publication"

    @staticmethod
    def get_model() -> type[Publication]:
        """What the links lead to."""
        return Publication

    @classmethod
    def expand_db_attributes(cls, attrs: dict[str, Any]) -> str:
        """One opening tag."""
        return cls.expand_db_attributes_many([attrs])[0]

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, Any]]) -> list[str]:
        """The opening tags for many links, in one query; one without an address shows as plain words."""
        ids = {attrs["id"] for attrs in attrs_list if _is_number(attrs.get("id"))}
        # One that leads nowhere yet will lead somewhere on the day of its release.
        collecting.note(*(naming.link_tag(number) for number in ids))
        rows = visibility.publications().filter(pk__in=ids).select_related("series").only("slug", "series__slug")
        paths = {str(row.pk): row.path for row in rows}
        return [
            format_html('<a href="{}">', paths[str(attrs.get("id"))]) if str(attrs.get("id")) in paths else "<a>"
            for attrs in attrs_list
        ]

    @classmethod
    def extract_references(cls, attrs: dict[str, Any]) -> Iterator[tuple[type[Publication], str, str, str]]:
        """For Wagtail's record of who refers to whom."""
        if _is_number(attrs.get("id")):
            yield Publication, attrs["id"], "", ""


class _FromDatabase(LinkElementHandler):
    """What the editor's window needs to show a stored link."""

    def get_attribute_data(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Number, address and title; the number alone of a piece that is gone."""
        number = attrs.get("id")
        row = Publication.objects.filter(pk=number).first() if _is_number(number) else None
        return {"id": row.pk, "url": row.path, "title": row.draft_title} if row else {"id": number}


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19


def _to_database(properties: dict[str, Any]) -> Any:
    return DOM.create_element("a", {"linktype": "publication", "id": properties.get("id")}, properties["children"])


def register(features: FeatureRegistry) -> None:
    """Teach Wagtail's editor the features of `body.TEXT_FEATURES` that it does not bring along."""
    features.register_link_type(PublicationLink)
    features.register_editor_plugin(
        "draftail",
        FEATURE,
        draftail.EntityFeature(
            {
                "type": "PUBLICATION",
                "icon": "openquote",
                "description": "Link to a publication",
                "chooserUrls": {"publicationChooser": reverse_lazy(f"{_CHOOSER}:choose")},
            },
            js=["wagtailadmin/js/chooser-modal.js", "isthmus/admin/publication_link.js"],
        ),
    )
    features.register_converter_rule(
        "contentstate",
        FEATURE,
        {
            "from_database_format": {'a[linktype="publication"]': _FromDatabase("PUBLICATION")},
            "to_database_format": {"entity_decorators": {"PUBLICATION": _to_database}},
        },
    )
