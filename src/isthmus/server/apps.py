"""Registers the folder with Django."""

from django.apps import AppConfig


class ServerConfig(AppConfig):
    """The folder as a Django app."""

    name = "isthmus.server"
    label = "isthmus_server"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the admin's first page say how far the kept pages are behind: their cursor is not in the database."""
        from isthmus.edition.keeper import Keeper
        from isthmus.publications.editing import home

        home.also_follows("edition", lambda: Keeper().lag())
