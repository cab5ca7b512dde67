"""Figures that crash suites find, gathered for bench/RESULTS.md when a whole count is run (ISTHMUS_TEST_RESULTS=1)."""

from __future__ import annotations

import fcntl
import os

from bench import measure


def note(title: str, rows: list[tuple[str, str, str]]) -> None:
    """Print (what, figure, wanted), and keep them where they are asked for."""
    if os.environ.get("ISTHMUS_TEST_RESULTS"):
        kills = os.environ.get("ISTHMUS_TEST_KILLS", "5")
        with measure.RESULTS.open("a") as held:
            # Of several test processes one at a time.
            fcntl.flock(held, fcntl.LOCK_EX)
            measure.record(title, f"make test-crash KILLS={kills}", rows)
    print(f"\n{title}: " + "; ".join(f"{what} {figure}" for what, figure, _ in rows))
