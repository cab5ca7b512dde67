"""What comes back is understood in every dialect of bounce, and nothing else is taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.mailing import dsn
from isthmus.mailing.dsn import HARD, SOFT, Reading

SAMPLES = Path(__file__).parent / "samples"
RETURN = "bounce+812-1-aaaaaaaaaaaaaaaa@mail.example.org"
CAROL = "carol@example.net"


def reading(name: str) -> Reading:
    return Reading.from_plain(dsn.read((SAMPLES / f"{name}.eml").read_bytes()))


@pytest.mark.parametrize(
    ("name", "email", "expected"),
    [
        ("postfix_unknown_user", CAROL, HARD),
        ("postfix_unknown_domain", "carol@nowhere.example", HARD),
        ("postfix_delayed", CAROL, None),
        ("exim_report", CAROL, HARD),
        ("exim_in_words", CAROL, SOFT),
        ("exchange_unknown_user", CAROL, HARD),
        ("exchange_edge", CAROL, HARD),
        ("gmail_unknown_user", CAROL, HARD),
        ("gmail_over_quota", CAROL, SOFT),
        ("gmail_blocked", CAROL, SOFT),
        ("qmail", CAROL, HARD),
        ("qmail_local", CAROL, HARD),
        ("sendmail", CAROL, HARD),
        ("sendmail_in_words", CAROL, HARD),
        ("international", "캐럴@example.net", HARD),
    ],
)
def test_a_bounce_is_understood_in_each_dialect(name: str, email: str, expected: str | None):
    read = reading(name)

    severity, said = dsn.verdict(read.recipients, email)

    assert (read.kind, severity) == ("report", expected)
    assert said
    assert RETURN in read.addresses


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("vacation", "auto_reply"),
        ("vacation_without_fields", "auto_reply"),
        ("read_receipt", "auto_reply"),
        ("exim_warning", "auto_reply"),
        ("unsubscribe", "leave"),
        ("answer_of_a_person", "unknown"),
        ("complaint", "complaint"),
        ("not_spam", "notice"),
        ("auth_failure", "notice"),
    ],
)
def test_what_is_no_bounce_is_never_taken_for_one(name: str, expected: str):
    read = reading(name)

    assert (read.kind, read.recipients) == (expected, [])


def test_a_complaint_names_the_address_in_the_mail_it_is_about():
    assert reading("complaint").enclosed == [RETURN]


def test_addresses_quoted_by_a_person_are_not_looked_at():
    quoted = b"From: dan@example.net\r\nTo: news@mail.example.org\r\nSubject: unsubscribe\r\n\r\n> " + RETURN.encode()

    read = Reading.from_plain(dsn.read(quoted))

    assert (read.addresses, read.enclosed) == (["news@mail.example.org"], [])


@pytest.mark.parametrize(
    ("status", "diagnostic", "expected"),
    [
        ("5.1.1", "", HARD),
        ("5.0.0", "550 5.1.1 no such user", HARD),
        ("5.0.0", "550 5.7.1 not wanted here", SOFT),
        ("", "550 no such user", HARD),
        ("", "550 message looks like spam", SOFT),
        ("", "554 transaction failed", SOFT),
        ("5.2.1", "550 5.2.1 account disabled", HARD),
        ("4.2.1", "450 4.2.1 receives mail too fast", SOFT),
        ("5.2.2", "552 5.2.2 over quota", SOFT),
        ("5.4.1", "550 5.4.1 no answer from host", SOFT),
        ("5.1.8", "550 5.1.8 sender address rejected", SOFT),
        ("4.4.7", "delivery time expired after 550 s", SOFT),
        ("", "", SOFT),
    ],
)
def test_only_an_address_that_does_not_exist_is_hard(status: str, diagnostic: str, expected: str):
    assert dsn.severity(status, diagnostic) == expected


def test_an_address_that_forwards_is_judged_by_the_address_we_wrote_to():
    ours = dsn.Recipient("carol@example.net", dsn.FAILED, "4.2.2", "")
    behind = dsn.Recipient("dan@example.com", dsn.FAILED, "5.1.1", "")

    assert dsn.verdict([behind, ours], "Carol@example.net")[0] == SOFT
    assert dsn.verdict([behind], "carol@example.net")[0] == HARD
    assert dsn.verdict([behind, dsn.Recipient("bob@example.com", "other", "2.0.0", "")], "carol@example.net")[0] == SOFT


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 1000,
        b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n\xff\xfe",
        b"Subject: =?utf-8?b?////?=\r\nTo: " + b"a@b," * 60_000,
        b"Content-Type: multipart/mixed; boundary=\r\n\r\n",
        b"From: mailer-daemon@x\r\n\r\n" + b"<a@b>:\n" * 20_000 + b"550 " * 50_000,
    ],
)
def test_junk_is_read_without_an_error_and_says_nothing_of_anybody(raw: bytes):
    read = Reading.from_plain(dsn.read(raw))

    assert not [one for one in read.recipients if dsn.severity(one.status, one.diagnostic) == HARD and one.address]
    assert len(read.addresses) <= 30


def test_an_answer_to_the_recipient_is_about_the_address_only_where_it_says_so():
    assert dsn.is_about_address("550 5.1.1 no such user")
    assert dsn.is_about_address("552 5.2.2 over quota")
    assert dsn.is_about_address("550 unknown user")
    assert not dsn.is_about_address("554 5.7.1 relay access denied")
    assert not dsn.is_about_address("550 relaying not permitted")
    assert not dsn.is_about_address("550 5.1.8 sender rejected")
