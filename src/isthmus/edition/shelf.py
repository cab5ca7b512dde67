"""Where editions lie: one directory for each below `data/edition`, and a pointer to the one that readers get.

The pointer changes in a single step, and every process looks at it before use (one stat), so a switch is seen at once.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from isthmus.edition.store import READ_WAIT_S, EditionAway, Store
from isthmus.kit import files

POINTER = "current"
# For so long the edition that was switched from stays on disk: pages a browser still shows load its assets.
GRACE_S = 600.0


class Shelf:
    """The editions of one institute on this machine. root: `data/edition`; it need not exist."""

    def __init__(self, root: Path, *, wait_s: float = READ_WAIT_S) -> None:
        self.root, self._wait_s = root, wait_s
        self._lock = threading.Lock()
        self._beside: Store | None = None
        self._held: tuple[tuple[int, int], Store | None] | None = None

    def current(self) -> Store | None:
        """The edition that readers get, kept open until another takes its place; None while there is none to use."""
        stamp = self._stamp()
        with self._lock:
            if self._held is None or self._held[0] != stamp:
                self._held = (stamp, self._opened())
            return self._held[1]

    def current_key(self) -> str:
        """What the current edition was made from (see `edition.key`), empty where there is none."""
        return self._pointed_at().rpartition("-")[0]

    def of_key(self, key: str) -> Store | None:
        """The newest edition of a key: the current one, or one that is being made beside it; None for none."""
        name = self._pointed_at()
        if name.rpartition("-")[0] == key:
            return self.current()
        found = [path for path in self._directories() if path.name.rpartition("-")[0] == key]
        return self._beside_current(max(found, key=lambda path: path.stat().st_ctime_ns)) if found else None

    def _beside_current(self, path: Path) -> Store | None:
        with self._lock:
            if self._beside is None or self._beside.directory != path:
                try:
                    self._beside = Store(path, wait_s=self._wait_s)
                except EditionAway:
                    self._beside = None
            return self._beside

    def begin(self, key: str, *, journal: str = "auto") -> Store:
        """A new, empty edition beside the current one, unseen before `switch`. Raises: DiskFull, EditionAway."""
        path = self.root / f"{key}-{token_hex(4)}"
        with files.disk_full_said(path):
            path.mkdir(parents=True)
        return Store.create(path, journal=journal)

    def switch(self, store: Store) -> None:
        """Give readers this edition from now on, in every process. Raises: DiskFull."""
        files.write_durably(self.root / POINTER, store.directory.name.encode())

    def withdraw(self) -> None:
        """Give readers no edition at all, at once: it cannot be kept right. Everything is rendered then."""
        with suppress(FileNotFoundError):
            (self.root / POINTER).unlink()

    def sweep(self, *, keep: Store | None = None, grace_s: float = GRACE_S) -> int:
        """Delete editions that are not current and were not made or switched from lately; how many."""
        kept = {self._pointed_at(), keep.directory.name if keep else ""}
        old = [path for path in self._directories() if path.name not in kept and _age_s(path) > grace_s]
        for path in old:
            shutil.rmtree(path, ignore_errors=True)
        return len(old)

    def _directories(self) -> Iterator[Path]:
        with suppress(FileNotFoundError):
            yield from (path for path in self.root.iterdir() if path.is_dir())

    def _opened(self) -> Store | None:
        name = self._pointed_at()
        if not name:
            return None
        try:
            return Store(self.root / name, wait_s=self._wait_s)
        except EditionAway:
            return None

    def _pointed_at(self) -> str:
        try:
            name = (self.root / POINTER).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""
        return name if name and "/" not in name and not name.startswith(".") else ""

    def _stamp(self) -> tuple[int, int]:
        try:
            found = (self.root / POINTER).stat()
        except OSError:
            return (0, 0)
        return found.st_ino, found.st_mtime_ns


def _age_s(path: Path) -> float:
    """Since a file was last made in it or deleted: with the rollback journal, since the last write."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
