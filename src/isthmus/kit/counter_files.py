"""Counts on their way to the database: lines that any process appends, and that one takes away and adds up.

A GET writes nothing to the database, so what is counted of it is a line in a file; a crash may lose the last of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from isthmus.kit.locks import LockHeld, file_lock

_WRITE_BYTES = 64 * 1024


def append(path: Path, lines: bytes, *, max_bytes: int) -> None:
    """Whole lines to the end; none once the file has `max_bytes`. The kernel keeps each O_APPEND write in one piece.

    lines: each of 64 KiB at most and ended by a newline; from one that is not, nothing more is written.
    Raises: OSError. Never waits: what lies there in place of a file is not opened.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        handle = os.open(path, flags, 0o600)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(path, flags, 0o600)
    try:
        while (end := lines.rfind(b"\n", 0, _WRITE_BYTES) + 1) and os.fstat(handle).st_size < max_bytes:
            os.write(handle, lines[:end])
            lines = lines[end:]
    finally:
        os.close(handle)


def fold(path: Path, add_up: Callable[[Path], int]) -> int:
    """Take the file away and have `add_up` count it; what that gives, 0 where there is nothing or another is at work.

    add_up: adds the lines to the database and removes the file as the last step of its transaction, so that nothing
    counts twice; where it fails, the same file comes again the next time.
    """
    if not path.parent.is_dir():
        return 0
    taken = path.with_suffix(".folding")
    try:
        with file_lock(path.with_suffix(".lock")):
            if not taken.exists():
                path.rename(taken)
            return add_up(taken)
    except (FileNotFoundError, LockHeld):
        return 0
