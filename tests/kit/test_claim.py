"""Work taken once: the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from threading import Barrier, Lock, Thread

import pytest
from django.db import connection, connections

from isthmus.kit.claim import Leased, claim, heartbeat, release, retry_after_s

NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


class Errand(Leased):
    """A row of work that exists only while these tests run."""

    class Meta:
        app_label = "kit_tests"
        managed = False


@pytest.fixture(autouse=True)
def _table(transactional_db):
    Errand._meta.managed = True
    with connection.schema_editor() as editor:
        editor.create_model(Errand)
    yield
    with connection.schema_editor() as editor:
        editor.delete_model(Errand)


def due(minutes_ago: int = 1) -> Errand:
    return Errand.objects.create(due_at=NOON - timedelta(minutes=minutes_ago))


def take(owner: str = "one", now: datetime = NOON) -> Errand | None:
    return claim(Errand.objects.all(), now=now, lease_s=60, owner=owner)


def test_the_row_due_longest_is_taken_first():
    due(minutes_ago=1)
    longest = due(minutes_ago=9)

    assert take() == longest


def test_nothing_is_taken_before_it_is_due_or_when_it_is_done():
    Errand.objects.create(due_at=NOON + timedelta(seconds=1))
    Errand.objects.create(due_at=None)

    assert take() is None


def test_a_row_that_is_held_is_not_taken_again_until_its_lease_ends():
    row = due()
    assert take("one") == row

    assert take("two", NOON + timedelta(seconds=59)) is None
    again = take("two", NOON + timedelta(seconds=60))
    assert again == row
    assert (again.lease_owner, again.tries) == ("two", 2)


def test_a_heartbeat_keeps_the_lease():
    due()
    row = take("one")
    assert row is not None

    assert heartbeat(row, now=NOON + timedelta(seconds=50), lease_s=60)
    assert take("two", NOON + timedelta(seconds=100)) is None


def test_one_whose_lease_was_lost_hears_so_and_changes_nothing():
    due()
    slow = take("one")
    quick = take("one", NOON + timedelta(minutes=5))
    assert slow is not None
    assert quick is not None

    assert not heartbeat(slow, now=NOON + timedelta(minutes=5), lease_s=60)
    assert not release(slow, due_at=None)
    quick.refresh_from_db()
    assert quick.due_at is not None
    assert quick.lease_until == NOON + timedelta(minutes=6)


def test_work_that_failed_is_due_again_and_keeps_its_count_of_tries():
    due()
    row = take()
    assert row is not None

    assert release(row, due_at=NOON + timedelta(seconds=retry_after_s(row.tries)))
    assert take() is None
    again = take(now=NOON + timedelta(seconds=5))
    assert again is not None
    assert again.tries == 2


def test_work_that_is_done_is_never_due_again():
    due()
    row = take()
    assert row is not None

    assert release(row, due_at=None)
    assert take(now=NOON + timedelta(days=365)) is None


def test_the_wait_doubles_up_to_its_bound():
    assert [retry_after_s(n) for n in (0, 1, 2, 3, 11, 10_000)] == [5, 5, 10, 20, 3600, 3600]


def test_workers_that_race_take_every_row_once():
    for minutes in range(1, 31):
        due(minutes)
    taken, guard, start = Counter[int](), Lock(), Barrier(4)

    def work(owner: str) -> None:
        start.wait()
        try:
            while (row := take(owner)) is not None:
                with guard:
                    taken[row.pk] += 1
        finally:
            connections.close_all()

    threads = [Thread(target=work, args=(f"worker {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == 30
    assert set(taken.values()) == {1}
