"""`isthmus mail` from outside: what is due goes out, waits, goes on; a copy sends nothing by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import database
from tests.served import Institute, until, with_slack

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(database.POSTGRES_URL), reason="makes institutes with SQLite files"),
]

_PREPARE = """
from isthmus.kit import clock
from isthmus.mailing import ledger, message
from isthmus.mailing.models import Mailing, Subscriber, Subscription
from isthmus.mailing.splicing import Letter, Marks
now = clock.now()
for n in range(3):
    one = Subscriber.objects.create(email=f"carol{n}@example.org", email_key=f"carol{n}@example.org",
        domain="example.org", address_hash=str(n), state="confirmed", created_at=now, confirmed_at=now)
    Subscription.objects.create(subscriber=one, subject="everything", created_at=now, confirmed_at=now)
mailing = Mailing.objects.create(key="alert:pub:1", kind="alert", title="One", created_at=now, starts_at=now)
message.freeze(mailing, message.built(Letter("One", "<p>One</p>", "One", Marks.new(), "alerts", "Alerts")))
ledger.prepare(mailing, subjects=["everything"], paces=["at_once"], now=now)
"""


@pytest.fixture(scope="module")
def fresh(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Institute:
    """An institute that has sent nothing, from nowhere."""
    return Institute.new(tmp_path_factory.mktemp("fresh"))


@pytest.fixture
def institute(fresh: Institute, tmp_path: Path) -> Institute:
    """One with an alert to three people, which nobody has sent yet; it has sent from its directory before."""
    made = fresh.copied_to(tmp_path / "institute")
    assert "0 messages" in made.must("mail", "send")
    _, said = made.start(_PREPARE).communicate()
    assert not said, said
    return made


def outbox(institute: Institute) -> int:
    return len(list((institute.data / "outbox").glob("*.eml")))


def status(institute: Institute) -> dict:
    return json.loads(institute.must("mail", "status", "--json"))


def test_what_is_due_is_handed_over_and_the_mailing_is_finished(institute: Institute):
    assert "3 queued" in institute.must("mail", "status")

    assert "3 messages were handed over" in institute.must("mail", "send")

    assert outbox(institute) == 3
    (line,) = json.loads(institute.must("mail", "status", "alert:pub:1", "--json"))["mailings"]
    assert (line["state"], line["n_candidates"], line["counts"]["submitted"]) == ("finished", 3, 3)
    assert "No mailing is under way" in institute.must("mail", "status")


def test_a_paused_mailing_waits_until_it_is_resumed(institute: Institute):
    assert "1 mailing is paused" in institute.must("mail", "pause")
    assert json.loads(institute.must("mail", "send", "--json")) == {"n_handed_over": 0}

    assert "1 mailing goes on" in institute.must("mail", "resume", "alert:pub:1")

    assert json.loads(institute.must("mail", "send", "--json")) == {"n_handed_over": 3}


def test_a_mailing_that_is_not_there_is_named(institute: Institute):
    done = institute.run("mail", "pause", "alert:pub:2")

    assert done.returncode == 2
    assert "alert:pub:2" in done.stderr


def test_a_copy_elsewhere_sends_nothing_until_it_is_told_to(institute: Institute, tmp_path: Path):
    copy = institute.copied_to(tmp_path / "copy")

    assert json.loads(copy.must("mail", "send", "--json")) == {"n_handed_over": 0}
    assert outbox(copy) == 0
    found = status(copy)
    assert not found["is_accepted_here"]
    assert found["mailings"][0]["state"] == "held"
    assert str(institute.directory) in found["mailings"][0]["held_because"]
    refused = copy.run("mail", "resume")
    assert refused.returncode == 2
    assert "--here" in refused.stderr

    assert "1 mailing goes on" in copy.must("mail", "resume", "--here")
    assert json.loads(copy.must("mail", "send", "--json")) == {"n_handed_over": 3}
    assert status(copy)["is_accepted_here"]


def test_the_worker_of_serve_sends_by_itself_and_stops_in_good_order(institute: Institute):
    with institute.served() as serving:
        until(lambda: outbox(institute) == 3, within_s=with_slack(20), but=serving.said)
        assert serving.process is not None
        serving.process.terminate()
        assert serving.process.wait(with_slack(40)) == 0

    assert institute.rows("SELECT DISTINCT state, lease_owner FROM isthmus_mailing_delivery") == [("submitted", "")]


def test_a_new_key_is_made_and_the_old_one_kept(institute: Institute):
    institute.must("mail", "send")

    said = institute.must("mail", "rotate")

    assert "key 2 from now on" in said
    assert len(list((institute.data / "secrets").glob("mail-*.key"))) == 2
