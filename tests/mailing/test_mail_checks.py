"""What the doctor says of the mail, and that an institute which only begins has nothing wrong."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from isthmus.kit.clock import now
from isthmus.mailing import campaigns, ledger, mail_checks, relays
from tests.mailing.letters_sent import campaign, handed_over
from tests.mailing.readers import confirmed

pytestmark = pytest.mark.django_db


def _options(settings: Any, **changed: Any) -> None:
    settings.ISTHMUS = dataclasses.replace(settings.ISTHMUS, **changed)


def test_an_institute_that_begins_has_nothing_wrong():
    assert {name: look()[0] for name, look in mail_checks.CHECKS if look()[0] == "wrong"} == {}


def test_a_server_without_a_sender_is_wrong(settings: Any):
    _options(settings, mail_server="smtp://mail.example.org", mail_from="")

    assert mail_checks.sender()[0] == "wrong"


def test_a_sender_without_a_server_is_worth_knowing(settings: Any):
    _options(settings, mail_from="news@institute.example")

    assert mail_checks.sender() == (
        "note",
        "mail_server is not set: mail from news@institute.example stays in data/outbox/.",
    )


def test_a_relay_that_is_down_is_named_with_its_words(clock: Any):
    relays.went_down("mail.example.org:587", "421 too busy", now=now())

    verdict, sentence = mail_checks.relay()

    assert verdict == "note"
    assert "mail.example.org:587" in sentence
    assert "421 too busy" in sentence


def test_a_relay_that_is_down_while_mail_waits_for_hours_is_wrong(clock: Any):
    confirmed()
    campaigns.start(campaign(), now=now())
    clock.advance(timedelta(hours=2))
    relays.went_down("mail.example.org:587", "421 too busy", now=now())

    assert mail_checks.relay()[0] == "wrong"


def test_mail_that_nobody_sends_is_wrong(clock: Any):
    confirmed()
    assert mail_checks.waiting()[0] == "ok"

    clock.advance(timedelta(minutes=16))

    assert mail_checks.waiting()[0] == "wrong"


def test_mail_that_is_tried_again_later_does_not_wait(clock: Any):
    confirmed()
    mailing = campaigns.start(campaign(), now=now())
    handed_over(mailing, "deferred", now=now())
    clock.advance(timedelta(minutes=4))

    assert mail_checks.waiting()[0] == "ok"


def test_a_held_mailing_says_why(clock: Any):
    confirmed()
    mailing = campaigns.start(campaign(), now=now())
    ledger.hold(mailing, "This is a copy of the institute.")

    verdict, sentence = mail_checks.held()

    assert verdict == "note"
    assert "This is a copy of the institute." in sentence


def test_bounces_that_nobody_signs_are_worth_knowing(settings: Any):
    assert mail_checks.bounces()[0] == "ok"

    _options(settings, mail_server="smtp://mail.example.org", mail_from="news@institute.example")

    assert mail_checks.bounces()[0] == "note"


def test_uncertain_deliveries_of_a_campaign_are_counted_for_a_month(clock: Any):
    confirmed()
    mailing = campaigns.start(campaign(), now=now())
    handed_over(mailing, "uncertain", now=now())
    assert "1 delivery" in mail_checks.uncertain()[1]

    clock.advance(timedelta(days=31))

    assert mail_checks.uncertain()[0] == "ok"
