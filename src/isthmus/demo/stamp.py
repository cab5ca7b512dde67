"""Which content a demo directory was made from, so that one made by another version is made again, and no other
directory is ever taken for a demo.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from isthmus import __version__
from isthmus.demo.reading import CONTENT
from isthmus.kit import files
from isthmus.kit.errors import UsageError

_FILE_NAME = "demo.json"
_OWN_SOURCES = ("blocks.py", "loading.py", "reading.py", "starting.py")


def content_version() -> str:
    """Sixteen hex digits over the content files, the code that loads them and the release of Isthmus."""
    digest = hashlib.sha256(__version__.encode())
    sources = [Path(__file__).with_name(name) for name in _OWN_SOURCES]
    for path in [*sorted(path for path in CONTENT.rglob("*") if path.is_file()), *sources]:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def is_complete(directory: Path) -> bool:
    """Whether the directory holds a whole demo of this version."""
    return _written(directory).get("complete") == content_version()


def clear(directory: Path) -> None:
    """Make room for a new demo: an older or half-made one is deleted, but for what somebody put into its theme/.

    Raises: UsageError where the directory holds something that is no demo.
    """
    if not directory.exists() or not any(directory.iterdir()):
        return
    if not _written(directory):
        raise UsageError(
            f"{directory} is not empty and is no demo: name another directory with --dir, or empty this one."
        )
    (directory / "isthmus.toml").unlink(missing_ok=True)
    # The stamp goes last, so that a deletion cut short is still known for a demo.
    for path in (directory / "data").iterdir():
        if path.name != _FILE_NAME:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def begin(directory: Path) -> None:
    """Say before anything else is written that this directory is a demo's."""
    (directory / "data").mkdir(parents=True, exist_ok=True)
    _write(directory, {"complete": ""})


def complete(directory: Path) -> None:
    """Say that everything is there."""
    _write(directory, {"complete": content_version()})


def _write(directory: Path, content: dict[str, str]) -> None:
    files.write_durably(directory / "data" / _FILE_NAME, json.dumps(content).encode())


def _written(directory: Path) -> dict[str, str]:
    try:
        found = json.loads((directory / "data" / _FILE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
