"""Makes a backup while the institute is at work: one snapshot of the database, and every file that it names.

1. The database as one transaction sees it. 2. The media it names, held by a second name at once. 3. Keys, options and
theme, which only grow. 4. All of it into one archive that appears whole or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import FileField

from isthmus import __version__
from isthmus.kit import clock, options
from isthmus.kit.errors import IsthmusError, UsageError
from isthmus.kit.locks import file_lock
from isthmus.kit.text import plural
from isthmus.server.backup import archive, kept, media, postgresql, sqlite
from isthmus.server.backup import manifest as contents
from isthmus.server.backup.manifest import BackupUnusable, DatabaseFacts, Manifest

# A file that is missing after the second snapshot in a row was lost before; one deleted in between is named no more.
_MAX_SNAPSHOTS = 5

Ticking = Callable[[int], AbstractContextManager[Callable[[int], None]]]


class BackupFailed(IsthmusError):
    """No backup was made; what stood in its place stays."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made. warnings: sentences about what could not be in it."""

    file: Path
    n_bytes: int
    manifest: Manifest
    warnings: list[str]

    def as_json(self) -> dict[str, object]:
        """For a program."""
        return {
            "file": str(self.file),
            "bytes": self.n_bytes,
            "made_at": self.manifest.made_at.isoformat(),
            "database": self.manifest.database.kind,
            "rows": sum(self.manifest.database.counts.values()),
            "files": sum(path.startswith(f"{contents.MEDIA}/") for path in self.manifest.members),
            "warnings": self.warnings,
        }


@dataclass(frozen=True, slots=True)
class _Snapshot:
    facts: DatabaseFacts
    made_at: datetime
    named: set[str]
    pack: Callable[[archive.Writer], None]


def back_up(target: Path, *, ticking: Ticking) -> Made:
    """Write the backup to `target`; an older backup there is replaced when the new one is whole.

    ticking: told how many files there are, gives what is called after each.
    Raises: UsageError, BackupFailed, DatabaseDamaged, DiskFull, LockHeld, postgresql's errors.
    """
    _require_place(target)
    with file_lock(settings.DATA / "backup.lock"), ExitStack() as stack:
        archive.remove_left_overs(target)
        caught, held = _caught(target, stack)
        warnings = _about_missing(held.missing)
        writer = stack.enter_context(archive.written(target))
        caught.pack(writer)
        _pack_directory(writer, warnings)
        tick = stack.enter_context(ticking(len(held.files)))
        for name, path in held.files.items():
            with path.open("rb") as source:
                writer.add(f"{contents.MEDIA}/{name}", source, mode=0o644, is_packed=True)
            tick(1)
        manifest = Manifest(
            version=__version__, institute=settings.ISTHMUS.name, made_at=caught.made_at, database=caught.facts,
            members=writer.members, missing=held.missing,
        )  # fmt: skip
        writer.close_with(manifest)
    made = Made(target, target.stat().st_size, manifest, warnings)
    kept.note(made.file, n_bytes=made.n_bytes, at=manifest.made_at)
    return made


def _require_place(target: Path) -> None:
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent} is no directory: make it, or name the backup's file in another.")
    if not target.exists():
        return
    try:
        archive.Reader(target).close()
    except (BackupUnusable, OSError) as error:
        raise UsageError(
            f"{target} is there and is no backup that could be replaced: name a file that is not there."
        ) from error


def _caught(target: Path, stack: ExitStack) -> tuple[_Snapshot, media.Held]:
    """A snapshot and the files it names, entered on the stack."""
    take = _sqlite if connection.vendor == "sqlite" else _postgresql
    before: set[str] = set()
    for _ in range(_MAX_SNAPSHOTS):
        with ExitStack() as attempt:
            snapshot = attempt.enter_context(take(target))
            held = attempt.enter_context(media.held(Path(settings.MEDIA_ROOT), snapshot.named))
            if set(held.missing) <= before:
                stack.push(attempt.pop_all())
                return snapshot, held
            before = set(held.missing)
    raise BackupFailed(
        f"Files were deleted faster than they could be held ({sorted(before)[0]}), so no backup was made: try again."
    )


@contextmanager
def _sqlite(target: Path) -> Iterator[_Snapshot]:
    copy, columns = archive.beside_of(target), file_columns()
    try:
        sqlite.snapshot(Path(connection.settings_dict["NAME"]), copy)
        made_at = clock.now()
        with sqlite.opened(copy) as rows:
            facts = DatabaseFacts("sqlite", sqlite.counts(rows), sqlite.migrations(rows), columns)
            named = sqlite.named_files(rows, columns)

        def pack(writer: archive.Writer) -> None:
            with copy.open("rb") as source:
                writer.add(contents.SQLITE, source)

        yield _Snapshot(facts, made_at, named, pack)
    finally:
        copy.unlink(missing_ok=True)


@contextmanager
def _postgresql(target: Path) -> Iterator[_Snapshot]:
    columns = file_columns()
    address, password = postgresql.address_of(settings.ISTHMUS.database)
    with postgresql.snapshot(address, password) as (rows, name):
        made_at = clock.now()
        facts = DatabaseFacts("postgresql", postgresql.counts(rows), postgresql.migrations(rows), columns)

        def pack(writer: archive.Writer) -> None:
            with postgresql.dumped(address, password, name) as source:
                writer.add(contents.POSTGRESQL, source, is_packed=True)

        yield _Snapshot(facts, made_at, postgresql.named_files(rows, columns), pack)


def file_columns() -> list[tuple[str, str]]:
    """Every table and column that names an uploaded file."""
    fields = ((model, field) for model in apps.get_models() for field in model._meta.concrete_fields)
    return sorted({(model._meta.db_table, field.column) for model, field in fields if isinstance(field, FileField)})


def _about_missing(missing: list[str]) -> list[str]:
    if not missing:
        return []
    n = plural(len(missing), "file that the database names is", "files that the database names are")
    return [f"{n} not on disk and so not in the backup ({missing[0]}): upload it again, or delete its entry."]


def _pack_directory(writer: archive.Writer, warnings: list[str]) -> None:
    """Options, keys and theme; whatever else lies in the directory is derived, passing, or the operator's own."""
    places = [(contents.SECRETS, settings.DATA / "secrets"), (contents.THEME, settings.DIRECTORY / "theme")]
    found = [(contents.OPTIONS, settings.DIRECTORY / options.FILE_NAME)]
    for folder, place in places:
        found += [(f"{folder}/{path.relative_to(place).as_posix()}", path) for path in _files_below(place)]
    for name, path in found:
        try:
            contents.safe_path(name)
            mode = path.stat().st_mode & 0o666
            with path.open("rb") as source:
                writer.add(name, source, mode=mode)
        except BackupUnusable:
            warnings.append(f"{path} has a name that no backup can hold: rename it.")


def _files_below(place: Path) -> Iterator[Path]:
    """Regular files, those behind a link too; a linked folder is not entered, as it may lead back."""
    for folder, _, names in os.walk(place):
        yield from (path for name in sorted(names) if (path := Path(folder) / name).is_file())
