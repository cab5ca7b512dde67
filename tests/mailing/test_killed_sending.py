"""kill -9 of one of two workers at random points of a send: nobody is skipped, and who may have got it twice is named.

The mail server is outside of what is killed and counts every message whose last dot it saw, before it answers.
"""

from __future__ import annotations

import os
import random
import re
import threading
import time
from collections import Counter
from pathlib import Path
from subprocess import Popen

import pytest

from tests import database, figures
from tests.mailing.scripted_peer import Peer
from tests.served import Institute, until, with_slack

pytestmark = [
    pytest.mark.crash,
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(database.POSTGRES_URL), reason="reads SQLite's file; the ledger's own tests run on PostgreSQL"
    ),
]

N_KILLS = int(os.environ.get("ISTHMUS_TEST_KILLS", "5"))
N_PEOPLE = 2000 if N_KILLS >= 20 else 400
N_CONNECTIONS = 4

# Half of the people get a campaign, whose uncertain deliveries wait, half an alert, whose go once more by themselves.
_PREPARE = """
from datetime import datetime, timezone
from hashlib import sha256
from isthmus.kit import clock
from isthmus.mailing import ledger, message
from isthmus.mailing.models import Mailing, Subscriber, Subscription, Suppression
from isthmus.mailing.splicing import Letter, Marks
n, now = int(sys.argv[1]), clock.now()
people = Subscriber.objects.bulk_create([
    Subscriber(email=f"carol{i}@example.org", email_key=f"carol{i}@example.org", domain="example.org",
               address_hash=sha256(str(i).encode()).hexdigest(), state="confirmed", created_at=now, confirmed_at=now)
    for i in range(n)
])
Subscription.objects.bulk_create([
    Subscription(subscriber=one, subject=("series:1", "series:2")[one.pk % 2], pace="at_once", created_at=now,
                 confirmed_at=now)
    for one in people
])
Suppression.objects.bulk_create([
    Suppression(address_hash=one.address_hash, reason="complaint", at=now) for one in people if one.pk % 20 == 7
])
for key, kind, subject in (("campaign:1:1", "campaign", "series:1"), ("alert:pub:1", "alert", "series:2")):
    marks = Marks.new()
    mailing = Mailing.objects.create(key=key, kind=kind, title="One", created_at=now, starts_at=now)
    message.freeze(mailing, message.built(Letter("One", "<p>One</p>", "One", marks, "alerts", "Alerts")))
    ledger.prepare(mailing, subjects=[subject], paces=["at_once"], now=now)
print("ready", flush=True)
"""
_WORK = """
from isthmus.mailing import sending
from isthmus.server.worker import Stop
print("at work", flush=True)
sending.run(Stop())
"""
# Some who are not on the wire at this moment complain; most of them are claimed by a worker already.
_COMPLAIN = """
from django.db import transaction
from isthmus.kit import clock
from isthmus.mailing import actions
from isthmus.mailing.models import Delivery
with transaction.atomic():
    rows = Delivery.objects.filter(state__in=["queued", "claimed"], n_uncertain=0).select_related("subscriber")
    for row in rows.order_by("-pk")[:int(sys.argv[1])]:
        actions.suppress(row.subscriber.address_hash, reason="complaint", now=clock.now())
        print(row.pk, flush=True)
"""
_ID = re.compile(rb"^Message-ID: <d(\d+)\.", re.MULTILINE | re.IGNORECASE)


class Sink:
    """What the mail server saw the last dot of, by delivery."""

    def __init__(self) -> None:
        self.seen: Counter[int] = Counter()
        self._lock = threading.Lock()

    def __call__(self, body: bytes) -> None:
        found = _ID.search(body)
        assert found, body[:500]
        with self._lock:
            self.seen[int(found[1])] += 1
        # A little time on the wire, so that kills find messages there.
        time.sleep(0.004)

    @property
    def n(self) -> int:
        return sum(self.seen.values())


def states(institute: Institute) -> Counter[str]:
    return Counter(dict(institute.rows("SELECT state, COUNT(*) FROM isthmus_mailing_delivery GROUP BY state")))


def is_finished(institute: Institute) -> bool:
    return {state for (state,) in institute.rows("SELECT state FROM isthmus_mailing_mailing")} == {"finished"}


def started(institute: Institute) -> Popen[str]:
    worker = institute.start(_WORK)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "at work\n"
    return worker


@pytest.fixture(scope="module")
def fresh(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Institute:
    return Institute.new(tmp_path_factory.mktemp("fresh"))


def test_nobody_is_skipped_and_whoever_may_have_got_two_is_named(fresh: Institute, tmp_path: Path):
    sink, chance = Sink(), random.Random(20261123)
    points = sorted(chance.sample(range(5, int(N_PEOPLE * 0.85)), N_KILLS))
    complained: set[int] = set()

    with Peer(extensions=("PIPELINING",), on_body=sink) as peer:
        institute = fresh.copied_to(
            tmp_path / "institute", mail_server=peer.server, mail_from="news@institute.example",
            mail_connections=str(N_CONNECTIONS),
        )  # fmt: skip
        ready, said = institute.start(_PREPARE, str(N_PEOPLE)).communicate()
        assert ready == "ready\n", said
        workers = [started(institute) for _ in range(2)]
        try:
            for number, point in enumerate(points):
                until(lambda at=point: sink.n >= at, within_s=with_slack(120), but=lambda: (sink.n, states(institute)))
                time.sleep(chance.uniform(0, 0.02))
                victim = chance.randrange(2)
                workers[victim].kill()
                workers[victim].communicate()
                if number == N_KILLS // 2:
                    found, _ = institute.start(_COMPLAIN, str(N_PEOPLE // 20)).communicate()
                    complained = {int(pk) for pk in found.split()}
                workers[victim] = started(institute)
            until(
                lambda: is_finished(institute),
                within_s=with_slack(120),
                but=lambda: (
                    sink.n,
                    states(institute),
                    institute.rows("SELECT key, state FROM isthmus_mailing_mailing"),
                ),
            )
        finally:
            for worker in workers:
                worker.kill()
                worker.communicate()

    deliveries = institute.rows(
        "SELECT d.id, d.state, d.n_uncertain, m.kind FROM isthmus_mailing_delivery d "
        "JOIN isthmus_mailing_mailing m ON m.id = d.mailing_id"
    )
    noted = {pk for (pk,) in institute.rows(
        "SELECT DISTINCT delivery_id FROM isthmus_mailing_deliverynote WHERE what LIKE 'uncertain%'"
    )}  # fmt: skip
    by_state = states(institute)
    named = {pk for pk, _, n_uncertain, _ in deliveries if n_uncertain}
    doubles = {pk for pk, n in sink.seen.items() if n > 1}
    lost = {pk for pk, state, _, _ in deliveries if state == "submitted" and not sink.seen[pk]}
    n_candidates, n_excluded = institute.rows(
        "SELECT SUM(n_candidates), SUM(json_extract(excluded, '$.suppressed')) FROM isthmus_mailing_mailing"
    )[0]

    assert set(by_state) <= {"submitted", "uncertain", "suppressed"}, by_state
    assert not lost
    assert doubles <= named
    assert max(sink.seen.values()) <= 2
    assert named == noted
    # Each kill leaves at most one message in doubt for each connection of the worker that died.
    assert len(named) <= N_KILLS * N_CONNECTIONS
    assert len(doubles) <= N_KILLS * N_CONNECTIONS
    # An alert ends so only when its second try was killed as well.
    ended_in_doubt = {(kind, n) for _, state, n, kind in deliveries if state == "uncertain"}
    assert ended_in_doubt <= {("campaign", 1), ("alert", 2)}
    assert complained
    assert not {pk for pk in complained if sink.seen[pk]}
    assert by_state["suppressed"] == len(complained)
    assert n_excluded == N_PEOPLE // 20
    assert n_candidates == N_PEOPLE == sum(by_state.values()) + n_excluded
    figures.note(
        f"kill -9 of one of two workers while {N_PEOPLE} people are written to",
        [
            ("kills", f"{N_KILLS}", "40"),
            ("lost; suppressed and mailed", "0; 0", "0; 0"),
            ("in doubt, all named", f"{len(named)}", f"{N_KILLS * N_CONNECTIONS} at most"),
            ("mailed twice, all among them", f"{len(doubles)}", f"{N_KILLS * N_CONNECTIONS} at most"),
        ],
    )
