"""Where a body ends: by its length, or chunk by chunk, read strictly; the same for requests and Django's answers."""

from __future__ import annotations

import re
from typing import Protocol

from isthmus.server.front.heads import CHUNKED, Refused

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?\r\n")
_TRAILER = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]++:[\t\x20-\x7e\x80-\xff]*+\r\n")
# A line of sizes with extensions, and all trailers together.
_LINE_MAX_BYTES, _TRAILERS_MAX_BYTES = 1024, 8 * 1024


class Body(Protocol):
    """A body that comes in pieces of any size."""

    is_done: bool

    def feed(self, received: bytes) -> tuple[bytes, bytes]:
        """What of `received` is content, and what follows the body. Raises: Refused."""


def body_of(n_bytes: int) -> Body:
    """The reader of a body of this length, or CHUNKED."""
    return Chunked() if n_bytes == CHUNKED else Sized(n_bytes)


class Sized:
    """A body of a known length."""

    def __init__(self, n_bytes: int) -> None:
        self._missing = n_bytes
        self.is_done = n_bytes == 0

    def feed(self, received: bytes) -> tuple[bytes, bytes]:
        """See Body."""
        content = received[: self._missing]
        self._missing -= len(content)
        self.is_done = self._missing == 0
        return content, received[len(content) :]


class Chunked:
    """A body in chunks; extensions and trailers are read over and dropped."""

    def __init__(self) -> None:
        self.is_done = False
        self._kept = b""
        self._missing = 0
        self._reads = self._size
        self._n_trailers = 0

    def feed(self, received: bytes) -> tuple[bytes, bytes]:
        """See Body."""
        self._kept += received
        content: list[bytes] = []
        while not self.is_done and self._reads(content):
            pass
        rest, self._kept = (self._kept, b"") if self.is_done else (b"", self._kept)
        return b"".join(content), rest

    def _line(self, max_bytes: int) -> bytes:
        """The next whole line, empty while it is not there."""
        end = self._kept.find(b"\n") + 1
        if (end or len(self._kept)) > max_bytes:
            raise Refused(400, "A line of the body is too long.")
        line, self._kept = self._kept[:end], self._kept[end:]
        return line

    def _size(self, content: list[bytes]) -> bool:
        if not (line := self._line(_LINE_MAX_BYTES)):
            return False
        if not (found := _SIZE.fullmatch(line)):
            raise Refused(400, "A chunk does not say its size.")
        self._missing = int(found[1], 16)
        self._reads = self._content if self._missing else self._trailer
        return True

    def _content(self, content: list[bytes]) -> bool:
        taken = self._kept[: self._missing]
        self._kept = self._kept[len(taken) :]
        self._missing -= len(taken)
        content.append(taken)
        if not self._missing:
            self._reads = self._end
        return bool(taken)

    def _end(self, content: list[bytes]) -> bool:
        if not b"\r\n".startswith(self._kept[:2]):
            raise Refused(400, "A chunk is longer than it said.")
        if len(self._kept) < 2:
            return False
        self._kept = self._kept[2:]
        self._reads = self._size
        return True

    def _trailer(self, content: list[bytes]) -> bool:
        if not (line := self._line(_TRAILERS_MAX_BYTES - self._n_trailers)):
            return False
        self._n_trailers += len(line)
        if line == b"\r\n":
            self.is_done = True
        elif not _TRAILER.fullmatch(line):
            raise Refused(400, "What follows the last chunk is no header.")
        return True
