"""The first lines of an answer: status, date, and whether the connection stays; made once a second."""

from __future__ import annotations

from email.utils import formatdate
from http import HTTPStatus


class Lines:
    """Status line and Date for each status and kind of connection."""

    def __init__(self) -> None:
        self._date = ""
        self._made: dict[tuple[int, bool, bool], bytes] = {}
        self.usual = b""
        self.tick(0.0)

    def tick(self, now: float) -> None:
        """Another second. now: seconds since 1970."""
        self._date = formatdate(now, usegmt=True)
        self._made.clear()
        # Of nearly all answers: 200, on a connection of HTTP/1.1 that stays.
        self.usual = self.of(200, keeps_alive=True, is_http_10=False)

    def of(self, status: int, *, keeps_alive: bool, is_http_10: bool) -> bytes:
        """With line ends."""
        key = (status, keeps_alive, is_http_10)
        if (line := self._made.get(key)) is None:
            line = self._made[key] = self._line(status, keeps_alive, is_http_10)
        return line

    def _line(self, status: int, keeps_alive: bool, is_http_10: bool) -> bytes:
        try:
            phrase = HTTPStatus(status).phrase
        except ValueError:
            phrase = "Unknown"
        said = "" if keeps_alive and not is_http_10 else f"Connection: {'keep-alive' if keeps_alive else 'close'}\r\n"
        return f"HTTP/1.1 {status} {phrase}\r\nDate: {self._date}\r\n{said}".encode("ascii")
