"""Looks at a backup as closely as a restore would, and changes nothing; needs no institute to be there."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from isthmus.kit.errors import IsthmusError
from isthmus.kit.text import plural
from isthmus.server.backup import manifest as contents
from isthmus.server.backup import sqlite
from isthmus.server.backup.archive import Reader
from isthmus.server.backup.manifest import BackupUnusable, Manifest

Ticking = Callable[[int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True, slots=True)
class Verified:
    """A backup that is what it says. notes: sentences on what could not be looked at, or was lost before it."""

    manifest: Manifest
    notes: list[str]

    def as_json(self) -> dict[str, object]:
        """For a program."""
        found = self.manifest
        return {
            "institute": found.institute,
            "version": found.version,
            "made_at": found.made_at.isoformat(),
            "database": found.database.kind,
            "rows": sum(found.database.counts.values()),
            "files": sum(path.startswith(f"{contents.MEDIA}/") for path in found.members),
            "missing": found.missing,
            "notes": self.notes,
        }


def verify(path: Path, *, ticking: Ticking) -> Verified:
    """Every hash, the database opened and counted, every file it names. Raises: BackupUnusable; IsthmusError."""
    with Reader(path) as reader, tempfile.TemporaryDirectory(prefix=".verify-", dir=_place_beside(path)) as folder:
        manifest = reader.manifest
        database = Path(folder) / "database"
        require_room(Path(folder), manifest.members[manifest.database_member].n_bytes)
        with ticking(len(manifest.members)) as tick:
            for name in manifest.members:
                if name == manifest.database_member:
                    with database.open("xb") as target:
                        reader.copy(name, target)
                else:
                    reader.copy(name, None)
                tick(1)
        notes = require_database(manifest, database)
    return Verified(manifest, notes + about_missing(manifest))


def require_database(manifest: Manifest, database: Path) -> list[str]:
    """Compare the database with the table of contents; sentences on what cannot be compared here.

    Raises: BackupUnusable.
    """
    if manifest.database.kind == "postgresql":
        return _about_dump(database)
    sqlite.require_sound(database)
    facts = manifest.database
    with sqlite.opened(database) as rows:
        found = sqlite.counts(rows)
        wrong = sorted(
            table for table in found.keys() | facts.counts.keys() if found.get(table) != facts.counts.get(table)
        )
        if wrong or sqlite.migrations(rows) != facts.migrations:
            raise BackupUnusable(
                f"The database in the backup does not hold what its table of contents says ({', '.join(wrong[:3])}): "
                "take another backup."
            )
        named = sqlite.named_files(rows, facts.file_columns)
    present = {path.removeprefix(f"{contents.MEDIA}/") for path in manifest.members}
    if lacking := sorted(named - present - set(manifest.missing)):
        raise BackupUnusable(f"The backup lacks {lacking[0]}, which its database names: take another backup.")
    return []


def _about_dump(dump: Path) -> list[str]:
    program = shutil.which("pg_restore")
    if program is None:
        return ["pg_restore is not here, so the database was compared by its hash only."]
    done = subprocess.run([program, "--list", str(dump)], capture_output=True, text=True, check=False)
    if done.returncode and "unsupported version" in done.stderr:
        return ["The pg_restore here is older than the backup, so the database was compared by its hash only."]
    if done.returncode:
        raise BackupUnusable(f"The database in the backup cannot be read ({done.stderr.strip()[:300]}): take another.")
    return ["What a PostgreSQL database holds is counted when it is restored."]


def about_missing(manifest: Manifest) -> list[str]:
    """A sentence on files that were lost before the backup."""
    if not manifest.missing:
        return []
    n = plural(len(manifest.missing), "file was", "files were")
    return [f"{n} missing when it was made ({manifest.missing[0]})."]


def require_room(folder: Path, n_bytes: int) -> None:
    """Raises: IsthmusError before anything is written that would fill the disk."""
    free = shutil.disk_usage(folder).free
    if free < n_bytes:
        raise IsthmusError(
            f"{n_bytes / 1024**2:,.0f} MB are needed on the file system of {folder} and {free / 1024**2:,.0f} MB are "
            "free: make room there."
        )


def _place_beside(path: Path) -> Path | None:
    """Where the database is unpacked to be looked at: beside the backup, or where temporary files go."""
    return path.parent if os.access(path.parent, os.W_OK) else None
