"""What answers the small searches of the admin: pictures, files, users and pages by title, straight from the database.

Wagtail asks a search backend for every list and chooser. Its own SQLite backend was measured at 2.85 s for one
word over 7,000 rows and at 1.2 s for every save at 51,000, so nothing is indexed here and nothing runs on a save:
a LIKE over some thousand titles takes milliseconds.
"""

from __future__ import annotations

from typing import Any

from modelsearch.backends.database.fallback import (
    DatabaseSearchBackend,
    DatabaseSearchQueryCompiler,
    DatabaseSearchResults,
)  # fmt: skip

# The fields by which an editor knows a row; the first of a model's own that are named here are searched.
_NAMES = ("title", "draft_title", "name", "label", "email", "first_name", "last_name", "filename")
# Longer queries are cut: every word is one more LIKE over the table.
_MAX_WORDS = 8


class NamesCompiler(DatabaseSearchQueryCompiler):
    """Every word of the query must stand in one of the fields by which the row is known."""

    def get_fields_names(self) -> list[str]:
        """The names among the model's own fields; those asked for where none is a name."""
        own = {field.name for field in self.queryset.model._meta.get_fields()}
        return [name for name in _NAMES if name in own] or list(super().get_fields_names())

    def check(self) -> None:
        """Any filter and any order will do: the database answers, and no index has to know the field."""

    def build_database_filter(self, query: Any, boost: float = 1.0) -> Any:
        """The condition; only the first words of a long query count."""
        if hasattr(query, "query_string"):
            query.query_string = " ".join(query.query_string.split()[:_MAX_WORDS])
        return super().build_database_filter(query, boost)


class SearchBackend(DatabaseSearchBackend):
    """The backend that `WAGTAILSEARCH_BACKENDS` names."""

    query_compiler_class = NamesCompiler
    autocomplete_query_compiler_class = NamesCompiler
    results_class = DatabaseSearchResults
