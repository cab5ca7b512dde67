"""Heads that were understood before: a browser says the same about itself on every page, so it is read once.

What differs between its requests is the address and where it was linked from; both are cut out here, by a grammar that
is as strict as that of `heads`, and the rest is looked up as it stands.
"""

from __future__ import annotations

import re

from isthmus.server.front.hits import Wanted

# An address with anything else in it, such as a question mark, is read in full.
_LINE = re.compile(rb"GET (/[A-Za-z0-9/._~-]*+) HTTP/1\.1\r\n")
_REFERER = b"\r\nReferer: "
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*+\r\n")
# A head of a browser has some 700 bytes, so these are 4 MB at the most likely and 10 MB at the most.
_MOST, _MAX_BYTES = 4096, 2048


class Known:
    """What was understood, by the very bytes."""

    def __init__(self) -> None:
        self._wanted: dict[bytes, Wanted] = {}

    def find(self, received: bytes) -> tuple[str, Wanted] | None:
        """Key and wishes of a request that is exactly `received`, None where it has to be read."""
        if (line := _LINE.match(received)) is None:
            return None
        wanted = self._wanted.get(_rest(received, line.end()))
        return None if wanted is None else (line[1].decode("ascii"), wanted)

    def keep(self, block: bytes, wanted: Wanted) -> None:
        """Remember a head that was read in full and is one of a GET of HTTP/1.1."""
        line = _LINE.match(block)
        if line is None or len(block) > _MAX_BYTES:
            return
        if len(self._wanted) >= _MOST:
            del self._wanted[next(iter(self._wanted))]
        self._wanted[_rest(block, line.end())] = wanted

    def forget(self) -> None:
        """Read all anew."""
        self._wanted.clear()


def _rest(head: bytes, line_end: int) -> bytes:
    """What follows the first line, without where the reader comes from; not shortened where that is no right value."""
    # From the line's own end, as the field may be the first.
    begin = head.find(_REFERER, line_end - 2)
    if begin < 0 or (value := _VALUE.match(head, begin + len(_REFERER))) is None:
        return head[line_end:]
    return head[line_end : begin + 2] + head[value.end() :]
