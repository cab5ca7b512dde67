"""The editions of this machine as a process with Django uses them: which one its pages belong to.

An edition is of one key: all outside the database that decides about bytes. A process keeps pages in the edition of its
own key only, so that one that was started with another theme or version never mixes its pages with others'.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

from django.conf import settings

from isthmus.edition.shelf import Shelf
from isthmus.edition.store import WRITE_WAIT_S, EditionAway, Store

_PACKAGE = Path(__file__).parent.parent
_KEY_CHARS = 16


@cache
def shelf_at(root: Path) -> Shelf:
    """The shelf of one institute."""
    return Shelf(root, wait_s=WRITE_WAIT_S)


def shelf() -> Shelf:
    """The shelf of this institute: `data/edition`."""
    return shelf_at(Path(settings.DATA) / "edition")


@cache
def own_key() -> str:
    """The mark of code, theme and options; 20 ms at the first use.

    Of our own files name, size and time are enough: an upgrade writes them anew.
    """
    mark = hashlib.blake2b(settings.STATIC_VERSION.encode(), digest_size=_KEY_CHARS // 2)
    for name, value in _options():
        mark.update(f"{name}={value!r}\n".encode())
    for folder, patterns in ((_PACKAGE, ("*.py", "*.html")), (settings.DIRECTORY / "theme", ("*",))):
        for path in _files(folder, patterns):
            status = path.stat()
            mark.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return mark.hexdigest()


def own() -> Store | None:
    """Where this process keeps its pages: the current edition if it is of our key, else one that is being made."""
    found = shelf()
    return found.of_key(own_key())


def _options() -> Iterator[tuple[str, object]]:
    yield "public_url", settings.PUBLIC_URL
    yield from ((field.name, getattr(settings.ISTHMUS, field.name)) for field in fields(settings.ISTHMUS))


def _files(folder: Path, patterns: tuple[str, ...]) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for pattern in patterns for path in folder.rglob(pattern) if path.is_file())


__all__ = ["EditionAway", "Store", "own", "own_key", "shelf"]
