"""Backups made by hand, good ones and forged ones: small enough that every wrong one can be tried."""

from __future__ import annotations

import hashlib
import io
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from isthmus.server.backup import manifest as contents
from isthmus.server.backup.manifest import DatabaseFacts, Manifest, Member

MADE_AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PICTURE = b"\x89PNG and so on" * 1000
_TABLES = """
CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT);
CREATE TABLE isthmus_mailing_machine (id INTEGER PRIMARY KEY, mark TEXT, described TEXT, accepted_at TEXT,
    accepted_by TEXT);
CREATE TABLE isthmus_publications_image (id INTEGER PRIMARY KEY, file TEXT);
INSERT INTO django_migrations (app, name) VALUES ('isthmus_publications', '0001_users');
INSERT INTO isthmus_publications_image (file) VALUES ('original_images/pier.png'), ('lost.png');
"""


@contextmanager
def ticking(total: int) -> Iterator[Callable[[int], None]]:
    """No progress."""
    yield lambda n: None


def database(folder: Path, more: str = "") -> bytes:
    """A database like ours, in small."""
    path = folder / "made.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_TABLES + more)
    return path.read_bytes()


def parts(folder: Path) -> dict[str, bytes]:
    """What is in a good one, but for its table of contents."""
    return {
        contents.OPTIONS: b'name = "The Institute"\n',
        contents.SQLITE: database(folder),
        "secrets/mail-1.key": b"secret",
        "theme/static/site.css": b"body {}",
        "media/original_images/pier.png": PICTURE,
    }


def manifest(members: dict[str, bytes], **changed: Any) -> Manifest:
    """The table of contents of these members."""
    facts: dict[str, Any] = {
        "kind": "sqlite",
        "counts": {"django_migrations": 1, "isthmus_mailing_machine": 0, "isthmus_publications_image": 2},
        "migrations": ["isthmus_publications.0001_users"],
        "file_columns": [("isthmus_publications_image", "file")],
    }
    fields: dict[str, Any] = {
        "version": "0.1.0",
        "institute": "The Institute",
        "made_at": MADE_AT,
        "members": {name: Member(len(held), hashlib.sha256(held).hexdigest()) for name, held in members.items()},
        "missing": ["lost.png"],
    }
    facts |= {name: changed.pop(name) for name in list(changed) if name in facts}
    return Manifest(database=DatabaseFacts(**facts), **(fields | changed))


def zipped(members: dict[str, bytes], listed: Manifest | bytes, *, more: list[zipfile.ZipInfo] | None = None) -> bytes:
    """An archive of these members and this table of contents; `more` are written with one byte each."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, held in members.items():
            archive.writestr(info(name), held)
        for extra in more or []:
            archive.writestr(extra, b"x")
        archive.writestr(info(contents.NAME), listed if isinstance(listed, bytes) else listed.to_json())
    return out.getvalue()


def info(name: str, mode: int = stat.S_IFREG | 0o600) -> zipfile.ZipInfo:
    """A member's head."""
    made = zipfile.ZipInfo(name)
    made.external_attr = mode << 16
    return made


def good(folder: Path) -> Path:
    """A backup that is what it says."""
    members = parts(folder)
    path = folder / "good.zip"
    path.write_bytes(zipped(members, manifest(members)))
    return path
