"""When the last backup was made, for `isthmus doctor`: a note in data/, written when a backup is whole."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from django.conf import settings

from isthmus.kit import clock, files
from isthmus.kit.text import plural

# A nightly backup may be late by some hours; one that failed twice must be seen.
_RECENT = timedelta(hours=50)
_NOTE = "last-backup.json"


def note(file: Path, *, n_bytes: int, at: datetime) -> None:
    """Write down that a backup was made."""
    written = {"file": str(file.resolve()), "bytes": n_bytes, "made_at": at.isoformat()}
    files.write_durably(settings.DATA / _NOTE, json.dumps(written).encode())


def last() -> tuple[datetime, str] | None:
    """When the newest was made and where it was put; None if none was, as far as this machine knows."""
    try:
        found = json.loads((settings.DATA / _NOTE).read_bytes())
        return datetime.fromisoformat(found["made_at"]), str(found["file"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def check() -> tuple[Literal["ok", "note", "wrong"], str]:
    """What `isthmus doctor` says of backups."""
    found = last()
    if found is None:
        return "note", "No backup was made on this machine: `isthmus backup FILE` makes one while the site is served."
    at, file = found
    age = clock.now() - at
    said = f"The last backup is {_ago(age)} old ({file})"
    if age > _RECENT:
        return "wrong", f"{said}: see why there is none of today, or make one with `isthmus backup FILE`."
    return "ok", f"{said}."


def _ago(age: timedelta) -> str:
    hours = max(0, round(age.total_seconds() / 3600))
    return plural(hours // 24, "day", "days") if hours >= 48 else plural(hours, "hour", "hours")
