"""One holder at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from threading import Thread

import pytest

from isthmus.kit.locks import LockHeld, file_lock

HOLDER = """
import sys, time
from pathlib import Path
from isthmus.kit.locks import file_lock
with file_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_holder_is_refused_and_told_who_has_it(tmp_path):
    path = tmp_path / "migrate.lock"

    with file_lock(path), pytest.raises(LockHeld, match=f"process {os.getpid()}"), file_lock(path):
        pass


def test_the_lock_is_free_again_after_the_block(tmp_path):
    path = tmp_path / "migrate.lock"

    with file_lock(path):
        pass
    with file_lock(path):
        held = True

    assert held


def test_one_who_waits_gets_it_when_the_first_lets_go(tmp_path):
    path, order = tmp_path / "lock", []

    def second() -> None:
        with file_lock(path, wait_s=10):
            order.append("second")

    with file_lock(path):
        thread = Thread(target=second)
        thread.start()
        thread.join(0.1)
        order.append("first")
    thread.join(10)

    assert order == ["first", "second"]


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    path = tmp_path / "lock"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE, env=environment)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(LockHeld, match=str(holder.pid)), file_lock(path):
        pass

    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()

    with file_lock(path, wait_s=5):
        pass
