"""`doctor` says what is wrong and what to do; a healthy institute has nothing wrong."""

import dataclasses
import json
import os
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from isthmus.kit import clock
from isthmus.publications import actions
from isthmus.publications.models import Document, FileText, Publication, User
from isthmus.server import doctor, house_checks, worker
from isthmus.server.databases import wal_is_safe
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def institute(settings, tmp_path, monkeypatch):
    """A directory with the folders and modes that `init` gives, and a complete set of options."""
    monkeypatch.setattr(house_checks, "_end_of_certificate", lambda host, port: clock.now() + timedelta(days=60))
    for folder in ("media", "index", "secrets"):
        (tmp_path / folder).mkdir(mode=0o700)
    settings.DATA = tmp_path
    _options(settings, public_url="https://institute.example", mail_from="news@institute.example")
    User.objects.create_user("alice@institute.example", "correct horse battery")
    return tmp_path


def _options(settings, **changed):
    settings.ISTHMUS = dataclasses.replace(settings.ISTHMUS, **changed)


def _finding(check):
    # Not through `examine`, which ends by closing the connection that the test's transaction is on.
    state, sentence = dict(doctor.CHECKS)[check]()
    return state, sentence


@pytest.mark.django_db(transaction=True)
def test_a_healthy_institute_has_nothing_wrong(institute):
    worker.sign(worker.worker_name())

    findings = doctor.examine()

    assert [finding.check for finding in findings] == [name for name, _ in doctor.CHECKS]
    assert [finding.check for finding in findings if finding.state == "wrong"] == _wrong_by_the_options_of_this_run()
    json.dumps([finding.as_json() for finding in findings])


def _wrong_by_the_options_of_this_run():
    """CI runs the suite in either journal mode, and the write-ahead log is wrong where SQLite has the fault."""
    asked_for_wal = connection.vendor == "sqlite" and os.environ.get("ISTHMUS_SQLITE_JOURNAL") == "wal"
    return ["journal mode"] if asked_for_wal and not wal_is_safe(sqlite3.sqlite_version_info) else []


@pytest.mark.django_db(transaction=True)
def test_a_check_that_breaks_is_a_finding_and_hides_no_other(institute, monkeypatch):
    def breaks():
        raise RuntimeError("no idea")

    monkeypatch.setattr(doctor, "CHECKS", (("first", breaks), ("second", lambda: ("ok", "Fine."))))

    first, second = doctor.examine()

    assert (first.state, second.state) == ("wrong", "ok")
    assert "no idea" in first.sentence


def test_keys_that_others_can_read_are_wrong(institute):
    (institute / "secrets" / "django.key").write_text("x")
    (institute / "secrets" / "django.key").chmod(0o644)

    state, sentence = _finding("keys")

    assert state == "wrong"
    assert "chmod" in sentence


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("https://institute.example", "ok"),
        ("http://institute.example", "wrong"),
        ("http://localhost:8000", "note"),
        ("", "note"),
    ],
)
def test_what_is_said_of_the_sites_address(institute, settings, url, state):
    _options(settings, public_url=url)

    assert _finding("address")[0] == state


def test_a_missing_sender_is_said(institute, settings):
    _options(settings, mail_from="")

    assert "outbox" in _finding("mail")[1]


def test_a_stopped_site_is_noted_and_a_worker_that_fell_silent_is_wrong(institute, clock):
    assert _finding("worker")[0] == "note"

    worker.sign("w1")
    clock.advance(timedelta(minutes=5))

    assert _finding("worker")[0] == "wrong"


def test_a_piece_past_its_time_is_wrong(institute, clock):
    actions.schedule(makers.draft("Timed"), clock() + timedelta(minutes=1))
    assert _finding("schedule")[0] == "ok"

    clock.advance(timedelta(minutes=10))

    assert _finding("schedule")[0] == "wrong"


def test_a_staged_import_is_noted(institute):
    Publication.objects.filter(pk=makers.draft("Moved in").pk).update(staged_in="run-7")

    state, sentence = _finding("imports")

    assert state == "note"
    assert "run-7" in sentence


def test_a_disk_with_little_room_is_wrong(institute, monkeypatch):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 50 * 1024**2}))

    assert _finding("disk")[0] == "wrong"


def test_users_without_a_password_are_named(institute):
    User.objects.create_user("bob@institute.example")

    assert "bob@institute.example" in _finding("logins")[1]


def test_a_clock_behind_the_journal_is_wrong(institute, clock):
    makers.released("From tomorrow")
    clock.advance(timedelta(days=-2))

    assert _finding("clock")[0] == "wrong"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite's journal")
@pytest.mark.parametrize(
    ("case", "state"),
    [
        (((3, 40, 1), "auto"), "note"),
        (((3, 40, 1), "wal"), "wrong"),
        (((3, 51, 3), "auto"), "ok"),
        (((3, 44, 6), "wal"), "ok"),
    ],
)
def test_the_journal_mode_is_explained(institute, settings, monkeypatch, case, state):
    version, wanted = case
    _options(settings, sqlite_journal=wanted)
    monkeypatch.setattr(doctor.sqlite3, "sqlite_version_info", version)

    assert _finding("journal mode")[0] == state


def test_a_directory_that_cannot_be_written_is_wrong(institute, monkeypatch):
    monkeypatch.setattr(doctor.os, "access", lambda path, _: Path(path).name != "media")

    state, sentence = _finding("directory")

    assert state == "wrong"
    assert "media" in sentence


def test_files_that_could_not_be_read_are_counted_and_one_is_named():
    Document.objects.create(title="Annals", file=ContentFile(b"%PDF-1.7", "annals.pdf"))
    assert _finding("files") == ("ok", "Search finds the text of 0 attached files; 1 wait to be read.")

    FileText.objects.update(state=FileText.State.REFUSED, reason="it opens only with a password")

    state, sentence = _finding("files")
    assert state == "note"
    assert "1 could not be read (“Annals”: it opens only with a password)" in sentence


def test_a_chronology_that_is_behind_is_noted(institute):
    assert _finding("chronology") == ("ok", "Chronologies are made of 0 of 0 publications; all is read.")

    makers.released("Alice Meets Bob")

    state, sentence = _finding("chronology")
    assert state == "note"
    assert "0 of 1 publication; 1 change waits" in sentence
