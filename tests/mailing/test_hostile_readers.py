"""Whatever is typed where an address, a name or a token belongs: no line of a mail too many, nobody let in."""

from __future__ import annotations

import random
from email import policy
from email.parser import BytesParser
from io import StringIO

import pytest
from django.conf import settings
from django.test import Client

from isthmus.kit import tokens
from isthmus.kit.clock import FrozenClock
from isthmus.mailing import addresses, caps, csv_files, headers, links, moving_in
from isthmus.mailing.addresses import AddressInvalid
from isthmus.mailing.caps import Room
from isthmus.mailing.models import Subscriber
from tests.mailing.readers import confirmed

_SIGNS = (
    "\r", "\n", "\r\n", "\x85", "\u2028", "\u2029", "\x00", "\x0b", "\x0c", "\x1b", "\t", " ", "\xa0", "\u200b",
    "\ufeff", "\u202e", "\u2066", "\ud7a3", "é", "Bcc: dan@example.org", "\r\nBcc: dan@example.org",
    "\nTo: dan@example.org",
    "=?utf-8?q?=0D=0ABcc:_dan@example.org?=", "=?utf-8?b?DQpCY2M6IGRhbkBleGFtcGxlLm9yZw==?=", "<dan@example.org>",
    '"', "'", "\\", ",", ";", ":", "(", ")", "<", ">", "[", "]", "@", "%0d%0a", "&#13;&#10;", "carol", "example.org",
    "xn--", "..", "+", "=cmd()", "Carol Finch", "金正恩", "a" * 64, "b" * 20_000,
)  # fmt: skip


_FAR = "http://x/" + "y" * 900


def _hostile(n: int) -> list[str]:
    chance = random.Random(20261123)
    return ["".join(chance.choices(_SIGNS, k=chance.randint(1, 6))) for _ in range(n)]


def _written(name: str, address: addresses.Address) -> bytes:
    return b"X-Before: 1\r\n" + headers.mailbox_line("To", name, address.wire) + b"X-After: 1\r\n\r\n"


def test_no_address_of_ten_thousand_hostile_ones_makes_a_second_line() -> None:
    accepted = 0
    for text in _hostile(10_000):
        for typed in (text, f"{text}@example.org", f"carol@{text}"):
            try:
                address = addresses.parse(typed)
            except AddressInvalid:
                continue
            accepted += 1
            assert address.wire.isprintable()
            assert address.wire.count("@") == 1
            if not address.needs_utf8:
                parsed = BytesParser(policy=policy.default).parsebytes(_written("", address))
                assert parsed.keys() == ["X-Before", "To", "X-After"]
                assert [one.addr_spec for one in parsed["To"].addresses] == [address.wire]

    assert accepted > 100


@pytest.mark.django_db
@pytest.mark.parametrize("n", [300, pytest.param(10_000, marks=[pytest.mark.slow, pytest.mark.large])])
def test_no_hostile_name_makes_a_second_line(clock: FrozenClock, n: int) -> None:
    names = _hostile(n)
    head = csv_files.line(("email", "name", "state"))
    rows = (csv_files.line((f"reader{number}@example.org", name, "pending")) for number, name in enumerate(names))

    file = StringIO(head + "".join(rows), newline="")
    report = moving_in.move_in_lines(file, source="hostile.csv", now=clock())

    people = Subscriber.objects.all()
    assert report.counts["created"] == people.count() == n
    for person in people.iterator():
        assert person.name.isprintable()
        assert len(person.name) <= 200
        parsed = BytesParser(policy=policy.default).parsebytes(_written(person.name, addresses.parse(person.email)))
        assert parsed.keys() == ["X-Before", "To", "X-After"]
        assert parsed["To"].addresses[0].addr_spec == person.email


@pytest.mark.django_db
@pytest.mark.parametrize("n", [40, pytest.param(10_000, marks=[pytest.mark.slow, pytest.mark.large])])
def test_the_form_takes_hostile_words_for_no_address(
    client: Client, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch, n: int
) -> None:
    # Or the cap of the network would answer most of them.
    monkeypatch.setattr(caps, "room_for", lambda *_: Room(may_mail=True, is_flooded=False))
    for text in _hostile(n):
        answer = client.post("/subscribe/", {"email": text, "follow": text, "pace": text, "place": text})
        assert answer.status_code in (303, 400), text
        answer = client.post(
            "/subscribe/", {"email": f"{text}@example.org"}, headers={"referer": "http://x/" + "y" * 900}
        )
        assert answer.status_code in (303, 400), text

    for person in Subscriber.objects.all():
        assert addresses.parse(person.email).key == person.email_key
        assert all(len(consent.form) <= 300 for consent in person.consents.all())


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.large
def test_a_person_named_by_hostile_words_is_found_and_shown(clock: FrozenClock, alice: object) -> None:
    carol = confirmed()
    desk = Client()
    desk.force_login(alice)

    for text in _hostile(150):
        Subscriber.objects.filter(pk=carol.pk).update(name=headers.clean(text, max_chars=200))
        assert desk.get("/admin/mail/subscribers/", {"words": text, "subject": text, "before": text}).status_code == 200


def _mutated(token: str, chance: random.Random) -> str:
    place = chance.randrange(len(token))
    sign = chance.choice("0123456789ABCDEFabcdefxyzXYZ-_.=+/ é")
    kind = chance.randrange(5)
    if kind == 0:
        return token[:place] + sign + token[place + 1 :]
    if kind == 1:
        return token[:place] + token[place + 1 :]
    if kind == 2:
        return token[:place] + sign + token[place:]
    if kind == 3:
        return token[:place] + token[place:].swapcase()
    other = chance.randrange(len(token))
    signs = list(token)
    signs[place], signs[other] = signs[other], signs[place]
    return "".join(signs)


@pytest.mark.parametrize("n", [2_000, pytest.param(100_000, marks=[pytest.mark.slow, pytest.mark.large])])
def test_no_mutated_token_is_accepted(clock: FrozenClock, n: int) -> None:
    secrets, chance = settings.DATA / "secrets", random.Random(42)
    readers = {
        links.preferences_path(812, secrets).split("/")[-2]: links.read_preferences,
        links.one_click_path(812, "series:2", secrets).split("/")[-2]: links.read_one_click,
        links.confirm_path(812, secrets, expires_at=clock()).split("/")[-2]: links.read_confirm,
    }
    accepted = []

    for number in range(n):
        token, read = list(readers.items())[number % 3]
        mutated = _mutated(token, chance)
        if mutated == token:
            continue
        try:
            read(mutated, secrets)
            accepted.append(mutated)
        except tokens.TokenInvalid:
            pass

    assert accepted == []


def test_a_token_signed_by_an_older_key_is_still_read(clock: FrozenClock) -> None:
    secrets = settings.DATA / "secrets"
    before = links.preferences_path(812, secrets).split("/")[-2]

    tokens.rotate_keys(secrets, "mail")

    assert links.read_preferences(before, secrets) == 812
    assert links.preferences_path(812, secrets).split("/")[-2] != before
