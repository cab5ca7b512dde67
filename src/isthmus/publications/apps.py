"""Registers the folder with Django."""

from django.apps import AppConfig


class PublicationsConfig(AppConfig):
    """The institute's own records, and the journal of what the public may see."""

    name = "isthmus.publications"
    label = "isthmus_publications"
    verbose_name = "Publications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect what must happen inside a deletion's own transaction."""
        from isthmus.publications import signals  # noqa: F401  (connects on import)
