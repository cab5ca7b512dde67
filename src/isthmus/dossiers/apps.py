"""Registers the folder with Django."""

from django.apps import AppConfig


class DossiersConfig(AppConfig):
    """The folder as a Django app."""

    name = "isthmus.dossiers"
    label = "isthmus_dossiers"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Dossiers"
