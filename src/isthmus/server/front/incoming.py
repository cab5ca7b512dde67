"""A body on its way in: counted, kept, and given up when it is too long or too slow."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from isthmus.server.front.bodies import body_of
from isthmus.server.front.heads import Refused, Request
from isthmus.server.front.limits import Limits
from isthmus.server.front.spool import Spool


class Incoming:
    """What has come of the body of a request. on_end: called once, when it is let go."""

    def __init__(
        self, request: Request, directory: Path, *, max_bytes: int, now: float, on_end: Callable[[], None]
    ) -> None:
        self.request = request
        self._body = body_of(request.body_bytes)
        self._spool = Spool(directory)
        self._max_bytes, self._began_at = max_bytes, now
        self._on_end: Callable[[], None] | None = on_end

    @property
    def is_done(self) -> bool:
        """Whether all of it is here."""
        return self._body.is_done

    @property
    def n_bytes(self) -> int:
        """How much is here."""
        return self._spool.n_bytes

    def take(self, received: bytes) -> bytes:
        """Keep what belongs to the body; what follows it is given back. Raises: Refused."""
        content, rest = self._body.feed(received)
        if self._spool.n_bytes + len(content) > self._max_bytes:
            raise Refused(413, "What was sent is larger than this site takes.")
        try:
            self._spool.take(content)
        except OSError as error:
            is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            why = "There is no room on the disk for it." if is_full else "It could not be kept."
            raise Refused(507 if is_full else 500, why) from error
        return rest

    def is_too_slow(self, now: float, limits: Limits) -> bool:
        """Whether it comes slower than anybody's line is."""
        age_s = now - self._began_at
        is_slow = age_s > limits.body_grace_s and self.n_bytes < age_s * limits.body_bytes_per_s
        return is_slow or age_s > limits.body_s

    def pieces(self) -> AsyncIterator[bytes]:
        """The content, as often as it is asked for."""
        return self._spool.pieces()

    def close(self) -> None:
        """Free its room and its place."""
        self._spool.close()
        if self._on_end is not None:
            on_end, self._on_end = self._on_end, None
            on_end()
