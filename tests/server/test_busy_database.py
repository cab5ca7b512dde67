"""Eight writers, four readers and a worker at one SQLite file for twenty seconds: none is told that it is locked."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import time
from pathlib import Path

import pytest

from tests import database, figures
from tests.served import Institute

pytestmark = [
    pytest.mark.crash,
    pytest.mark.slow,
    pytest.mark.skipif(bool(database.POSTGRES_URL), reason="about SQLite's locks"),
]

N_WRITERS, N_READERS = 8, 4
LASTS_S = float(os.environ.get("ISTHMUS_TEST_BUSY_S", "20"))

_WRITE = """
import json, time
from isthmus.publications import actions
from isthmus.publications.models import Publication
print("ready", flush=True)
sys.stdin.readline()
until, took = time.monotonic() + float(sys.argv[2]), []
while time.monotonic() < until:
    piece = Publication(title=f"Quillon {sys.argv[1]} {len(took)}", body=[("text", "<p>Quillon.</p>")])
    actions.save_draft(piece)
    began = time.monotonic()
    actions.release(piece)
    took.append(time.monotonic() - began)
print(json.dumps(took))
"""
_READ = """
import json, time
from django.test import Client
client = Client()
print("ready", flush=True)
sys.stdin.readline()
until, took = time.monotonic() + float(sys.argv[2]), []
while time.monotonic() < until:
    for path in ("/", "/publications/", "/feed/", "/search/?q=quillon"):
        began = time.monotonic()
        status = client.get(path).status_code
        assert status == 200 or path.startswith("/search") and status == 503, (path, status)
        took.append(time.monotonic() - began)
print(json.dumps(took))
"""
_WORK = """
from isthmus.server import serving
print("ready", flush=True)
sys.stdin.readline()
serving.run_worker()
"""


@pytest.fixture(scope="module")
def fresh(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Institute:
    return Institute.new(tmp_path_factory.mktemp("fresh"))


@pytest.mark.parametrize("journal", ["rollback", "wal"])
def test_nobody_is_told_that_the_database_is_locked(fresh: Institute, tmp_path: Path, journal: str):
    institute = fresh.copied_to(tmp_path / "institute", sqlite_journal=journal)
    writers = [institute.start(_WRITE, str(number), str(LASTS_S)) for number in range(N_WRITERS)]
    readers = [institute.start(_READ, str(number), str(LASTS_S)) for number in range(N_READERS)]
    worker = institute.start(_WORK)
    everybody = [*writers, *readers, worker]
    begin_together(everybody)

    wrote, read = [told(process) for process in writers], [told(process) for process in readers]
    time.sleep(2)
    worker.send_signal(signal.SIGTERM)
    _, said_by_worker = worker.communicate(timeout=60)

    assert "locked" not in said_by_worker
    assert "failed" not in said_by_worker
    assert institute.rows("PRAGMA journal_mode")[0][0] == {"rollback": "delete", "wal": "wal"}[journal]
    n_released = sum(map(len, wrote))
    assert institute.rows("SELECT COUNT(*) FROM isthmus_publications_publication WHERE live") == [(n_released,)]
    assert institute.rows("PRAGMA integrity_check") == [("ok",)]
    assert min(map(len, wrote)) > 0, "every writer had its turn"
    figures.note(
        f"{N_WRITERS} writers, {N_READERS} readers and a worker for {LASTS_S:.0f} s, {journal} journal",
        [
            ("releases; pages read", f"{n_released}; {sum(map(len, read))}", ""),
            ("“database is locked”", "0", "0"),
            ("a release, median; p99", f"{middle_and_end(wrote)}", "p99 1 s"),
            ("a page, median; p99", f"{middle_and_end(read)}", ""),
        ],
    )


def begin_together(everybody: list[subprocess.Popen[str]]) -> None:
    for process in everybody:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    for process in everybody:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def told(process: subprocess.Popen[str]) -> list[float]:
    out, err = process.communicate(timeout=LASTS_S + 120)
    assert "locked" not in err
    assert process.returncode == 0, err
    return list(json.loads(out))


def middle_and_end(took: list[list[float]]) -> str:
    every = sorted(one for some in took for one in some)
    return f"{statistics.median(every):.2f} s; {every[int(len(every) * 0.99)]:.2f} s"
