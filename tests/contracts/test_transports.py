"""What every way out must do; a new transport adds a line to WAYS_OUT and passes this file."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from isthmus.kit.errors import UsageError
from isthmus.mailing.transports import Connection, Envelope, Outcome, Transport
from isthmus.mailing.transports.anymail import AnymailTransport
from isthmus.mailing.transports.files import FilesTransport
from isthmus.mailing.transports.smtp import SmtpTransport
from tests.mailing.ways_out_for_tests import MemoryTransport


@dataclass
class WayOut:
    """A transport, what arrived at its other end, and how to make that end go away."""

    transport: Transport
    arrived: Callable[[], list[EmailMessage]]
    take_away: Callable[[], None]


def _read(raw: bytes) -> EmailMessage:
    found = message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


@contextmanager
def _files(place: Path) -> Iterator[WayOut]:
    outbox = place / "outbox"

    def take_away() -> None:
        # A file where the directory has to be: root is stopped by that too, and by no permission.
        for path in outbox.glob("*"):
            path.unlink()
        outbox.rmdir() if outbox.exists() else None
        outbox.write_text("")

    yield WayOut(
        FilesTransport(outbox), lambda: [_read(path.read_bytes()) for path in sorted(outbox.glob("*.eml"))], take_away
    )


class _Inbox:
    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.messages.append(_read(envelope.content))
        return "250 taken"


class _AnyPort(Controller):
    """On a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def _smtp(place: Path) -> Iterator[WayOut]:
    inbox = _Inbox()
    controller = _AnyPort(inbox, hostname="127.0.0.1", port=0)
    controller.start()
    port = controller.port
    is_there = [True]

    def take_away() -> None:
        if is_there.pop():
            is_there.append(False)
            controller.stop()

    transport = SmtpTransport(f"smtp://127.0.0.1:{port}", hello="institute.example")
    yield WayOut(transport, lambda: inbox.messages, take_away)
    if is_there[0]:
        controller.stop()


class _Provider(BaseHTTPRequestHandler):
    """As Postmark's interface answers."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        messages: list[EmailMessage] = self.server.messages  # type: ignore[attr-defined]
        if self.headers["X-Postmark-Server-Token"] != "right":
            self._answer(401, {"ErrorCode": 10, "Message": "bad token"})
            return
        made = EmailMessage()
        for name in ("From", "To", "Subject"):
            made[name] = asked[name]
        for field in asked.get("Headers", []):
            made[field["Name"]] = field["Value"]
        made.set_content(asked["TextBody"])
        messages.append(made)
        ok = {
            "ErrorCode": 0,
            "Message": "OK",
            "MessageID": "4f",
            "To": asked["To"],
            "SubmittedAt": "2026-11-23T09:00:00Z",
        }
        self._answer(200, ok)

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def _provider(place: Path) -> Iterator[WayOut]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Provider)
    server.messages = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def take_away() -> None:
        server.shutdown()
        server.server_close()

    given = {"server_token": "right", "api_url": f"http://127.0.0.1:{server.server_port}/", "webhook_secret": "a:b"}
    yield WayOut(AnymailTransport("postmark", given), lambda: server.messages, take_away)  # type: ignore[attr-defined]
    take_away()


@contextmanager
def _memory(place: Path) -> Iterator[WayOut]:
    from isthmus.mailing.transports import Handed

    transport = MemoryTransport()

    def take_away() -> None:
        transport.answer = lambda envelope: Handed(Outcome.RELAY_DOWN, "gone")

    yield WayOut(transport, lambda: [_read(one.message) for one in transport.taken], take_away)


WAYS_OUT = {"files": _files, "memory": _memory, "provider": _provider, "smtp": _smtp}


@pytest.fixture(params=sorted(WAYS_OUT))
def way_out(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WayOut]:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with WAYS_OUT[request.param](tmp_path) as made:
        yield made


@pytest.fixture
def connection(way_out: WayOut) -> Iterator[Connection]:
    made = way_out.transport.connect()
    yield made
    made.close()


def envelope(number: int = 1, *, recipient: str = "carol@example.org", text: str = "Text.\n.dot\n") -> Envelope:
    made = EmailMessage(policy=policy.SMTP)
    made["From"] = "The Institute <news@institute.example>"
    made["To"] = recipient
    made["Subject"] = f"Ardor Fades – 열정 {number}"
    made["Message-ID"] = f"<d{number}.1@institute.example>"
    made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(text)
    made.add_alternative(f"<p>{text}</p>", subtype="html")
    return Envelope("news@institute.example", recipient, made.as_bytes())


def test_a_message_arrives_with_its_fields_and_its_text(way_out: WayOut, connection: Connection):
    assert connection.hand_over(envelope()).outcome == Outcome.SUBMITTED

    (arrived,) = way_out.arrived()
    assert arrived["Subject"] == "Ardor Fades – 열정 1"
    assert arrived["Message-ID"] == "<d1.1@institute.example>"
    assert arrived["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text = arrived.get_body(("plain",))
    assert text is not None
    assert text.get_content().splitlines() == ["Text.", ".dot"]


def test_one_connection_carries_many_messages_in_order(way_out: WayOut, connection: Connection):
    for number in range(5):
        assert connection.hand_over(envelope(number)).outcome == Outcome.SUBMITTED

    assert [str(one["Message-ID"]) for one in way_out.arrived()] == [f"<d{n}.1@institute.example>" for n in range(5)]


def test_what_is_said_is_one_short_line(connection: Connection):
    said = connection.hand_over(envelope()).said

    assert said == " ".join(said.split())
    assert 0 < len(said) <= 500


def test_where_nothing_is_at_the_other_end_the_relay_is_down_and_nothing_raises(way_out: WayOut):
    way_out.take_away()
    connection = way_out.transport.connect()

    assert connection.hand_over(envelope()).outcome == Outcome.RELAY_DOWN
    connection.close()


def test_a_way_out_has_a_name_and_a_bound(way_out: WayOut):
    assert 0 < len(way_out.transport.name) <= 200
    assert way_out.transport.max_connections >= 1


def test_closing_twice_or_before_use_is_harmless(way_out: WayOut):
    connection = way_out.transport.connect()
    connection.close()
    connection.hand_over(envelope())
    connection.close()
    connection.close()


def test_a_connection_that_was_closed_opens_again(way_out: WayOut, connection: Connection):
    connection.hand_over(envelope(1))
    connection.close()

    assert connection.hand_over(envelope(2)).outcome == Outcome.SUBMITTED


def test_a_providers_refusal_of_our_account_is_the_relays_trouble():
    with _provider(Path()) as way_out:
        url = way_out.transport._given["api_url"]  # type: ignore[attr-defined]
        handed = AnymailTransport("postmark", {"server_token": "wrong", "api_url": url}).connect().hand_over(envelope())

    assert handed.outcome == Outcome.RELAY_DOWN
    assert "401" in handed.said


@pytest.mark.parametrize(("provider", "given"), [("nobody", {}), ("postmark", {})])
def test_a_provider_that_cannot_be_had_is_refused_in_a_sentence(provider: str, given: dict[str, str]):
    with pytest.raises(UsageError, match="provider"):
        AnymailTransport(provider, given)
