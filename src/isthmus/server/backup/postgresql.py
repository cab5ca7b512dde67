"""PostgreSQL by its own programs: pg_dump of one snapshot that we hold open, pg_restore into an empty database."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qsl, urlsplit

from isthmus.kit.errors import IsthmusError, UsageError
from isthmus.server.backup.manifest import BackupUnusable

_MAX_SAID_CHARS = 300


class ProgramMissing(IsthmusError):
    """pg_dump or pg_restore is not here, or is older than the server."""


class DumpFailed(IsthmusError):
    """pg_dump or pg_restore did not do what was asked."""


@contextmanager
def snapshot(address: str, password: str) -> Iterator[tuple[Any, str]]:
    """A read-only transaction and the name under which pg_dump can see what it sees."""
    import psycopg

    with psycopg.connect(address, password=password or None, autocommit=True) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        yield connection, row[0]
        connection.execute("ROLLBACK")


@contextmanager
def dumped(address: str, password: str, snapshot_name: str) -> Iterator[IO[bytes]]:
    """What pg_dump writes about a snapshot, to be read to its end. Raises: ProgramMissing, DumpFailed."""
    words = [
        _program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot_name}",
        f"--dbname={address}",
    ]  # fmt: skip
    # What it says goes to a file: an unread pipe would fill and stop it.
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(words, env=_environment(password), stdout=subprocess.PIPE, stderr=said) as running:
            assert running.stdout is not None
            try:
                yield running.stdout
            except BaseException:
                running.kill()
                raise
        _require_done("pg_dump", running.returncode, said)


def load(dump: Path, database_url: str) -> None:
    """Bring a dump into an empty database, all of it or nothing.

    Raises: UsageError for one that is not empty; ProgramMissing, DumpFailed.
    """
    address, password = address_of(database_url)
    require_empty(address, password)
    words = [
        _program("pg_restore"), "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
        f"--dbname={address}", str(dump),
    ]  # fmt: skip
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(words, env=_environment(password), stderr=said, check=False)
        _require_done("pg_restore", done.returncode, said)


def require_empty(address: str, password: str) -> None:
    """Raises: UsageError where the database has tables; IsthmusError where it cannot be reached."""
    import psycopg

    try:
        with psycopg.connect(address, password=password or None) as connection:
            found = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') LIMIT 1"
            ).fetchone()
    except psycopg.Error as error:
        said = (str(error).strip().splitlines() or ["no reason given"])[0][:_MAX_SAID_CHARS]
        raise IsthmusError(
            f"The database named with --database cannot be reached ({said}): see that it is there."
        ) from error
    if found:
        raise UsageError(
            f"The database named with --database is not empty (it has {found[0]}): make a new one, such as with "
            "`createdb --encoding=UTF8 NAME`, and name that."
        )


def settle(database_url: str, wanted: dict[str, int], statement: str, rows: list[tuple[Any, ...]]) -> None:
    """Compare what was loaded with what was backed up, then add these rows. Raises: BackupUnusable."""
    import psycopg

    address, password = address_of(database_url)
    with psycopg.connect(address, password=password or None) as connection:
        found = counts(connection)
        if wrong := sorted(table for table in found.keys() | wanted.keys() if found.get(table) != wanted.get(table)):
            raise BackupUnusable(
                f"The database does not hold what the backup's table of contents says ({', '.join(wrong[:3])}): "
                "take another backup, and another empty database."
            )
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


def counts(connection: Any) -> dict[str, int]:
    """Rows of every table."""
    from psycopg import sql

    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
    ).fetchall()
    found = {}
    for (name,) in rows:
        asked = sql.SQL("SELECT COUNT(*) FROM {}").format(sql.Identifier(name))
        found[name] = connection.execute(asked).fetchone()[0]
    return found


def migrations(connection: Any) -> list[str]:
    """Those that were applied, as `app.name`."""
    rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
    return [f"{app}.{name}" for app, name in rows]


def named_files(connection: Any, columns: list[tuple[str, str]]) -> set[str]:
    """Every file that these columns name; a column that the tables do not have (yet) names none."""
    from psycopg import sql

    found: set[str] = set()
    for table, column in columns:
        has = "SELECT 1 FROM information_schema.columns WHERE table_name = %s AND column_name = %s"
        if connection.execute(has, (table, column)).fetchone():
            asked = sql.SQL("SELECT DISTINCT {} FROM {}").format(sql.Identifier(column), sql.Identifier(table))
            found |= {name for (name,) in connection.execute(asked).fetchall() if name}
    return found


def moment(connection: Any) -> datetime:
    """When the snapshot's transaction began, by the server's clock, in UTC."""
    at: datetime = connection.execute("SELECT clock_timestamp()").fetchone()[0]
    return at.astimezone(UTC)


def address_of(database_url: str) -> tuple[str, str]:
    """As libpq takes it, and the password, which no process list may show."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    parts = urlsplit(database_url)
    given = conninfo_to_dict(parts._replace(query="").geturl()) | dict(parse_qsl(parts.query))
    password = str(given.pop("password", "") or "")
    return make_conninfo(**given), password


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise ProgramMissing(
            f"{name} is not here, and a PostgreSQL database is copied by it: install the PostgreSQL client programs "
            "(Debian: apt install postgresql-client), no older than the server."
        )
    return found


def _environment(password: str) -> dict[str, str]:
    return os.environ | ({"PGPASSWORD": password} if password else {})


def _require_done(name: str, status: int, said: IO[bytes]) -> None:
    if not status:
        return
    said.seek(0)
    text = said.read(64_000).decode(errors="replace").strip()
    if "version mismatch" in text or "unsupported version" in text:
        raise ProgramMissing(
            f"The {name} on this machine is older than the server or than the backup: install the client programs of "
            "the server's own version, and have them found first."
        )
    raise DumpFailed(f"{name} failed ({text[:_MAX_SAID_CHARS]}): mend what it names and try again.")
