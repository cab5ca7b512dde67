"""Mail that waits as files is whole mail."""

import email
import errno
from email.policy import default

import pytest
from django.core.mail import EmailMessage

from isthmus.kit import files
from isthmus.kit.files import DiskFull
from isthmus.server.outbox import Outbox, written


@pytest.fixture
def directory(tmp_path, settings):
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"
    return settings.EMAIL_FILE_PATH


def test_each_message_is_a_file_that_a_mail_program_can_open(directory):
    messages = [EmailMessage(f"Draft {n}", "Zürich", "a@institute.example", ["bob@institute.example"]) for n in (1, 2)]

    n_sent = Outbox().send_messages(messages)

    found = [email.message_from_bytes(path.read_bytes(), policy=default) for path in written(directory)]
    assert n_sent == 2
    assert [message["Subject"] for message in found] == ["Draft 1", "Draft 2"]
    assert found[0].get_content().strip() == "Zürich"


def test_only_this_user_can_read_them(directory):
    Outbox().send_messages([EmailMessage("x", "y", "a@institute.example", ["bob@institute.example"])])

    assert directory.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in written(directory))


def test_a_message_to_nobody_is_not_written(directory):
    assert Outbox().send_messages([EmailMessage("x", "y", "a@institute.example", [])]) == 0


def test_a_full_disk_is_said_and_leaves_no_half_message(directory, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)

    with pytest.raises(DiskFull):
        Outbox().send_messages([EmailMessage("x", "y", "a@institute.example", ["bob@institute.example"])])
    assert list(directory.iterdir()) == []
