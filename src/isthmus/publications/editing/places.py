"""Places of the admin's menu that a permission opens, and snippets without a chooser, for the hooks of every folder."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from wagtail.admin.menu import MenuItem
from wagtail.snippets.views.chooser import SnippetChooserViewSet


class PermittedItem(MenuItem):
    """An entry of the menu for those alone who may open what it leads to.

    url_name: of an admin address without parameters. permission: as `User.has_perm` takes it.
    """

    def __init__(self, label: str, url_name: str, permission: str, **how: Any) -> None:
        super().__init__(label, reverse(url_name), **how)
        self._permission = permission

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the user may open it."""
        return bool(request.user.has_perm(self._permission))


class NoChooser(SnippetChooserViewSet):
    """For rows that nothing refers to: Wagtail's chooser would tell their titles to every author."""

    def get_urlpatterns(self) -> list[Any]:
        """None."""
        return []
