"""Whatever somebody types is one field of the header, and comes back as it was."""

from email import message_from_bytes, policy
from email.headerregistry import AddressHeader

import pytest

from isthmus.mailing import headers


def _read(line: bytes):
    return message_from_bytes(line + b"\r\nbody\r\n", policy=policy.default)


@pytest.mark.parametrize(
    "said",
    [
        "Ardor Fades",
        "Ardor Fades, but the Courtship Continues and goes on for longer than a line of a header may be, by far",
        "한국의 통일 정책은 어디로 가는가, 그리고 누가 그것을 정하는가",
        "The Peninsula – “beautiful letters”",
        "=?utf-8?q?=0d=0aBcc:_dan=40example.org?=",
        'A "quoted" (title) <with> signs, all; of: them\\',
        "x" * 480,
    ],
)
def test_a_subject_comes_back_as_it_was_said(said):
    line = headers.line("Subject", said)

    assert _read(line)["Subject"] == said
    assert line.isascii()
    assert max(len(part) for part in line.split(b"\r\n")) <= 78


@pytest.mark.parametrize(
    "sign", ["\r", "\n", "\r\n", "\x00", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\ud800"]
)
def test_no_kind_of_line_end_makes_a_second_field(sign):
    line = headers.line("Subject", f"Ardor{sign}Bcc: dan@example.org")

    assert _read(line).keys() == ["Subject"]
    assert _read(line)["Subject"] == "Ardor Bcc: dan@example.org"


def test_what_turns_the_direction_of_writing_is_taken_out():
    assert headers.clean("invoice\u202egpj.exe") == "invoice gpj.exe"


def test_a_subject_of_twenty_thousand_letters_is_cut():
    assert len(headers.clean("word " * 4_000)) <= headers.MAX_CHARS


@pytest.mark.parametrize(
    "name", ["The Institute", "Institute, The", '"Best" (of all)', "=?utf-8?b?Qg==?=", "한국경제연구소"]
)
def test_the_senders_name_is_read_as_it_was_written(name):
    sender = _read(headers.mailbox_line("From", name, "news@institute.example"))["From"]

    assert isinstance(sender, AddressHeader)
    assert [(one.display_name, one.addr_spec) for one in sender.addresses] == [(name, "news@institute.example")]


def test_a_sender_without_a_name_is_an_address():
    assert headers.mailbox_line("Reply-To", "", "desk@institute.example") == b"Reply-To: desk@institute.example\r\n"


@pytest.mark.parametrize("address", ["", "alice", "a@b\r\nBcc: dan@example.org", "a@b, dan@example.org", "<a@b>"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValueError, match="no address"):
        headers.mailbox_line("From", "Institute", address)


def test_a_list_is_named_for_people_and_for_machines():
    line = headers.list_line("List-Id", "The Institute: news", "news.institute.example")

    assert _read(line)["List-Id"].endswith("<news.institute.example>")
