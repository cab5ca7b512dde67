"""The access log: a line a request in the combined format, written by a thread, so that no reader waits for a disk.

It tells no address unless `access_log_addresses` says so, and never the words in an address that open a subscription
or a login.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import gmtime, strftime

from isthmus.kit.client_address import client_address

log = logging.getLogger(__name__)

_EVERY_S = 1.0
# A minute of a front at its fastest is a million; what does not fit is left out, and the log says how many.
_MOST_WAITING = 100_000
_STDOUT = "stdout"
_LINE = re.compile(rb"[^\r\n]*")
_REFERER = re.compile(rb"(?i)\r\nreferer:[ \t]*([^\r\n]*)")
_AGENT = re.compile(rb"(?i)\r\nuser-agent:[ \t]*([^\r\n]*)")
_FORWARDED = re.compile(rb"(?i)\r\nx-forwarded-for:[ \t]*([^\r\n]*)")
# Whoever has these may act as the reader or the editor they were sent to.
_SECRET = re.compile(rb"(/subscriptions/(?:leave/)?|/subscribe/confirm/|/admin/password_reset/confirm/)[^ \"]+")
_UNSAFE = re.compile(rb"[\x00-\x1f\x22\x5c\x7f-\xff]")


@dataclass(frozen=True, slots=True)
class _Answered:
    """One request. head: as it came, empty for one that could not be read; n_bytes: of the body that was sent."""

    at: float
    peer: str
    head: bytes
    status: int
    n_bytes: int


class AccessLog:
    """Where requests are noted. path: of the file, or `stdout`; addresses: whether they are told."""

    def __init__(self, path: str, directory: Path, *, addresses: bool = False, trusted: tuple[str, ...] = ()) -> None:
        self._path = None if path == _STDOUT else directory / path
        self._addresses, self._trusted = addresses, trusted
        self._waiting: deque[_Answered] = deque()
        self._n_left_out = 0
        self._file: int | None = None
        self._is_old = False
        self._over = threading.Event()
        self._is_failing = False
        self._thread = threading.Thread(target=self._run, name="isthmus-access-log", daemon=True)
        self._thread.start()

    def note(self, head: bytes, status: int, n_bytes: int, *, peer: str, at: float) -> None:
        """Remember one answer; takes a microsecond."""
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append(_Answered(at, peer, head, status, n_bytes))
        else:
            self._n_left_out += 1

    def reopen(self) -> None:
        """Go on in the file of that name, at the next writing."""
        self._is_old = True

    def close(self) -> None:
        """Write what waits, and end."""
        self._over.set()
        self._thread.join(_EVERY_S)

    def _run(self) -> None:
        is_over = False
        while not is_over:
            is_over = self._over.wait(_EVERY_S)
            try:
                self._write()
            except OSError as error:
                self._fail(error)
        self._close()

    def _write(self) -> None:
        lines = [self._line(self._waiting.popleft()) for _ in range(len(self._waiting))]
        if self._n_left_out:
            log.warning("%d requests are missing from the access log: its disk is too slow", self._n_left_out)
            self._n_left_out = 0
        if lines:
            _write_all(self._opened(), b"".join(lines))
            self._is_failing = False

    def _opened(self) -> int:
        """The file, opened to append, so that it may be emptied or moved under us."""
        if self._path is None:
            return sys.stdout.fileno()
        if self._file is not None and (self._is_old or not _is_same(self._file, self._path)):
            self._close()
        if self._file is None:
            self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file, self._is_old = None, False

    def _fail(self, error: OSError) -> None:
        if not self._is_failing:
            log.error("The access log cannot be written (%s); readers are answered. See `access_log`.", error)
        self._is_failing = True

    def _line(self, one: _Answered) -> bytes:
        first = _LINE.match(one.head)
        words = [first[0] if first else b"-", *(_said(field, one.head) for field in (_REFERER, _AGENT))]
        asked, referer, agent = map(_safe, words)
        at = _in_words(int(one.at))
        address = self._address(one).encode("ascii", "replace")
        return b'%b - - [%b] "%b" %d %d "%b" "%b"\n' % (address, at, asked, one.status, one.n_bytes, referer, agent)

    def _address(self, one: _Answered) -> str:
        if not self._addresses:
            return "-"
        forwarded = _said(_FORWARDED, one.head).decode("latin-1")
        meta = {"REMOTE_ADDR": one.peer, "HTTP_X_FORWARDED_FOR": forwarded}
        return client_address(meta, trusted=self._trusted) or "-"


def _said(field: re.Pattern[bytes], head: bytes) -> bytes:
    return b", ".join(field.findall(head))


@lru_cache(maxsize=4096)
def _safe(words: bytes) -> bytes:
    """Without what opens something, and without what would end the line or the quotation; a hyphen for nothing."""
    return _UNSAFE.sub(_escaped, _SECRET.sub(rb"\1-", words)) or b"-"


@lru_cache(maxsize=8)
def _in_words(second: int) -> bytes:
    return strftime("%d/%b/%Y:%H:%M:%S +0000", gmtime(second)).encode("ascii")


def _escaped(sign: re.Match[bytes]) -> bytes:
    return b"\\x%02X" % sign[0][0]


def _is_same(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except OSError:
        return False


def _write_all(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]
