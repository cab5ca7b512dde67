"""The table of contents of a backup: what each member must be, so that a damaged or forged one is told from a good one.

Read back it is a stranger's JSON: every field is looked at, and nothing of it is used as a path before that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Literal

from isthmus.kit.errors import IsthmusError

NAME = "manifest.json"
OPTIONS, SQLITE, POSTGRESQL = "isthmus.toml", "database.sqlite", "database.pgdump"
SECRETS, THEME, MEDIA = "secrets", "theme", "media"
FORMAT = 1
# 20,000 files at some 150 bytes make 3 MB of it; nobody's backup needs more than this, and it is read into memory.
MAX_BYTES = 256 * 1024 * 1024
_FOLDERS = (SECRETS, THEME, MEDIA)
_SHA256 = re.compile("[0-9a-f]{64}")
_MAX_PATH_CHARS = 1000


class BackupUnusable(IsthmusError):
    """A file that is no backup, is damaged, or tries to be something else than it says."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the archive. sha256: 64 hex digits over its n_bytes."""

    n_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What the database held. counts: rows by table; migrations: `app.name`; file_columns: where files are named."""

    kind: Literal["sqlite", "postgresql"]
    counts: dict[str, int]
    migrations: list[str]
    file_columns: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Manifest:
    """made_at: the moment of the snapshot, aware. missing: media that the database names and the disk had lost."""

    version: str
    institute: str
    made_at: datetime
    database: DatabaseFacts
    members: dict[str, Member] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    @property
    def database_member(self) -> str:
        """The member that is the database."""
        return SQLITE if self.database.kind == "sqlite" else POSTGRESQL

    def to_json(self) -> bytes:
        """As it is stored."""
        written = {"format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        return json.dumps(written, ensure_ascii=False, indent=1, sort_keys=True).encode()


def read(content: bytes) -> Manifest:
    """The manifest in these bytes. Raises: BackupUnusable."""
    try:
        found = json.loads(content)
        if found["format"] != FORMAT:
            raise BackupUnusable(
                f"The backup is of format {found['format']}, and this Isthmus reads {FORMAT}: use the version that "
                f"made it ({str(found.get('version'))[:40]}) or a later one."
            )
        manifest = _manifest(found)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BackupUnusable(f"Its table of contents cannot be read ({type(error).__name__}): {_OTHER}.") from error
    _require_parts(manifest)
    return manifest


_OTHER = "take another backup"


def _manifest(found: Mapping[str, Any]) -> Manifest:
    made_at = datetime.fromisoformat(found["made_at"])
    if made_at.tzinfo is None:
        raise ValueError("made_at has no zone")
    return Manifest(
        version=_text(found["version"]),
        institute=_text(found["institute"]),
        made_at=made_at,
        database=_facts(found["database"]),
        members={safe_path(path): _member(value) for path, value in found["members"].items()},
        missing=[_text(name) for name in found["missing"]],
    )


def _facts(found: Mapping[str, Any]) -> DatabaseFacts:
    if found["kind"] not in ("sqlite", "postgresql"):
        raise ValueError("kind")
    return DatabaseFacts(
        kind=found["kind"],
        counts={_text(name): _count(n) for name, n in found["counts"].items()},
        migrations=[_text(name) for name in found["migrations"]],
        file_columns=[(_text(table), _text(column)) for table, column in found["file_columns"]],
    )


def _member(found: Mapping[str, Any]) -> Member:
    if not _SHA256.fullmatch(found["sha256"]):
        raise ValueError("sha256")
    return Member(n_bytes=_count(found["n_bytes"]), sha256=found["sha256"])


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("count")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text")
    return value


def safe_path(path: str) -> str:
    """The path, if it can only be a file inside the institute's directory that a backup has. Raises: BackupUnusable."""
    parts = PurePosixPath(path).parts
    is_plain = path == "/".join(parts) and not set(parts) & {"..", ".", "/", "//"} and "\\" not in path
    is_known = path in (OPTIONS, SQLITE, POSTGRESQL) or (len(parts) > 1 and parts[0] in _FOLDERS)
    if not is_plain or not is_known or len(path) > _MAX_PATH_CHARS or not path.isprintable():
        raise BackupUnusable(
            f"It holds {path[:200]!r}, which no backup of Isthmus has: it was made or changed by "
            "somebody else; do not use it."
        )
    return path


def _require_parts(manifest: Manifest) -> None:
    for name in (OPTIONS, manifest.database_member):
        if name not in manifest.members:
            raise BackupUnusable(f"It has no {name}, so it is not whole: {_OTHER}.")
