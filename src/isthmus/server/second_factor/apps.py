"""Registers the second step with Django, as an app of its own: its migrations stand apart from those of server."""

from django.apps import AppConfig


class SecondFactorConfig(AppConfig):
    """The second step as a Django app."""

    name = "isthmus.server.second_factor"
    label = "isthmus_second_factor"
    verbose_name = "Second step"
    default_auto_field = "django.db.models.BigAutoField"
