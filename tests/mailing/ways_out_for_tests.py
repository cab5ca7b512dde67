"""A transport in memory that does what a test says; it keeps the contract, see tests/contracts/test_transports.py."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping

from isthmus.mailing.transports import Envelope, Handed, Outcome

SUBMITTED = Handed(Outcome.SUBMITTED, "250 ok")


class MemoryTransport:
    """answer: what is said to each envelope, in whichever thread hands it over."""

    name = "memory"

    def __init__(self, answer: Callable[[Envelope], Handed] = lambda envelope: SUBMITTED, connections: int = 4) -> None:
        self.answer, self.max_connections = answer, connections
        self.taken: list[Envelope] = []
        self.n_open = 0
        self.lock = threading.Lock()

    def connect(self) -> MemoryConnection:
        return MemoryConnection(self)


class MemoryConnection:
    def __init__(self, transport: MemoryTransport) -> None:
        self._transport = transport

    def hand_over(self, envelope: Envelope) -> Handed:
        handed = self._transport.answer(envelope)
        if handed.outcome == Outcome.SUBMITTED:
            with self._transport.lock:
                self._transport.taken.append(envelope)
        return handed

    def close(self) -> None:
        pass


def rendered(ids: Collection[int]) -> Mapping[int, Envelope]:
    """A short message for each delivery, with its Message-ID."""
    from isthmus.mailing.models import Delivery

    rows = Delivery.objects.filter(pk__in=ids).values_list("pk", "mailing_id", "subscriber__email")
    return {
        pk: Envelope(
            "news@example.org",
            email,
            f"Message-ID: <d{pk}.{mailing}@example.org>\r\nTo: {email}\r\n\r\nText.\r\n".encode(),
        )
        for pk, mailing, email in rows
        if email
    }
