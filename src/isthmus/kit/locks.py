"""One holder at a time on this machine: migrations, the index writer, the making of keys."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from isthmus.kit.errors import IsthmusError

_POLL_S = 0.02


class LockHeld(IsthmusError):
    """Another process, or another part of this one, kept the lock longer than we would wait."""


@contextmanager
def file_lock(path: Path, *, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the lock file at `path` inside the block; the kernel lets go when the process ends, however it ends.

    The parent directory must exist. The file stays, with the holder's process id in it: removing it would let two in.
    wait_s: how long to wait for another holder, 0 to ask once.
    Raises: LockHeld, naming the file and who holds it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(handle, path, until=time.monotonic() + wait_s)
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def _take(handle: int, path: Path, *, until: float) -> None:
    while True:
        try:
            # flock, not lockf: it belongs to this opening, so two threads of one process exclude each other too.
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() >= until:
                holder = os.pread(handle, 20, 0).decode("ascii", "replace") or "unknown"
                raise LockHeld(
                    f"{path} is held by process {holder}: wait until it has ended, or end it, and try again."
                ) from error
        time.sleep(_POLL_S)
