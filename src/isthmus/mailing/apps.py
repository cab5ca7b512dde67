"""Registers the folder with Django."""

from django.apps import AppConfig


class MailingConfig(AppConfig):
    """The folder as a Django app."""

    name = "isthmus.mailing"
    label = "isthmus_mailing"
    default_auto_field = "django.db.models.BigAutoField"
