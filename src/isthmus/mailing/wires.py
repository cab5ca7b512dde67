"""One connection and the thread that talks on it; it knows bytes and replies, and nothing of the database."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from isthmus.mailing.transports import Connection, Envelope, Handed, Outcome, Transport

log = logging.getLogger(__name__)

# A connection kept longer without a message is closed: servers close theirs after some minutes, and count them.
_CLOSE_AFTER_S = 15.0


@dataclass(frozen=True, slots=True)
class Result:
    """What one wire was told of the message it was given."""

    wire: Wire
    handed: Handed


class Wire:
    """Takes one message at a time; says in `results` how it ended."""

    def __init__(self, transport: Transport, results: SimpleQueue[Result]) -> None:
        self._transport, self._results = transport, results
        self._work: SimpleQueue[Envelope | None] = SimpleQueue()
        # A daemon: a relay may take ten minutes for its last word, and the process may end before that.
        threading.Thread(target=self._run, name="isthmus-wire", daemon=True).start()

    def give(self, envelope: Envelope) -> None:
        """Hand this over next."""
        self._work.put(envelope)

    def stop(self) -> None:
        """End when what is in hand is done."""
        self._work.put(None)

    def _run(self) -> None:
        connection, is_open = self._transport.connect(), False
        while True:
            try:
                envelope = self._work.get(timeout=_CLOSE_AFTER_S if is_open else None)
            except Empty:
                connection.close()
                is_open = False
                continue
            if envelope is None:
                connection.close()
                return
            is_open = True
            self._results.put(Result(self, _handed_over(connection, envelope)))


def _handed_over(connection: Connection, envelope: Envelope) -> Handed:
    try:
        return connection.hand_over(envelope)
    except Exception as error:
        # The contract forbids it, so nobody knows how far it came.
        log.exception("A way out failed in a way that it must not")
        return Handed(Outcome.UNCERTAIN, f"The way out failed: {error!r}"[:500])
