"""Wagtail's own apps, started without a programming interface of theirs that no address of ours leads to.

Wagtail 8 describes every model to its third API while Django starts, which loads three libraries and all that the
admin is made of: a quarter of the time of each command. Whoever wants that API mounts it and names Wagtail's apps.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from wagtail.documents.apps import WagtailDocsAppConfig
from wagtail.images.apps import WagtailImagesAppConfig
from wagtail.snippets.apps import WagtailSnippetsAppConfig

# What the three `ready` import of it and call. A name that a later Wagtail no longer has stands here without harm.
_UNREACHED = (
    "wagtail.api.v3.api",
    *(
        f"wagtail.{app}.api.v3{module}"
        for app in ("documents", "images", "snippets")
        for module in ("", ".registry", ".router")
    ),
)


class _Nothing(ModuleType):
    """A module in which every name is something that can be called and does nothing."""

    def __getattr__(self, name: str) -> Any:
        """Itself, for whatever is asked."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> None:
        """Nothing happens."""


@contextmanager
def _without_api() -> Iterator[None]:
    """Inside, importing the API's modules gives empty ones; what was loaded before is what it was again."""
    stand_ins = {name: _Nothing(name) for name in _UNREACHED if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            del sys.modules[name]


class Documents(WagtailDocsAppConfig):
    """Files."""

    def ready(self) -> None:
        """As Wagtail's, without its API."""
        with _without_api():
            super().ready()


class Images(WagtailImagesAppConfig):
    """Pictures."""

    def ready(self) -> None:
        """As Wagtail's, without its API."""
        with _without_api():
            super().ready()


class Snippets(WagtailSnippetsAppConfig):
    """Rows that the admin lists; here they are publications, people, campaigns and the like."""

    def ready(self) -> None:
        """As Wagtail's, without its API."""
        with _without_api():
            super().ready()
