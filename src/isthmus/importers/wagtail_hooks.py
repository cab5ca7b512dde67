"""What Wagtail finds of ours when it starts: the runs of imports, among the reports."""

from __future__ import annotations

from typing import Any

from django.urls import include, path
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from isthmus.importers import views
from isthmus.publications.editing.places import PermittedItem


@hooks.register("register_admin_urls")
def _addresses() -> list[Any]:
    return [path("imports/", include(views.urlpatterns))]


@hooks.register("register_reports_menu_item")
def _item() -> MenuItem:
    return PermittedItem("Imports", "isthmus_imports", views.SEE, icon_name="download", order=30)
