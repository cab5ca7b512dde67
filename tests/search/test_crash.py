"""kill -9 while the index is being written: what was acknowledged is there, nothing is there by half."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from isthmus.search.engines.tantivy import TantivyEngine
from tests.contracts.documents import document

# Step n brings documents 3n, 3n+1, 3n+2 in and takes those of step n-2 out, so that the number of the last step
# tells exactly what the index must hold. Each finished step is said on standard output.
_WRITER = """
import sys, django
from pathlib import Path
django.setup()
from isthmus.search.engines.tantivy import TantivyEngine
from tests.contracts.documents import document
engine = TantivyEngine.open(Path(sys.argv[1]))
step = engine.state().seq
while True:
    step += 1
    ids = [3 * step, 3 * step + 1, 3 * step + 2]
    engine.apply([document(n, body="word " * 500) for n in ids], [n - 6 for n in ids], seq=step)
    print(step, flush=True)
"""


def held_after(step: int) -> set[int]:
    return {number for number in range(3 * max(1, step - 1), 3 * step + 3) if step}


def write_until_killed(path: Path, *, after_s: float) -> int:
    """Run the writer, kill it some time after its first step, and return the last step it said was done."""
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": ".", "DJANGO_SETTINGS_MODULE": "isthmus.server.settings"},
    )
    assert writer.stdout is not None
    said = [writer.stdout.readline()]
    time.sleep(after_s)
    writer.kill()
    said += writer.stdout.read().splitlines()
    writer.wait()
    return max(int(line) for line in said if line.strip())


@pytest.mark.slow
@pytest.mark.crash
def test_killed_writer_loses_no_commit_and_leaves_no_half_one(tmp_path: Path):
    TantivyEngine.create(tmp_path)
    chance = random.Random(20261123)

    for _ in range(int(os.environ.get("ISTHMUS_TEST_KILLS", "5"))):
        acknowledged = write_until_killed(tmp_path, after_s=chance.uniform(0.0, 0.5))
        engine = TantivyEngine.open(tmp_path)

        # The step that was under way is wholly in or wholly out.
        assert engine.state().seq in (acknowledged, acknowledged + 1)
        assert set(engine.revisions()) == held_after(engine.state().seq)
        assert engine.state().n_documents == len(held_after(engine.state().seq))
        # Nobody holds the lock of the dead, and work goes on.
        step = engine.state().seq + 1
        ids = [3 * step, 3 * step + 1, 3 * step + 2]
        engine.apply([document(number) for number in ids], [number - 6 for number in ids], seq=step)
        assert set(engine.revisions()) == held_after(step)
