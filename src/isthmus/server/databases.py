"""Which database, and how carefully: SQLite with full durability by default, PostgreSQL by one option."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from isthmus.kit.sqlite_journal import journal_mode as journal_mode
from isthmus.kit.sqlite_journal import wal_is_safe as wal_is_safe

# A thread keeps its connection for so many seconds. To open the file anew for every request, with its schema and the
# functions that Django adds, took ten times what the answer took: 11 searches a second instead of 208, on a machine
# with other work. A file that another took the place of is let go after that time, as is whatever a leak holds.
_HELD_S = 60


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
