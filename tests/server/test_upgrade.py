"""An older database is brought up after a copy, once; a newer one is left alone."""

import sqlite3
import threading
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from isthmus.server import migrating, upgrade
from isthmus.server.upgrade import DatabaseMissing, DatabaseNewer, ensure_current

pytestmark = pytest.mark.django_db(transaction=True)
is_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite's file")


@pytest.fixture
def copies(settings):
    yield lambda: sorted(Path(settings.DATA).glob("before-upgrade-*"))
    for path in Path(settings.DATA).glob("before-upgrade-*"):
        path.unlink()


def _make_older():
    call_command("migrate", "isthmus_server", "zero", verbosity=0)


def test_a_database_of_this_version_is_left_as_it_is(copies):
    said = []

    assert ensure_current(say=said.append) is False

    assert said == []
    assert copies() == []


@is_sqlite
def test_an_older_one_is_copied_and_brought_up_aloud(copies):
    _make_older()
    said = []

    assert ensure_current(say=said.append) is True

    assert "1 step older" in said[0]
    assert said[1] == f"The copy is {copies()[0]}."
    assert ensure_current(say=said.append) is False
    with closing(sqlite3.connect(copies()[0])) as copy:
        tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
    assert "isthmus_publications_publication" in tables
    assert "isthmus_server_workersign" not in tables
    assert copies()[0].stat().st_mode & 0o077 == 0


@is_sqlite
def test_nothing_is_migrated_when_the_copy_fails(copies, monkeypatch):
    _make_older()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(upgrade.os, "replace", full)

    with pytest.raises(upgrade.CopyFailed, match="nothing was upgraded"):
        ensure_current(say=lambda _: None)
    assert upgrade.count_pending() == 1
    assert copies() == []


@is_sqlite
def test_an_upgrade_that_was_cut_short_goes_on_and_keeps_the_copy_from_before_it(copies, clock, monkeypatch):
    from datetime import timedelta

    _make_older()
    migrate = upgrade.migrate
    for _ in range(4):
        clock.advance(timedelta(minutes=1))
        monkeypatch.setattr(upgrade, "migrate", lambda: (_ for _ in ()).throw(OSError("cut short")))
        with pytest.raises(OSError, match="cut short"):
            ensure_current(say=lambda _: None)
    monkeypatch.setattr(upgrade, "migrate", migrate)
    said = []

    assert ensure_current(say=said.append) is True

    assert said[1] == f"An upgrade was cut short and goes on; the copy from before it is {copies()[0]}."
    assert len(copies()) == 1
    _make_older()
    clock.advance(timedelta(minutes=1))
    assert ensure_current(say=lambda _: None) is True
    assert len(copies()) == 2, "the next upgrade is copied again"


def test_each_step_of_an_upgrade_is_told_as_it_is_done(copies, monkeypatch):
    _make_older()
    told = []

    @contextmanager
    def progress(total, label):
        told.append(total)
        yield told.append

    monkeypatch.setattr(migrating, "progress", progress)
    ensure_current(say=lambda _: None)

    assert told == [1, 1]


def test_two_at_once_migrate_once(copies):
    _make_older()
    outcomes = []

    def run():
        outcomes.append(ensure_current(say=lambda _: None))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [False, True]


def test_a_newer_database_is_refused_and_not_touched(copies):
    MigrationRecorder(connection).record_applied("isthmus_publications", "9999_from_the_future")

    with pytest.raises(DatabaseNewer, match="9999_from_the_future"):
        ensure_current(say=lambda _: None)
    assert copies() == []


def test_steps_of_software_that_is_not_installed_do_not_matter():
    MigrationRecorder(connection).record_applied("an_old_extra", "0001_initial")

    assert ensure_current(say=lambda _: None) is False


@is_sqlite
def test_a_database_that_vanished_is_said_and_not_made_anew(monkeypatch, tmp_path):
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "gone.db"))

    with pytest.raises(DatabaseMissing, match="restore"):
        ensure_current(say=lambda _: None)
    assert not (tmp_path / "gone.db").exists()


@is_sqlite
def test_only_the_last_three_copies_are_kept(copies, clock, settings):
    from datetime import timedelta

    for _ in range(5):
        upgrade._copy(Path(settings.DATA))
        clock.advance(timedelta(days=1))

    assert [path.name[15:23] for path in copies()] == ["20261125", "20261126", "20261127"]


def _pg_dump_that(tmp_path, monkeypatch, script):
    program = tmp_path / "pg_dump"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for name, value in {
        "NAME": "house", "USER": "alice", "PASSWORD": "s3cret", "HOST": "", "PORT": "",
        "OPTIONS": {"host": "/run/a socket", "sslmode": "require"},
    }.items():  # fmt: skip
        monkeypatch.setitem(connection.settings_dict, name, value)


def test_pg_dump_is_given_the_whole_address_and_the_password_where_nobody_sees_it(tmp_path, monkeypatch):
    pytest.importorskip("psycopg")
    _pg_dump_that(tmp_path, monkeypatch, f'echo "$@" > {tmp_path}/words; echo "$PGPASSWORD" > {tmp_path}/password')

    assert upgrade._dump_postgresql(tmp_path / "copy.dump") is True

    words = (tmp_path / "words").read_text()
    assert all(part in words for part in (r"host='/run/a socket'", "sslmode=require", "user=alice", "dbname=house"))
    assert "s3cret" not in words
    assert (tmp_path / "password").read_text() == "s3cret\n"


def test_a_pg_dump_older_than_the_server_counts_as_none_and_another_failure_stops(tmp_path, monkeypatch):
    pytest.importorskip("psycopg")
    _pg_dump_that(tmp_path, monkeypatch, "echo 'aborting because of server version mismatch' >&2; exit 1")

    assert upgrade._dump_postgresql(tmp_path / "copy.dump") is False

    _pg_dump_that(tmp_path, monkeypatch, "echo 'permission denied' >&2; exit 1")
    with pytest.raises(upgrade.CopyFailed, match="permission denied"):
        upgrade._dump_postgresql(tmp_path / "copy.dump")
    assert not list(tmp_path.glob("copy.*"))
