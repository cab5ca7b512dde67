"""Registers the folder with Django."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models.signals import post_migrate


class MailingConfig(AppConfig):
    """The folder as a Django app."""

    name = "isthmus.mailing"
    label = "isthmus_mailing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have alerts begin where the journal ends when the tables of mail are made, and letters in the sitemap."""
        from isthmus.mailing import signals  # noqa: F401  (connects on import)
        from isthmus.publications import sitemaps

        sitemaps.also("letters", _letters)
        post_migrate.connect(_begin_at_the_end, sender=self, dispatch_uid="isthmus_mailing_begins")


def _letters() -> Iterable[str]:
    """Asked late: composing letters takes libraries that most commands need not load."""
    from isthmus.mailing import web_copies

    return web_copies.paths()


def _begin_at_the_end(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    from isthmus.mailing import cursors
    from isthmus.publications.models.journal import FollowerCursor

    if using == DEFAULT_DB_ALIAS and FollowerCursor._meta.db_table in connection.introspection.table_names():
        cursors.install()
