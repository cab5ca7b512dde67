"""Registers the folder with Django."""

from django.apps import AppConfig


class ServerConfig(AppConfig):
    """The folder as a Django app."""

    name = "isthmus.server"
    label = "isthmus_server"
    default_auto_field = "django.db.models.BigAutoField"
