"""One digest for each day and week, of what was new since the last; never an empty one, and no piece twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from django.conf import settings

from isthmus.mailing import alerts, cursors, digests, message
from isthmus.mailing.models import Delivery, Mailing, Told
from isthmus.publications import actions
from isthmus.publications.models import Publication
from tests import makers
from tests.mailing.ledger_makers import subscriber

pytestmark = pytest.mark.django_db

# The clock begins on Monday, November 23, 2026, 09:00 UTC; digests are due at 07:00.
TOMORROW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
NEXT_MONDAY = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _from_here_on(db):
    cursors.install()
    message._kept.clear()


def _pieces() -> dict[str, list[int]]:
    """What each person is sent in digests."""
    rows = Told.objects.filter(delivery__mailing__kind="digest").order_by("publication_id")
    found: dict[str, list[int]] = {}
    for email, piece in rows.values_list("subscriber__email", "publication_id"):
        found.setdefault(email, []).append(piece)
    return found


def test_a_day_of_pieces_is_one_digest_at_its_hour(clock):
    subscriber("carol@example.org", "everything", pace="daily")
    pieces = [makers.released("Ardor"), makers.released("Letters")]

    clock.move_to(TOMORROW - timedelta(seconds=1))
    early = digests.tick()
    clock.move_to(TOMORROW)
    due = digests.tick()

    assert (early, due) == (0, 1)
    assert Mailing.objects.get().key == "digest:daily:2026-11-24"
    assert _pieces() == {"carol@example.org": [piece.pk for piece in pieces]}


def test_a_second_look_makes_no_second_digest(clock):
    subscriber("carol@example.org", "everything", pace="daily")
    makers.released()
    clock.move_to(TOMORROW)

    assert [digests.tick() for _ in range(3)] == [1, 0, 0]


def test_a_piece_after_the_hour_waits_for_the_next_day(clock):
    subscriber("carol@example.org", "everything", pace="daily")
    makers.released("Ardor")
    clock.move_to(TOMORROW)
    digests.tick()
    clock.advance(timedelta(minutes=30))
    late = makers.released("Letters")

    digests.tick()
    assert late.pk not in _pieces()["carol@example.org"]
    clock.move_to(TOMORROW + timedelta(days=1))
    digests.tick()

    assert late.pk in _pieces()["carol@example.org"]


def test_a_day_without_news_has_no_digest(clock):
    subscriber("carol@example.org", "everything", pace="daily")
    clock.move_to(TOMORROW)

    assert digests.tick() == 0
    assert not Mailing.objects.exists()


def test_a_day_whose_news_nobody_follows_has_no_digest(clock):
    subscriber("carol@example.org", f"series:{makers.series().pk}", pace="daily")
    makers.released(series=makers.series("Soundings"))
    clock.move_to(TOMORROW)

    assert digests.tick() == 0
    assert not Mailing.objects.exists()


def test_each_gets_only_what_they_follow(clock):
    peninsula, soundings = makers.series(), makers.series("Soundings")
    subscriber("carol@example.org", f"series:{peninsula.pk}", pace="daily")
    subscriber("dan@example.org", "everything", pace="daily")
    first, second = makers.released("Ardor", series=peninsula), makers.released("Letters", series=soundings)
    clock.move_to(TOMORROW)

    digests.tick()

    assert _pieces() == {"carol@example.org": [first.pk], "dan@example.org": [first.pk, second.pk]}


def test_a_piece_told_in_an_alert_is_in_no_digest_of_the_same_person(clock):
    series = makers.series()
    carol = subscriber("carol@example.org", f"series:{series.pk}")
    carol.subscriptions.create(subject="everything", pace="daily", created_at=clock(), confirmed_at=clock())
    makers.released("Ardor", series=series)
    other = makers.released("Letters")
    alerts.tick()
    clock.move_to(TOMORROW)

    digests.tick()

    assert _pieces() == {"carol@example.org": [other.pk]}


def test_who_has_a_daily_and_a_weekly_digest_gets_no_piece_twice(clock):
    series = makers.series()
    carol = subscriber("carol@example.org", "everything", pace="weekly")
    carol.subscriptions.create(subject=f"series:{series.pk}", pace="daily", created_at=clock(), confirmed_at=clock())
    first, second = makers.released("Ardor", series=series), makers.released("Letters")
    clock.move_to(TOMORROW)
    digests.tick()
    clock.move_to(NEXT_MONDAY)
    digests.tick()

    assert _pieces() == {"carol@example.org": [first.pk, second.pk]}
    assert Delivery.objects.count() == 2


def test_a_week_of_pieces_is_one_digest_on_its_day(clock):
    subscriber("carol@example.org", "everything", pace="weekly")
    makers.released()

    made = []
    for day in range(1, 8):
        clock.move_to(TOMORROW + timedelta(days=day - 1))
        made.append(digests.tick())

    assert made == [0, 0, 0, 0, 0, 0, 1]
    assert Mailing.objects.get().key == "digest:weekly:2026-11-30"


def test_an_edited_piece_is_not_news_again(clock):
    subscriber("carol@example.org", "everything", pace="daily")
    piece = makers.released()
    clock.move_to(TOMORROW)
    digests.tick()

    actions.release(makers.edited(piece, title="Corrected"))
    clock.move_to(TOMORROW + timedelta(days=1))

    assert digests.tick() == 0


def test_a_piece_withdrawn_by_then_is_left_out(clock):
    subscriber("carol@example.org", "everything", pace="daily")
    actions.withdraw(makers.released("Ardor"))
    kept = makers.released("Letters")
    clock.move_to(TOMORROW)

    digests.tick()

    assert _pieces() == {"carol@example.org": [kept.pk]}


def test_a_digest_over_an_hour_late_waits_for_an_editor(clock):
    subscriber("carol@example.org", "everything", pace="daily")
    makers.released()
    clock.move_to(TOMORROW + timedelta(hours=1, seconds=1))

    digests.tick()

    mailing = Mailing.objects.get()
    assert mailing.state == "held"
    assert "due on November 24 at 07:00" in mailing.held_because


def test_after_days_of_standing_still_one_digest_holds_them_all(clock):
    subscriber("carol@example.org", "everything", pace="daily")
    pieces = []
    for day in range(3):
        clock.move_to(datetime(2026, 11, 24 + day, 12, 0, tzinfo=UTC))
        pieces.append(makers.released(f"Piece {day}").pk)
    clock.move_to(datetime(2026, 11, 27, 7, 5, tzinfo=UTC))

    digests.tick()

    assert _pieces() == {"carol@example.org": pieces}
    assert Mailing.objects.get().key == "digest:daily:2026-11-27"


def test_a_clock_that_jumps_back_and_forth_makes_each_digest_once(clock):
    subscriber("carol@example.org", "everything", pace="daily")
    piece = makers.released()
    for at in (TOMORROW, TOMORROW - timedelta(days=2), TOMORROW, TOMORROW + timedelta(days=1), TOMORROW):
        clock.move_to(at)
        digests.tick()

    assert _pieces() == {"carol@example.org": [piece.pk]}
    assert Delivery.objects.count() == 1


def test_the_mail_shows_the_pieces_of_its_person(clock):
    peninsula = makers.series()
    subscriber("carol@example.org", f"series:{peninsula.pk}", pace="daily")
    subscriber("dan@example.org", "everything", pace="daily")
    makers.released("Ardor", series=peninsula)
    makers.released("Letters")
    clock.move_to(TOMORROW)
    digests.tick()

    texts = {}
    for envelope in message.render(list(Delivery.objects.values_list("pk", flat=True))).values():
        mail = message_from_bytes(envelope.message, policy=policy.default)
        texts[envelope.recipient] = mail.get_body(("plain",)).get_content()

    assert "Ardor" in texts["carol@example.org"]
    assert "Letters" not in texts["carol@example.org"]
    assert "Letters" in texts["dan@example.org"]


def test_a_digest_whose_pieces_all_went_has_nothing_to_send(clock):
    subscriber("carol@example.org", "everything", pace="daily")
    piece = makers.released()
    clock.move_to(TOMORROW)
    digests.tick()

    actions.withdraw(Publication.objects.get(pk=piece.pk))

    assert message.render(list(Delivery.objects.values_list("pk", flat=True))) == {}


@pytest.mark.parametrize(
    ("zone", "at", "now", "due"),
    [
        ("Asia/Seoul", "07:00", datetime(2026, 11, 23, 22, 0, tzinfo=UTC), datetime(2026, 11, 23, 22, 0, tzinfo=UTC)),
        ("Asia/Seoul", "07:00", datetime(2026, 11, 23, 21, 59, tzinfo=UTC), datetime(2026, 11, 22, 22, 0, tzinfo=UTC)),
        # Clocks go from 02:00 to 03:00: 02:30 is not, and 03:30 (01:30 UTC) takes its place.
        ("Europe/Oslo", "02:30", datetime(2026, 3, 29, 5, 0, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        # Clocks go from 03:00 back to 02:00: of two 02:30 the first.
        ("Europe/Oslo", "02:30", datetime(2026, 10, 25, 5, 0, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_the_hour_is_the_institutes(monkeypatch, zone, at, now, due):
    monkeypatch.setattr(settings, "TIME_ZONE", zone)
    monkeypatch.setattr(settings, "ISTHMUS", replace(settings.ISTHMUS, digest_at=at))

    assert digests.last_due("daily", now)[0] == due


def test_the_weekly_day_is_the_option(monkeypatch):
    monkeypatch.setattr(settings, "ISTHMUS", replace(settings.ISTHMUS, digest_weekday="friday"))

    at, day = digests.last_due("weekly", datetime(2026, 11, 23, 9, 0, tzinfo=UTC))

    assert (at, day.isoformat()) == (datetime(2026, 11, 20, 7, 0, tzinfo=UTC), "2026-11-20")
