"""The real data that DATA names, wherever in it: one folder does for every bench."""

from __future__ import annotations

import os
from pathlib import Path

_ARCHIVE = "real-archive.jsonl.gz"


def folder() -> Path | None:
    """What DATA names; None where it names nothing."""
    named = os.environ.get("DATA")
    return Path(named) if named else None


def archive() -> Path | None:
    """The records file: DATA itself, or the real archive in it, in `archives` there, or in `archives` beside it."""
    root = folder()
    if root is None or root.is_file():
        return root
    places = (root, root / "archives", root.parent / "archives")
    return next((place / _ARCHIVE for place in places if (place / _ARCHIVE).is_file()), None)


def marked_texts() -> Path | None:
    """The folder of texts marked with their dates: DATA, or `chronology` in it where it has that."""
    root = folder()
    return root / "chronology" if root is not None and (root / "chronology").is_dir() else root
