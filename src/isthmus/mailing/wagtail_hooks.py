"""What Wagtail finds of ours when it starts: the place "Mail" of the menu and what stands in it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from isthmus.mailing import campaign_admin, returned_admin, subscriber_admin  # noqa: F401  (the first registers its hooks itself)


class _SubscribersItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the user may see who gets mail."""
        return bool(request.user.has_perm(subscriber_admin.SEE))


@hooks.register("register_mail_menu_item")
def _subscribers_item() -> MenuItem:
    return _SubscribersItem("Subscribers", reverse("isthmus_subscribers"), icon_name="group", order=15)


@hooks.register("register_admin_urls")
def _subscriber_addresses() -> list[Any]:
    return [path("mail/", include(subscriber_admin.urlpatterns))]


class _ReturnedItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the user may see what came back, and from whom."""
        return bool(request.user.has_perm(returned_admin.SEE))


@hooks.register("register_mail_menu_item")
def _returned_item() -> MenuItem:
    return _ReturnedItem("Returned mail", reverse("isthmus_returned"), icon_name="rotate", order=40)


@hooks.register("register_mail_menu_item")
def _suppressions_item() -> MenuItem:
    return _ReturnedItem("Suppressed addresses", reverse("isthmus_suppressions"), icon_name="no-view", order=50)


@hooks.register("register_admin_urls")
def _returned_addresses() -> list[Any]:
    return [path("mail/", include(returned_admin.urlpatterns))]
