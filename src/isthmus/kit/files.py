"""Files that are whole or absent: written beside, synced, renamed, and the directory synced.

"Acknowledged means durable": after `write_durably` returns, neither kill -9 nor a power cut takes it back.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from isthmus.kit.errors import IsthmusError


class DiskFull(IsthmusError):
    """No room, or no quota, left where a file had to be written; what stood there before is untouched."""


def write_durably(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Put `content` at `path` so that a reader or a crash sees the old file or the new one, never a part.

    The parent directory must exist. mode: permission bits, not lowered by the umask.
    Raises: DiskFull; OSError for anything else, with the old file kept and no temporary left behind.
    """
    beside = path.with_name(f".{path.name[:200]}.{token_hex(6)}.part")
    with disk_full_said(path):
        try:
            _write_and_sync(beside, content, mode=mode)
            os.replace(beside, path)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise
        sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make renames, creations and deletions in a directory survive a power cut."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def disk_full_said(path: Path) -> Iterator[None]:
    """Turn "no space left" and "quota exceeded" inside the block into one sentence that names `path`.

    Raises: DiskFull instead of the OSError; every other error passes.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFull(
            f"The disk is full, so {path} was not written and is as it was before: "
            f"make room on the file system of {path.parent} and try again."
        ) from error


def _write_and_sync(path: Path, content: bytes, *, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
