"""Brings a backup back into an empty directory: unpacked and checked beside, then moved into place, the options last.

The options file is what makes a directory an institute, so a restore that was cut short is none, and is simply begun
again. Everything is unpacked inside the directory itself: whoever runs Isthmus may own no more than that.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tomllib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from isthmus import __version__
from isthmus.kit import clock, files, options
from isthmus.kit.errors import UsageError
from isthmus.kit.locks import file_lock
from isthmus.kit.option_values import toml
from isthmus.mailing.restored import rows_for
from isthmus.server.backup import manifest as contents
from isthmus.server.backup import postgresql, verifying
from isthmus.server.backup.archive import Reader
from isthmus.server.backup.manifest import BackupUnusable, Manifest
from isthmus.server.institute import _DATA_FOLDERS as DATA_FOLDERS

_UNDER_WAY = ".restoring"
# What an empty directory may hold: a file system of its own brings the first along.
_NOTHING = {"lost+found", _UNDER_WAY}
_DATABASE_LINE = re.compile(r"^\s*database\s*=.*$", re.MULTILINE)
_MACHINE_ROW = "INSERT INTO isthmus_mailing_machine (mark, described, accepted_at, accepted_by) VALUES "

Ticking = Callable[[int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back. notes: sentences for the operator."""

    directory: Path
    manifest: Manifest
    notes: list[str]

    def as_json(self) -> dict[str, object]:
        """For a program."""
        found = verifying.Verified(self.manifest, self.notes).as_json()
        return {"directory": str(self.directory), **found}


def restore(file: Path, directory: Path, *, database_url: str = "", ticking: Ticking) -> Restored:
    """Make `directory` the institute of the backup, holding all mail.

    directory: empty, absent, or where a restore was cut short. database_url: an empty PostgreSQL database, for a backup
    of one. Raises: UsageError, BackupUnusable, DiskFull, LockHeld; postgresql's errors. No institute is there then.
    """
    directory = directory.resolve()
    with Reader(file) as reader:
        manifest = reader.manifest
        _require_ours(manifest)
        _require_database_url(manifest, database_url)
        with _alone_in(directory) as new:
            verifying.require_room(directory, sum(member.n_bytes for member in manifest.members.values()))
            with files.disk_full_said(new), ticking(len(manifest.members)) as tick:
                _unpack(reader, new, tick)
            verifying.require_database(manifest, new / _place_of(manifest.database_member))
            _set_database(new / options.FILE_NAME, database_url or "sqlite")
            _fill_database(manifest, new, database_url)
            _move_into_place(new, directory)
    return Restored(directory, manifest, verifying.about_missing(manifest))


def _require_ours(manifest: Manifest) -> None:
    """Raises: BackupUnusable for a backup of a newer version."""
    if newer := newer_steps(manifest):
        raise BackupUnusable(
            f"The backup was made by a newer Isthmus ({manifest.version}, it has {newer[0]}; this is {__version__}): "
            "install that version or a later one."
        )


def newer_steps(manifest: Manifest) -> list[str]:
    """What in the backup this version does not know: migrations of ours, or its version itself."""
    known: dict[str, set[str]] = {}
    for path in Path(__file__).parents[2].glob("**/migrations/[0-9]*.py"):
        known.setdefault(f"isthmus_{path.parent.parent.name}", set()).add(path.stem)
    newer = []
    for step in manifest.database.migrations:
        app, _, name = step.partition(".")
        # A lower number that is not there any more was folded into a later step.
        if app.startswith("isthmus_") and name[:4] > max((one[:4] for one in known.get(app, ())), default=""):
            newer.append(step)
    return newer or ([f"version {manifest.version}"] if _numbers(manifest.version) > _numbers(__version__) else [])


def _numbers(version: str) -> list[int]:
    found = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    return [int(part) for part in found[0].split(".")[:6]] if found and len(found[0]) < 40 else []


def _require_database_url(manifest: Manifest, database_url: str) -> None:
    if manifest.database.kind == "postgresql" and not database_url:
        raise UsageError(
            "The backup is of a PostgreSQL database: name an empty one with --database "
            "postgresql://user@host:5432/name."
        )
    if manifest.database.kind == "sqlite" and database_url:
        raise UsageError("The backup is of a SQLite database, which needs no --database: leave it away.")
    if database_url:
        options.checked_value("database", database_url, where="--database")
        postgresql.require_empty(*postgresql.address_of(database_url))


@contextmanager
def _alone_in(directory: Path) -> Iterator[Path]:
    """A fresh folder inside the directory, to be moved from; what failed leaves the directory as empty as it was."""
    is_new = not directory.exists()
    _require_empty(directory)
    under_way = directory / _UNDER_WAY
    under_way.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file_lock(under_way / "lock"):
        _remove_cut_short(directory)
        try:
            yield _fresh(under_way)
        except BaseException:
            _remove_cut_short(directory)
            shutil.rmtree(under_way)
            if is_new:
                directory.rmdir()
            raise
    shutil.rmtree(under_way)


def _require_empty(directory: Path) -> None:
    found = set(os.listdir(directory)) if directory.exists() else set()
    is_again = _UNDER_WAY in found and options.FILE_NAME not in found
    if surplus := sorted(found - _NOTHING - ({"data", "theme"} if is_again else set())):
        raise UsageError(f"{directory} is not empty (it has {surplus[0]}): name another directory, or empty it.")


def _remove_cut_short(directory: Path) -> None:
    """Remove what a restore that did not come to its end has put there."""
    for left_over in (directory / _UNDER_WAY / "new", directory / "data", directory / "theme"):
        if left_over.exists():
            shutil.rmtree(left_over)


def _fresh(under_way: Path) -> Path:
    new = under_way / "new"
    new.mkdir()
    for folder in DATA_FOLDERS:
        (new / "data" / folder).mkdir(mode=0o700, parents=True)
    (new / "data").chmod(0o700)
    for folder in ("templates", "static"):
        (new / "theme" / folder).mkdir(parents=True)
    return new


def _unpack(reader: Reader, new: Path, tick: Callable[[int], None]) -> None:
    for name in reader.manifest.members:
        place = new / _place_of(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        is_secret = name.startswith(f"{contents.SECRETS}/") or name == reader.manifest.database_member
        mode = 0o600 if is_secret else (reader.mode(name) | 0o600)
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as target:
            os.fchmod(handle, mode)
            reader.copy(name, target)
        tick(1)


def _place_of(name: str) -> Path:
    """Where a member belongs in an institute's directory."""
    if name in (contents.SQLITE, contents.POSTGRESQL):
        return Path("data") / ("isthmus.db" if name == contents.SQLITE else name)
    in_data = name.startswith((f"{contents.SECRETS}/", f"{contents.MEDIA}/"))
    return Path("data") / name if in_data else Path(name)


def _set_database(path: Path, address: str) -> None:
    """Have the options name the restored database: those of the backup name the one it was made of.

    Raises: OptionsError where they are none.
    """
    text = path.read_text(encoding="utf-8")
    if tomllib.loads(text).get("database", "sqlite") != address:
        head, bracket, tables = text.partition("\n[")
        line = f"database = {toml(address)}"
        head = _DATABASE_LINE.sub(lambda _: line, head) if _DATABASE_LINE.search(head) else f"{line}\n{head}"
        files.write_durably(path, (head + bracket + tables).encode(), mode=0o600)
    if options.load(path.parent, {}).database != address:
        raise BackupUnusable(f"{options.FILE_NAME} in the backup sets the database in a way that cannot be changed.")


def _fill_database(manifest: Manifest, new: Path, database_url: str) -> None:
    """Load a dump, count it, and have the database say that it was restored, so that it sends nothing by itself."""
    rows = rows_for(manifest.made_at, clock.now())
    if not database_url:
        with closing(sqlite3.connect(new / "data" / "isthmus.db")) as connection, connection:
            connection.executemany(f"{_MACHINE_ROW}(?, ?, ?, ?)", [(a, b, _text(at), c) for a, b, at, c in rows])
        return
    dump = new / "data" / contents.POSTGRESQL
    postgresql.load(dump, database_url)
    postgresql.settle(database_url, manifest.database.counts, f"{_MACHINE_ROW}(%s, %s, %s, %s)", rows)
    dump.unlink()


def _text(at: datetime) -> str:
    """An instant as Django writes it into SQLite."""
    return at.replace(tzinfo=None).isoformat(sep=" ")


def _move_into_place(new: Path, directory: Path) -> None:
    # One sync for thousands of files, not one for each: the disk is waited for once.
    os.sync()
    for name in ("theme", "data", options.FILE_NAME):
        os.rename(new / name, directory / name)
        files.sync_directory(directory)
