"""Registers the folder with Django."""

from django.apps import AppConfig


class ImportersConfig(AppConfig):
    """The folder as a Django app."""

    name = "isthmus.importers"
    label = "isthmus_importers"
    default_auto_field = "django.db.models.BigAutoField"
