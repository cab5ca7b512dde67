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


def _fake(path: Path) -> Opener:
    disk = Disk()
    return lambda: FakeEngine(disk)


ENGINES = {"tantivy": _tantivy, "fake": _fake}
