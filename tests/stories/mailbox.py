"""A mail server of the world outside, and what the people who have mailboxes there find in them."""

from __future__ import annotations

import contextlib
import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from typing import Any

from aiosmtpd.controller import Controller

from tests.stories.site import free_port, until


@dataclass
class Mailbox:
    """Everything that arrived, in order, and the address of the server that took it."""

    url: str
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take what is handed over."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """The mails of one person, the oldest first."""
        return [mail for mail in self.mails if mail["To"] == address]

    def nth(self, address: str, number: int, *, within_s: float) -> EmailMessage:
        """Their mail of this number, counted from 1, as soon as it is there."""
        until(lambda: len(self.to(address)) >= number, within_s=within_s)
        return self.to(address)[number - 1]


@contextlib.contextmanager
def open_mailbox() -> Iterator[Mailbox]:
    """A mail server on this machine, for as long as it is needed."""
    port = free_port()
    mailbox = Mailbox(f"smtp://127.0.0.1:{port}")
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def text(mail: EmailMessage) -> str:
    """What somebody reads who sees no HTML."""
    return _part(mail, "plain")


def links(mail: EmailMessage) -> list[str]:
    """Every address that the HTML leads to, in order."""
    return [unescape(address) for address in re.findall(r'href="([^"]+)"', _part(mail, "html"))]


def _part(mail: EmailMessage, subtype: str) -> str:
    part = mail.get_body((subtype,))
    assert part is not None
    return str(part.get_content())


def leave_with_one_press(mail: EmailMessage) -> int:
    """What a mail program does behind its own button (RFC 8058): no cookie, no page; the status it is answered."""
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.search(r"<(http[^>]+)>", mail["List-Unsubscribe"])
    assert found is not None
    request = urllib.request.Request(found[1], data=b"List-Unsubscribe=One-Click")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        assert answer.url == found[1]
        assert answer.headers["Set-Cookie"] is None
        return int(answer.status)
