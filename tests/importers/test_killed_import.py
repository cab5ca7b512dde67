"""kill -9 at random moments of an import: nothing doubled, nothing missing, nothing public before the release."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from tests import database
from tests.importers import samples
from tests.served import Institute

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

N_ITEMS = 300
# Small batches, so that a kill finds some of them committed and some not.
_IMPORT = """
from pathlib import Path
from isthmus.importers import actions, staging
staging._BATCH = 20
print("begun", flush=True)
report = actions.run_import(Path(sys.argv[1]))
print(report.summary())
"""


@pytest.fixture
def institute(tmp_path: Path) -> Institute:
    """An institute of its own with a migrated, empty database."""
    if database.POSTGRES_URL:
        pytest.skip("copies a database file; on PostgreSQL the same transactions are the server's business")
    from django.db import connection

    connection.close()
    (tmp_path / "data").mkdir()
    shutil.copyfile(str(connection.settings_dict["NAME"]), tmp_path / "data" / "isthmus.db")
    return Institute(tmp_path)


def start(institute: Institute, archive: Path) -> subprocess.Popen[str]:
    running = institute.start(_IMPORT, str(archive))
    assert running.stdout is not None
    assert running.stdout.readline() == "begun\n"
    return running


def public_and_all(institute: Institute) -> tuple[int, int, int]:
    """Public pieces, all pieces, distinct identities, as another process sees them."""
    with sqlite3.connect(institute.data / "isthmus.db", timeout=20) as connection:
        rows = connection.execute("SELECT live, identity FROM isthmus_publications_publication").fetchall()
    connection.close()
    return sum(live for live, _ in rows), len(rows), len({identity for _, identity in rows})


def wait_for(institute: Institute, running: subprocess.Popen[str], *, n_pieces: int) -> None:
    """Return as soon as so many pieces are staged, or the import has ended, or a moment later where all were."""
    was_there = public_and_all(institute)[1] >= n_pieces
    if was_there:
        time.sleep(n_pieces / 240)
    while not was_there and running.poll() is None and public_and_all(institute)[1] < n_pieces:
        time.sleep(0.005)


def write_archive(folder: Path, seed: int) -> Path:
    """Two formats in turn: what a source says differs, what a kill meets is the same for all of them."""
    if seed % 2:
        return samples.write_wordpress(folder / "export.xml", range(N_ITEMS))
    return samples.write_records(folder / "export.jsonl", [samples.record(n) for n in range(N_ITEMS)])


@pytest.mark.parametrize("seed", range(5))
def test_an_import_killed_three_times_ends_whole(institute: Institute, seed: int) -> None:
    chance = random.Random(seed)
    archive = write_archive(institute.directory, seed)
    n_staged_at_a_kill = []

    for _ in range(3):
        running = start(institute, archive)
        wait_for(institute, running, n_pieces=chance.randrange(20, 240))
        running.send_signal(signal.SIGKILL)
        running.communicate()
        n_public, n_all, n_identities = public_and_all(institute)
        assert n_public in (0, N_ITEMS)
        assert n_all == n_identities
        n_staged_at_a_kill.append(n_all)
    assert any(0 < n_staged < N_ITEMS for n_staged in n_staged_at_a_kill), "every kill came too late to tell anything"
    last = start(institute, archive)
    said = last.communicate(timeout=120)[0]

    assert last.returncode == 0
    assert said.startswith(f"{N_ITEMS} items read: ")
    assert "0 skipped" in said
    assert public_and_all(institute) == (N_ITEMS, N_ITEMS, N_ITEMS)
