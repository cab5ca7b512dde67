"""Which database, and how carefully: SQLite with full durability by default, PostgreSQL by one option."""

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# Two connections writing and checkpointing at once could corrupt a write-ahead log from 3.7.0 on; fixed in these
# releases and everything after 3.51.3 (SQLite's own news on the WAL-reset bug).
_FIXED_IN_BRANCH = {(3, 44): 6, (3, 50): 7, (3, 51): 3}

# A thread keeps its connection for so many seconds. To open the file anew for every request, with its schema and the
# functions that Django adds, took ten times what the answer took: 11 searches a second instead of 208, on a machine
# with other work. A file that another took the place of is let go after that time, as is whatever a leak holds.
_HELD_S = 60


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether the linked SQLite may use a write-ahead log: it is outside the range of the WAL-reset bug."""
    major_minor, patch = version[:2], version[2]
    if major_minor in _FIXED_IN_BRANCH:
        return patch >= _FIXED_IN_BRANCH[major_minor]
    return version < (3, 7, 0) or major_minor > (3, 51)


def journal_mode(wanted: str, version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> str:
    """SQLite's word for the option `sqlite_journal`: `wal` or `delete` (the rollback journal)."""
    if wanted == "auto":
        return "wal" if wal_is_safe(version) else "delete"
    return {"wal": "wal", "rollback": "delete"}[wanted]


def connection_settings(address: str, data: Path, *, journal: str) -> dict[str, Any]:
    """Django's settings for the database that the option `database` names."""
    if address == "sqlite":
        return _sqlite(data / "isthmus.db", journal=journal)
    return _postgresql(address)


def _sqlite(path: Path, *, journal: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": _HELD_S,
        # SQLite does not queue: who waits looks again each 0.1 s. Of eight writers without a pause, on two cores at a
        # load of 14, the unluckiest waited over 20 s. A longer patience costs nobody who finds the lock free.
        "OPTIONS": {
            "timeout": 60,
            "transaction_mode": "IMMEDIATE",
            "init_command": f"PRAGMA journal_mode={journal_mode(journal)}; PRAGMA synchronous=FULL; "
            "PRAGMA cache_size=-16000; PRAGMA temp_store=MEMORY;",
        },
    }


def _postgresql(address: str) -> dict[str, Any]:
    parts = urlsplit(address)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": _HELD_S,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
