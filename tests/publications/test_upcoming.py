"""Coming events, by the instant they start and not by how it is written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from isthmus.publications import queries
from tests import makers

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def events(**starts: object) -> None:
    for title, start in starts.items():
        makers.released(title, kind="event", details={"start": start})


def coming() -> list[str]:
    return [row.title for row in queries.upcoming_events(NOON)]


def test_an_event_that_began_in_another_zone_is_not_coming():
    events(Seoul="2026-11-23T20:30:00+09:00", Honolulu="2026-11-23T03:30:00-10:00")

    assert coming() == ["Honolulu"]


def test_events_stand_in_the_order_of_their_instants():
    events(Third="2026-11-24T08:00:00-05:00", First="2026-11-24T09:00:00+13:00", Second="2026-11-24T01:00:00+00:00")

    assert coming() == ["First", "Second", "Third"]


def test_a_start_without_an_offset_is_one_of_the_institutes_zone(settings):
    settings.TIME_ZONE = "Asia/Seoul"
    events(Over="2026-11-23T20:59:00", Coming="2026-11-23T21:01:00")

    assert coming() == ["Coming"]


@pytest.mark.parametrize("start", ["next spring", "2999-99-99", None, 7])
def test_a_start_that_is_no_date_is_never_coming(start: object):
    events(Strange=start)

    assert coming() == []
