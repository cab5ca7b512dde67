"""What Wagtail finds of ours when it starts: the place "Mail" of the menu and what stands in it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import include, path
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component

from isthmus.mailing import campaign_admin, copies, returned_admin, since_backup, subscriber_admin  # noqa: F401  (the first registers its hooks itself)
from isthmus.publications.editing.places import PermittedItem


class PlacePanel(Component):
    """On the first page: that a copy sends nothing, or an editor would wait for mail that never goes."""

    name = "isthmus-mail-place"
    order = 5
    template_name = "isthmus/admin/mail/place_panel.html"

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        """When the backup was made, where this came out of one."""
        return {"origin": since_backup.origin()}


@hooks.register("construct_homepage_panels")
def _place_panel(request: HttpRequest, shown: list[Any]) -> None:
    if not copies.is_accepted_here():
        shown.append(PlacePanel())


@hooks.register("register_mail_menu_item")
def _subscribers_item() -> MenuItem:
    return PermittedItem("Subscribers", "isthmus_subscribers", subscriber_admin.SEE, icon_name="group", order=15)


@hooks.register("register_admin_urls")
def _subscriber_addresses() -> list[Any]:
    return [path("mail/", include(subscriber_admin.urlpatterns))]


@hooks.register("register_mail_menu_item")
def _returned_item() -> MenuItem:
    return PermittedItem("Returned mail", "isthmus_returned", returned_admin.SEE, icon_name="rotate", order=40)


@hooks.register("register_mail_menu_item")
def _suppressions_item() -> MenuItem:
    return PermittedItem(
        "Suppressed addresses", "isthmus_suppressions", returned_admin.SEE, icon_name="no-view", order=50
    )


@hooks.register("register_admin_urls")
def _returned_addresses() -> list[Any]:
    return [path("mail/", include(returned_admin.urlpatterns))]
