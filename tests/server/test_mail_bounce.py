"""`isthmus mail bounce` takes one message from a pipe; what fails is told to the mail server, which tries again."""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import OperationalError

from isthmus.mailing import returns
from isthmus.mailing.models import Returned
from isthmus.server.commands import mail_bounce
from tests.mailing.conftest import secrets_dir  # noqa: F401 -- a fixture of every test here
from tests.mailing.ledger_makers import subscriber
from tests.mailing.test_returns import delivery, reason_of, sample, verp

SAMPLES = Path(__file__).parent.parent / "mailing" / "samples"
PLACEHOLDER = b"bounce+812-1-aaaaaaaaaaaaaaaa@mail.example.org"

# What a newcomer's institute is given from outside: Carol, who follows everything, and one letter that she was sent.
_LETTER = """
import json, django
django.setup()
from django.conf import settings
from isthmus.kit import clock
from isthmus.mailing import actions, ledger, links
from isthmus.mailing.models import Delivery, Mailing, Subscriber, Subscription
now = clock.now()
carol = Subscriber.objects.create(email="carol@example.net", email_key="carol@example.net",
    address_hash=actions.hash_of("carol@example.net"), domain="example.net", state="confirmed", created_at=now)
Subscription.objects.create(subscriber=carol, subject="everything", created_at=now, confirmed_at=now)
sent = Mailing.objects.create(key="campaign:5:1", kind="campaign", title="Ferries", created_at=now, starts_at=now)
sent = ledger.prepare(sent, subjects={"everything"}, paces={"at_once"}, now=now)
print(links.verp(sent.deliveries.get().pk, "bounce@mail.example.org", settings.DATA / "secrets"))
"""
_NEXT = """
import json, django
django.setup()
from isthmus.kit import clock
from isthmus.mailing import ledger
from isthmus.mailing.models import Mailing
now = clock.now()
sent = Mailing.objects.create(key="campaign:6:1", kind="campaign", title="Bridges", created_at=now, starts_at=now)
sent = ledger.prepare(sent, subjects={"everything"}, paces={"at_once"}, now=now)
print(json.dumps({"candidates": sent.n_candidates, "excluded": sent.excluded, "n": sent.deliveries.count()}))
"""


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch):
    """The command in this process and on the test's database, given a message; its exit status."""
    monkeypatch.setattr(mail_bounce, "open_institute", lambda arguments: Path())

    def run(raw: bytes, recipient: str | None = None) -> int:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
        return mail_bounce.run(argparse.Namespace(dir=None, recipient=recipient))

    return run


@pytest.mark.django_db
def test_a_bounce_is_taken_and_said(piped, capsys: pytest.CaptureFixture[str]):
    carol = subscriber("carol@example.net", "everything")

    status = piped(sample("postfix_unknown_user", verp(delivery(carol))))

    assert (status, reason_of(carol)) == (0, "hard_bounce")
    assert "Suppressed: the address does not exist." in capsys.readouterr().out


@pytest.mark.django_db
def test_the_recipient_may_be_named_beside_the_message(piped):
    carol = subscriber("carol@example.net", "everything")

    status = piped(sample("qmail", "news@mail.example.org"), verp(delivery(carol)))

    assert (status, reason_of(carol)) == (0, "hard_bounce")


@pytest.mark.django_db
def test_junk_is_kept_and_the_mail_server_is_told_that_all_is_well(piped):
    assert piped(b"\x00\xff junk" * 100_000) == 0
    assert Returned.objects.get().kind == "unknown"


@pytest.mark.django_db
def test_no_message_at_all_is_said_to_be_none(piped, capsys: pytest.CaptureFixture[str]):
    assert piped(b"\n") == 65
    assert capsys.readouterr().err.startswith("isthmus: There is no message on standard input")
    assert not Returned.objects.exists()


@pytest.mark.django_db
def test_a_database_in_trouble_has_the_mail_server_try_again(
    piped, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def fails(*_: object, **__: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(returns, "keep", fails)

    assert piped(b"Subject: junk\n\njunk") == 75
    assert capsys.readouterr().err == (
        "isthmus: The database was busy for too long: try again, and look for a command that never ends.\n"
    )


def run_in(directory: Path, *arguments: object, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "ISTHMUS_DIR": str(directory), "DJANGO_SETTINGS_MODULE": "isthmus.server.settings"}
    environment.pop("ISTHMUS_DATABASE", None)
    return subprocess.run(
        [sys.executable, *map(str, arguments)], input=given, capture_output=True, env=environment, check=False
    )


_COMMAND = ("-c", "import sys; from isthmus.cli import main; sys.exit(main())")


@pytest.mark.slow
def test_an_institute_that_is_not_there_has_the_mail_server_keep_the_bounce(tmp_path: Path):
    ended = run_in(tmp_path, *_COMMAND, "mail", "bounce", given=b"Subject: junk\n\njunk")

    assert ended.returncode == 75
    assert ended.stderr.startswith(b"isthmus: ")


@pytest.mark.slow
def test_story_a_letter_bounces_through_the_pipe_and_the_next_one_is_not_sent_there(tmp_path: Path, give_tables):
    give_tables(tmp_path / "i")
    run_in(tmp_path, *_COMMAND, "--dir", tmp_path / "i", "init", "--name", "The Institute")
    address = run_in(tmp_path / "i", "-c", _LETTER).stdout.strip()
    bounce = (SAMPLES / "exim_report.eml").read_bytes().replace(PLACEHOLDER, address)

    first, second = (run_in(tmp_path / "i", *_COMMAND, "mail", "bounce", given=bounce) for _ in range(2))

    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert first.stdout == second.stdout
    found = json.loads(run_in(tmp_path / "i", "-c", _NEXT).stdout)
    assert found == {"candidates": 1, "excluded": {"suppressed": 1}, "n": 0}
