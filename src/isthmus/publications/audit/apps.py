"""Registers the log with Django, as an app of its own: its migrations stand apart from those of publications."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The audit log as a Django app."""

    name = "isthmus.publications.audit"
    label = "isthmus_audit"
    verbose_name = "Audit log"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Begin to see logins, roles, settings, and what Wagtail's own views do."""
        from isthmus.publications.audit import watching  # noqa: F401  (connects on import)
