"""Times as editors type them, in twelve zones and at every kind of change that clocks are put through."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from isthmus.kit.clock import instants_of
from isthmus.publications import actions
from isthmus.publications.editing.wall_time import WallTimeField, shown_in
from isthmus.publications.models import Publication
from tests import makers
from tests.publications.editing.forms_sent import address, saved, sent
from tests.publications.editing.people import browser_of

# (zone, a time that was skipped, the nearest after it, the nearest before it). Put forward by an hour; by half an hour;
# the zone's own offset changed for good; and a whole day left out.
SKIPPED = [
    ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29 03:30", "2026-03-29 01:30"),
    ("Europe/London", "2026-03-29 01:15", "2026-03-29 02:15", "2026-03-29 00:15"),
    ("America/New_York", "2026-03-08 02:00", "2026-03-08 03:00", "2026-03-08 01:00"),
    ("America/St_Johns", "2026-03-08 02:59", "2026-03-08 03:59", "2026-03-08 01:59"),
    ("America/Santiago", "2026-09-06 00:10", "2026-09-06 01:10", "2026-09-05 23:10"),
    ("Africa/Cairo", "2026-04-24 00:30", "2026-04-24 01:30", "2026-04-23 23:30"),
    ("Australia/Lord_Howe", "2026-10-04 02:10", "2026-10-04 02:40", "2026-10-04 01:40"),
    ("Pacific/Auckland", "2026-09-27 02:30", "2026-09-27 03:30", "2026-09-27 01:30"),
    ("Asia/Seoul", "1988-05-08 02:30", "1988-05-08 03:30", "1988-05-08 01:30"),
    ("Asia/Pyongyang", "2018-05-04 23:45", "2018-05-05 00:15", "2018-05-04 23:15"),
    ("Asia/Kathmandu", "1986-01-01 00:10", "1986-01-01 00:25", "1985-12-31 23:55"),
    ("Pacific/Apia", "2011-12-30 12:00", "2011-12-31 12:00", "2011-12-29 12:00"),
]
# (zone, a time that came twice, how to write the first, the second).
TWICE = [
    ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 02:30+02:00", "2026-10-25 02:30+01:00"),
    ("Europe/London", "2026-10-25 01:15", "2026-10-25 01:15+01:00", "2026-10-25 01:15+00:00"),
    ("America/New_York", "2026-11-01 01:00", "2026-11-01 01:00-04:00", "2026-11-01 01:00-05:00"),
    ("America/St_Johns", "2026-11-01 01:59", "2026-11-01 01:59-02:30", "2026-11-01 01:59-03:30"),
    ("America/Santiago", "2026-04-04 23:10", "2026-04-04 23:10-03:00", "2026-04-04 23:10-04:00"),
    ("Africa/Cairo", "2026-10-29 23:30", "2026-10-29 23:30+03:00", "2026-10-29 23:30+02:00"),
    ("Australia/Lord_Howe", "2026-04-05 01:40", "2026-04-05 01:40+11:00", "2026-04-05 01:40+10:30"),
    ("Pacific/Auckland", "2026-04-05 02:30", "2026-04-05 02:30+13:00", "2026-04-05 02:30+12:00"),
    ("Asia/Seoul", "1988-10-09 02:30", "1988-10-09 02:30+10:00", "1988-10-09 02:30+09:00"),
    ("Asia/Pyongyang", "2015-08-14 23:45", "2015-08-14 23:45+09:00", "2015-08-14 23:45+08:30"),
    ("Europe/Moscow", "2014-10-26 01:30", "2014-10-26 01:30+04:00", "2014-10-26 01:30+03:00"),
    ("America/Havana", "2026-11-01 00:30", "2026-11-01 00:30-04:00", "2026-11-01 00:30-05:00"),
]


@pytest.mark.parametrize(("zone", "wall", "after", "before"), SKIPPED)
def test_a_time_that_never_comes_is_refused_with_the_nearest_that_do(zone: str, wall: str, after: str, before: str):
    with timezone.override(zone), pytest.raises(ValidationError) as refused:
        WallTimeField().clean(wall)

    assert f"write {after}, or {before}" in refused.value.messages[0]
    with timezone.override(zone):
        assert WallTimeField().clean(after) > WallTimeField().clean(before)


@pytest.mark.parametrize(("zone", "wall", "first", "second"), TWICE)
def test_a_time_that_comes_twice_is_asked_about_and_either_answer_is_taken(
    zone: str, wall: str, first: str, second: str
):
    with timezone.override(zone), pytest.raises(ValidationError) as asked:
        WallTimeField().clean(wall)

    assert f"write {first} for the first, {second} for the second" in asked.value.messages[0]
    for said in (first, second):
        with timezone.override(zone):
            at = WallTimeField().clean(said)
            assert at == datetime.fromisoformat(said)
            # Shown again it still says which, so that saving the form once more changes nothing.
            assert WallTimeField().prepare_value(at) == said
            assert not WallTimeField().has_changed(at, said)


@pytest.mark.slow
@pytest.mark.parametrize("zone", sorted({row[0] for row in SKIPPED + TWICE}))
def test_every_quarter_of_an_hour_of_2026_that_exists_is_read_as_itself(zone: str):
    at, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)

    while at < end:
        wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert at in instants_of(wall, ZoneInfo(zone))
        at += timedelta(minutes=15)


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["go_live_at", "expire_at"])
def test_the_form_of_a_piece_refuses_a_skipped_minute_and_keeps_what_was_typed(alice: Any, settings: Any, field: str):
    settings.TIME_ZONE = "Europe/Berlin"
    form = {**sent(), "action-publish": "1", field: "2027-03-28 02:30"}

    page = browser_of(alice).post(address("add"), form)

    assert "write 2027-03-28 03:30" in page.content.decode()
    assert 'value="2027-03-28 02:30"' in page.content.decode()
    assert not Publication.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("offset", "hour_utc"), [("+02:00", 0), ("+01:00", 1)])
def test_the_answer_to_which_is_stored_and_shown_again(alice: Any, settings: Any, offset: str, hour_utc: int):
    settings.TIME_ZONE = "Europe/Berlin"
    typed = f"2027-10-31 02:30{offset}"

    browser_of(alice).post(address("add"), {**sent(), "action-publish": "1", "go_live_at": typed})

    piece = saved("Ardor Fades")
    assert piece.go_live_at == datetime(2027, 10, 31, hour_utc, 30, tzinfo=UTC)
    assert f'value="{typed}"' in browser_of(alice).get(address("edit", piece.pk)).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("zone", "wall", "first", "second"), TWICE)
def test_a_piece_for_the_second_time_is_not_released_at_the_first(
    clock: Any, zone: str, wall: str, first: str, second: str
):
    piece, at = makers.draft(), datetime.fromisoformat(second)
    actions.schedule(piece, at)

    for now, n_released in [(datetime.fromisoformat(first), 0), (at - timedelta(seconds=1), 0), (at, 1), (at, 0)]:
        clock.move_to(now)
        assert actions.release_due(now) == n_released


def _scheduled_from_seoul(alice: Any, settings: Any) -> Publication:
    """A piece that Alice's form scheduled while the institute was in Seoul."""
    settings.TIME_ZONE = "Asia/Seoul"
    browser_of(alice).post(address("add"), {**sent(), "action-publish": "1", "go_live_at": "2046-03-09 09:00"})
    return saved("Ardor Fades")


@pytest.mark.django_db
def test_a_schedule_keeps_the_zone_it_was_meant_in_when_the_institute_moves(alice: Any, settings: Any):
    piece = _scheduled_from_seoul(alice, settings)

    settings.TIME_ZONE = "America/New_York"
    page = browser_of(alice).get(address("edit", piece.pk)).content.decode()
    home = browser_of(alice).get("/admin/").content.decode()

    assert piece.go_live_at == datetime(2046, 3, 9, 0, 0, tzinfo=UTC)
    assert "Goes live 9 March 2046, 09:00 (Asia/Seoul)." in page
    assert 'value="2046-03-08 19:00"' in page
    assert "By the clocks of America/New_York. It was meant as 9 March 2046, 09:00 (Asia/Seoul)." in page
    assert "goes live 9 March 2046, 09:00 (Asia/Seoul)" in home


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2027-03-08 19:00", "9 March 2027, 09:00 (Asia/Seoul)"),
        ("2027-03-08 20:00", "8 March 2027, 20:00 (America/New_York)"),
    ],
)
def test_only_a_time_typed_anew_is_meant_in_the_new_zone(alice: Any, settings: Any, typed: str, meant: str):
    settings.TIME_ZONE = "Asia/Seoul"
    browser_of(alice).post(address("add"), {**sent(), "go_live_at": "2027-03-09 09:00"})
    piece = saved("Ardor Fades")
    settings.TIME_ZONE = "America/New_York"
    form = {**sent(text="<p>Other words.</p>"), "slug": piece.slug, "go_live_at": typed}

    browser_of(alice).post(address("edit", piece.pk), form)

    newest = saved("Ardor Fades").get_latest_revision_as_object()
    assert shown_in(newest.go_live_at, newest.go_live_zone) == meant


@pytest.mark.django_db
def test_a_released_piece_is_meant_for_no_other_moment(clock: Any):
    piece = makers.draft()
    actions.schedule(piece, clock() + timedelta(hours=1), zone="Asia/Seoul")
    before = Publication.objects.get(pk=piece.pk).go_live_zone

    clock.advance(timedelta(hours=1))
    actions.release_due(clock())

    assert (before, Publication.objects.get(pk=piece.pk).go_live_zone) == ("Asia/Seoul", "")


def test_a_zone_the_system_has_forgotten_is_named_beside_the_utc_time():
    at = datetime(2027, 3, 9, tzinfo=UTC)

    assert shown_in(at, "Mars/Olympus") == "9 March 2027, 00:00 (UTC), meant in Mars/Olympus"
