"""The database of a test run: migrated once into a template, with its roles, then copied.

Migrating Wagtail from nothing takes 8 s, copying a file some milliseconds. The template is keyed by everything that
decides what migrating makes, and lies in .cache (SQLite) or beside the run's own database (PostgreSQL). Django's own
way after a transactional test, emptying every table, would also lose the rows that migrations made; here the test's
copy is replaced by a fresh one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

POSTGRES_URL = os.environ.get("ISTHMUS_TEST_DATABASE_URL", "")
_CACHE = Path(__file__).parent.parent / ".cache" / "test-database"
# What of our own code, besides migrations, decides which rows a fresh database has.
_OWN_SOURCES = ("apps.py", "models.py", "models/*.py", "roles.py", "signals.py")


def described() -> str:
    """For the head of the test report."""
    if POSTGRES_URL:
        return f"PostgreSQL at {urlsplit(POSTGRES_URL).hostname or 'a local socket'}"
    mode = os.environ.get("ISTHMUS_SQLITE_JOURNAL", "auto")
    return f"SQLite {sqlite3.sqlite_version}, journal mode {mode}"


def url_of_this_run(url: str) -> str:
    """The same server, with a database for this process alone; the one named in the address is never touched."""
    return urlsplit(url)._replace(path=f"/test_isthmus_{os.getpid()}").geturl()


def prepare() -> None:
    """Make this run's database, and from now on put a fresh copy in its place after each transactional test."""
    from django.test import TransactionTestCase

    copy = _copy_postgres if POSTGRES_URL else _copy_sqlite
    copy(_fingerprint())
    # Wagtail and Django offer no hook here; the method is documented as the place where the database is put back.
    TransactionTestCase._fixture_teardown = lambda self: copy(_fingerprint())


def sqlite_template() -> Path:
    """The migrated file that tests copy; there once `django_db_setup` has run on SQLite."""
    return _CACHE / f"{_fingerprint()}.sqlite3"


def give_tables(directory: Path) -> None:
    """Lay the migrated file where `isthmus init` or `demo` in this directory will look, and find nothing to migrate."""
    (directory / "data").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(sqlite_template(), directory / "data" / "isthmus.db")


def drop() -> None:
    """Leave nothing behind on a PostgreSQL server but the template; SQLite's file goes with its directory."""
    from django.db import connections

    connections.close_all()
    if POSTGRES_URL:
        with _server() as run:
            run(f'DROP DATABASE IF EXISTS "{_name()}" WITH (FORCE)')


def _copy_sqlite(fingerprint: str) -> None:
    from django.db import connections

    connections.close_all()
    target, template = Path(_name()), _CACHE / f"{fingerprint}.sqlite3"
    for left_over in target.parent.glob(f"{target.name}*"):
        left_over.unlink()
    with _alone():
        if not template.exists():
            _migrate()
            _keep(target, template)
            return
    shutil.copyfile(template, target)


@contextmanager
def _alone() -> Iterator[None]:
    """Of several test processes that start at once, one makes the template; the others wait for it."""
    _CACHE.mkdir(parents=True, exist_ok=True)
    with open(_CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _keep(database: Path, template: Path) -> None:
    """Store a migrated file as the template; older ones go. By SQLite's own copy, so that nothing is left in a WAL."""
    for old in sorted(_CACHE.glob("*.sqlite3"), key=lambda path: path.stat().st_mtime)[:-4]:
        old.unlink()
    half = template.with_suffix(f".{os.getpid()}")
    with sqlite3.connect(database) as source, sqlite3.connect(half) as destination:
        source.backup(destination)
    source.close()
    destination.close()
    half.replace(template)


def _copy_postgres(fingerprint: str) -> None:
    from django.db import connections

    connections.close_all()
    template = f"isthmus_template_{fingerprint}"
    with _alone(), _server() as run:
        run(f'DROP DATABASE IF EXISTS "{_name()}" WITH (FORCE)')
        if run("SELECT 1 FROM pg_database WHERE datname = %s", template):
            run(f'CREATE DATABASE "{_name()}" TEMPLATE "{template}"')
            return
        run(f"CREATE DATABASE \"{_name()}\" TEMPLATE template0 ENCODING 'UTF8'")
        _migrate()
        connections.close_all()
        run(f'CREATE DATABASE "{template}" TEMPLATE "{_name()}"')


@contextmanager
def _server() -> Iterator[Any]:
    """Runs one statement at a time on the database named in the address; the answer is whether it gave a row."""
    import psycopg

    with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:

        def run(statement: str, *values: str) -> bool:
            cursor = connection.execute(statement, values or None)
            return cursor.description is not None and cursor.fetchone() is not None

        yield run


def _migrate() -> None:
    from django.core.management import call_command

    from isthmus.publications import roles

    print("\nMaking the template of the test database ...", flush=True)
    call_command("migrate", verbosity=0, interactive=False)
    roles.ensure_roles()


def _name() -> str:
    from django.db import connection

    return str(connection.settings_dict["NAME"])


_known_fingerprint = ""


def _fingerprint() -> str:
    """Sixteen hex digits over every file that decides what migrating makes."""
    global _known_fingerprint
    if not _known_fingerprint:
        digest = hashlib.sha256(sqlite3.sqlite_version.encode())
        for path in sorted(_sources()):
            digest.update(str(path.name).encode() + path.read_bytes())
        _known_fingerprint = digest.hexdigest()[:16]
    return _known_fingerprint


def _sources() -> Iterator[Path]:
    from django.apps import apps

    for config in apps.get_app_configs():
        folder = Path(config.path)
        yield from folder.glob("migrations/*.py")
        if config.name.startswith("isthmus."):
            for pattern in _OWN_SOURCES:
                yield from folder.glob(pattern)
