"""Where indexes lie: one directory for each, and a pointer to the current one that changes in a single step.

A process opens the current index once and looks at the pointer before every use (one stat), so that a rebuilt index
is taken up at once by every process, and one that was broken or missing comes back by itself.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.conf import settings

from isthmus.kit import clock, files
from isthmus.search.engine import Engine, SearchAway
from isthmus.search.engines.tantivy import TantivyEngine
from isthmus.search.fields import FORMAT

POINTER = "CURRENT"
LOCK = "keeper.lock"


class Shelf:
    """The indexes of one institute. make, open_: how an engine is made in an empty directory, and opened."""

    def __init__(
        self,
        root: Path,
        *,
        make: Callable[[Path], Engine] = TantivyEngine.create,
        open_: Callable[[Path], Engine] = TantivyEngine.open,
    ) -> None:
        self.root, self._make, self._open = root, make, open_
        self._pointer = str(root / POINTER)
        self._lock = threading.Lock()
        self._held: tuple[Any, Engine] | None = None

    def current(self) -> Engine:
        """The index that answers now, kept open until another takes its place.

        Raises: SearchAway if there is none, if it was made by another version, or if it cannot be read.
        """
        stamp = self._stamp()
        with self._lock:
            if self._held is None or self._held[0] != stamp:
                self._let_go()
                self._held = (stamp, self._open(self._pointed_at()))
            return self._held[1]

    def begin(self) -> tuple[Path, Engine]:
        """A new, empty index beside the current one; nobody sees it before `switch`. Raises: DiskFull."""
        path = self.root / f"{clock.now():%Y%m%dT%H%M%S}-{token_hex(3)}"
        with files.disk_full_said(path):
            path.mkdir(parents=True)
        return path, self._make(path)

    def switch(self, path: Path) -> None:
        """Make the index in `path` the current one, for every process, and delete all others."""
        pointer = {"directory": path.name, "format": FORMAT}
        files.sync_directory(path)
        files.write_durably(self.root / POINTER, json.dumps(pointer).encode())
        self.sweep()

    def sweep(self) -> None:
        """Delete what is not the current index: old ones, and half-built ones of a process that was killed."""
        with suppress(SearchAway):
            kept = self._pointed_at()
            for path in self.root.iterdir():
                if path.is_dir() and path != kept:
                    # Whoever still reads it keeps his open files until he lets go.
                    shutil.rmtree(path, ignore_errors=True)

    def drop(self, path: Path) -> None:
        """Delete an index that will not be switched to."""
        shutil.rmtree(path, ignore_errors=True)

    def close(self) -> None:
        """Let go of the open index; the next use opens it again."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        # Not closed here: another thread may be in the middle of a search. It goes with its last user.
        self._held = None

    def _stamp(self) -> tuple[int, int]:
        try:
            found = os.stat(self._pointer)
        except OSError:
            raise SearchAway(
                f"There is no search index in {self.root} yet: the worker makes it, or run `isthmus index rebuild`."
            ) from None
        return found.st_ino, found.st_mtime_ns

    def _pointed_at(self) -> Path:
        try:
            pointer = json.loads((self.root / POINTER).read_bytes())
            name, made_as = str(pointer["directory"]), pointer["format"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SearchAway(f"{self.root / POINTER} cannot be read: run `isthmus index rebuild`.") from error
        if made_as != FORMAT:
            raise SearchAway(
                f"The search index in {self.root / name} was made by another version of Isthmus: "
                "the worker makes a new one, or run `isthmus index rebuild`."
            )
        return self.root / name


_shelves: dict[Any, Shelf] = {}


def shelf() -> Shelf:
    """The shelf of the institute this process serves: `data/index`."""
    found = _shelves.get(settings.DATA)
    if found is None:
        found = _shelves.setdefault(settings.DATA, Shelf(Path(settings.DATA) / "index"))
    return found
