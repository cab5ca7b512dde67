"""Registers the folder with Django."""

from django.apps import AppConfig


class ThemeConfig(AppConfig):
    """The folder as a Django app."""

    name = "isthmus.theme"
    label = "isthmus_theme"
    default_auto_field = "django.db.models.BigAutoField"
