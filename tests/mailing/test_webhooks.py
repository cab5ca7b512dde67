"""A provider's reports count where they are signed and name what we sent; everybody else's do not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from isthmus.mailing import webhooks
from isthmus.mailing.models import Delivery, Returned
from isthmus.mailing.webhooks import Event, HookUnusable
from tests.mailing.ledger_makers import subscriber
from tests.mailing.test_returns import delivery, reason_of, verp

pytestmark = pytest.mark.django_db

LOGIN = "isthmus:correct horse"


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch):
    """Lets the options name a provider and its settings."""

    def choose(name: str, **given: str) -> None:
        options = replace(settings.ISTHMUS, mail_server=f"provider:{name}", mail_provider=json.dumps(given))
        monkeypatch.setattr(settings, "ISTHMUS", options)

    return choose


def message_id(row: Delivery) -> str:
    return f"<d{row.pk}.{row.mailing_id}@mail.example.org>"


def bounce(row: Delivery, **changed: Any) -> dict[str, Any]:
    """What Postmark posts when an address does not exist."""
    return {
        "RecordType": "Bounce", "ID": 42, "Type": "HardBounce", "TypeCode": 1, "MessageID": "0a1b",
        "Metadata": {"isthmus": message_id(row)}, "Email": "carol@example.net",
        "Details": "smtp;550 5.1.1 The email account does not exist.", "Description": "Unable to deliver",
        "BouncedAt": "2026-11-23T09:00:12Z", **changed,
    }  # fmt: skip


def posted(client: Client, body: dict[str, Any], *, login: str = LOGIN, to: str = "postmark") -> int:
    signed = {"authorization": f"Basic {base64.b64encode(login.encode()).decode()}"} if login else {}
    return client.post(f"/mail/hooks/{to}/", json.dumps(body), "application/json", headers=signed).status_code


def test_a_bounce_that_the_provider_reports_suppresses_once(client: Client, provider):
    provider("postmark", webhook_secret=LOGIN, server_token="t")
    carol = subscriber_with_hash("carol@example.net")
    sent = delivery(carol)

    statuses = [posted(client, bounce(sent)), posted(client, bounce(sent))]

    row = Returned.objects.get()
    assert (statuses, row.kind, row.source, row.delivery_id) == ([200, 200], "hard", "postmark", sent.pk)
    assert reason_of(carol) == "hard_bounce"
    assert "5.1.1" in bytes(row.raw).decode()


def subscriber_with_hash(email: str) -> Any:
    from isthmus.mailing import actions

    return subscriber(email, "everything", address_hash=actions.hash_of(email))


def test_a_signed_address_in_the_metadata_is_enough(client: Client, provider):
    provider("postmark", webhook_secret=LOGIN, server_token="t")
    carol = subscriber("carol@example.net", "everything")

    posted(client, bounce(delivery(carol), Metadata={"return": verp(Delivery.objects.get())}, Email=""))

    assert reason_of(carol) == "hard_bounce"


@pytest.mark.parametrize("login", ["", "isthmus:wrong", "dan:correct horse"])
def test_a_report_without_our_password_is_turned_away(client: Client, provider, login: str):
    provider("postmark", webhook_secret=LOGIN, server_token="t")
    carol = subscriber_with_hash("carol@example.net")

    assert posted(client, bounce(delivery(carol)), login=login) == 400
    assert (reason_of(carol), Returned.objects.count()) == (None, 0)


def test_a_report_about_somebody_else_than_the_letter_was_for_changes_nothing(client: Client, provider):
    provider("postmark", webhook_secret=LOGIN, server_token="t")
    carol = subscriber_with_hash("carol@example.net")

    posted(client, bounce(delivery(carol), Email="dan@example.org"))

    assert (Returned.objects.get().kind, reason_of(carol)) == ("unknown", None)


def test_openings_and_deliveries_are_not_kept(client: Client, provider):
    provider("postmark", webhook_secret=LOGIN, server_token="t")
    carol = subscriber_with_hash("carol@example.net")
    sent = delivery(carol)

    for record in ("Open", "Click", "Delivery"):
        assert posted(client, bounce(sent, RecordType=record, Recipient="carol@example.net")) == 200

    assert not Returned.objects.exists()


def test_a_complaint_that_the_provider_reports_suppresses(client: Client, provider):
    provider("postmark", webhook_secret=LOGIN, server_token="t")
    carol = subscriber_with_hash("carol@example.net")

    posted(client, bounce(delivery(carol), RecordType="SpamComplaint", Type="SpamComplaint"))

    assert reason_of(carol) == "complaint"


def test_mailguns_signature_is_asked_for(client: Client, provider):
    provider("mailgun", webhook_signing_key="key", api_key="k")
    carol = subscriber_with_hash("carol@example.net")
    data = {
        "event": "failed", "severity": "permanent", "id": "x", "recipient": "carol@example.net",
        "timestamp": 1795424412.0,
        "user-variables": {"isthmus": message_id(delivery(carol))},
        "delivery-status": {"code": 550, "message": "550 5.1.1 no such user"}, "message": {"headers": {}},
    }  # fmt: skip
    token = {"token": "a" * 50, "timestamp": "1795424412"}
    right = hmac.new(b"key", b"1795424412" + b"a" * 50, hashlib.sha256).hexdigest()

    forged = posted(client, {"signature": {**token, "signature": "0" * 64}, "event-data": data}, login="", to="mailgun")
    signed = posted(client, {"signature": {**token, "signature": right}, "event-data": data}, login="", to="mailgun")

    assert (forged, signed) == (400, 200)
    assert reason_of(carol) == "hard_bounce"


def test_without_a_password_in_the_options_nothing_is_heard(client: Client, provider):
    provider("postmark", server_token="t")

    assert posted(client, {}) == 404
    assert "anybody could forge them" in webhooks.trouble()


def test_only_the_provider_that_sends_for_us_is_heard(client: Client, provider):
    provider("postmark", webhook_secret=LOGIN, server_token="t")

    assert posted(client, {}, to="mailgun") == 404
    assert client.get("/mail/hooks/postmark/").status_code == 405
    assert client.head("/mail/hooks/postmark/").status_code == 200


def test_without_a_provider_there_is_no_such_address(client: Client):
    assert posted(client, {}) == 404
    assert webhooks.trouble() == ""


def test_without_the_extra_the_doctor_says_what_to_install(provider, monkeypatch: pytest.MonkeyPatch):
    provider("postmark", webhook_secret=LOGIN)
    monkeypatch.setattr(webhooks, "import_module", _not_installed)

    with pytest.raises(HookUnusable, match=r"isthmus\[providers\]"):
        webhooks.listener("postmark")


def _not_installed(name: str) -> None:
    raise ImportError(name)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"RecordType": "Bounce"}', b"null", b"7"]
)
def test_nonsense_with_our_password_is_answered_400_or_kept_as_unknown(client: Client, provider, body: bytes):
    provider("postmark", webhook_secret=LOGIN, server_token="t")
    signed = {"authorization": f"Basic {base64.b64encode(LOGIN.encode()).decode()}"}

    status = client.post("/mail/hooks/postmark/", body, "application/json", headers=signed).status_code

    assert status in (200, 400)
    assert not Returned.objects.exclude(kind="unknown").exists()


@pytest.mark.parametrize(
    ("what", "reason", "words", "expected"),
    [
        ("bounced", "bounced", "550 5.1.1 unknown", "hard"),
        ("bounced", "bounced", "452 4.2.2 full", "soft"),
        ("bounced", "bounced", "", "hard"),
        ("bounced", "bounced", "Transient: General", "soft"),
        ("bounced", "spam", "looks like spam", "soft"),
        ("rejected", "invalid", "", "hard"),
        ("rejected", "spam", "", "complaint"),
        ("rejected", "blocked", "DMARC policy", "notice"),
        ("deferred", "", "451 4.7.1 greylisted", "notice"),
        ("autoresponded", "", "", "auto_reply"),
        ("unsubscribed", "", "", "leave"),
        ("delivered", "", "", None),
        ("opened", "", "", None),
    ],
)
def test_each_of_anymails_words_has_its_meaning(what: str, reason: str, words: str, expected: str | None):
    assert webhooks.kind_of(Event(what, reason, "carol@example.net", words, ())) == expected


def test_the_doctor_says_where_the_provider_reports_to_and_what_is_missing(provider):
    from isthmus.mailing import mail_checks

    provider("postmark", webhook_secret=LOGIN)
    heard = mail_checks.bounces()
    provider("postmark")
    unheard = mail_checks.bounces()

    assert (heard[0], unheard[0]) == ("ok", "wrong")
    assert heard[1].endswith("/mail/hooks/postmark/.")
    assert "webhook_secret" in unheard[1]


def test_the_doctor_names_a_maildir_that_is_not_there(monkeypatch: pytest.MonkeyPatch):
    from isthmus.mailing import mail_checks

    options = replace(settings.ISTHMUS, mail_server="smtp://localhost", mail_bounce_maildir="/nowhere")
    monkeypatch.setattr(settings, "ISTHMUS", options)

    state, sentence = mail_checks.bounces()

    assert (state, "/nowhere" in sentence) == ("wrong", True)
