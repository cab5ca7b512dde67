"""A full disk and a busy database are told apart from our own faults, and said."""

import errno
import sqlite3

import pytest
from django.db import DatabaseError, OperationalError
from django.test import Client

from isthmus.kit.files import DiskFull
from isthmus.server import views
from isthmus.server.failures import sentence_for
from isthmus.server.storage_trouble import Trouble, trouble_in


class _Postgres(Exception):
    def __init__(self, sqlstate):
        super().__init__("could not extend file")
        self.sqlstate = sqlstate


def _caused(outer, cause):
    outer.__cause__ = cause
    return outer


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (DiskFull("full"), Trouble.FULL),
        (OSError(errno.ENOSPC, "No space left on device"), Trouble.FULL),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), Trouble.FULL),
        (OperationalError("database or disk is full"), Trouble.FULL),
        (OperationalError("database is locked"), Trouble.BUSY),
        (_caused(DatabaseError("x"), _Postgres("53100")), Trouble.FULL),
        (_caused(OperationalError("x"), _Postgres("55P03")), Trouble.BUSY),
        (_caused(RuntimeError("while saving"), OperationalError("database or disk is full")), Trouble.FULL),
        (OSError(errno.ENOENT, "No such file"), None),
        (OperationalError("no such table: x"), None),
        (ValueError("disk is full"), None),
        (None, None),
    ],
)
def test_what_an_error_says_about_the_storage(error, trouble):
    assert trouble_in(error) is trouble


def test_sqlites_own_words_for_a_full_disk_are_known(tmp_path):
    connection = sqlite3.connect(tmp_path / "small.db")
    connection.execute("PRAGMA max_page_count = 3")
    connection.execute("CREATE TABLE t (x)")

    with pytest.raises(sqlite3.OperationalError) as caught:
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 1000,)] * 100)

    connection.close()
    assert trouble_in(_caused(OperationalError(str(caught.value)), caught.value)) is Trouble.FULL


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (OperationalError("database or disk is full"), 507, "The disk is full"),
        (OSError(errno.ENOSPC, "No space left"), 507, "Nothing was saved"),
        (OperationalError("database is locked"), 503, "busy for a moment"),
        (ValueError("our fault"), 500, "wrong on our side"),
    ],
)
def test_a_view_that_cannot_write_answers_with_a_page_that_says_why(monkeypatch, error, status, words, caplog):
    def fails():
        raise error

    monkeypatch.setattr(views.health, "report", fails)

    answer = Client(raise_request_exception=False).get("/healthz")

    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert ("Retry-After" in answer.headers) is (status == 503)


def test_an_operator_reads_what_to_do():
    assert "make room" in sentence_for(OperationalError("database or disk is full"))
    assert "try again" in sentence_for(OperationalError("database is locked"))
    assert "doctor" in sentence_for(OperationalError("unable to open database file"))
    assert sentence_for(ValueError("x")) is None
