"""Which journal SQLite gets, and how a PostgreSQL address is read."""

import time

import pytest
from django.db.utils import ConnectionHandler

from isthmus.server.databases import connection_settings, journal_mode, wal_is_safe


@pytest.mark.parametrize(
    ("version", "is_safe"),
    [
        ((3, 6, 23), True),
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_a_write_ahead_log_is_safe_outside_the_range_of_the_reset_bug(version, is_safe):
    assert wal_is_safe(version) is is_safe


@pytest.mark.parametrize(
    ("wanted", "version", "mode"),
    [
        ("auto", (3, 40, 1), "delete"),
        ("auto", (3, 51, 3), "wal"),
        ("wal", (3, 40, 1), "wal"),
        ("rollback", (3, 51, 3), "delete"),
    ],
)
def test_the_operators_word_counts_and_auto_is_careful(wanted, version, mode):
    assert journal_mode(wanted, version) == mode


def test_sqlite_is_opened_with_full_durability(tmp_path):
    command = connection_settings("sqlite", tmp_path, journal="auto")["OPTIONS"]

    assert "synchronous=FULL" in command["init_command"]
    assert command["transaction_mode"] == "IMMEDIATE"
    assert command["timeout"] >= 5


@pytest.mark.django_db
def test_requests_share_a_connection_for_a_while_and_not_for_ever(tmp_path):
    held = ConnectionHandler({"default": connection_settings("sqlite", tmp_path, journal="auto")})["default"]
    held.connect()
    opened = held.connection

    # What Django does before and after every request.
    held.close_if_unusable_or_obsolete()
    assert held.connection is opened

    held.close_at = time.monotonic()
    held.close_if_unusable_or_obsolete()
    assert held.connection is None


def test_a_postgresql_address_is_taken_apart(tmp_path):
    found = connection_settings(
        "postgresql://alice:p%40ss@db.example:5433/house?sslmode=require", tmp_path, journal="auto"
    )

    assert (found["NAME"], found["USER"], found["PASSWORD"]) == ("house", "alice", "p@ss")
    assert (found["HOST"], found["PORT"], found["OPTIONS"]) == ("db.example", "5433", {"sslmode": "require"})
