"""A restored institute sends nothing, says what the original may have sent, and mails nobody again unless told to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from isthmus.kit.clock import frozen
from isthmus.mailing import copies, mail_checks, since_backup, standing
from isthmus.mailing.models import Delivery, Machine, Mailing, Subscriber
from isthmus.mailing.restored import rows_for
from isthmus.mailing.since_backup import Since
from isthmus.publications import actions, roles
from isthmus.publications.models import User
from tests import makers

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BACKUP, RESTORE = NOW - timedelta(hours=6), NOW - timedelta(hours=1)


@pytest.fixture(autouse=True)
def _restored(clock):
    """Restored an hour ago from the backup of this morning, in the very place it had."""
    mark, described = copies.here()
    Machine.objects.create(mark=mark, described=described, accepted_at=BACKUP - timedelta(days=9))
    for mark, described, at, by in rows_for(BACKUP, RESTORE):
        Machine.objects.create(mark=mark, described=described, accepted_at=at, accepted_by=by)


def mailing(key: str, kind: str, starts_at: datetime, *, publication_id: int | None = None, n: int = 2) -> Mailing:
    row = Mailing.objects.create(
        key=key, kind=kind, title=key, created_at=starts_at, starts_at=starts_at, publication_id=publication_id
    )
    for number in range(n):
        email = f"carol{number}@example.org"
        one, _ = Subscriber.objects.get_or_create(
            email_key=email, defaults={"email": email, "address_hash": email, "created_at": BACKUP, "domain": "x"}
        )
        Delivery.objects.create(mailing=row, subscriber=one, next_try_at=starts_at)
    return row


@pytest.fixture
def waiting() -> dict[str, Mailing]:
    scheduled = makers.draft("Scheduled")
    actions.schedule(scheduled, RESTORE - timedelta(hours=1))
    actions.release_due(NOW)
    with frozen(BACKUP - timedelta(seconds=1)):
        unannounced = makers.released("Released a second before the backup")
    return {
        "waited": mailing("campaign:1:1", "campaign", BACKUP - timedelta(minutes=1), n=3),
        "digest": mailing("digest:daily:2026-11-23", "digest", BACKUP + timedelta(hours=4)),
        "scheduled": mailing("alert:pub:1", "alert", NOW, publication_id=scheduled.pk),
        "unannounced": mailing("alert:pub:3", "alert", NOW, publication_id=unannounced.pk),
        "new": mailing("alert:pub:2", "alert", NOW, publication_id=makers.released("New").pk),
        "confirmation": mailing("confirmation:2026-11-23", "confirmation", BACKUP + timedelta(hours=1)),
    }


def first_page() -> str:
    """What an editor sees first."""
    alice, _ = User.objects.get_or_create(email="alice@institute.example", defaults={"is_active": True})
    roles.assign(alice, "publisher")
    browser = Client()
    browser.force_login(alice)
    return browser.get("/admin/").content.decode()


def states(waiting: dict[str, Mailing]) -> dict[str, str]:
    return {name: Mailing.objects.get(pk=row.pk).state for name, row in waiting.items()}


def test_a_restored_institute_may_not_send_even_in_its_old_place(waiting):
    assert not copies.may_send(NOW)
    assert copies.hold_all() == 6

    assert set(states(waiting).values()) == {"held"}
    assert "isthmus mail resume" in Mailing.objects.get(key="alert:pub:2").held_because
    state, said = mail_checks.place()
    assert state == "note"
    assert "2026-11-23 03:00 UTC" in said
    assert "This copy sends no mail" in first_page()


def test_what_waits_is_told_apart_by_what_the_original_may_have_done(waiting):
    origin = since_backup.origin()
    assert origin is not None

    assert {name: since_backup.kind_of(row, origin) for name, row in waiting.items()} == {
        "waited": Since.WAITED,
        "digest": Since.MISSED,
        "scheduled": Since.MISSED,
        "unannounced": Since.MISSED,
        "new": Since.NEW,
        "confirmation": Since.NEW,
    }
    found = standing.standing([], now=NOW).restored
    assert found is not None
    assert (found.n_people_waited, found.n_mailings_missed, found.n_people_missed) == (3, 3, 6)


@pytest.mark.parametrize(
    ("wanted", "going"),
    [
        ({Since.NEW, Since.WAITED}, {"waited", "new", "confirmation"}),
        ({Since.NEW}, {"new", "confirmation"}),
        (set(Since), {"waited", "digest", "scheduled", "unannounced", "new", "confirmation"}),
    ],
)
def test_only_what_was_wanted_goes_on_and_the_rest_asks(waiting, wanted, going):
    n = copies.accept(by="Alice", now=NOW, wanted=frozenset(wanted))

    assert n == len(going)
    assert {name for name, state in states(waiting).items() if state == "sending"} == going
    left = [Mailing.objects.get(pk=row.pk).held_because for name, row in waiting.items() if name not in going]
    assert all(because.startswith(since_backup.LEFT) and "isthmus mail resume" in because for because in left)
    assert copies.may_send(NOW)
    assert since_backup.origin() is None
    assert "This copy sends no mail" not in first_page()


def test_what_an_editor_had_paused_stays_paused(waiting):
    Mailing.objects.filter(key="campaign:1:1").update(state="paused")

    copies.accept(by="Alice", now=NOW)

    assert states(waiting)["waited"] == "paused"
