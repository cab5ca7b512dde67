"""Three workers and a clock that is set forward and back: every scheduled piece is released once, and never early."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from isthmus.kit import clock
from isthmus.publications import actions
from isthmus.publications.models import JournalEntry, Publication
from tests import makers
from tests.publications.editing.test_wall_time import SKIPPED, TWICE

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def around_every_change() -> list[datetime]:
    """Both instants of every time that comes twice, and the nearest ones on both sides of every gap."""
    twice = [datetime.fromisoformat(said) for _, _, first, second in TWICE for said in (first, second)]
    beside = [
        datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone))
        for zone, _, after, before in SKIPPED
        for wall in (before, after)
    ]
    return sorted(at.astimezone(UTC) for at in [*twice, *beside])


class Workers:
    """Three threads that release what is due, as three workers do, until they are stopped."""

    def __init__(self) -> None:
        self._is_stopping = False
        self.n_released, self.failures = 0, list[BaseException]()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run) for _ in range(3)]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        try:
            while not self._is_stopping:
                n_done = actions.release_due(clock.now())
                with self._lock:
                    self.n_released += n_done
        except Exception as error:  # noqa: BLE001 -- a thread's failure is the test's
            self.failures.append(error)
        finally:
            connection.close()

    def stop(self) -> None:
        self._is_stopping = True
        for thread in self._threads:
            thread.join()


def test_each_is_released_once_and_none_before_its_minute():
    chance, dues = random.Random(20261123), around_every_change()
    pieces = {}
    with clock.frozen(dues[0] - timedelta(days=1)) as held:
        for due in dues:
            piece = makers.draft(f"Due {due}", slug=f"due-{len(pieces)}")
            actions.schedule(piece, due)
            pieces[piece.pk] = due
        workers = Workers()
        try:
            shown = march(held, dues, chance, pieces)
        finally:
            workers.stop()

    assert workers.failures == []
    assert shown >= max(dues)
    assert workers.n_released == len(pieces)
    released = Counter(
        JournalEntry.objects.filter(what="released", subject__startswith="pub:").values_list("subject", flat=True)
    )
    assert released == {f"pub:{pk}": 1 for pk in pieces}


def march(held: Any, dues: list[datetime], chance: random.Random, pieces: dict[int, datetime]) -> datetime:
    """Show each due minute in turn, a moment before it first, and jump back hours or years in between."""
    latest = held()
    for due in dues:
        for at in (due - timedelta(seconds=1), due - timedelta(days=chance.choice([0, 1, 400])), due):
            # Noted before it is shown, so that what is live by then can only have been due by then.
            latest = max(latest, at)
            held.move_to(at)
            time.sleep(chance.uniform(0.0, 0.02))
            early = [pk for pk in live() if pieces[pk] > latest]
            assert not early, f"released before its minute: {[pieces[pk] for pk in early]}"
    deadline = time.monotonic() + 60
    while len(live()) < len(pieces) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(live()) == len(pieces)
    return latest


def live() -> list[int]:
    return list(Publication.objects.filter(live=True).values_list("pk", flat=True))


def test_an_expiry_happens_once_and_a_clock_set_back_does_not_bring_the_piece_back(clock: Any):
    piece = makers.released("Fleeting")
    Publication.objects.filter(pk=piece.pk).update(expire_at=clock() + timedelta(hours=1))

    n_done = []
    for hours in (0, 1, -5, 6, -2, 2):
        clock.advance(timedelta(hours=hours))
        n_done.append(actions.release_due(clock()))

    assert n_done == [0, 1, 0, 0, 0, 0]
    assert JournalEntry.objects.filter(subject=piece.subject, what="withdrawn").count() == 1
