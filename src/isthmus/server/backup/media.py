"""The uploaded files that a snapshot names, held fast by a second name while they are packed.

An editor may delete a picture a second after the snapshot that shows it. A hard link costs nothing and keeps its bytes
until they are in the archive; files are never changed under a name (`media_storage.WholeFiles`).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

# Inside the media folder: a link cannot lead to another file system, and media may be on one of their own.
_FOLDER = ".backup"


@dataclass(slots=True)
class Held:
    """files: by their names in the database, where each can be read; missing: names whose file is not on disk."""

    files: dict[str, Path] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    n_bytes: int = 0


@contextmanager
def held(root: Path, names: Iterable[str]) -> Iterator[Held]:
    """Hold these files inside the block. Only one block at a time may be open on a root. Raises: OSError."""
    folder = root / _FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    root.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    try:
        found = Held()
        for number, name in enumerate(sorted(names)):
            place = folder / str(number)
            if _hold(root / name, place):
                found.files[name] = place
                found.n_bytes += place.stat().st_size
            else:
                found.missing.append(name)
        yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _hold(path: Path, place: Path) -> bool:
    try:
        os.link(path, place)
    except FileNotFoundError:
        return False
    except OSError:
        # Too many links to one file, or a file system without them.
        try:
            shutil.copyfile(path, place)
        except (FileNotFoundError, IsADirectoryError):
            return False
    return True
