"""What goes on the wire for each delivery: a person's own address, reason and links in everybody's message."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.conf import settings

from isthmus.kit import tokens
from isthmus.mailing import confirmations, ledger, letters, links, message
from isthmus.mailing.models import Delivery, Mailing
from tests import makers
from tests.mailing import ledger_makers, readers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    """Numbers of rows come back when a test's are rolled back, and templates are kept by number."""
    message._kept.clear()


@pytest.fixture
def options(monkeypatch):
    """Change options for this test: `options(mail_from="…")`."""
    return lambda **changed: monkeypatch.setattr(settings, "ISTHMUS", replace(settings.ISTHMUS, **changed))


def _read(envelope) -> EmailMessage:
    return message_from_bytes(envelope.message, policy=policy.default)


def _alerted(piece, *emails: str, now) -> list[int]:
    """The deliveries of an alert of the piece to confirmed followers of everything."""
    for email in emails:
        ledger_makers.subscriber(email, "everything")
    mailing = Mailing.objects.create(
        key=f"alert:pub:{piece.pk}", kind="alert", title=piece.title, created_at=now, starts_at=now
    )
    message.freeze(mailing, message.built(letters.alert(piece.pk)))
    ledger.prepare(mailing, subjects=["everything"], paces=["at_once"], publication_id=piece.pk, now=now)
    return list(mailing.deliveries.order_by("pk").values_list("pk", flat=True))


def _link(text: str, path: str) -> str:
    """The token of the first link to below `path` in a text."""
    return text.split(path, 1)[1].split("/", 1)[0]


def test_carol_gets_her_own_links_and_reason(clock):
    ids = _alerted(makers.released(), "carol@example.org", "dan@example.org", now=clock())

    found = message.render(ids)

    secrets = settings.DATA / "secrets"
    for delivery in Delivery.objects.filter(pk__in=ids):
        mail = _read(found[delivery.pk])
        text = mail.get_body(("plain",)).get_content()
        assert mail["To"] == delivery.subscriber.email
        assert "because you follow everything we publish." in text
        assert links.read_preferences(_link(text, "/subscriptions/"), secrets) == delivery.subscriber_id
        one_click = _link(mail["List-Unsubscribe"], "/subscriptions/leave/")
        assert links.read_one_click(one_click, secrets) == (delivery.subscriber_id, "everything")


def test_a_round_of_envelopes_costs_the_same_questions_for_two_as_for_six(clock, django_assert_num_queries):
    ids = _alerted(makers.released(), *(f"carol{n}@example.org" for n in range(6)), now=clock())
    message.render(ids[:1])

    with django_assert_num_queries(1):
        message.render(ids[:2])
    with django_assert_num_queries(1):
        message.render(ids)


def test_the_message_id_is_the_same_at_every_try(clock):
    (delivery,) = _alerted(makers.released(), "carol@example.org", now=clock())

    first, again = (_read(message.render([delivery])[delivery])["Message-ID"] for _ in range(2))

    mailing = Mailing.objects.get(kind="alert")
    assert first == again == f"<d{delivery}.{mailing.pk}@localhost>"


def test_a_change_of_the_piece_changes_no_message_that_is_under_way(clock):
    piece = makers.released("Ardor Fades")
    (delivery,) = _alerted(piece, "carol@example.org", now=clock())

    type(piece).objects.filter(pk=piece.pk).update(title="Something else")
    message._kept.clear()

    assert _read(message.render([delivery])[delivery])["Subject"] == "Ardor Fades"


def test_bounces_come_back_to_an_address_that_names_the_delivery(clock, options):
    options(mail_from="The Institute <news@institute.example>", mail_bounce_address="bounce@mail.institute.example")
    (delivery,) = _alerted(makers.released(), "carol@example.org", now=clock())

    envelope = message.render([delivery])[delivery]

    assert links.read_verp(envelope.sender, settings.DATA / "secrets") == delivery
    assert f"<mailto:{envelope.sender}?subject=unsubscribe>" in _read(envelope)["List-Unsubscribe"]
    assert _read(envelope)["From"] == "The Institute <news@institute.example>"


def test_without_a_bounce_address_the_sender_is_the_institute(clock, options):
    options(mail_from="news@institute.example", mail_reply_to="Desk <desk@institute.example>")
    (delivery,) = _alerted(makers.released(), "carol@example.org", now=clock())

    envelope = message.render([delivery])[delivery]

    assert envelope.sender == "news@institute.example"
    assert _read(envelope)["Reply-To"] == "desk@institute.example"
    assert _read(envelope)["List-Id"].endswith("<alerts.institute.example>")


def test_an_international_domain_goes_out_in_ascii(clock):
    (delivery,) = _alerted(makers.released(), "carol@bücher.example", now=clock())

    envelope = message.render([delivery])[delivery]

    assert (envelope.recipient, envelope.needs_utf8) == ("carol@xn--bcher-kva.example", False)
    assert _read(envelope)["To"] == "carol@xn--bcher-kva.example"


def test_an_address_in_hangul_needs_a_relay_that_takes_it(clock):
    (delivery,) = _alerted(makers.released(), "캐롤@example.org", now=clock())

    envelope = message.render([delivery])[delivery]

    assert (envelope.recipient, envelope.needs_utf8) == ("캐롤@example.org", True)


def test_a_person_who_was_erased_gets_no_message(clock):
    (delivery,) = _alerted(makers.released(), "carol@example.org", now=clock())
    Delivery.objects.update(subscriber=None)

    assert message.render([delivery]) == {}


def test_a_mailing_without_its_message_is_named(clock):
    (delivery,) = _alerted(makers.released(), "carol@example.org", now=clock())
    Mailing.objects.update(message=b"")

    with pytest.raises(message.MessageMissing, match="has no message"):
        message.render([delivery])


def test_a_signed_message_carries_the_domain_of_the_sender(clock, options):
    from tests.mailing.test_dkim import _is_good, _pem, _rsa_record, rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    options(mail_from="news@institute.example", mail_dkim_selector="mail2026", mail_dkim_key=_pem(key))
    (delivery,) = _alerted(makers.released(), "carol@example.org", now=clock())

    signed = message.render([delivery])[delivery].message

    assert b"d=institute.example" in signed
    assert _is_good(signed, _rsa_record(key))


def test_a_confirmation_holds_a_link_for_seven_days_and_no_list(clock):
    carol = readers.asked("carol@example.org")
    (delivery,) = carol.deliveries.values_list("pk", flat=True)

    mail = _read(message.render([delivery])[delivery])

    token = _link(mail.get_body(("plain",)).get_content(), "/subscribe/confirm/")
    assert links.read_confirm(token, settings.DATA / "secrets") == carol.pk
    assert "List-Unsubscribe" not in mail
    assert mail["Auto-Submitted"] == "auto-generated"
    clock.advance(message.CONFIRM_WITHIN)
    with pytest.raises(tokens.TokenExpired):
        links.read_confirm(token, settings.DATA / "secrets")


def test_a_confirmation_holds_no_word_that_a_visitor_typed(clock):
    dan = readers.asked("buy-cheap-pills@example.org")
    (delivery,) = dan.deliveries.values_list("pk", flat=True)

    mail = _read(message.render([delivery])[delivery])

    said = [mail["Subject"], mail["From"], *(part.get_content() for part in mail.iter_parts())]
    assert not any("pills" in str(words) for words in said)


def test_a_second_wish_on_the_same_day_sends_no_second_confirmation(clock):
    carol = readers.asked("carol@example.org")

    confirmations.queue(carol.pk, now=clock())

    assert Mailing.objects.get().key == "confirmation:2026-11-23"
    assert carol.deliveries.count() == 1


def test_a_days_confirmations_are_one_mailing_whoever_asks(clock):
    readers.asked("carol@example.org")
    readers.asked("dan@example.org")

    assert Mailing.objects.get().deliveries.count() == 2
