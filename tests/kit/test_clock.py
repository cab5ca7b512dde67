"""The clock: aware, UTC, and still when a test wants it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

import isthmus
from isthmus.kit import clock

NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)


def test_now_is_an_aware_utc_instant():
    assert clock.now().utcoffset() == timedelta(0)


def test_a_frozen_clock_stands_still_in_other_threads_too():
    seen = []

    with clock.frozen(NOON):
        thread = Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()

    assert seen == [NOON]


def test_a_frozen_clock_moves_when_told_and_runs_again_after_the_block():
    before = clock.now()
    with clock.frozen(NOON) as held:
        held.advance(timedelta(seconds=90))
        assert clock.now() == NOON + timedelta(seconds=90)
        held.move_to(NOON)
        assert clock.now() == NOON

    assert clock.now() >= before


def test_the_inner_of_two_frozen_clocks_is_the_one_that_counts():
    with clock.frozen(NOON):
        with clock.frozen(NOON + timedelta(days=1)):
            assert clock.now().day == 21
        assert clock.now() == NOON


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no zone"), clock.frozen(datetime(2026, 1, 1)):  # noqa: DTZ001
        pass


def test_the_same_instant_has_different_dates_in_seoul_and_new_york():
    late = datetime(2026, 1, 1, 2, tzinfo=UTC)

    assert clock.local_date(late, "Asia/Seoul") == date(2026, 1, 1)
    assert clock.local_date(late, "America/New_York") == date(2025, 12, 31)


def test_the_fold_hour_keeps_its_instant():
    second_half_past_one = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)

    local = clock.in_zone(second_half_past_one, "America/New_York")

    assert (local.hour, local.minute, local.fold) == (1, 30, 1)
    assert local.astimezone(UTC) == second_half_past_one


def test_nobody_asks_for_the_time_in_another_way():
    """What asks the system itself passes on the day it is written and fails on the next."""
    past_the_clock = re.compile(r"datetime\.now\(|date\.today\(|timezone\.now\(|localdate\(\)|localtime\(\)")
    folder = Path(isthmus.__file__).parent

    found = [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if past_the_clock.search(path.read_text(encoding="utf-8"))
    ]

    assert found == ["kit/clock.py"]
