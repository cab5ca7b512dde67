"""Counting at the door: what is a reading, what is none, and that neither memory nor disk fills up."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from isthmus.edition.readership import counting
from isthmus.edition.readership.counting import Readings, log_path
from isthmus.kit.agents import is_program

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
MONDAY = date(2026, 11, 23)


def test_readings_are_lines_of_day_number_and_path(tmp_path: Path):
    readings = Readings(tmp_path)
    for path in ("/soundings/a/", "/soundings/b/", "/soundings/a/"):
        readings.note(path, BROWSER)

    readings.flush(MONDAY)
    readings.flush(MONDAY)

    assert log_path(tmp_path).read_text() == "2026-11-23\t2\t/soundings/a/\n2026-11-23\t1\t/soundings/b/\n"


@pytest.mark.parametrize(
    "agent",
    ["", "Googlebot/2.1", "curl/8.5.0", "python-requests/2.32", "facebookexternalhit/1.1", "Go-http-client/2.0"],
)
def test_programs_are_no_readers(tmp_path: Path, agent: str):
    readings = Readings(tmp_path)

    readings.note("/soundings/a/", agent)
    readings.flush(MONDAY)

    assert is_program(agent) or not agent
    assert not log_path(tmp_path).exists()


def test_a_program_that_asks_for_every_address_fills_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(counting, "_MAX_PATHS", 10)
    readings = Readings(tmp_path)
    for n in range(100):
        readings.note(f"/soundings/{n}/", BROWSER)
    readings.note("/soundings/3/", BROWSER)
    readings.note("/" + "x" * 1000, BROWSER)

    readings.flush(MONDAY)

    lines = log_path(tmp_path).read_text().splitlines()
    assert len(lines) == 10
    assert "2026-11-23\t2\t/soundings/3/" in lines


def test_a_full_file_grows_no_more_and_nobody_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(counting, "MAX_FILE_BYTES", 40)
    readings = Readings(tmp_path)
    for _ in range(5):
        readings.note("/soundings/a/", BROWSER)
        readings.flush(MONDAY)

    assert log_path(tmp_path).stat().st_size < 40 + 30


def test_a_disk_that_refuses_costs_the_counts_alone(tmp_path: Path):
    (tmp_path / "counters").write_text("a file in the way")
    readings = Readings(tmp_path)
    readings.note("/soundings/a/", BROWSER)

    readings.flush(MONDAY)

    assert (tmp_path / "counters").read_text() == "a file in the way"


def test_counting_needs_no_django():
    code = "import sys; from isthmus.edition.readership import counting; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
