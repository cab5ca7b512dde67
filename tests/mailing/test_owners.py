"""A dead holder of deliveries is known at once where that is certain, and never guessed."""

from __future__ import annotations

import subprocess
import sys

from isthmus.mailing import owners


def of_process(pid: int, *, system: str | None = None) -> str:
    host, here, _, letters = owners.new_owner().split("|")
    return "|".join([host, here if system is None else system, str(pid), letters])


def test_a_living_process_is_not_gone_and_two_names_of_it_differ():
    first, second = owners.new_owner(), owners.new_owner()

    assert first != second
    assert len(first) <= 120
    assert not owners.is_gone(first)


def test_a_process_that_ended_is_gone():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()

    assert owners.is_gone(of_process(child.pid))


def test_nothing_is_known_of_a_process_of_another_system():
    assert not owners.is_gone(of_process(999_999_999, system="another"))
    assert not owners.is_gone("one")
    assert not owners.is_gone("")
