"""An index of its own for each test, beside the database of the test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from isthmus.search.keeper import Keeper


@pytest.fixture
def keeper(db: None, settings: Any, tmp_path: Path) -> Keeper:
    """The keeper of a new index; nothing is indexed before the test calls `tick`."""
    from isthmus.search.keeper import Keeper

    settings.DATA = tmp_path
    return Keeper()
