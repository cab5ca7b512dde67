"""The body of a request until all of it is here: a short one in memory, a long one in a file without a name.

Django reads a body in one of its four threads. A body that trickled in through it would hold that thread for as long
as its sender likes, so it is kept here until it is whole, and an upload takes no memory beyond one piece.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

IN_MEMORY_MAX_BYTES = 64 * 1024
_PIECE_BYTES = 256 * 1024


class Spool:
    """What has come of a body. directory: where a long one goes, on a disk and not in memory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._kept = bytearray()
        self._file: IO[bytes] | None = None
        self.n_bytes = 0

    def take(self, content: bytes) -> None:
        """The next piece. Raises: OSError, such as for a full disk."""
        self.n_bytes += len(content)
        if self._file is None and self.n_bytes > IN_MEMORY_MAX_BYTES:
            self._file = tempfile.TemporaryFile(dir=self._directory)  # noqa: SIM115  (closed in close)
            self._file.write(self._kept)
            self._kept.clear()
        if self._file is None:
            self._kept += content
        else:
            self._file.write(content)

    async def pieces(self) -> AsyncIterator[bytes]:
        """All of it, from the beginning; read from pages the system just wrote, so nothing waits for a disk."""
        if self._file is None:
            if self._kept:
                yield bytes(self._kept)
            return
        self._file.seek(0)
        while piece := self._file.read(_PIECE_BYTES):
            yield piece

    def close(self) -> None:
        """Free what it takes."""
        self._kept.clear()
        if self._file is not None:
            self._file.close()
            self._file = None
