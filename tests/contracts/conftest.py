"""An engine for each test of the contract, once of every make."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from isthmus.search.engine import Engine
    from tests.contracts.engines import Opener


@pytest.fixture(params=["fake", "tantivy"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens the same new index as often as it is called, each time as another process would."""
    from tests.contracts.engines import ENGINES

    return ENGINES[request.param](tmp_path)


@pytest.fixture
def engine(opened: Opener) -> Iterator[Engine]:
    engine = opened()
    yield engine
    engine.close()
