"""What Wagtail finds of ours when it starts: the place "Mail" of the menu and what stands in it."""

from __future__ import annotations

from typing import Any

from django.urls import include, path
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from isthmus.mailing import campaign_admin, returned_admin, subscriber_admin  # noqa: F401  (the first registers its hooks itself)
from isthmus.publications.editing.places import PermittedItem


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
