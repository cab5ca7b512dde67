"""What Wagtail finds of ours when it starts: readership among the reports, and behind each piece of the list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.menus import MenuItem as ListItem

from isthmus.edition.readership import pages
from isthmus.publications.editing.places import PermittedItem
from isthmus.publications.models import Publication


@hooks.register("register_admin_urls")
def _addresses() -> list[Any]:
    return [path("readership/", include(pages.urlpatterns))]


@hooks.register("register_reports_menu_item")
def _item() -> MenuItem:
    return PermittedItem("Readership", "isthmus_readership", pages.SEE, icon_name="view", order=5)


@hooks.register("register_snippet_listing_buttons")
def _button(snippet: Any, user: Any, next_url: str | None = None) -> Iterator[Any]:
    if isinstance(snippet, Publication) and snippet.first_published_at and user.has_perm(pages.SEE):
        address = reverse("isthmus_readership_piece", args=[snippet.pk])
        yield ListItem("Readership", url=address, icon_name="view", priority=18)
