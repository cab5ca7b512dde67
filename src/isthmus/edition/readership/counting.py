"""Counting at the door, where no database is: paths and how often, in memory, and every few seconds into a file.

What is lost in a crash is those seconds. No Django here: the front counts.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import date
from pathlib import Path

from isthmus.kit import counter_files
from isthmus.kit.agents import is_program

FLUSH_EVERY_S = 10.0
# A line is some 80 bytes: 60,000 lines between two rounds of the worker, which come each minute.
MAX_FILE_BYTES = 5_000_000
_MAX_PATH_CHARS = 300
# Paths held between two flushes; a program that asks for a hundred thousand addresses fills neither memory nor disk.
_MAX_PATHS = 5_000


def log_path(data: Path) -> Path:
    """Where counts wait for the worker, below the institute's `data`."""
    return data / "counters" / "readership.log"


class Readings:
    """Pages opened since the last flush, by path; for one process and one thread.

    data: the institute's `data` directory.
    """

    def __init__(self, data: Path) -> None:
        self._path = log_path(data)
        self._counts: Counter[str] = Counter()

    def note(self, path: str, agent: str) -> None:
        """Count one page that a reader was given, in under a microsecond; agent: the header `User-Agent`.

        path: as it stood in the request, without its question mark. To be called for pages (HTML, 200 or 304) that
        were asked for by GET; programs do not count.
        """
        # Every browser says what it is.
        is_reader = bool(agent) and not is_program(agent)
        if is_reader and len(path) <= _MAX_PATH_CHARS and (path in self._counts or self._has_room()):
            self._counts[path] += 1

    def flush(self, today: date) -> None:
        """Append what was counted and forget it; never raises: on a full disk the counts are lost.

        today: by the clocks of the institute.
        """
        counts, self._counts = self._counts, Counter()
        lines = b"".join(f"{today:%Y-%m-%d}\t{n}\t{path}\n".encode("ascii", "ignore") for path, n in counts.items())
        if not lines:
            return
        with suppress(OSError):
            counter_files.append(self._path, lines, max_bytes=MAX_FILE_BYTES)

    def _has_room(self) -> bool:
        return len(self._counts) < _MAX_PATHS
