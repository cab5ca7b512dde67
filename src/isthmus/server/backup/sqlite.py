"""A whole copy of a SQLite database that is being written to, and what such a copy holds."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from isthmus.kit import files
from isthmus.kit.errors import IsthmusError
from isthmus.server.backup.manifest import BackupUnusable

_BUSY_WAIT_S = 60.0
_READ_BYTES = 1024 * 1024
# What a kernel says that cannot copy between these two file systems by itself.
_CANNOT = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EBADF)


class DatabaseDamaged(IsthmusError):
    """The database itself is damaged, so that a copy of it would be no backup."""


def snapshot(source: Path, target: Path) -> None:
    """Copy a database as one transaction sees it; `target` must not exist and is this user's alone.

    Readers go on. With a write-ahead log writers do too; with the rollback journal they wait while the bytes are
    copied, which is why the file is read once before: then the copy is memory's work, 0.15 s of CPU for 300 MB.
    Copying in steps was rejected, since each write between two steps begins it anew. Call it in a process that does
    nothing else with the database: to close a file ends all locks that the process has on it (POSIX).
    Raises: DatabaseDamaged; DiskFull; sqlite3.Error; OSError.
    """
    _read_ahead(source)
    handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with _full_said(target.parent):
            if not _copied_still(source, handle):
                _copied_from_log(source, target)
            said = _said_by_check(target)
    finally:
        os.close(handle)
    if said != "ok":
        raise DatabaseDamaged(
            f"{source} is damaged ({said}), so no backup was made and earlier ones stay: restore the newest of "
            "them into another directory, and see what differs."
        )


def _copied_still(source: Path, target: int) -> bool:
    """Copy the file while a reader's lock keeps writers from it; False where there is a write-ahead log.

    With the rollback journal a file under a shared lock is the database, all of it and nothing else. SQLite's own
    backup does the same page by page, at four times the CPU: so much longer would writers wait.
    """
    # Opened before the lock and closed after it, see `snapshot`.
    handle = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with closing(sqlite3.connect(source, timeout=_BUSY_WAIT_S, isolation_level=None)) as reader:
            if reader.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                return False
            reader.execute("BEGIN")
            # The lock is taken with the first read, which also rolls back what a killed writer left.
            reader.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
            _copy_bytes(handle, target)
            reader.execute("COMMIT")
        return True
    finally:
        os.close(handle)


def _copy_bytes(source: int, target: int) -> None:
    at, n_bytes = 0, os.fstat(source).st_size
    while at < n_bytes:
        n_copied = _copy_some(source, target, at, n_bytes - at)
        if not n_copied:
            raise OSError(errno.EIO, "The database became shorter while nobody could write to it")
        at += n_copied


def _copy_some(source: int, target: int, at: int, n_bytes: int) -> int:
    """Copy from a place on, inside the kernel where it can; how many bytes."""
    if hasattr(os, "copy_file_range"):
        try:
            return os.copy_file_range(source, target, n_bytes, at, at)
        except OSError as error:
            if error.errno not in _CANNOT:
                raise
    return os.pwrite(target, os.pread(source, min(n_bytes, _READ_BYTES), at), at)


def _copied_from_log(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(source, timeout=_BUSY_WAIT_S)) as old,
        closing(sqlite3.connect(target, isolation_level=None)) as new,
    ):
        # Nobody reads it before it is whole, and a journal beside it would outlive a kill.
        new.execute("PRAGMA journal_mode=OFF")
        new.execute("PRAGMA synchronous=OFF")
        # -1: all pages in one step, of one moment.
        old.backup(new, pages=-1)
        new.execute("PRAGMA journal_mode=DELETE")


def _said_by_check(copy: Path) -> str:
    try:
        with opened(copy) as rows:
            return str(rows.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error)


def _read_ahead(path: Path) -> None:
    with path.open("rb", buffering=0) as file:
        while file.read(_READ_BYTES):
            pass


@contextmanager
def _full_said(directory: Path) -> Iterator[None]:
    """The operator hears of the directory, not of the passing name of the copy in it. Raises: DiskFull."""
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        if not _is_full(error):
            raise
        raise files.DiskFull(
            f"There is no room in {directory} for a copy of the database, so no backup was made: make room there and "
            "try again; earlier backups are as they were."
        ) from error


def _is_full(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return "disk is full" in str(error) or "disk I/O error" in str(error)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A copy opened to be read, as a file that somebody may have prepared: nothing in it runs."""
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "query_only=ON"):
            connection.execute(f"PRAGMA {pragma}")
        yield connection


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Rows of every table."""
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    names = sorted(name for (name,) in rows)
    return {name: _n_rows(connection, name) for name in names}


def _n_rows(connection: sqlite3.Connection, table: str) -> int:
    found = connection.execute(f"SELECT COUNT(*) FROM {_quoted(table)}").fetchone()  # noqa: S608 -- quoted
    return int(found[0])


def migrations(connection: sqlite3.Connection) -> list[str]:
    """Those that were applied, as `app.name`."""
    return [f"{app}.{name}" for app, name in connection.execute("SELECT app, name FROM django_migrations ORDER BY id")]


def named_files(connection: sqlite3.Connection, columns: list[tuple[str, str]]) -> set[str]:
    """Every file that these columns name; a column that the tables do not have (yet) names none."""
    found: set[str] = set()
    for table, column in columns:
        has = connection.execute("SELECT 1 FROM pragma_table_info(?) WHERE name = ?", (table, column)).fetchone()
        if has:
            rows = connection.execute(f"SELECT DISTINCT {_quoted(column)} FROM {_quoted(table)}")  # noqa: S608 -- quoted
            found |= {name for (name,) in rows if isinstance(name, str) and name}
    return found


def require_sound(path: Path) -> None:
    """Have SQLite look at every page and index. Raises: BackupUnusable."""
    try:
        with opened(path) as connection:
            said = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        said = str(error)
    if said != "ok":
        raise BackupUnusable(f"The database in the backup is damaged ({said}): take another backup.")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
