"""The tables of a store, their version, and what tells one boot of the machine from the next."""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from pathlib import Path

# Another number, and every edition is made anew at the next start.
FORMAT = "1"

# page: one row per key, small, so that a purge of thousands is short; content: its bytes, swept later.
# era: what an earlier one says is gone: everything is purged by counting it up.
# purged: the highest number each tag was purged with; gone: keys a front has to drop, NULL for all.
# note: what the keeper remembers of the pieces it has seen.
SCHEMA = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS page (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, era INTEGER NOT NULL, seq INTEGER NOT NULL,
    mined_seq INTEGER, etag TEXT NOT NULL, modified_at INTEGER NOT NULL, expires_at REAL, headers TEXT NOT NULL,
    tags TEXT NOT NULL, parameters TEXT NOT NULL, places TEXT NOT NULL, file TEXT NOT NULL, size_bytes INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS page_expires ON page (expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS content (page INTEGER PRIMARY KEY, is_packed INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS page_tag (tag TEXT NOT NULL, page INTEGER NOT NULL, PRIMARY KEY (tag, page)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS page_tag_page ON page_tag (page);
CREATE TABLE IF NOT EXISTS dead (page INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS purged (tag TEXT PRIMARY KEY, seq INTEGER NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gone (n INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT);
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO state (name, value) VALUES
    ('era', 1), ('floor', 0), ('everything_seq', 0), ('stamp', ''), ('stamp_seq', 0), ('stamp_at', 0);
INSERT INTO gone (key) VALUES (NULL);
"""


@lru_cache(maxsize=1)
def boot_of_machine() -> str:
    """A name for the time since the machine was started; where the system tells none, SQLite's version alone.

    Nothing of the store was forced to the disk, so after a power cut it may be any mixture of old and new.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        boot = "unknown"
    return f"{boot} {sqlite3.sqlite_version}"
