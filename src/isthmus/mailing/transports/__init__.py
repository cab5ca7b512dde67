"""The contract of a way out: what every transport promises, in two methods.

One suite, tests/contracts/test_transports.py, runs against every one of them. A transport knows bytes and addresses,
and nothing of the ledger; `sending` knows the ledger, and nothing of SMTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """How handing one message over ended."""

    SUBMITTED = "submitted"  # the other side said 250 after the last dot: it is theirs now
    DEFERRED = "deferred"  # certainly not taken, and worth another try: 4xx, or broken off before the last dot was sent
    FAILED = "failed"  # certainly not taken, and never will be: 5xx about this person or message
    UNCERTAIN = "uncertain"  # broken off after the last dot was sent, or ten minutes without an answer
    RELAY_DOWN = "relay_down"  # certainly not taken, through no fault of the person: no connection, login, TLS, 421


@dataclass(frozen=True, slots=True)
class Handed:
    """The end of one try. said: the other side's last words, one line, at most 500 characters.

    is_of_domain: the deferral is about the recipient's domain (4xx after RCPT), so others there wait too.
    is_of_address: the refusal is about the recipient's address (5xx after RCPT), and not about what was said to them.
    """

    outcome: Outcome
    said: str = ""
    is_of_domain: bool = False
    is_of_address: bool = False


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message ready for the wire. message: CRLF line ends, not dot-stuffed, headers included."""

    sender: str
    recipient: str
    message: bytes
    needs_utf8: bool = False


class Connection(Protocol):
    """One open way out; used by one thread at a time, for many messages."""

    def hand_over(self, envelope: Envelope) -> Handed:
        """Try once. Called for every delivery, after `started` is durable.

        Never raises: whatever happens is one of the outcomes, and SUBMITTED is said only on the other side's word.
        Waits up to 600 s after the last dot (RFC 5321 4.5.3.2.6) before it says UNCERTAIN.
        """
        ...

    def close(self) -> None:
        """Say goodbye and let go. Never raises."""
        ...


class Transport(Protocol):
    """A way out: SMTP, a provider, a directory of files."""

    @property
    def name(self) -> str:
        """What RelayState knows it by, such as `mail.example.org:587`, at most 200 characters."""
        ...

    @property
    def max_connections(self) -> int:
        """How many connections may be open at once."""
        ...

    def connect(self) -> Connection:
        """A new connection; cheap and silent: a relay that is down says so at the first `hand_over`."""
        ...
