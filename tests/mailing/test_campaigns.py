"""A campaign is tried, scheduled, sent, stopped and sent again; what it says and to whom is frozen when it starts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from isthmus.kit.clock import now
from isthmus.mailing import campaigns, ledger
from isthmus.mailing.models import Campaign, Mailing, Subscriber
from tests.mailing.letters_sent import campaign, handed_over, people_of
from tests.mailing.readers import confirmed

pytestmark = pytest.mark.django_db

_IN_A_DAY = timedelta(days=1)


def _state(mailing: Mailing) -> str:
    return Mailing.objects.get(pk=mailing.pk).state


def test_it_goes_to_everybody_who_confirmed(clock: Any):
    confirmed("carol@example.org")
    confirmed("dan@example.org", choices=[("everything", "weekly")])

    mailing = campaigns.start(campaign(), now=now())

    assert people_of(mailing) == {"carol@example.org", "dan@example.org"}
    assert _state(mailing) == "sending"


def test_it_is_sent_once_however_often_the_button_is_pressed(clock: Any):
    confirmed()
    letter = campaign()
    campaigns.start(letter, now=now())

    with pytest.raises(campaigns.CampaignRefused, match="sent already"):
        campaigns.start(letter, now=now())

    assert Mailing.objects.filter(kind="campaign").count() == 1


def test_a_change_after_the_start_changes_nothing_that_is_sent(clock: Any):
    confirmed()
    letter = campaign()
    mailing = campaigns.start(letter, now=now())

    Campaign.objects.filter(pk=letter.pk).update(title="Something else", audience=[])

    assert b"What we read this autumn" in Mailing.objects.get(pk=mailing.pk).message
    assert people_of(mailing) == {"carol@example.org"}


def test_a_scheduled_one_waits_for_its_minute(clock: Any):
    confirmed()
    mailing = campaigns.schedule(campaign(), at=now() + _IN_A_DAY, zone="Asia/Seoul", now=now())

    clock.advance(_IN_A_DAY - timedelta(seconds=1))
    assert campaigns.start_due(now()) == 0
    clock.advance(timedelta(seconds=1))
    assert campaigns.start_due(now()) == 1

    assert _state(mailing) == "sending"
    assert Campaign.objects.get().starts_zone == "Asia/Seoul"


def test_who_joins_before_its_minute_gets_a_scheduled_one(clock: Any):
    confirmed()
    mailing = campaigns.schedule(campaign(), at=now() + _IN_A_DAY, zone="UTC", now=now())
    confirmed("dan@example.org")

    clock.advance(_IN_A_DAY)
    campaigns.start_due(now())

    assert people_of(mailing) == {"carol@example.org", "dan@example.org"}


def test_it_starts_once_with_two_workers(clock: Any):
    confirmed()
    campaigns.schedule(campaign(), at=now() + _IN_A_DAY, zone="UTC", now=now())
    clock.advance(_IN_A_DAY)

    assert [campaigns.start_due(now()), campaigns.start_due(now())] == [1, 0]


def test_one_that_is_over_an_hour_late_is_held_and_asks(clock: Any):
    confirmed()
    mailing = campaigns.schedule(campaign(), at=now() + _IN_A_DAY, zone="UTC", now=now())

    clock.advance(_IN_A_DAY + timedelta(hours=1, seconds=1))
    campaigns.start_due(now())

    held = Mailing.objects.get(pk=mailing.pk)
    assert held.state == "held"
    assert "more than an hour" in held.held_because
    assert not [job for job in ledger.claim("w", limit=10, now=now(), lease_s=60) if job.mailing_id == held.pk]


def test_one_that_is_held_goes_out_as_it_stands_when_an_editor_lets_it(clock: Any):
    confirmed()
    letter = campaign()
    mailing = campaigns.schedule(letter, at=now() + _IN_A_DAY, zone="UTC", now=now())
    clock.advance(_IN_A_DAY + timedelta(hours=2))
    campaigns.start_due(now())
    confirmed("dan@example.org")
    Campaign.objects.filter(pk=letter.pk).update(title="Mended")

    campaigns.resume(Mailing.objects.get(pk=mailing.pk), now=now())

    sent = Mailing.objects.get(pk=mailing.pk)
    assert (sent.state, sent.title, b"Mended" in sent.message) == ("sending", "Mended", True)
    assert people_of(sent) == {"carol@example.org", "dan@example.org"}


def test_one_that_is_held_has_its_people_whatever_door_lets_it_go_on(clock: Any):
    confirmed()
    mailing = campaigns.schedule(campaign(), at=now() + _IN_A_DAY, zone="UTC", now=now())
    clock.advance(_IN_A_DAY + timedelta(hours=2))
    campaigns.start_due(now())

    ledger.resume(mailing)

    assert ledger.finish(now()) == 0
    assert people_of(mailing) == {"carol@example.org"}


def test_what_the_preflight_finds_at_its_minute_holds_it(clock: Any):
    confirmed()
    letter = campaign()
    mailing = campaigns.schedule(letter, at=now() + _IN_A_DAY, zone="UTC", now=now())
    Campaign.objects.filter(pk=letter.pk).update(title="  ")

    clock.advance(_IN_A_DAY)
    campaigns.start_due(now())

    assert "subject is empty" in Mailing.objects.get(pk=mailing.pk).held_because


def test_a_time_that_is_past_is_refused(clock: Any):
    confirmed()

    with pytest.raises(campaigns.CampaignRefused, match="past"):
        campaigns.schedule(campaign(), at=now(), zone="UTC", now=now())


def test_a_second_schedule_moves_the_first(clock: Any):
    confirmed()
    letter = campaign()
    campaigns.schedule(letter, at=now() + _IN_A_DAY, zone="UTC", now=now())

    campaigns.schedule(letter, at=now() + 2 * _IN_A_DAY, zone="UTC", now=now())

    assert Mailing.objects.get(kind="campaign").starts_at == now() + 2 * _IN_A_DAY


def test_a_cancelled_schedule_can_be_sent_after_all(clock: Any):
    confirmed()
    letter = campaign()
    campaigns.cancel(campaigns.schedule(letter, at=now() + _IN_A_DAY, zone="UTC", now=now()), now=now())

    mailing = campaigns.start(letter, now=now())

    assert mailing.key == f"campaign:{letter.pk}:2"
    assert people_of(mailing) == {"carol@example.org"}


def test_it_can_be_paused_and_go_on_but_not_after_its_end(clock: Any):
    confirmed()
    mailing = campaigns.start(campaign(), now=now())
    campaigns.pause(mailing)
    assert _state(mailing) == "paused"
    campaigns.resume(mailing, now=now())
    handed_over(mailing, "submitted", now=now())

    mailing.refresh_from_db()
    with pytest.raises(campaigns.CampaignRefused, match="finished"):
        campaigns.pause(mailing)


def _partly_sent() -> tuple[Campaign, Mailing]:
    for name in ("carol", "dan", "erin", "frank"):
        confirmed(f"{name}@example.org")
    letter = campaign()
    mailing = campaigns.start(letter, now=now())
    handed_over(mailing, "submitted", "failed", "uncertain", "submitted", now=now())
    return letter, mailing


def test_it_goes_again_only_to_those_it_did_not_reach_for_the_chosen_reason(clock: Any):
    letter, first = _partly_sent()

    again = campaigns.send_again(letter, reasons=["uncertain"], now=now())

    assert again.key == f"campaign:{letter.pk}:2"
    missed = first.deliveries.get(state="uncertain").subscriber
    assert people_of(again) == {missed.email}
    assert bytes(again.message) == bytes(Mailing.objects.get(pk=first.pk).message)


def test_who_was_reached_by_the_second_turn_is_not_offered_a_third(clock: Any):
    letter, _ = _partly_sent()
    handed_over(campaigns.send_again(letter, reasons=["refused", "uncertain"], now=now()), "submitted", now=now())

    with pytest.raises(campaigns.CampaignRefused, match="nobody left"):
        campaigns.send_again(letter, reasons=["refused", "uncertain", "given_up", "cancelled"], now=now())


def test_nothing_goes_again_while_a_turn_is_on_its_way(clock: Any):
    letter, _ = _partly_sent()
    campaigns.send_again(letter, reasons=["refused"], now=now())

    with pytest.raises(campaigns.CampaignRefused, match="not at its end"):
        campaigns.send_again(letter, reasons=["uncertain"], now=now())


def test_those_whose_turn_never_came_when_it_was_cancelled_can_still_get_it(clock: Any):
    confirmed("carol@example.org")
    confirmed("dan@example.org")
    letter = campaign()
    mailing = campaigns.start(letter, now=now())
    handed_over(mailing, "submitted", now=now(), most=1)
    campaigns.cancel(mailing, now=now())

    again = campaigns.send_again(letter, reasons=["cancelled"], now=now())

    reached = mailing.deliveries.get(state="submitted").subscriber.email
    assert people_of(again) == {"carol@example.org", "dan@example.org"} - {reached}


def test_a_test_goes_to_the_editor_alone_and_says_so(clock: Any):
    confirmed()
    letter = campaign()

    mailing = campaigns.send_test(letter, email="alice@institute.example", now=now())

    assert people_of(mailing) == {"alice@institute.example"}
    assert b"Subject: Test: What we read this autumn" in mailing.message
    assert not campaigns.is_begun(letter)


def test_an_editor_who_tries_it_becomes_no_subscriber(clock: Any):
    letter = campaign()
    campaigns.send_test(letter, email="alice@institute.example", now=now())
    confirmed()

    assert Subscriber.objects.get(email="alice@institute.example").state == "pending"
    assert people_of(campaigns.start(letter, now=now())) == {"carol@example.org"}


def test_two_campaigns_of_one_title_have_two_addresses(clock: Any):
    confirmed()
    for _ in range(2):
        campaigns.start(campaign("Hooks"), now=now())

    assert set(Campaign.objects.values_list("web_slug", flat=True)) == {"hooks-2", "hooks-3"}
