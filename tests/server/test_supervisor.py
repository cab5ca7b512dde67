"""Children are started again when they die, stopped together, and never live on without their parent."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from isthmus.server.front.upstream import HOLD_S
from isthmus.server.supervisor import Child, Supervisor


@pytest.fixture
def start(tmp_path):
    started = []

    def run(*words):
        command = [sys.executable, "-m", "tests.server.children_for_tests", str(tmp_path), *words]
        started.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()


def _pid(path, *, other_than=0):
    return _until(lambda: _read(path, other_than))


def _read(path, other_than):
    with suppress(OSError, ValueError):
        found = int(path.read_text())
        return found if found != other_than else None


def _until(look):
    deadline = time.monotonic() + 15
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen within 15 s"
        time.sleep(0.02)
    return found


def _is_gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def test_a_child_that_is_killed_is_started_again_and_the_other_is_left_alone(start, tmp_path):
    start()
    kind, other = _pid(tmp_path / "kind"), _pid(tmp_path / "other")

    os.kill(kind, signal.SIGKILL)

    assert _pid(tmp_path / "kind", other_than=kind)
    assert _pid(tmp_path / "other") == other


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_lets_every_child_end_in_good_order(start, tmp_path, number):
    parent = start()
    _pid(tmp_path / "kind"), _pid(tmp_path / "other")

    parent.send_signal(number)

    assert parent.wait(15) == 0
    assert (tmp_path / "kind.stopped").exists()
    assert (tmp_path / "other.stopped").exists()


def test_a_child_that_will_not_stop_is_killed(start, tmp_path):
    parent = start("deaf")
    _pid(tmp_path / "kind")
    deaf = _pid(tmp_path / "other")

    parent.terminate()

    assert parent.wait(15) == 0
    assert _is_gone(deaf)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_no_child_lives_on_when_the_parent_is_killed(start, tmp_path):
    parent = start()
    children = [_pid(tmp_path / "kind"), _pid(tmp_path / "other")]

    parent.kill()
    parent.wait()

    _until(lambda: all(_is_gone(pid) for pid in children))


def test_a_child_that_dies_again_and_again_starts_while_the_front_still_holds_its_readers():
    child = Child("web", lambda: None)
    supervisor = Supervisor([child])

    waits = []
    for _ in range(12):
        child.started = time.monotonic()
        supervisor._note_end(child, 1)
        waits.append(child.wait_s)

    assert waits == sorted(waits)
    assert waits[0] < 1 < waits[-1] <= HOLD_S / 2
