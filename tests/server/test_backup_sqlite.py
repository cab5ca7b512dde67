"""A copy of a SQLite database is one moment of it, in every journal mode, and a damaged one is no backup."""

from __future__ import annotations

import errno
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from isthmus.kit.files import DiskFull
from isthmus.server.backup import sqlite


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_copy_has_what_was_committed_and_nothing_else(tmp_path: Path, mode: str):
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as writer:
        writer.execute(f"PRAGMA journal_mode={mode}")
        writer.execute("CREATE TABLE words (word TEXT)")
        writer.execute("INSERT INTO words VALUES ('committed')")
        if mode == "wal":
            # With the other journal a writer who has begun to write is waited for.
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("INSERT INTO words VALUES ('not yet')")
        sqlite.snapshot(tmp_path / "a.db", tmp_path / "copy.db")

    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert not list(tmp_path.glob("copy.db-*")), "the copy is one file"
    with sqlite.opened(tmp_path / "copy.db") as rows:
        assert rows.execute("SELECT word FROM words").fetchall() == [("committed",)]
        assert sqlite.counts(rows) == {"words": 1}


_WRITER = """
import itertools, sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
connection.execute(f"PRAGMA journal_mode={sys.argv[2]}")
print("begun", flush=True)
for n in itertools.count():
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO a VALUES (?, zeroblob(20000))", (n,))
    connection.execute("INSERT INTO b VALUES (?)", (n,))
    connection.execute("COMMIT")
    # SQLite does not queue: without a pause a reader waits for its chance.
    time.sleep(0.005)
"""


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_two_rows_that_belong_together_are_never_parted(tmp_path: Path, mode: str):
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as first:
        first.executescript("CREATE TABLE a (n INTEGER, held BLOB); CREATE TABLE b (n INTEGER)")
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path), mode], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "begun\n"
        for number in range(5):
            sqlite.snapshot(path, tmp_path / f"copy-{number}.db")
        writer.kill()

    # What the kill left is rolled back by whoever reads first.
    sqlite.snapshot(path, tmp_path / "copy-5.db")
    found = []
    for number in range(6):
        sqlite.require_sound(tmp_path / f"copy-{number}.db")
        with sqlite.opened(tmp_path / f"copy-{number}.db") as rows:
            found.append(sqlite.counts(rows))
    assert all(one["a"] == one["b"] for one in found)
    assert found == sorted(found, key=lambda one: one["a"])


def test_of_a_damaged_database_no_backup_is_made(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "a.db")) as first, first:
        first.execute("CREATE TABLE words (word TEXT)")
        first.executemany("INSERT INTO words VALUES (?)", [("x" * 500,) for _ in range(200)])
    content = bytearray((tmp_path / "a.db").read_bytes())
    content[8192:12288] = b"\xee" * 4096
    (tmp_path / "a.db").write_bytes(content)

    with pytest.raises(sqlite.DatabaseDamaged, match="earlier ones stay"):
        sqlite.snapshot(tmp_path / "a.db", tmp_path / "copy.db")


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("isthmus.server.backup.sqlite.sqlite3.connect", sqlite3.OperationalError("database or disk is full")),
        ("isthmus.server.backup.sqlite._copy_bytes", OSError(errno.ENOSPC, "No space left on device")),
    ],
)
def test_a_full_disk_is_said_of_the_directory_and_not_of_a_passing_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, error: Exception
):
    with closing(sqlite3.connect(tmp_path / "a.db")) as first, first:
        first.execute("CREATE TABLE words (word TEXT)")

    def full(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(what, full)
    with pytest.raises(DiskFull, match=f"no room in {tmp_path} .*earlier backups") as said:
        sqlite.snapshot(tmp_path / "a.db", tmp_path / ".copy.part")
    assert ".part" not in str(said.value)
