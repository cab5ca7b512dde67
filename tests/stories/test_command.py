"""Wrong use and bad input from outside: one sentence on stderr, exit 1 or 2, no traceback, nothing half-done."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.stories import site

pytestmark = pytest.mark.slow

_BROKEN_LINE, _N_LINES = 4711, 4720


@pytest.fixture
def institute(made: Path, tmp_path: Path) -> Path:
    """An institute of the test's own."""
    return Path(shutil.copytree(made, tmp_path / "institute"))


def refused(ended: CompletedProcess[str], *, status: int) -> str:
    """The one sentence of a command that refused."""
    assert ended.returncode == status, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    assert ended.stderr.startswith("isthmus: ")
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert ended.stderr.rstrip().endswith((".", "?"))
    return ended.stderr


def total(command: list[str], directory: Path) -> int:
    return int(json.loads(site.done(command, "--dir", directory, "search", "", "--json"))["index_total"])


def test_a_file_that_is_not_there_is_named(isthmus_command: list[str], institute: Path) -> None:
    said = refused(site.run(isthmus_command, "--dir", institute, "import", "archive-2019.jsonl"), status=2)

    assert "archive-2019.jsonl is not there" in said


def test_a_file_nobody_can_read_as_an_archive_is_refused(isthmus_command: list[str], institute: Path) -> None:
    path = institute.with_name("picture.png")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))

    said = refused(site.run(isthmus_command, "--dir", institute, "import", path), status=2)

    assert "picture.png" in said
    assert total(isthmus_command, institute) == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every directory")
def test_a_directory_that_may_not_be_read_is_named(isthmus_command: list[str], institute: Path) -> None:
    closed = institute.with_name("closed")
    closed.mkdir()
    closed.chmod(0)
    try:
        said = refused(site.run(isthmus_command, "--dir", institute, "import", closed), status=2)
    finally:
        closed.chmod(0o700)

    assert str(closed) in said


def test_a_file_in_the_place_of_the_institute_is_named(isthmus_command: list[str], tmp_path: Path) -> None:
    (tmp_path / "institute").write_text("no directory")

    said = refused(site.run(isthmus_command, "--dir", tmp_path / "institute", "init", "--name", "X"), status=1)

    assert str(tmp_path / "institute") in said
    assert (tmp_path / "institute").read_text() == "no directory"


def test_line_4711_is_named_and_all_the_others_come_in(isthmus_command: list[str], institute: Path) -> None:
    archive = _with_a_broken_line(institute.with_name("export.jsonl.gz"))
    report = institute.with_name("report.json")

    ended = site.run(isthmus_command, "--dir", institute, "import", archive, "--report", report)

    assert ended.returncode == 0
    assert f"export.jsonl.gz:{_BROKEN_LINE}" in ended.stderr
    assert "Traceback" not in ended.stderr
    told = json.loads(report.read_text())
    counts = told["counts"]
    assert counts == {"read": _N_LINES, "created": _N_LINES - 1, "updated": 0, "unchanged": 0, "skipped": 1}
    assert [row["where"].rpartition(":")[2] for row in told["skipped"]] == [str(_BROKEN_LINE)]
    assert total(isthmus_command, institute) == _N_LINES - 1


def _with_a_broken_line(path: Path) -> Path:
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as out:
        for number in range(1, _N_LINES + 1):
            record = {"id": f"n:{number}", "source": "n", "title": f"Note {number}", "html": "<p>Brief.</p>",
                      "published": "2019-03-04T10:00:00+00:00"}  # fmt: skip
            line = json.dumps(record)
            out.write((line[: len(line) // 2] if number == _BROKEN_LINE else line) + "\n")
    return path


def test_an_archive_without_one_good_record_fails_and_leaves_nothing(
    isthmus_command: list[str], institute: Path
) -> None:
    path = institute.with_name("export.jsonl")
    path.write_text('{"id": "1", "source": \n{"broken\n')

    ended = site.run(isthmus_command, "--dir", institute, "import", path)

    assert ended.returncode in (1, 2)
    assert "Traceback" not in ended.stdout + ended.stderr
    assert total(isthmus_command, institute) == 0


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        yield holder.getsockname()[1]


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_in_use_is_named_with_the_way_out(
    isthmus_command: list[str], institute: Path, taken_port: int, command: str
) -> None:
    directory = institute if command == "serve" else institute.with_name("demo")

    said = refused(site.run(isthmus_command, "--dir", directory, command, "--port", taken_port), status=1)

    assert f"Port {taken_port}" in said
    assert "--port" in said
    # The demo is not made before it is known that it can be served.
    assert not institute.with_name("demo").exists()


@pytest.mark.parametrize("words", [["serve", "--port", "0"], ["worker"], ["import", "x.jsonl"], ["doctor"]])
def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    isthmus_command: list[str], institute: Path, words: list[str]
) -> None:
    database = institute / "data" / "isthmus.db"
    with sqlite3.connect(database) as connection:
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('isthmus_publications', '9999_of_the_future', '2031-01-01')"
        )
    connection.close()
    if words[0] == "import":
        words = ["import", str(_with_a_broken_line(institute.with_name("export.jsonl.gz")))]
    if words[0] == "serve":
        words = ["serve", "--port", str(site.free_port())]
    before = database.read_bytes()

    ended = site.run(isthmus_command, "--dir", institute, *words)

    assert ended.returncode in (1, 2)
    said = ended.stdout + ended.stderr
    assert "newer" in said
    assert "Traceback" not in said
    assert database.read_bytes() == before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('time_zone = "Mars/Olympus"', "Asia/Seoul"),
        ("pubic_url = 'https://x.example'", "public_url"),
        ('public_url = "institute.example"', "https://institute.example"),
        ("login_attempts = 0", "from 1"),
        ("this is no TOML", "isthmus.toml"),
    ],
)
def test_an_option_that_cannot_be_stops_every_command_and_says_what_to_write(
    isthmus_command: list[str], institute: Path, line: str, said: str
) -> None:
    path = institute / "isthmus.toml"
    path.write_text(line + "\n" + path.read_text())

    for words in (["serve"], ["doctor"], ["search", ""]):
        sentence = refused(site.run(isthmus_command, "--dir", institute, *words), status=2)

        assert said in sentence


def test_an_option_of_the_environment_that_does_not_exist_names_the_nearest(
    isthmus_command: list[str], institute: Path
) -> None:
    said = refused(site.run(isthmus_command, "--dir", institute, "doctor", ISTHMUS_TIMEZONE="UTC"), status=2)

    assert "ISTHMUS_TIME_ZONE" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["improt", "x"], "import"),
        (["serve", "--prot", "1"], "--port"),
        (["serve", "--port", "eighty"], "1 to 65535"),
        (["search"], "QUERY"),
        (["import", "x", "--hold", "--release"], "one of them"),
        (["import", "--undo", "no-such-run"], "no-such-run"),
    ],
)
def test_a_mistyped_command_is_answered_with_what_was_meant(
    isthmus_command: list[str], institute: Path, words: list[str], said: str
) -> None:
    ended = site.run(isthmus_command, "--dir", institute, *words)

    assert said in refused(ended, status=ended.returncode)
    assert ended.returncode in (1, 2)


def test_a_command_outside_any_institute_says_how_to_make_one(isthmus_command: list[str], tmp_path: Path) -> None:
    said = refused(site.run(isthmus_command, "serve", cwd=tmp_path), status=2)

    assert "init" in said
    assert list(tmp_path.iterdir()) == []
