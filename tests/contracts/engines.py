"""The engines that must pass the contract; a new one adds a line to ENGINES."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from isthmus.search.engine import Engine
from isthmus.search.engines.fake import Disk, FakeEngine
from isthmus.search.engines.tantivy import TantivyEngine

Opener = Callable[[], Engine]


def _tantivy(path: Path) -> Opener:
    TantivyEngine.create(path)
    return lambda: TantivyEngine.open(path)


def _tantivy_in_arrays(path: Path) -> Opener:
    """As it answers a process that has counted pages before; without numpy it is the plain one."""
    TantivyEngine.create(path)
    return lambda: TantivyEngine.open(path, n_before_places=-1)


def _fake(path: Path) -> Opener:
    disk = Disk()
    return lambda: FakeEngine(disk)


ENGINES = {"tantivy": _tantivy, "tantivy in arrays": _tantivy_in_arrays, "fake": _fake}
