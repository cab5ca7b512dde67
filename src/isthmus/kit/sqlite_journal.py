"""How SQLite keeps a transaction whole: by a write-ahead log where that is safe, else by the rollback journal."""

import sqlite3

# Two connections writing and checkpointing at once could corrupt a write-ahead log from 3.7.0 on; fixed in these
# releases and everything after 3.51.3 (SQLite's own news on the WAL-reset bug).
_FIXED_IN_BRANCH = {(3, 44): 6, (3, 50): 7, (3, 51): 3}


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
