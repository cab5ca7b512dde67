"""What people can do, through the one door, with the evidence it leaves."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from isthmus.kit import tokens
from isthmus.kit.clock import FrozenClock
from isthmus.mailing import actions, links
from isthmus.mailing.addresses import AddressInvalid
from isthmus.mailing.following import ChoiceInvalid
from isthmus.mailing.models import (
    Consent,
    Delivery,
    DeliveryNote,
    Mailing,
    SignUp,
    Subscriber,
    Subscription,
    Suppression,
)
from isthmus.publications.context import current_site
from tests import makers
from tests.mailing.readers import EVERYTHING_AT_ONCE, asked, confirmed, link_of

pytestmark = pytest.mark.django_db


def _followed(subscriber: Subscriber) -> dict[str, str]:
    return dict(subscriber.subscriptions.exclude(confirmed_at=None).values_list("subject", "pace"))


def _said(subscriber: Subscriber) -> list[str]:
    return list(subscriber.consents.order_by("pk").values_list("what", flat=True))


def test_a_wish_counts_for_nothing_until_the_button_is_pressed(clock: FrozenClock) -> None:
    carol = asked()

    assert carol.state == "pending"
    assert _followed(carol) == {}
    assert Delivery.objects.get(subscriber=carol).mailing.kind == Mailing.Kind.CONFIRMATION


def test_the_button_makes_the_wish_count_and_leaves_evidence(clock: FrozenClock) -> None:
    carol = confirmed()

    assert carol.state == "confirmed"
    assert _followed(carol) == {"everything": "at_once"}
    asking, pressing = carol.consents.order_by("pk")
    assert (asking.what, asking.form, asking.network) == ("asked", "footer of /", "192.0.2.0/24")
    mail = Delivery.objects.get(subscriber=carol)
    assert "by the link in every mail" in pressing.wording.text
    assert (pressing.what, pressing.how) == ("confirmed", f"button behind the link in confirmation {mail.pk}")


def test_a_second_press_changes_nothing(clock: FrozenClock) -> None:
    carol = asked()
    link = link_of(carol)
    actions.confirm(link, now=clock())
    clock.advance(timedelta(hours=1))

    again = actions.confirm(link, now=clock())

    assert again.confirmed_at == clock() - timedelta(hours=1)
    assert _said(again) == ["asked", "confirmed"]


def test_an_old_link_does_not_bring_back_who_left(clock: FrozenClock) -> None:
    carol = asked()
    link = link_of(carol)
    actions.confirm(link, now=clock())
    actions.leave(carol.pk, how="preference page", now=clock())

    assert actions.confirm(link, now=clock()).state == "left"


def test_an_expired_link_confirms_nothing(clock: FrozenClock) -> None:
    carol = asked()
    link = link_of(carol, days=2)
    clock.advance(timedelta(days=3))

    with pytest.raises(tokens.TokenExpired):
        actions.confirm(link, now=clock())

    assert _followed(carol) == {}


def test_an_expired_link_offers_a_new_one(clock: FrozenClock) -> None:
    carol = asked()
    link = link_of(carol, days=2)
    clock.advance(timedelta(days=3))

    actions.send_again(link, network="192.0.2.0/24", now=clock())

    assert Delivery.objects.filter(subscriber=carol).count() == 2


def test_a_stranger_changes_nothing_that_was_confirmed(clock: FrozenClock) -> None:
    peninsula = makers.series(is_public=True)
    carol = confirmed(choices=[(f"series:{peninsula.pk}", "weekly")])

    asked(choices=[(f"series:{peninsula.pk}", "at_once"), ("everything", "at_once")])

    assert _followed(carol) == {f"series:{peninsula.pk}": "weekly"}


def test_the_first_mails_link_confirms_what_was_asked_for_later_that_day(clock: FrozenClock) -> None:
    peninsula = makers.series(is_public=True)
    carol = asked()
    link = link_of(carol)
    actions.confirm(link, now=clock())
    asked(choices=[(f"series:{peninsula.pk}", "daily")])

    actions.confirm(link, now=clock())

    assert _followed(carol) == {"everything": "at_once", f"series:{peninsula.pk}": "daily"}


@pytest.mark.parametrize("n_rounds", [3, pytest.param(50, marks=[pytest.mark.slow, pytest.mark.large])])
def test_known_and_unknown_addresses_cost_the_same_statements(clock: FrozenClock, n_rounds: int) -> None:
    left = confirmed("bob@example.org")
    actions.leave(left.pk, how="preference page", now=clock())
    confirmed("carol@example.org")
    asked("pending@example.org")
    costs: dict[str, set[tuple[str, ...]]] = {}

    for n in range(n_rounds):
        clock.advance(timedelta(days=31))
        # The first of a day makes the day's mailing, and a page was shown before anybody could fill in its form.
        _ask_from("first@example.org", network="192.0.2.0/24", now=clock())
        for email in ("carol@example.org", "bob@example.org", "pending@example.org", f"dan{n}@example.org"):
            current_site()
            with CaptureQueriesContext(connection) as seen:
                _ask_from(email, network=f"10.{n}.0.0/24", now=clock())
            verbs = tuple(" ".join(re.findall(r"[A-Z]+", query["sql"])) for query in seen.captured_queries)
            costs.setdefault(email[:3], set()).add(verbs)

    assert len(set.union(*costs.values())) == 1


def _ask_from(email: str, *, network: str, now: Any) -> None:
    actions.sign_up(email, choices=EVERYTHING_AT_ONCE, form="footer of /", network=network, now=now)


def test_an_address_is_mailed_once_a_day_and_thrice_a_month(clock: FrozenClock) -> None:
    n_mailed = []
    for _ in range(10):
        for _ in range(3):
            asked()
        n_mailed.append(SignUp.objects.filter(is_mailed=True).count())
        clock.advance(timedelta(days=1, minutes=1))

    assert n_mailed == [1, 2, 3, 3, 3, 3, 3, 3, 3, 3]


@pytest.mark.slow
@pytest.mark.large
def test_five_thousand_wishes_from_one_network_write_no_more_than_the_option(clock: FrozenClock) -> None:
    for n in range(5000):
        _ask_from(f"dan{n}@example.org", network="198.51.100.0/24", now=clock())

    assert SignUp.objects.count() == Subscriber.objects.count() == settings.ISTHMUS.sign_ups_per_network
    _ask_from("carol@example.org", network="192.0.2.0/24", now=clock())
    assert Delivery.objects.filter(subscriber__email="carol@example.org").exists()


def test_what_cannot_be_followed_is_refused(clock: FrozenClock) -> None:
    hidden = makers.series("Not Yet")

    for subject in (f"series:{hidden.pk}", "series:999999", "person:1 OR 1=1", "", "search:kim"):
        with pytest.raises(ChoiceInvalid):
            asked(choices=[(subject, "at_once")])
    with pytest.raises(ChoiceInvalid):
        asked(choices=[("everything", "hourly")])

    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("email", ["", "carol", "carol@", "carol@example.org\r\nBcc: dan@example.org", "a" * 300])
def test_what_is_no_address_is_refused(clock: FrozenClock, email: str) -> None:
    with pytest.raises(AddressInvalid):
        actions.sign_up(email, choices=EVERYTHING_AT_ONCE, form="", network="", now=clock())

    assert not Subscriber.objects.exists()


def test_changing_replaces_what_is_followed_and_keeps_the_old_dates(clock: FrozenClock) -> None:
    king = makers.person(is_public=True)
    carol = confirmed()
    first = clock()
    clock.advance(timedelta(days=5))

    choices = [("everything", "weekly"), (f"person:{king.pk}", "at_once")]
    actions.change(carol.pk, choices=choices, how="preference page", now=clock())

    assert _followed(carol) == dict(choices)
    assert carol.subscriptions.get(subject="everything").confirmed_at == first
    assert carol.consents.last().subjects == [["everything", "weekly"], [f"person:{king.pk}", "at_once"]]


def test_who_follows_what_is_no_longer_public_may_go_on(clock: FrozenClock) -> None:
    peninsula = makers.series(is_public=True)
    carol = confirmed(choices=[(f"series:{peninsula.pk}", "daily")])
    peninsula.is_public = False
    peninsula.save()

    actions.change(carol.pk, choices=[(f"series:{peninsula.pk}", "weekly")], how="preference page", now=clock())

    assert _followed(carol) == {f"series:{peninsula.pk}": "weekly"}


def test_leaving_the_last_thing_followed_is_leaving(clock: FrozenClock) -> None:
    peninsula = makers.series(is_public=True)
    carol = confirmed(choices=[("everything", "daily"), (f"series:{peninsula.pk}", "daily")])

    actions.leave(carol.pk, subject=f"series:{peninsula.pk}", how="preference page", now=clock())
    carol.refresh_from_db()
    assert carol.state == "confirmed"
    actions.leave(carol.pk, subject="everything", how="preference page", now=clock())

    carol.refresh_from_db()
    assert (carol.state, carol.left_at) == ("left", clock())
    assert _said(carol) == ["asked", "confirmed", "left", "left"]


def test_one_click_leaves_what_the_mail_was_about_however_often_it_is_pressed(clock: FrozenClock) -> None:
    carol = confirmed()
    token = links.one_click_path(carol.pk, "everything", settings.DATA / "secrets").split("/")[-2]

    actions.one_click(token, now=clock())
    actions.one_click(token, now=clock())

    carol.refresh_from_db()
    assert (carol.state, carol.consents.last().how) == ("left", "one-click unsubscription")
    assert not Subscription.objects.filter(subscriber=carol).exists()


def test_a_pause_ends_on_a_day_to_come_within_a_year(clock: FrozenClock) -> None:
    carol = confirmed()

    actions.pause(carol.pk, until=clock() + timedelta(days=7), how="preference page", now=clock())
    for days in (0, -1, 400):
        with pytest.raises(actions.PauseInvalid):
            actions.pause(carol.pk, until=clock() + timedelta(days=days), how="preference page", now=clock())

    carol.refresh_from_db()
    assert carol.paused_until == clock() + timedelta(days=7)


def test_an_erased_person_leaves_only_a_keyed_hash(clock: FrozenClock) -> None:
    carol = confirmed()
    sent = Delivery.objects.get(subscriber=carol)
    DeliveryNote.objects.create(delivery=sent, at=clock(), what="deferred", said="450 carol@example.org: later")

    actions.erase(carol.pk, now=clock())

    assert not Subscriber.objects.exists()
    assert not Consent.objects.exists()
    assert Suppression.objects.get().reason == Suppression.Reason.ERASED
    sent.refresh_from_db()
    assert (sent.subscriber, sent.notes.get().said) == (None, "")


def test_who_was_erased_may_come_back_by_themselves(clock: FrozenClock) -> None:
    actions.erase(confirmed().pk, now=clock())
    clock.advance(timedelta(days=2))

    again = confirmed()

    assert again.state == "confirmed"
    assert Suppression.objects.get().lifted_at == clock()


def test_nobody_but_the_owner_lifts_an_erased_address(clock: FrozenClock) -> None:
    carol = confirmed()
    actions.erase(carol.pk, now=clock())
    actions.suppress(carol.address_hash, reason="hard_bounce", now=clock())

    with pytest.raises(actions.StaysSuppressed):
        actions.lift(carol.address_hash, by="Alice", now=clock())

    assert Suppression.objects.get().reason == Suppression.Reason.ERASED


def test_a_suppression_is_lifted_by_name(clock: FrozenClock) -> None:
    carol = confirmed()
    actions.suppress(carol.address_hash, reason="hard_bounce", note="550 no such user", now=clock())

    actions.lift(carol.address_hash, by="Alice", now=clock())

    row = Suppression.objects.get()
    assert (row.reason, row.lifted_at, row.lifted_by) == ("hard_bounce", clock(), "Alice")


def test_wishes_nobody_confirmed_are_forgotten_after_a_month(clock: FrozenClock) -> None:
    asked("dan@example.org")
    carol = confirmed()
    left = confirmed("bob@example.org")
    actions.leave(left.pk, how="preference page", now=clock())
    clock.advance(timedelta(days=20))
    asked("bob@example.org")
    clock.advance(timedelta(days=32))

    actions.prune(clock())

    assert set(Subscriber.objects.values_list("email", "state")) == {
        (carol.email, "confirmed"), ("bob@example.org", "left"),
    }  # fmt: skip
    assert not SignUp.objects.exists()
