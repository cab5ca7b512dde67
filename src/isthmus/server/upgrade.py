"""An older database is brought up to this version before anything uses it: under a lock, after a copy, aloud."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from isthmus.kit import clock, files
from isthmus.kit.errors import IsthmusError
from isthmus.kit.locks import file_lock
from isthmus.kit.text import plural
from isthmus.server.migrating import migrate

# A migration of a large archive may take minutes; a second command waits for it.
_LOCK_WAIT_S = 1800.0
_KEPT_COPIES = 3
# Names the copy while an upgrade is under way.
_UNFINISHED = "upgrade-unfinished"


class DatabaseMissing(IsthmusError):
    """The options name a database that is not there or holds no institute."""


class DatabaseNewer(IsthmusError):
    """The database was written by a later Isthmus than this."""


class CopyFailed(IsthmusError):
    """The copy before an upgrade could not be made, so nothing was upgraded."""


UPGRADE_ERRORS = (DatabaseMissing, DatabaseNewer)


def count_pending() -> int:
    """How many migrations the database lacks. Raises: UPGRADE_ERRORS."""
    return len(_pending())


def ensure_current(*, say: Callable[[str], None]) -> bool:
    """Migrate the database if it is older than this version; True if it was.

    say: told what happens, a sentence at a time. Two commands at once: the second waits and finds it done.
    Raises: DatabaseMissing, DatabaseNewer, CopyFailed; LockHeld if another upgrade lasts over half an hour.
    """
    if not _pending():
        return False
    with file_lock(settings.DATA / "upgrade.lock", wait_s=_LOCK_WAIT_S):
        pending = _pending()
        if not pending:
            return False
        behind = plural(len(pending), "step", "steps")
        say(f"This database is {behind} older than this Isthmus; it is copied first, then brought up.")
        say(_copy_once(settings.DATA))
        migrate()
        _renew_roles()
        (settings.DATA / _UNFINISHED).unlink(missing_ok=True)
        say("The database is up to date.")
        return True


def _pending() -> list[Any]:
    """Migrations still to be run. Raises: DatabaseMissing, DatabaseNewer."""
    _require_file()
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError as error:
        raise DatabaseMissing(_sentence_about(error)) from error
    loader = executor.loader
    if not loader.applied_migrations:
        raise DatabaseMissing(
            f"The database of {settings.DIRECTORY} is empty: restore it from a backup, or make a new institute "
            "in another directory with `isthmus init`."
        )
    known = set(loader.disk_migrations) | {old for step in loader.disk_migrations.values() for old in step.replaces}
    ours = {app for app, _ in known}
    applied = {step for step in loader.applied_migrations if step[0] in ours}
    if unknown := sorted(f"{app}.{name}" for app, name in applied - known):
        raise DatabaseNewer(
            f"The database of {settings.DIRECTORY} was written by a newer Isthmus (it has {unknown[-1]}): "
            "install that version or a later one; nothing was changed."
        )
    return list(executor.migration_plan(loader.graph.leaf_nodes()))


def _require_file() -> None:
    path = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite" and not Path(path).is_file():
        raise DatabaseMissing(f"{path} is not there: restore it from a backup; without it there is no institute.")


def _sentence_about(error: DatabaseError) -> str:
    said = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
    return f"The database cannot be used ({said}): see that it runs and that the option `database` is right."


def _renew_roles() -> None:
    """New versions may bring new rights for the roles."""
    from isthmus.publications.roles import ensure_roles

    ensure_roles()


def _copy_once(data: Path) -> str:
    """Copy the database, unless an upgrade was cut short: then the copy from before it is the one to keep.

    Copying again at each try would push that one out by copies of a database half brought up.
    Says where the copy is, or why there is none. Raises: CopyFailed.
    """
    unfinished = data / _UNFINISHED
    if unfinished.exists() and (before := data / unfinished.read_text().strip()).is_file():
        return f"An upgrade was cut short and goes on; the copy from before it is {before}."
    for part in data.glob("before-upgrade-*.part"):
        part.unlink()
    path = _copy(data)
    if path is None:
        return "No pg_dump here can read this server, so no copy was made: your own backup is the only one."
    files.write_durably(unfinished, path.name.encode())
    return f"The copy is {path}."


def _copy(data: Path) -> Path | None:
    """Copy the database; None if nothing here can. Raises: CopyFailed."""
    stem = f"before-upgrade-{clock.now():%Y%m%dT%H%M%SZ}"
    if connection.vendor == "sqlite":
        path = data / f"{stem}.db"
        _copy_sqlite(Path(connection.settings_dict["NAME"]), path)
    else:
        path = data / f"{stem}.dump"
        if not _dump_postgresql(path):
            return None
    for old in sorted(data.glob(f"before-upgrade-*{path.suffix}"))[:-_KEPT_COPIES]:
        old.unlink()
    return path


def _copy_sqlite(source: Path, target: Path) -> None:
    half = target.with_suffix(".part")
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(half)) as new:
            os.chmod(half, 0o600)
            # SQLite's own online copy: whole even while somebody writes, journal included.
            old.backup(new)
        with half.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(half, target)
        files.sync_directory(target.parent)
    except (OSError, sqlite3.Error) as error:
        half.unlink(missing_ok=True)
        raise CopyFailed(f"{target} could not be written ({error}): make room there; nothing was upgraded.") from error


def _dump_postgresql(target: Path) -> bool:
    """Whether there is a pg_dump that can read this server; an older one refuses a newer server."""
    program = shutil.which("pg_dump")
    if program is None:
        return False
    address, password = _libpq_address()
    half = target.with_suffix(".part")
    half.touch(mode=0o600)
    words = [program, "--format=custom", f"--file={half}", f"--dbname={address}"]
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        half.unlink(missing_ok=True)
        if "server version mismatch" in done.stderr:
            return False
        raise CopyFailed(
            f"pg_dump could not copy the database ({done.stderr.strip()[:300]}), so nothing was upgraded: "
            "mend what it names and try again."
        )
    os.replace(half, target)
    return True


def _libpq_address() -> tuple[str, str]:
    """The address with all that stands behind its question mark, and the password, which no process list may show."""
    from psycopg.conninfo import make_conninfo

    at = connection.settings_dict
    named = {"host": at["HOST"], "port": at["PORT"], "user": at["USER"], "dbname": at["NAME"]}
    given = {name: value for name, value in (named | at["OPTIONS"]).items() if value}
    password = str(given.pop("password", at["PASSWORD"]))
    return make_conninfo(**given), password
