"""What is due is handed over, once, by several connections at a time, and nothing is started before it is durable."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from isthmus.kit.errors import IsthmusError
from isthmus.mailing import ledger, sending
from isthmus.mailing.models import Delivery, DomainState, Machine, Mailing, RelayState, Suppression
from isthmus.mailing.sending import Sender
from isthmus.mailing.transports import Handed, Outcome
from isthmus.server.worker import Stop
from tests.mailing.ledger_makers import NOW, mailing, subscriber, subscribers
from tests.mailing.ways_out_for_tests import SUBMITTED, MemoryTransport, rendered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _now(clock):
    """The ledger's clock stands still; the sender's own waits do not."""


def audience(n: int, *, kind: str = "alert", key: str = "alert:pub:17", domain: str = "example.org") -> Mailing:
    subscribers(n, "everything", domain=domain)
    return ledger.prepare(mailing(key, kind), subjects={"everything"}, paces={"at_once"}, now=NOW)


def sent(transport: MemoryTransport, render=rendered, **options) -> Sender:
    """Everything that is due now."""
    sender = Sender(transport, render, poll_s=0.01, **options)
    stop = Stop()
    sender.run_dry(stop)
    return sender


def states() -> list[str]:
    return sorted(Delivery.objects.values_list("state", flat=True))


def test_everybody_gets_one_message_and_the_mailing_is_finished():
    done = audience(50)
    transport = MemoryTransport()

    sent(transport)

    assert sorted(envelope.recipient for envelope in transport.taken) == sorted(
        f"carol{n}@example.org" for n in range(50)
    )
    assert ledger.counts(done)["submitted"] == 50
    done.refresh_from_db()
    assert done.state == "finished"


def test_nothing_is_handed_over_before_started_can_be_read_by_others():
    audience(12)
    seen = []

    def look(envelope):
        pk = int(envelope.message.split(b"<d")[1].split(b".")[0])
        seen.append(Delivery.objects.values_list("state", flat=True).get(pk=pk))
        connection.close()
        return SUBMITTED

    sent(MemoryTransport(look))

    assert seen == ["started"] * 12


def test_a_slow_connection_holds_up_none_of_the_others():
    audience(40)
    gate, others_done = threading.Event(), threading.Event()
    transport = MemoryTransport(connections=3)

    def answer(envelope):
        if envelope.recipient == "carol0@example.org":
            assert gate.wait(20)
        if len(transport.taken) >= 38:
            others_done.set()
        return SUBMITTED

    transport.answer = answer
    sender = threading.Thread(target=sent, args=(transport,))
    sender.start()

    assert others_done.wait(20)
    assert "carol0@example.org" not in {envelope.recipient for envelope in transport.taken}
    gate.set()
    sender.join(20)
    assert states() == ["submitted"] * 40


def test_as_many_connections_work_at_once_as_there_may_be():
    audience(30)
    most, now, lock = [0], [0], threading.Lock()

    def answer(envelope):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.01)
        with lock:
            now[0] -= 1
        return SUBMITTED

    sent(MemoryTransport(answer, connections=5))

    assert most[0] == 5


def test_a_round_over_all_connections_costs_few_commits(monkeypatch):
    audience(64)
    rounds = []
    record = ledger.record
    monkeypatch.setattr(
        ledger, "record", lambda results, **rest: (rounds.append(len(results)), record(results, **rest))
    )

    sent(MemoryTransport(connections=8))

    assert sum(rounds) == 64
    assert len(rounds) <= 40


def test_a_relay_that_is_down_is_paused_and_nobody_loses_a_try(clock):
    audience(20)
    transport = MemoryTransport(lambda envelope: Handed(Outcome.RELAY_DOWN, "421 closing"), connections=2)

    sent(transport)

    relay = RelayState.objects.get(name="memory")
    assert relay.paused_until > NOW
    assert relay.said == "421 closing"
    assert states() == ["queued"] * 20
    assert set(Delivery.objects.values_list("n_tries", "lease_owner")) == {(0, "")}

    transport.answer = lambda envelope: SUBMITTED
    sent(transport)
    assert transport.taken == []

    clock.move_to(relay.paused_until)
    sent(transport)
    assert len(transport.taken) == 20
    assert RelayState.objects.get().n_failures == 0


def test_after_a_pause_one_message_goes_first_to_see(clock):
    audience(10)
    RelayState.objects.create(name="memory", n_failures=3, changed_at=NOW)
    now, most, lock = [0], [], threading.Lock()

    def answer(envelope):
        with lock:
            now[0] += 1
            most.append(now[0])
        time.sleep(0.005)
        with lock:
            now[0] -= 1
        return Handed(Outcome.RELAY_DOWN, "421 still closing")

    sent(MemoryTransport(answer))

    assert most == [1]


def test_a_relay_pauses_longer_and_longer(clock):
    audience(3)
    waits = []
    for _ in range(4):
        sent(MemoryTransport(lambda envelope: Handed(Outcome.RELAY_DOWN, "421"), connections=1))
        until = RelayState.objects.get().paused_until
        waits.append((until - clock()).total_seconds())
        clock.move_to(until)

    assert waits == [5, 10, 20, 40]


def test_a_domain_that_defers_three_in_a_row_is_left_alone_while_others_go_on(clock):
    for n in range(12):
        subscriber(f"carol{n}@slow.example", "everything")
        subscriber(f"dan{n}@example.org", "everything")
    ledger.prepare(mailing(), subjects={"everything"}, paces={"at_once"}, now=NOW)
    slow = Handed(Outcome.DEFERRED, "451 slow down", is_of_domain=True)
    tried = []

    def answer(envelope):
        if not envelope.recipient.endswith("slow.example"):
            return SUBMITTED
        tried.append(envelope.recipient)
        return slow

    sent(MemoryTransport(answer, connections=2))

    assert 3 <= len(tried) <= 4
    assert Delivery.objects.filter(state="submitted").count() == 12
    assert DomainState.objects.get().not_before >= NOW + timedelta(seconds=60)


def test_a_domain_that_takes_mail_again_is_forgiven(clock):
    subscriber("carol@slow.example", "everything")
    ledger.prepare(mailing(), subjects={"everything"}, paces={"at_once"}, now=NOW)
    DomainState.objects.create(domain="slow.example", not_before=NOW, n_failures=5)

    sent(MemoryTransport())

    assert not DomainState.objects.exists()


def test_an_address_that_does_not_exist_is_suppressed_and_one_refused_thrice_too(clock):
    gone, full = subscriber("gone@example.org", "everything"), subscriber("full@example.org", "everything")
    says = {"gone": "550 5.1.1 no such user", "full": "552 5.2.2 mailbox full"}

    def answer(envelope):
        return Handed(Outcome.FAILED, says[envelope.recipient.partition("@")[0]], is_of_address=True)

    for n in range(3):
        ledger.prepare(mailing(f"alert:pub:{n}"), subjects={"everything"}, paces={"at_once"}, now=NOW)
        sent(MemoryTransport(answer))

    found = dict(Suppression.objects.values_list("address_hash", "reason"))
    assert found == {gone.address_hash: "hard_bounce", full.address_hash: "soft_bounces"}
    assert states() == ["failed"] * 4


def test_no_more_go_in_a_second_than_the_rate_allows():
    audience(25)
    began = time.monotonic()

    sent(MemoryTransport(), rate_per_s=50)

    # The first tenth of a second's worth may go at once.
    assert time.monotonic() - began >= (25 - 5) / 50 * 0.95
    assert states() == ["submitted"] * 25


def test_a_mailing_whose_message_cannot_be_made_is_held_and_the_others_go():
    broken = audience(3)
    subscriber("dan@example.org", "series:2")
    fine = ledger.prepare(mailing("alert:pub:18"), subjects=["series:2"], paces={"at_once"}, now=NOW)

    def render(ids):
        if Delivery.objects.filter(pk__in=ids, mailing=broken).exists():
            raise IsthmusError("It has no message.")
        return rendered(ids)

    sent(MemoryTransport(), render)

    broken.refresh_from_db()
    assert (broken.state, broken.held_because) == ("held", "It has no message.")
    assert ledger.counts(broken)["queued"] == 3
    assert ledger.counts(fine)["submitted"] == 1


def test_a_delivery_with_nothing_to_send_is_left_out_with_a_reason():
    audience(2)

    sent(MemoryTransport(), lambda ids: {pk: one for pk, one in rendered(ids).items() if one.recipient[5] != "0"})

    assert states() == ["submitted", "suppressed"]
    assert "nothing to send" in Delivery.objects.get(state="suppressed").reply


def test_stopping_ends_what_is_on_the_wire_and_gives_back_the_rest():
    audience(200)
    stop, transport = Stop(), MemoryTransport(connections=2)

    def answer(envelope):
        time.sleep(0.01)
        if len(transport.taken) == 10:
            stop.set()
        return SUBMITTED

    transport.answer = answer
    Sender(transport, rendered, poll_s=0.01).run(stop)

    n = len(transport.taken)
    assert 10 < n < 20
    assert states() == ["queued"] * (200 - n) + ["submitted"] * n
    assert not Delivery.objects.exclude(lease_owner="").exists()


@pytest.mark.parametrize("when", ["before", "after"])
def test_trouble_with_the_database_forgets_no_answer_and_sends_nothing_twice(monkeypatch, when):
    audience(60)
    real, calls, stop = ledger.record, [0], Stop()
    transport = MemoryTransport(connections=3)

    def shaky(results, **rest):
        calls[0] += 1
        if calls[0] % 5 == 4 and when == "before":
            raise DatabaseError("database is locked")
        real(results, **rest)
        if calls[0] % 5 == 4 and when == "after":
            raise DatabaseError("the connection is gone")

    monkeypatch.setattr(ledger, "record", shaky)
    monkeypatch.setattr(sending, "_FIRST_PAUSE_S", 0.01)
    sender = threading.Thread(target=Sender(transport, rendered, poll_s=0.01).run, args=(stop,))
    sender.start()
    deadline = time.monotonic() + 30
    while Mailing.objects.filter(state="sending").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    sender.join(20)

    recipients = [envelope.recipient for envelope in transport.taken]
    assert len(recipients) == len(set(recipients)) == 60
    assert states() == ["submitted"] * 60


def test_what_another_worker_that_died_left_is_taken_up_at_the_start():
    audience(4, kind="campaign", key="campaign:1:1")
    dead = "|".join([*sending.owners.new_owner().split("|")[:2], "999999999", "abcd"])
    ids = [job.delivery_id for job in ledger.claim(dead, limit=4, now=NOW, lease_s=600)]
    ledger.start(ids[:1], dead, NOW)

    sent(MemoryTransport())

    assert states() == ["submitted"] * 3 + ["uncertain"]


def test_what_a_living_worker_has_is_left_to_it():
    audience(4)
    alive = sending.owners.new_owner()
    ledger.claim(alive, limit=3, now=NOW, lease_s=600)

    sent(MemoryTransport())

    assert states() == ["claimed"] * 3 + ["submitted"]


def test_a_copy_of_the_database_holds_everything_and_asks():
    audience(3)
    Machine.objects.create(mark="of another", described="mole in /srv/institute", accepted_at=NOW)
    transport = MemoryTransport()

    sent(transport)

    held = Mailing.objects.get()
    assert transport.taken == []
    assert held.state == "held"
    assert "mole in /srv/institute" in held.held_because
    assert "mail resume --here" in held.held_because


def test_without_a_mail_server_mail_becomes_files(settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"
    settings.ISTHMUS = replace(settings.ISTHMUS, mail_server="")
    from isthmus.mailing import ways_out

    audience(3)
    sent(ways_out.transport())

    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 3
