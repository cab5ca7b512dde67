"""Hostile words in titles, names, series and the institute's name never make a header, a recipient or a second mail.

The set of fields of each mail is the expected one, each time. In full with `make test-all`: 10,000 strings.
"""

from __future__ import annotations

import random
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from isthmus.kit import html
from isthmus.mailing import splicing
from isthmus.mailing.splicing import Letter, Marks, Sender

EXPECTED = sorted(
    [
        "To", "Date", "Message-ID", "From", "Reply-To", "Subject", "List-Id", "List-Unsubscribe",
        "List-Unsubscribe-Post", "List-Help", "MIME-Version", "Content-Type",
    ]
)  # fmt: skip
_SIGNS = [
    "\r", "\n", "\r\n", "\r\n\r\n", "\n\t", "\x00", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029",
    "\ud800", "\udfff", "\u202e", "\ufeff", "\u200b", "=", "=\r\n", "=?utf-8?q?=0D=0ABcc:_dan=40example.org?=",
    "=?utf-8?b?DQpCY2M6IGRhbkBleGFtcGxlLm9yZw==?=", "=?utf-8?q?", "?=", '"', "\\", "(", ")", "<", ">", ",", ";", ":",
    "@", " ", "\t", ".", "\r\n.\r\n", "\r\n--", "--=_qz", "Bcc: dan@example.org", "\r\nBcc: dan@example.org\r\n",
    "<dan@example.org>", "dan@example.org", "Content-Type: text/html", "한국", "é", "😀", "%0d%0a", "&#13;&#10;",
    "x" * 77,
]  # fmt: skip


def _hostile(draw: random.Random) -> str:
    """A string somebody might try; now and then one of 20 kB."""
    made = "".join(draw.choice(_SIGNS) for _ in range(draw.randrange(1, 12)))
    return made * (20_000 // len(made) + 1) if draw.random() < 0.01 else made


def _mail(subject: str, institute: str, because: str) -> EmailMessage:
    marks = Marks.new()
    letter = Letter(
        subject=subject,
        html=f"<p>{html.escape(subject)} {marks.becausehtml}</p>",
        text=f"{subject}\n{marks.becausetext}\n",
        marks=marks,
        list_name="alerts",
        list_title=institute,
        headers=(("List-Help", "<https://institute.example/subscribe/>"),),
    )
    sender = Sender(institute, "news@institute.example", "desk@institute.example", "institute.example")
    values = {
        "to": b"carol@example.org", "date": b"Mon, 23 Nov 2026 09:00:00 +0000",
        "messageid": b"<d1.1@institute.example>", "unsubscribe": b"<https://institute.example/x/>",
        "becausehtml": splicing.in_body(html.escape(because)), "becausetext": splicing.in_body(because),
    }  # fmt: skip
    message = splicing.build(letter, sender).splice(values)
    assert all(len(line) <= 998 for line in message.split(b"\r\n"))
    assert message.replace(b"\r\n", b"").isascii()
    assert not {b"\r", b"\n", b"\0"} & {bytes([sign]) for sign in message.replace(b"\r\n", b"")}
    return message_from_bytes(message, policy=policy.default)


def _assert_whole(mail: EmailMessage) -> None:
    assert sorted(mail.keys()) == EXPECTED
    assert [one.addr_spec for one in mail["From"].addresses] == ["news@institute.example"]
    assert [one.addr_spec for one in mail["To"].addresses] == ["carol@example.org"]
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert all(
        sorted(part.keys()) == ["Content-Transfer-Encoding", "Content-Type"] and not part.defects
        for part in mail.iter_parts()
    )


def _try(seed: int, n_strings: int) -> None:
    draw = random.Random(seed)
    for _ in range(n_strings // 3):
        _assert_whole(_mail(_hostile(draw), _hostile(draw), _hostile(draw)))


def test_hostile_words_make_no_header_and_no_recipient():
    _try(seed=20261123, n_strings=300)


@pytest.mark.slow
@pytest.mark.large
def test_ten_thousand_hostile_words_make_no_header_and_no_recipient():
    _try(seed=1, n_strings=10_002)


@pytest.mark.django_db
def test_hostile_words_come_through_no_field_of_a_piece(clock):
    from isthmus.mailing import letters, message
    from isthmus.publications.models import SiteSettings
    from tests import makers

    draw = random.Random(7)
    for _ in range(12):
        title, name = (_storable(_hostile(draw)) for _ in range(2))
        SiteSettings.objects.update_or_create(defaults={"name": name})
        piece = makers.released(title, author_note=name, people=(makers.person(name),), series=makers.series(name))
        raw = message.sample(message.built(letters.alert(piece.pk)), "carol@example.org")

        mail = message_from_bytes(raw, policy=policy.default)
        assert sorted({*mail.keys()} - {"List-Archive", "Auto-Submitted", "Precedence"}) == sorted(
            {*EXPECTED} - {"Reply-To"}
        )
        assert [one.addr_spec for one in mail["From"].addresses] == ["isthmus@localhost"]


def _storable(words: str) -> str:
    """What a database can hold of it: both refuse a NUL or a lone surrogate, with an error that is shown."""
    kept = "".join(sign for sign in words[:190] if sign != "\x00" and not "\ud800" <= sign <= "\udfff")
    return kept.strip() or "Ardor"
