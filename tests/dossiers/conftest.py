"""A data directory of its own for each test, so that locks and indexes of one never meet those of another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from isthmus.dossiers.keeper import Keeper


@pytest.fixture
def miner(db: None, settings: Any, tmp_path: Path) -> Keeper:
    """The keeper of what is mined; nothing is read before the test calls `tick` or `follow`."""
    from isthmus.dossiers.keeper import Keeper

    settings.DATA = tmp_path
    return Keeper()
