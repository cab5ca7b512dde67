"""A delivery moves only as it may: claimed, started before the wire, ended with a reason, or round again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from isthmus.mailing import ledger
from isthmus.mailing.models import Delivery, DeliveryNote, DomainState, Mailing, Subscription
from isthmus.mailing.transports import Handed, Outcome
from tests.mailing.ledger_makers import NOW, mailing, subscriber, subscribers, suppress

pytestmark = pytest.mark.django_db

SUBMITTED = Handed(Outcome.SUBMITTED, "250 2.0.0 Ok: queued as 4F")
LEASE_S = 60


def alert(*people, kind: str = "alert", key: str = "alert:pub:17") -> Mailing:
    """A mailing to all who follow everything."""
    return ledger.prepare(mailing(key, kind), subjects={"everything"}, paces={"at_once"}, now=NOW)


def claimed(owner: str = "one", *, limit: int = 100, now=NOW) -> list[int]:
    return [job.delivery_id for job in ledger.claim(owner, limit=limit, now=now, lease_s=LEASE_S)]


def started(owner: str = "one", *, now=NOW) -> list[int]:
    return sorted(ledger.start(claimed(owner, now=now), owner, now))


def states() -> dict[str, str]:
    return dict(Delivery.objects.values_list("subscriber__email", "state"))


def reply() -> str:
    return Delivery.objects.get().reply


def test_a_message_that_was_taken_is_submitted_and_its_mailing_finished():
    subscriber("carol@example.org", "everything")
    sent = alert()

    ledger.record([(pk, SUBMITTED) for pk in started()], owner="one", now=NOW)

    row = Delivery.objects.get()
    assert (row.state, row.reply, row.ended_at, row.n_tries) == ("submitted", SUBMITTED.said, NOW, 1)
    assert ledger.finish(NOW) == 1
    sent.refresh_from_db()
    assert (sent.state, sent.finished_at) == ("finished", NOW)


def test_a_mailing_is_not_finished_before_its_last_delivery_is():
    subscribers(2, "everything")
    alert()
    first, second = started()

    ledger.record([(first, SUBMITTED), (second, Handed(Outcome.DEFERRED, "450 later"))], owner="one", now=NOW)

    assert ledger.finish(NOW) == 0


def test_two_workers_never_claim_the_same():
    subscribers(10, "everything")
    alert()

    first, second = claimed("one", limit=6), claimed("two", limit=6)

    assert (len(first), len(second)) == (6, 4)
    assert not set(first) & set(second)
    assert ledger.start(first, "two", NOW) == set()


def test_what_a_person_waits_for_is_claimed_before_a_campaign():
    subscriber("carol@example.org", "everything")
    campaign = alert(kind="campaign", key="campaign:1:1")
    day = mailing("confirmation:2026-11-23", "confirmation")
    ledger.prepare_for(day, [subscriber("dan@example.org", state="pending").pk], now=NOW)

    jobs = ledger.claim("one", limit=10, now=NOW, lease_s=LEASE_S)

    assert [job.mailing_id for job in jobs] == [day.pk, campaign.pk]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (lambda carol: suppress(carol, "complaint"), "suppressed: reported as unwanted"),
        (lambda carol: _set(carol, state="left"), "has left"),
        (lambda carol: _set(carol, state="pending"), "not confirmed"),
        (lambda carol: _set(carol, paused_until=NOW + timedelta(days=1)), "paused"),
        (lambda carol: carol.subscriptions.all().delete(), "follows everything no more"),
        (lambda carol: carol.subscriptions.update(confirmed_at=None), "follows everything no more"),
        (lambda carol: carol.delete(), "was erased"),
    ],
)
def test_who_must_not_be_written_to_any_more_is_left_out_in_the_step_before_the_wire(what, said):
    carol = subscriber("carol@example.org", "everything")
    alert()
    ids = claimed()
    what(carol)

    assert ledger.start(ids, "one", NOW) == set()

    assert Delivery.objects.get().state == "suppressed"
    assert said in reply()
    assert ledger.finish(NOW) == 1


def test_those_beside_somebody_who_left_go_out():
    carol, dan = subscriber("carol@example.org", "everything"), subscriber("dan@example.org", "everything")
    alert()
    ids = claimed()
    suppress(carol)

    assert ledger.start(ids, "one", NOW) == {dan.deliveries.get().pk}

    assert states() == {"carol@example.org": "suppressed", "dan@example.org": "started"}


def test_leaving_one_list_stops_its_alert_unless_everything_is_followed():
    carol = subscriber("carol@example.org", "series:2")
    dan = subscriber("dan@example.org", "series:2", "everything")
    ledger.prepare(mailing(), subjects=["series:2", "everything"], paces={"at_once"}, publication_id=17, now=NOW)
    ids = claimed()
    Subscription.objects.filter(subject="series:2").delete()

    assert ledger.start(ids, "one", NOW) == {dan.deliveries.get().pk}
    assert carol.deliveries.get().state == "suppressed"


def test_a_confirmation_goes_to_who_has_confirmed_nothing_and_not_to_who_complained():
    carol, dan = subscriber("carol@example.org", state="pending"), subscriber("dan@example.org", state="pending")
    ledger.prepare_for(mailing("confirmation:2026-11-23", "confirmation"), [carol.pk, dan.pk], now=NOW)
    ids = claimed()
    suppress(carol, "complaint")
    suppress(dan, "erased")

    assert ledger.start(ids, "one", NOW) == {dan.deliveries.get().pk}


def test_a_paused_mailing_sends_nothing_more_and_goes_on_where_it_stopped():
    subscribers(3, "everything")
    sent = alert()
    ids = claimed()

    assert ledger.pause(sent)
    assert ledger.start(ids, "one", NOW) == set()
    assert claimed("two") == []
    assert ledger.counts(sent)["queued"] == 3

    assert ledger.resume(sent)
    assert len(started("two")) == 3


def test_a_deferred_message_is_tried_again_later_and_later_for_five_days():
    subscriber("carol@example.org", "everything")
    alert()
    now, waits = NOW, []

    while Delivery.objects.get().ended_at is None:
        ledger.record([(pk, Handed(Outcome.DEFERRED, "451 later")) for pk in started(now=now)], owner="one", now=now)
        row = Delivery.objects.get()
        waits.append((row.next_try_at - now).total_seconds())
        now = row.next_try_at

    row = Delivery.objects.get()
    assert row.state == "failed"
    assert row.ended_at - NOW >= timedelta(days=5)
    assert 300 <= waits[0] <= 400
    assert all(4 * 3600 <= wait <= 4 * 3600 * 1.34 for wait in waits[8:-1])
    assert list(row.notes.order_by("pk").values_list("what", flat=True))[-1] == "given up"


def test_a_refused_message_has_failed_and_says_why():
    subscriber("carol@example.org", "everything")
    alert()

    ledger.record([(pk, Handed(Outcome.FAILED, "550 5.1.1 no such user")) for pk in started()], owner="one", now=NOW)

    assert states() == {"carol@example.org": "failed"}
    assert reply() == "550 5.1.1 no such user"
    assert DeliveryNote.objects.get().what == "failed"


def test_a_relay_that_is_down_costs_nobody_a_try():
    subscriber("carol@example.org", "everything")
    alert()

    ledger.record([(pk, Handed(Outcome.RELAY_DOWN, "421")) for pk in started()], owner="one", now=NOW)

    row = Delivery.objects.get()
    assert (row.state, row.n_tries, row.next_try_at) == ("queued", 0, NOW)
    assert not DeliveryNote.objects.exists()


@pytest.mark.parametrize(("kind", "goes_again"), [("alert", True), ("confirmation", True), ("campaign", False),
                                                  ("digest", False), ("test", False)])  # fmt: skip
def test_an_uncertain_message_is_named_and_goes_once_more_by_itself_where_that_does_least_harm(kind, goes_again):
    carol = subscriber("carol@example.org", "everything")
    ledger.prepare_for(mailing("one", kind), [carol.pk], now=NOW)

    ledger.record([(pk, Handed(Outcome.UNCERTAIN, "dropped")) for pk in started()], owner="one", now=NOW)

    row = Delivery.objects.get()
    assert (row.state, row.n_uncertain) == ("queued" if goes_again else "uncertain", 1)
    assert row.notes.get().what.startswith("uncertain")
    assert bool(row.ended_at) is not goes_again


def test_an_alert_that_is_uncertain_twice_is_at_its_end():
    subscriber("carol@example.org", "everything")
    alert()

    for _ in range(2):
        ledger.record([(pk, Handed(Outcome.UNCERTAIN, "dropped")) for pk in started()], owner="one", now=NOW)

    assert (Delivery.objects.get().state, Delivery.objects.get().n_uncertain) == ("uncertain", 2)
    assert claimed() == []


def test_a_campaign_goes_once_more_where_the_option_says_so(settings):
    settings.ISTHMUS = _options(settings, mail_campaign_uncertain="again")
    carol = subscriber("carol@example.org", "everything")
    ledger.prepare_for(mailing("campaign:1:1", "campaign"), [carol.pk], now=NOW)

    ledger.record([(pk, Handed(Outcome.UNCERTAIN, "dropped")) for pk in started()], owner="one", now=NOW)

    assert Delivery.objects.get().state == "queued"


def test_what_a_dead_worker_had_claimed_goes_back_and_what_it_had_started_is_named():
    subscribers(2, "everything")
    ledger.prepare(mailing("campaign:1:1", "campaign"), subjects={"everything"}, paces={"at_once"}, now=NOW)
    first, second = claimed()
    ledger.start([first], "one", NOW)
    later = NOW + timedelta(seconds=LEASE_S)

    assert ledger.recover(later - timedelta(seconds=1)) == 0
    assert ledger.recover(later, except_owner="one") == 0
    assert ledger.recover(later) == 2

    assert Delivery.objects.get(pk=first).state == "uncertain"
    assert Delivery.objects.get(pk=second).state == "queued"
    assert "not known" in DeliveryNote.objects.get(delivery_id=first).said


def test_a_heartbeat_keeps_others_from_what_is_ours():
    subscriber("carol@example.org", "everything")
    alert()
    ids = claimed()
    later = NOW + timedelta(seconds=LEASE_S)

    ledger.heartbeat(ids, "one", now=later - timedelta(seconds=5), lease_s=LEASE_S)

    assert ledger.recover(later) == 0
    assert ledger.start(ids, "one", later) == set(ids)


def test_an_answer_that_comes_late_ends_the_uncertainty_if_nobody_took_it_up():
    carol = subscriber("carol@example.org", "everything")
    ledger.prepare_for(mailing("campaign:1:1", "campaign"), [carol.pk], now=NOW)
    ids = started()
    ledger.recover(NOW + timedelta(hours=1))

    ledger.record([(ids[0], SUBMITTED)], owner="one", now=NOW + timedelta(hours=1))

    assert Delivery.objects.get().state == "submitted"


def test_an_answer_that_comes_late_changes_nothing_another_worker_does():
    subscriber("carol@example.org", "everything")
    alert()
    ids = started("one")
    later = NOW + timedelta(hours=1)
    ledger.recover(later)
    assert started("two", now=later) == ids

    ledger.record([(ids[0], SUBMITTED)], owner="one", now=later)

    assert (Delivery.objects.get().state, Delivery.objects.get().lease_owner) == ("started", "two")


def test_who_stops_gives_back_what_it_had_not_started():
    subscribers(2, "everything")
    alert()
    first, second = claimed()
    ledger.start([first], "one", NOW)

    ledger.give_back([first, second], "one")

    assert claimed("two") == [second]


def test_a_cancelled_mailing_reaches_nobody_more_and_ends_when_the_wire_does():
    subscribers(3, "everything")
    sent = alert()
    first, second = claimed(limit=2)
    ledger.start([first], "one", NOW)

    assert ledger.cancel(sent, now=NOW)
    assert ledger.start([second], "one", NOW) == set()
    ledger.record([(first, Handed(Outcome.DEFERRED, "450"))], owner="one", now=NOW)
    ledger.recover(NOW)

    assert ledger.counts(sent)["suppressed"] == 3
    sent.refresh_from_db()
    assert (sent.state, sent.finished_at) == ("cancelled", NOW)
    assert not ledger.cancel(sent, now=NOW)


def test_a_held_mailing_says_why_until_it_is_resumed():
    sent = mailing()

    assert ledger.hold(sent, "This is a copy.")
    assert (sent.state, sent.held_because) == ("held", "This is a copy.")
    assert ledger.finish(NOW) == 0

    assert ledger.resume(sent)
    assert (sent.state, sent.held_because) == ("sending", "")
    assert not ledger.resume(sent)


def test_people_of_a_domain_that_asked_us_to_slow_down_wait_and_others_do_not():
    subscriber("carol@slow.example", "everything")
    subscriber("dan@example.org", "everything")
    alert()
    DomainState.objects.create(domain="slow.example", not_before=NOW + timedelta(minutes=5))

    assert len(claimed()) == 1
    assert Delivery.objects.get(subscriber__domain="slow.example").next_try_at == NOW + timedelta(minutes=5)
    assert len(claimed(now=NOW + timedelta(minutes=5))) == 1


def test_a_mailing_is_not_sent_before_its_time():
    subscriber("carol@example.org", "everything")
    ledger.prepare(mailing(starts_at=NOW + timedelta(minutes=1)), subjects={"everything"}, paces={"at_once"}, now=NOW)

    assert claimed() == []
    assert ledger.finish(NOW) == 0
    assert len(claimed(now=NOW + timedelta(minutes=1))) == 1


def test_a_claim_reads_only_what_is_open():
    subscribers(3, "everything")
    sent = alert()

    rows = Delivery.objects.filter(mailing_id=sent.pk, ended_at__isnull=True, next_try_at__lte=NOW).order_by(
        "next_try_at"
    )

    if connection.vendor == "sqlite":
        assert "isthmus_delivery_open" in rows.explain()
    assert rows.count() == 3


def test_nothing_to_send_costs_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert claimed() == []


def _set(person, **fields) -> None:
    for name, value in fields.items():
        setattr(person, name, value)
    person.save()


def _options(settings, **changed):
    from dataclasses import replace

    return replace(settings.ISTHMUS, **changed)
