"""Registers the folder with Django, and with the editors' lists as what finds body words."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """The folder as a Django app."""

    name = "isthmus.search"
    label = "isthmus_search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Offer the search to the folder below, which may not import this one."""
        from isthmus.publications import finding
        from isthmus.search import (
            queries,
            signals,  # noqa: F401  (connects on import)
            site_keywords,
        )

        finding.register(queries.ids_of)
        site_keywords.add()
