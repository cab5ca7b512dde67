"""Registers the folder with Django."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """The folder as a Django app."""

    name = "isthmus.search"
    label = "isthmus_search"
    default_auto_field = "django.db.models.BigAutoField"
