"""Registers the folder with Django, and with the folders below what they may not import."""

from django.apps import AppConfig


class DossiersConfig(AppConfig):
    """The folder as a Django app."""

    name = "isthmus.dossiers"
    label = "isthmus_dossiers"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Dossiers"

    def ready(self) -> None:
        """Hear of every change of the vocabulary."""
        from isthmus.dossiers import signals

        signals.connect()
