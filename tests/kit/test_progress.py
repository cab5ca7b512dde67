"""The sign of life."""

from __future__ import annotations

import io

from isthmus.kit.progress import progress


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class _Seconds:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_work_under_a_second_says_nothing():
    out, seconds = _Terminal(), _Seconds()

    with progress(10, "Importing", out=out, monotonic=seconds) as tick:
        seconds.at = 0.9
        tick(10)

    assert out.getvalue() == ""


def test_longer_work_draws_a_bar_on_a_terminal_and_ends_its_line():
    out, seconds = _Terminal(), _Seconds()

    with progress(200, "Importing", out=out, monotonic=seconds) as tick:
        seconds.at = 2.0
        tick(100)

    first = out.getvalue().split("\r")[1]
    assert "Importing [############............] 100 of 200, 50%, 2 s left" in first
    assert out.getvalue().endswith("\n")


def test_a_log_gets_a_plain_line_now_and_then():
    out, seconds = io.StringIO(), _Seconds()

    with progress(None, "Importing", out=out, monotonic=seconds) as tick:
        for _ in range(25):
            seconds.at += 1
            tick(10)

    assert out.getvalue().splitlines() == [
        "Importing 100, 10 a second",
        "Importing 200, 10 a second",
        "Importing 250, 10 a second",
    ]
