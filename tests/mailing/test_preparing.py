"""Who is written to, why, who was left out, and that the numbers add up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from isthmus.mailing import ledger, preparing
from isthmus.mailing.models import Delivery, Mailing, Subscriber, Subscription, Told
from tests.mailing.ledger_makers import NOW, mailing, subscriber, subscribers, suppress

pytestmark = pytest.mark.django_db


def prepared(of: Mailing, subjects, *, piece: int | None = None, paces=("at_once",)) -> Mailing:
    return ledger.prepare(of, subjects=subjects, paces=paces, publication_id=piece, now=NOW)


def reasons(of: Mailing) -> dict[str, str]:
    return dict(of.deliveries.values_list("subscriber__email", "because"))


def test_a_person_whom_several_rules_match_is_written_to_once_for_the_best_reason():
    subscriber("carol@example.org", "everything", "series:2", "person:3")
    subscriber("dan@example.org", "everything")

    done = prepared(mailing(), ["everything", "series:2", "person:3"], piece=17)

    assert reasons(done) == {"carol@example.org": "series:2", "dan@example.org": "everything"}
    assert (done.n_candidates, done.excluded) == (2, {})


def test_everybody_left_out_is_counted_with_the_reason():
    subscriber("carol@example.org", "everything")
    subscriber("asleep@example.org", "everything", paused_until=NOW + timedelta(days=7))
    suppress(subscriber("gone@example.org", "everything"))
    told = subscriber("told@example.org", "everything")
    earlier = Delivery.objects.create(mailing=mailing("digest:x", "digest"), subscriber=told, next_try_at=NOW)
    Told.objects.create(subscriber=told, publication_id=17, delivery=earlier)

    done = prepared(mailing(), {"everything"}, piece=17)

    assert set(reasons(done)) == {"carol@example.org"}
    assert done.excluded == {"paused": 1, "suppressed": 1, "told": 1}
    assert done.n_candidates == 4
    assert sum(ledger.counts(done).values()) == 4


def test_only_confirmed_people_with_a_confirmed_subscription_at_the_pace_are_candidates():
    subscriber("pending@example.org", "everything", state="pending")
    subscriber("left@example.org", "everything", state="left")
    subscriber("daily@example.org", "everything", pace="daily")
    Subscription.objects.create(
        subscriber=subscriber("asked@example.org"), subject="everything", pace="at_once", created_at=NOW
    )

    done = prepared(mailing(), {"everything"}, piece=17)

    assert (done.n_candidates, done.deliveries.count()) == (0, 0)


def test_a_pause_that_is_over_and_a_suppression_that_was_lifted_leave_nobody_out():
    subscriber("carol@example.org", "everything", paused_until=NOW)
    lifted = suppress(subscriber("dan@example.org", "everything"))
    lifted.lifted_at = NOW
    lifted.save()

    assert prepared(mailing(), {"everything"}).deliveries.count() == 2


def test_a_piece_is_told_to_a_person_once_for_ever():
    subscriber("carol@example.org", "everything")
    prepared(mailing(), {"everything"}, piece=17)

    again = prepared(mailing("alert:pub:17:again"), {"everything"}, piece=17)

    assert again.excluded == {"told": 1}
    assert Told.objects.count() == 1


def test_an_audience_is_frozen():
    subscriber("carol@example.org", "everything")
    once = prepared(mailing(), {"everything"})
    subscriber("dan@example.org", "everything")

    assert prepared(once, {"everything"}).n_candidates == 1


def test_a_campaign_to_everything_reaches_whoever_follows_anything():
    subscriber("carol@example.org", "series:2")
    subscriber("dan@example.org", pace="weekly")

    everybody = prepared(mailing("campaign:1:1", "campaign"), ["series:2", "everything"], paces=["at_once"])
    some = prepared(mailing("campaign:2:1", "campaign"), ["series:2"], paces=["at_once", "daily", "weekly"])

    assert reasons(everybody) == {"carol@example.org": "series:2", "dan@example.org": "everything"}
    assert reasons(some) == {"carol@example.org": "series:2"}
    assert not Told.objects.exists()


def test_a_digest_holds_for_each_person_what_they_were_not_told_yet():
    carol = subscriber("carol@example.org", "series:2", pace="daily")
    dan = subscriber("dan@example.org", "everything", pace="daily")
    bob = subscriber("bob@example.org", "series:2", pace="daily")
    alert = prepared(mailing("alert:pub:1"), {"everything"})
    for person, piece in [(dan, 1), (bob, 1)]:
        one = Delivery.objects.get_or_create(mailing=alert, subscriber=person, defaults={"next_try_at": NOW})[0]
        Told.objects.create(subscriber=person, publication_id=piece, delivery=one)

    digest = ledger.prepare_digest(
        mailing("digest:daily:2026-11-23", "digest"),
        pieces={1: {"series:2"}, 2: ["person:3"]}, pace="daily", now=NOW,
    )  # fmt: skip

    assert reasons(digest) == {"carol@example.org": "series:2", "dan@example.org": "everything"}
    assert (digest.n_candidates, digest.excluded) == (3, {"nothing new": 1})
    of_digest = Told.objects.filter(delivery__mailing=digest).values_list("subscriber__email", "publication_id")
    assert set(of_digest) == {(carol.email, 1), (dan.email, 2)}


def test_a_confirmation_reaches_who_is_pending_or_was_erased_and_no_address_that_bounced():
    pending, erased = subscriber("carol@example.org", state="pending"), subscriber("dan@example.org", state="left")
    bounced = subscriber("gone@example.org", state="pending")
    suppress(erased, "erased")
    suppress(bounced, "hard_bounce")
    day = mailing("confirmation:2026-11-23", "confirmation")

    done = ledger.prepare_for(day, [pending.pk, erased.pk, bounced.pk], now=NOW)

    assert set(reasons(done)) == {pending.email, erased.email}
    assert (done.n_candidates, done.excluded) == (3, {"suppressed": 1})


def test_people_added_to_a_finished_mailing_open_it_again():
    day = mailing("confirmation:2026-11-23", "confirmation")
    ledger.finish(NOW)
    carol = subscriber("carol@example.org", state="pending")

    ledger.prepare_for(day, [carol.pk], now=NOW)
    ledger.prepare_for(day, [carol.pk], now=NOW)

    day.refresh_from_db()
    assert (day.state, day.n_candidates, day.deliveries.count()) == ("sending", 1, 1)


def test_numbers_that_do_not_add_up_keep_nothing(monkeypatch):
    subscribers(3, "everything")
    sabotaged = preparing._DELIVERIES.replace("WHERE c.reason = ''", f"WHERE c.subscriber_id <> {_first()}")
    monkeypatch.setattr(preparing, "_DELIVERIES", sabotaged)

    with pytest.raises(ledger.AudienceMiscounted):
        prepared(mailing(), {"everything"})

    assert not Delivery.objects.exists()


def test_two_mailings_cannot_tell_one_person_of_one_piece(monkeypatch):
    subscriber("carol@example.org", "everything")
    prepared(mailing(), {"everything"}, piece=17)
    blind = preparing._FOLLOWERS.replace("t.publication_id = w.publication_id", "1 = 0")
    monkeypatch.setattr(preparing, "_FOLLOWERS", blind)

    with pytest.raises(IntegrityError), transaction.atomic():
        prepared(mailing("digest:daily:x", "digest"), {"everything"}, piece=17)


def _first() -> int:
    return Subscriber.objects.order_by("pk").values_list("pk", flat=True)[0]
