"""Whatever is done in whatever order: numbers add up, an end is an end, and nobody is started twice without a note."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from isthmus.mailing import ledger
from isthmus.mailing.models import Delivery, DeliveryNote, Mailing, Subscriber, Suppression
from isthmus.mailing.transports import Handed, Outcome
from tests.mailing.ledger_makers import NOW, mailing, subscriber

pytestmark = pytest.mark.django_db(transaction=True)

N_PEOPLE, LEASE_S = 6, 60
OWNERS = ["one", "two", "three"]
_ENDS = {"submitted", "failed", "suppressed", "uncertain"}


class _Undone(Exception):
    """Ends the transaction of an example, so that the next begins with nothing."""


class Ledger(RuleBasedStateMachine):
    """Workers claim, start, are answered or die, while editors pause, hold, cancel and people complain."""

    def __init__(self) -> None:
        super().__init__()
        self._atomic = transaction.atomic()
        self._atomic.__enter__()
        self.now = NOW
        people = [subscriber(f"carol{n}@example.org", "everything") for n in range(N_PEOPLE)]
        self.mailings = [
            ledger.prepare(mailing(f"{kind}:1", kind), subjects=["everything"], paces=["at_once"], now=NOW)
            for kind in ("alert", "campaign")
        ]
        assert len(people) == N_PEOPLE
        self.claimed: dict[str, set[int]] = {owner: set() for owner in OWNERS}
        self.on_wire: dict[int, str] = {}
        # How often each was on a wire of which nobody knows, or which took it.
        self.maybe_taken: Counter[int] = Counter()
        self.suppressed: set[int] = set()

    def teardown(self) -> None:
        self._atomic.__exit__(_Undone, _Undone(), None)

    @rule(owner=st.sampled_from(OWNERS), limit=st.integers(1, 5))
    def claim(self, owner: str, limit: int) -> None:
        for job in ledger.claim(owner, limit=limit, now=self.now, lease_s=LEASE_S):
            assert all(job.delivery_id not in self.claimed[other] for other in OWNERS)
            self.claimed[owner].add(job.delivery_id)

    @rule(owner=st.sampled_from(OWNERS))
    def start(self, owner: str) -> None:
        ids = self.claimed[owner]
        for pk in ledger.start(ids, owner, self.now):
            row = Delivery.objects.select_related("mailing", "subscriber").get(pk=pk)
            assert pk not in self.on_wire
            assert row.mailing.state == "sending"
            assert row.subscriber_id not in self.suppressed
            if self.maybe_taken[pk]:
                assert row.n_uncertain == 1
                assert DeliveryNote.objects.filter(delivery=pk, what__startswith="uncertain").exists()
            self.on_wire[pk] = owner
        self.claimed[owner] = set()

    @precondition(lambda self: self.on_wire)
    @rule(data=st.data(), outcome=st.sampled_from(list(Outcome)))
    def answer(self, data: st.DataObject, outcome: Outcome) -> None:
        pk = data.draw(st.sampled_from(sorted(self.on_wire)))
        owner = self.on_wire.pop(pk)
        if outcome in (Outcome.SUBMITTED, Outcome.UNCERTAIN):
            self.maybe_taken[pk] += 1
        ledger.record([(pk, Handed(outcome, str(outcome)))], owner=owner, now=self.now)

    @rule(owner=st.sampled_from(OWNERS))
    def die(self, owner: str) -> None:
        """kill -9: what it had is recovered when its lease is over."""
        for pk in [pk for pk, its in self.on_wire.items() if its == owner]:
            del self.on_wire[pk]
            self.maybe_taken[pk] += 1
        self.claimed[owner] = set()
        self.now += timedelta(seconds=LEASE_S)
        self._alive_keep_theirs(owner)
        ledger.recover(self.now)

    @rule()
    def recover(self) -> None:
        self._alive_keep_theirs("")
        ledger.recover(self.now)

    @rule(owner=st.sampled_from(OWNERS))
    def give_back(self, owner: str) -> None:
        ledger.give_back(self.claimed[owner], owner)
        self.claimed[owner] = set()

    @rule(owner=st.sampled_from(OWNERS))
    def lose_track(self, owner: str) -> None:
        ledger.let_go(owner, keep=[pk for pk, its in self.on_wire.items() if its == owner])
        self.claimed[owner] = set()

    @rule(which=st.integers(0, 1), what=st.sampled_from(["pause", "hold", "resume"]))
    def steer(self, which: int, what: str) -> None:
        one = self.mailings[which]
        if what == "hold":
            ledger.hold(one, "Wait.")
        else:
            getattr(ledger, what)(one)

    @precondition(lambda self: self.now > NOW + timedelta(minutes=5))
    @rule(which=st.integers(0, 1))
    def cancel(self, which: int) -> None:
        ledger.cancel(self.mailings[which], now=self.now)

    @rule(number=st.integers(0, N_PEOPLE - 1))
    def complain(self, number: int) -> None:
        person = Subscriber.objects.order_by("pk")[number]
        Suppression.objects.get_or_create(
            address_hash=person.address_hash, defaults={"reason": "complaint", "at": self.now}
        )
        self.suppressed.add(person.pk)

    @rule(minutes=st.sampled_from([0.5, 10, 300]))
    def wait(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)
        self._alive_keep_theirs("")

    @rule()
    def finish(self) -> None:
        ledger.finish(self.now)

    @invariant()
    def the_numbers_add_up(self) -> None:
        for one in self.mailings:
            assert sum(ledger.counts(one).values()) == N_PEOPLE

    @invariant()
    def an_end_has_its_moment_and_nothing_else_has(self) -> None:
        for state, ended_at, owner in Delivery.objects.values_list("state", "ended_at", "lease_owner"):
            assert (ended_at is not None) == (state in _ENDS)
            assert bool(owner) == (state in ("claimed", "started"))

    @invariant()
    def finished_is_said_only_at_the_end(self) -> None:
        for one in Mailing.objects.filter(finished_at__isnull=False):
            assert one.state in ("finished", "cancelled")
            assert not one.deliveries.filter(ended_at__isnull=True).exists()

    @invariant()
    def what_may_have_been_taken_is_submitted_or_named(self) -> None:
        of_nobody = [pk for pk, n in self.maybe_taken.items() if n and pk not in self.on_wire]
        for row in Delivery.objects.filter(pk__in=of_nobody):
            assert row.state == "submitted" or row.n_uncertain

    def _alive_keep_theirs(self, dead: str) -> None:
        for owner in OWNERS:
            if owner != dead:
                ids = self.claimed[owner] | {pk for pk, its in self.on_wire.items() if its == owner}
                ledger.heartbeat(ids, owner, now=self.now, lease_s=LEASE_S)


def test_no_order_of_events_breaks_the_ledger():
    options = settings(max_examples=5, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))

    run_state_machine_as_test(Ledger, settings=options)


@pytest.mark.slow
@pytest.mark.large
def test_two_hundred_orders_of_events_break_nothing():
    options = settings(max_examples=200, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck))

    run_state_machine_as_test(Ledger, settings=options)
