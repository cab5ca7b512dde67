"""Registers the folder with Django, and with the folders below what they may not import."""

from django.apps import AppConfig


class DossiersConfig(AppConfig):
    """The folder as a Django app."""

    name = "isthmus.dossiers"
    label = "isthmus_dossiers"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Dossiers"

    def ready(self) -> None:
        """Hear of every change of the vocabulary, and let the search find pieces by what they tell of."""
        from isthmus.dossiers import happened, search_keyword, signals
        from isthmus.search import happened as search_happened
        from isthmus.search import keywords

        signals.connect()
        search_happened.tell(happened.tokens_of)
        keywords.add(search_keyword.keyword())
