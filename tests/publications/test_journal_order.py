"""On PostgreSQL the order of journal numbers is the order of commits, so that no follower misses a late one."""

import threading

import pytest
from django.db import connection, transaction

from isthmus.publications import journal

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_of_two_overlapping_transactions_the_second_waits_for_its_number():
    has_appended, second_is_done = threading.Event(), threading.Event()

    def second() -> None:
        has_appended.wait(10)
        with transaction.atomic():
            journal.append("pub:2", journal.What.RELEASED)
        second_is_done.set()
        connection.close()

    other = threading.Thread(target=second)
    other.start()
    with transaction.atomic():
        journal.append("pub:1", journal.What.RELEASED)
        has_appended.set()
        finished_early = second_is_done.wait(0.5)
        seen_by_a_follower = journal.latest_seq()
    other.join(10)

    assert not finished_early
    assert [row.subject for row in journal.read_after(seen_by_a_follower - 1)] == ["pub:1", "pub:2"]
