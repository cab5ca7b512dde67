"""Several workers follow the journal at once, and each mailing is made once, whole."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection

from isthmus.mailing import alerts, cursors, digests
from isthmus.mailing.models import Delivery, Mailing, Told
from tests import makers
from tests.mailing.ledger_makers import subscriber

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def _by_four(work: Callable[[], int]) -> list[int]:
    """What each of four threads got that began at the same moment and went on until there was nothing to do."""
    gate, found, troubles = threading.Barrier(4), [], []

    def run() -> None:
        gate.wait(10)
        try:
            n_all = 0
            while n_now := work():
                n_all += n_now
            found.append(n_all)
        except Exception as error:  # noqa: BLE001 -- told to the test
            troubles.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not troubles
    return found


def test_four_workers_tell_each_person_of_each_piece_once(clock):
    cursors.install()
    for number in range(5):
        subscriber(f"carol{number}@example.org", "everything")
    pieces = [makers.released(f"Piece {number}").pk for number in range(6)]

    _by_four(alerts.tick)

    assert sorted(Mailing.objects.values_list("publication_id", flat=True)) == pieces
    assert Delivery.objects.count() == Told.objects.count() == 30
    assert all(mailing.n_candidates == 5 for mailing in Mailing.objects.all())


def test_four_workers_make_one_digest(clock):
    cursors.install()
    subscriber("carol@example.org", "everything", pace="daily")
    subscriber("dan@example.org", "everything", pace="weekly")
    piece = makers.released()
    clock.move_to(datetime(2026, 11, 30, 7, 0, tzinfo=UTC))

    made = _by_four(digests.tick)

    assert sum(made) == 2
    assert sorted(Mailing.objects.values_list("key", flat=True)) == [
        "digest:daily:2026-11-30", "digest:weekly:2026-11-30",
    ]  # fmt: skip
    assert list(Told.objects.values_list("publication_id", flat=True)) == [piece.pk, piece.pk]
