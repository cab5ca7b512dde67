"""The admin's own mail reaches the mail server, once it is there, and what it refuses is not lost."""

from __future__ import annotations

import email
import logging
import shutil
from dataclasses import replace
from datetime import timedelta
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage

from isthmus.mailing import copies, ways_out
from isthmus.mailing.transports import Envelope, Handed, Outcome
from isthmus.server import outgoing
from isthmus.server.outgoing import Backend, Outgoing

pytestmark = pytest.mark.django_db


class _Server:
    """Takes what it is handed, or answers as it was told to."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.answers: dict[str, Outcome] = {}

    def connect(self) -> _Server:
        return self

    def hand_over(self, envelope: Envelope) -> Handed:
        outcome = self.answers.get(envelope.recipient, Outcome.SUBMITTED)
        if outcome is Outcome.SUBMITTED:
            self.taken.append(envelope)
        return Handed(outcome, "as it was told")

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path, clock: Any) -> _Server:
    made = _Server()
    settings.DATA, settings.EMAIL_FILE_PATH = tmp_path, tmp_path / "outbox"
    settings.ISTHMUS = replace(settings.ISTHMUS, mail_server="smtp://mail.institute.example")
    monkeypatch.setattr(ways_out, "transport", lambda: made)
    return made


def _asked(*to: str) -> None:
    message = EmailMessage("A new password", "Zürich", "Isthmus <isthmus@institute.example>", list(to))
    assert Backend().send_messages([message]) == 1


def waiting() -> int:
    return len(list(outgoing.directory().glob("*")))


def test_a_message_is_handed_to_the_server_as_it_was_written(server: _Server):
    _asked("Alice <alice@institute.example>")

    n = Outgoing().tick()

    (envelope,) = server.taken
    assert (n, waiting()) == (1, 0)
    assert (envelope.sender, envelope.recipient) == ("isthmus@institute.example", "alice@institute.example")
    read = email.message_from_bytes(envelope.message, policy=default)
    assert (read["Subject"], read.get_content().strip()) == ("A new password", "Zürich")


def test_it_waits_while_the_server_is_away_and_goes_to_nobody_twice(server: _Server, clock: Any):
    now = 0.0
    sending = Outgoing(monotonic=lambda: now)
    server.answers["bob@institute.example"] = Outcome.RELAY_DOWN
    _asked("alice@institute.example", "bob@institute.example")

    first, at_once = sending.tick(), sending.tick()
    server.answers.clear()
    now = 61.0
    later = sending.tick()

    assert (first, at_once, later, waiting()) == (0, 0, 1, 0)
    assert [one.recipient for one in server.taken] == ["alice@institute.example", "bob@institute.example"]


@pytest.mark.parametrize(("outcome", "days"), [(Outcome.FAILED, 0), (Outcome.DEFERRED, 5)])
def test_what_is_refused_for_good_lies_in_the_outbox_and_the_log_says_so(
    server: _Server, clock: Any, caplog: pytest.LogCaptureFixture, *, outcome: Outcome, days: int
):
    server.answers["alice@institute.example"] = outcome
    caplog.set_level(logging.ERROR)
    _asked("alice@institute.example")
    clock.advance(timedelta(days=days))

    Outgoing().tick()

    assert waiting() == 0
    assert len(list((outgoing.directory().parent / "outbox").glob("*.eml"))) == 1
    assert "alice@institute.example was not taken (as it was told)" in caplog.text


def test_a_restored_copy_sends_nothing(server: _Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(copies, "may_send", lambda now: False)
    _asked("alice@institute.example")

    assert Outgoing().tick() == 0
    assert waiting() == 1


def test_only_this_user_can_read_what_waits(server: _Server):
    _asked("alice@institute.example")

    assert outgoing.directory().stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in outgoing.directory().iterdir())
    shutil.rmtree(outgoing.directory())
    assert Outgoing().tick() == 0
