"""Registers the folder with Django."""

from django.apps import AppConfig


class ReadershipConfig(AppConfig):
    """The folder as a Django app."""

    name = "isthmus.edition.readership"
    label = "isthmus_readership"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Readership"
