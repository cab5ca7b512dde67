"""Returned mail is read out of a Maildir, each message for itself, and a crash takes none twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from isthmus.mailing import maildir, returns
from isthmus.mailing.maildir import MaildirMissing
from isthmus.mailing.models import DeliveryNote, Returned
from tests.mailing.ledger_makers import NOW, subscriber
from tests.mailing.test_returns import delivery, reason_of, sample, verp

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """An empty Maildir."""
    for part in ("new", "cur", "tmp"):
        (tmp_path / part).mkdir()
    return tmp_path


def arrived(box: Path, name: str, raw: bytes) -> None:
    (box / "new" / name).write_bytes(raw)


def test_what_has_come_is_taken_and_moved(box: Path):
    carol = subscriber("carol@example.net", "everything")
    arrived(box, "1795424412.M1.mail", sample("postfix_unknown_user", verp(delivery(carol))))
    arrived(box, "1795424413.M2.mail", b"Subject: junk\n\njunk")

    n_taken = maildir.read_new(box, now=NOW)

    assert (n_taken, reason_of(carol)) == (2, "hard_bounce")
    assert os.listdir(box / "new") == []
    assert sorted(os.listdir(box / "cur")) == ["1795424412.M1.mail:2,S", "1795424413.M2.mail:2,S"]
    assert maildir.read_new(box, now=NOW) == 0


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_crash_before_the_move_counts_the_bounce_once(box: Path, monkeypatch: pytest.MonkeyPatch):
    carol = subscriber("carol@example.net", "everything")
    arrived(box, "1", sample("gmail_over_quota", verp(delivery(carol))))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", _killed)
        with pytest.raises(KeyboardInterrupt):
            maildir.read_new(box, now=NOW)
    assert os.listdir(box / "new") == ["1"]
    maildir.read_new(box, now=NOW)

    assert (Returned.objects.count(), DeliveryNote.objects.count()) == (1, 1)
    assert os.listdir(box / "cur") == ["1:2,S"]


def test_a_database_that_does_not_answer_leaves_the_mail_where_it_is(box: Path, monkeypatch: pytest.MonkeyPatch):
    from django.db import OperationalError

    def fails(*_: object, **__: object) -> None:
        raise OperationalError("database is locked")

    arrived(box, "1", b"Subject: junk\n\njunk")
    monkeypatch.setattr(returns, "keep", fails)

    with pytest.raises(OperationalError):
        maildir.read_new(box, now=NOW)

    assert os.listdir(box / "new") == ["1"]


def test_what_is_no_file_is_left_lying_and_holds_nothing_up(box: Path, tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("of the operator")
    os.symlink(secret, box / "new" / "1")
    os.mkfifo(box / "new" / "2")
    (box / "new" / "3").mkdir()
    arrived(box, "4", b"Subject: junk\n\njunk")

    assert maildir.read_new(box, now=NOW) == 1

    assert sorted(os.listdir(box / "new")) == ["1", "2", "3"]
    assert b"operator" not in bytes(Returned.objects.get().raw)


def test_a_maildir_that_is_not_there_is_said_in_a_sentence(tmp_path: Path):
    with pytest.raises(MaildirMissing, match="let the option mail_bounce_maildir name a directory"):
        maildir.read_new(tmp_path / "nowhere", now=NOW)

    assert "nowhere" in maildir.trouble(tmp_path / "nowhere")


def test_a_maildir_in_order_is_no_trouble(box: Path):
    assert maildir.trouble(box) == ""
