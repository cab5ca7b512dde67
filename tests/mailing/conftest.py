"""What every test of mail stands on: a directory for the institute's keys."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def secrets_dir(institute_dir: Path) -> Path:
    """Where keys are made at their first use, as `isthmus init` makes it."""
    directory = institute_dir / "data" / "secrets"
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    return directory
