"""Mail of the admin itself (a new password, a piece to review) on its way to the mail server: a file until it is there.

Whoever asks for a new password does not wait for a server that may take minutes, and what was promised outlives any
kill: a message killed between the server's word and the removal of its file goes once more.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from isthmus.kit import clock, files
from isthmus.mailing import copies, ways_out
from isthmus.mailing.transports import Connection, Envelope, Outcome

log = logging.getLogger(__name__)

_AT_ONCE = 20
_REST_S = 60.0
# A new password that comes after four days is of no use to anybody; servers of others give up then, too.
_GIVE_UP_AFTER = timedelta(days=4)
_DONE = (Outcome.SUBMITTED, Outcome.UNCERTAIN)
_LATER = (Outcome.DEFERRED, Outcome.RELAY_DOWN)


def directory() -> Path:
    """Where messages wait."""
    return Path(settings.DATA) / "outgoing"


def put(messages: Sequence[EmailMessage]) -> int:
    """Have these handed to the mail server; how many. Raises: kit.files.DiskFull, OSError."""
    place, n = directory(), 0
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    for message in messages:
        if recipients := message.recipients():
            now, to = clock.now(), [parseaddr(one)[1] for one in recipients]
            head = {"at": now.isoformat(), "from": parseaddr(message.from_email)[1], "to": to}
            path = place / f"{now:%Y%m%dT%H%M%S.%fZ}-{token_hex(4)}.mail"
            _write(path, head, message.message().as_bytes(linesep="\r\n"))
            n += 1
    return n


class Backend(BaseEmailBackend):
    """Django's mail backend for an institute with a mail server."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """See `put`; raises as it does, unless told to fail silently."""
        try:
            return put(email_messages)
        except (OSError, files.DiskFull):
            if not self.fail_silently:
                raise
            return 0


class Outgoing:
    """Hands over what waits; the worker calls `tick`. monotonic: a clock for tests."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic, self._not_before = monotonic, 0.0

    def tick(self) -> int:
        """Hand over some of the oldest; how many went. A restored copy sends nothing, and trouble asks for a minute."""
        waiting = sorted(directory().glob("*.mail"))[:_AT_ONCE] if settings.ISTHMUS.mail_server else []
        now = clock.now()
        if not waiting or self._monotonic() < self._not_before or not copies.may_send(now):
            return 0
        way, n = ways_out.transport().connect(), 0
        try:
            for path in waiting:
                if not _handed_over(way, path, now):
                    self._not_before = self._monotonic() + _REST_S
                    break
                n += 1
        finally:
            way.close()
        return n


def _handed_over(way: Connection, path: Path, now: datetime) -> bool:
    """One message to each it is for; False if the rest had better wait."""
    head, _, message = path.read_bytes().partition(b"\n")
    said = json.loads(head)
    left = []
    for address in said["to"]:
        handed = way.hand_over(Envelope(said["from"], address, message, needs_utf8=not address.isascii()))
        if handed.outcome in _LATER and now - datetime.fromisoformat(said["at"]) < _GIVE_UP_AFTER:
            left.append(address)
        elif handed.outcome not in _DONE:
            log.error("A message to %s was not taken (%s); it lies in data/outbox", address, handed.said)
            _keep(path, message)
    if left:
        _write(path, {**said, "to": left}, message)
        return False
    path.unlink()
    return True


def _write(path: Path, head: dict[str, Any], message: bytes) -> None:
    files.write_durably(path, json.dumps(head).encode() + b"\n" + message, mode=0o600)


def _keep(path: Path, message: bytes) -> None:
    outbox = Path(settings.EMAIL_FILE_PATH)
    outbox.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.write_durably(outbox / f"{path.stem}.eml", message, mode=0o600)
