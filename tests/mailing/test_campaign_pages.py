"""The pages of campaigns and sent mail: who may open them, what stands on them, what their buttons do."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from wagtail.log_actions import registry

from isthmus.kit.clock import now
from isthmus.mailing import campaigns
from isthmus.mailing.models import Campaign, Mailing, Subscriber
from tests.mailing.letters_sent import campaign, handed_over, people_of
from tests.mailing.readers import confirmed
from tests.publications.editing.people import browser_of, user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def institute(db: None) -> None:
    """A new institute with its pages and roles."""
    from isthmus.publications import setup

    setup.prepare_site("The Merrow Institute")


@pytest.fixture
def alice() -> Any:
    """May send."""
    return browser_of(user("alice", "publisher"))


@pytest.fixture
def erin() -> Any:
    """Writes campaigns and may not send them."""
    return browser_of(user("erin", "editor"))


@pytest.fixture
def bob() -> Any:
    """Writes his own pieces and nothing else."""
    return browser_of(user("bob", "author"))


def _page(browser: Any, name: str, *args: Any, **asked: str) -> str:
    return str(browser.get(reverse(name, args=args), asked).content.decode())


def test_an_editor_writes_a_campaign_and_comes_to_its_page(erin: Any):
    form = {
        "title": "What we read", "preheader": "", "audience": ["everything"], "body-count": "1", "body-0-deleted": "",
        "body-0-order": "0", "body-0-type": "quote", "body-0-id": "", "body-0-value-text": "Read.",
        "body-0-value-source": "",
    }  # fmt: skip

    answer = erin.post(reverse("wagtailsnippets_isthmus_mailing_campaign:add"), form)

    made = Campaign.objects.get()
    assert answer.url == reverse("isthmus_campaign", args=[made.pk])
    assert (made.audience, made.owner.email) == (["everything"], "erin@example.org")


def test_its_page_says_how_many_get_it_and_who_is_left_out(erin: Any, clock: Any):
    confirmed("carol@example.org")
    confirmed("dan@example.org")
    Subscriber.objects.filter(email="dan@example.org").update(paused_until=now() + timedelta(days=3))

    page = _page(erin, "isthmus_campaign", campaign().pk)

    assert "<strong>1</strong> person gets it" in page
    assert "1 paused all mail for now" in page


def test_an_editor_is_told_who_sends_it(erin: Any):
    page = _page(erin, "isthmus_campaign", campaign().pk)

    assert "Publishers and administrators send campaigns" in page
    assert "Send now to" not in page


@pytest.mark.parametrize("name", ["campaign_send", "campaign_schedule", "campaign_again"])
def test_an_editor_cannot_send_by_asking_for_the_address(erin: Any, name: str):
    confirmed()
    letter = campaign()

    erin.post(reverse(f"isthmus_{name}", args=[letter.pk]), {"at": "2030-01-01 09:00", "reasons": ["refused"]})

    assert not Mailing.objects.filter(kind="campaign").exists()


@pytest.mark.parametrize("name", ["pause", "resume", "cancel"])
def test_an_editor_cannot_stop_what_is_being_sent(erin: Any, name: str):
    confirmed()
    mailing = campaigns.start(campaign(), now=now())

    erin.post(reverse(f"isthmus_mailing_{name}", args=[mailing.pk]))

    assert Mailing.objects.get(pk=mailing.pk).state == "sending"


@pytest.mark.parametrize("name", ["mailing_people", "mailing_csv"])
def test_an_editor_sees_no_addresses(erin: Any, name: str):
    confirmed()
    mailing = campaigns.start(campaign(), now=now())

    assert erin.get(reverse(f"isthmus_{name}", args=[mailing.pk])).status_code == 302


@pytest.mark.parametrize("name", ["mailings", "mail_charts"])
def test_an_author_sees_nothing_of_mail(bob: Any, name: str):
    assert bob.get(reverse(f"isthmus_{name}")).status_code == 302


def test_a_publisher_sends_it_and_watches(alice: Any):
    confirmed()
    letter = campaign()

    answer = alice.post(reverse("isthmus_campaign_send", args=[letter.pk]))

    mailing = Mailing.objects.get(kind="campaign")
    assert answer.url == reverse("isthmus_mailing", args=[mailing.pk])
    assert people_of(mailing) == {"carol@example.org"}
    assert 'http-equiv="refresh"' in _page(alice, "isthmus_mailing", mailing.pk)


def test_a_blocking_finding_stops_the_button_and_the_address(alice: Any):
    letter = campaign(audience=())

    page = _page(alice, "isthmus_campaign", letter.pk)
    answer = alice.post(reverse("isthmus_campaign_send", args=[letter.pk]), follow=True)

    assert "Nobody is chosen" in page
    assert "Nobody is chosen" in answer.content.decode()
    assert not Mailing.objects.exists()


def test_a_schedule_keeps_the_zone_it_was_meant_in(alice: Any, clock: Any):
    confirmed()
    letter = campaign()

    alice.post(reverse("isthmus_campaign_schedule", args=[letter.pk]), {"at": "2026-12-01 08:30"})

    letter.refresh_from_db()
    assert (f"{letter.starts_at:%Y-%m-%d %H:%M}", letter.starts_zone) == ("2026-12-01 08:30", "UTC")
    assert "1 December 2026, 08:30 (UTC)" in _page(alice, "isthmus_campaign", letter.pk)


def test_a_time_that_cannot_be_read_is_said_on_the_page(alice: Any):
    letter = campaign()

    answer = alice.post(reverse("isthmus_campaign_schedule", args=[letter.pk]), {"at": "tomorrow"})

    assert answer.status_code == 400
    assert "Enter a valid date/time" in answer.content.decode()


def test_one_that_was_sent_is_neither_edited_nor_deleted(alice: Any):
    confirmed()
    letter = campaign()
    campaigns.start(letter, now=now())

    for view in ("edit", "delete"):
        answer = alice.post(reverse(f"wagtailsnippets_isthmus_mailing_campaign:{view}", args=[letter.pk]))
        assert answer.url == reverse("isthmus_campaign", args=[letter.pk])

    assert Campaign.objects.filter(pk=letter.pk).exists()


def test_the_preview_runs_nothing_and_names_no_person(erin: Any):
    answer = erin.get(reverse("isthmus_campaign_preview", args=[campaign().pk]))

    assert "sandbox" in answer["Content-Security-Policy"]
    assert "script-src" not in answer["Content-Security-Policy"]
    assert "/subscriptions/" not in answer.content.decode()
    assert "Dear reader" in answer.content.decode()


def test_a_test_goes_to_whoever_asks(erin: Any):
    erin.post(reverse("isthmus_campaign_test", args=[campaign().pk]))

    assert people_of(Mailing.objects.get(kind="test")) == {"erin@example.org"}


def test_the_numbers_of_one_that_is_sent_add_up(alice: Any, clock: Any):
    for name in ("carol", "dan", "erin", "frank"):
        confirmed(f"{name}@example.org")
    mailing = campaigns.start(campaign(), now=now())
    handed_over(mailing, "submitted", "failed", now=now(), most=3)

    counts = json.loads(_page(alice, "isthmus_mailing_counts", mailing.pk))

    parts = {name: part["n"] for name, part in counts["parts"].items()}
    assert (parts["submitted"], parts["failed"], parts["queued"], sum(parts.values())) == (1, 2, 1, 4)
    assert counts["percent"] == 75
    assert sum(part["width"] for part in counts["parts"].values()) == pytest.approx(1000)


def test_it_is_paused_and_goes_on_by_buttons(alice: Any):
    confirmed()
    mailing = campaigns.start(campaign(), now=now())

    alice.post(reverse("isthmus_mailing_pause", args=[mailing.pk]))
    paused = Mailing.objects.get(pk=mailing.pk).state
    alice.post(reverse("isthmus_mailing_resume", args=[mailing.pk]))

    assert (paused, Mailing.objects.get(pk=mailing.pk).state) == ("paused", "sending")


def test_those_not_reached_are_chosen_by_reason(alice: Any, clock: Any):
    confirmed("carol@example.org")
    confirmed("dan@example.org")
    letter = campaign()
    mailing = campaigns.start(letter, now=now())
    handed_over(mailing, "failed", "uncertain", now=now())

    assert "Refused by the other side (1)" in _page(alice, "isthmus_mailing", mailing.pk)
    alice.post(reverse("isthmus_campaign_again", args=[letter.pk]), {"reasons": ["uncertain"]})

    assert Mailing.objects.get(key=f"campaign:{letter.pk}:2").deliveries.count() == 1


def test_the_csv_holds_every_person_and_no_formula(alice: Any, clock: Any):
    confirmed("=cmd@example.org")
    confirmed("carol@example.org")
    mailing = campaigns.start(campaign(), now=now())
    handed_over(mailing, "submitted", now=now())

    answer = alice.get(reverse("isthmus_mailing_csv", args=[mailing.pk]))

    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert {row["address"] for row in rows} == {"'=cmd@example.org", "carol@example.org"}
    assert {row["state"] for row in rows} == {"submitted"}
    assert {row["because"] for row in rows} == {"you are on our mailing list"}


def test_the_list_of_people_shows_one_state_alone(alice: Any, clock: Any):
    confirmed("carol@example.org")
    confirmed("dan@example.org")
    mailing = campaigns.start(campaign(), now=now())
    handed_over(mailing, "submitted", "failed", now=now())
    failed = mailing.deliveries.get(state="failed").subscriber.email

    page = _page(alice, "isthmus_mailing_people", mailing.pk, state="failed")

    assert [name for name in ("carol@example.org", "dan@example.org") if name in page] == [failed]


def test_the_charts_have_their_numbers_in_tables(alice: Any, clock: Any):
    confirmed()
    mailing = campaigns.start(campaign(), now=now())
    handed_over(mailing, "submitted", now=now())

    page = _page(alice, "isthmus_mail_charts")

    assert "Week of 23 November: 1 joined" in page
    assert '<th scope="row">23 November 2026</th><td class="isthmus-n">1</td>' in page
    assert "1 submitted" in page


def test_every_kind_of_mailing_has_a_page(alice: Any):
    confirmed()

    page = _page(alice, "isthmus_mailings")

    assert "Confirmations of" in page
    assert alice.get(reverse("isthmus_mailing", args=[Mailing.objects.get().pk])).status_code == 200


def test_the_list_of_people_costs_the_same_however_many_they_are(alice: Any, django_assert_max_num_queries: Any):
    for number in range(12):
        confirmed(f"reader{number}@example.org")
    mailing = campaigns.start(campaign(), now=now())
    alice.get(reverse("isthmus_mailings"))

    with django_assert_max_num_queries(14):
        alice.get(reverse("isthmus_mailing_people", args=[mailing.pk]))


def test_its_history_says_who_sent_and_who_paused_it(alice: Any):
    confirmed()
    letter = campaign()

    alice.post(reverse("isthmus_campaign_send", args=[letter.pk]))
    alice.post(reverse("isthmus_mailing_pause", args=[Mailing.objects.get(kind="campaign").pk]))
    alice.post(reverse("isthmus_mailing_pause", args=[Mailing.objects.get(kind="campaign").pk]))

    page = _page(alice, "wagtailsnippets_isthmus_mailing_campaign:history", letter.pk)
    words = " ".join(page.split())
    assert (words.count("Paused its sending"), words.count("Sent")) >= (1, 1)
    log = registry.get_logs_for_instance(letter).order_by("pk")
    assert list(log.values_list("action", "user__email")) == [
        ("isthmus.mail.send", "alice@example.org"),
        ("isthmus.mail.pause", "alice@example.org"),
    ]


def test_one_that_was_sent_is_not_deleted_in_bulk_either(alice: Any):
    confirmed()
    letter = campaign()
    campaigns.start(letter, now=now())
    alice.raise_request_exception = False
    bulk = reverse("wagtail_bulk_action", args=["isthmus_mailing", "campaign", "delete"])

    answer = alice.post(f"{bulk}?id={letter.pk}")

    assert answer.status_code == 409
    assert Campaign.objects.filter(pk=letter.pk).exists()


def test_a_schedule_goes_with_the_campaign_it_was_for(alice: Any, clock: Any):
    confirmed()
    letter = campaign()
    campaigns.schedule(letter, at=now() + timedelta(days=1), zone="UTC", now=now())

    alice.post(reverse("wagtailsnippets_isthmus_mailing_campaign:delete", args=[letter.pk]))

    assert not Campaign.objects.exists()
    assert not Mailing.objects.filter(kind="campaign").exists()
