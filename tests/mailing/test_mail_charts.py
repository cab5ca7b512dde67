"""How the list grew and what was sent: numbers that add up, and charts that show them where they are."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import Any

import pytest

from isthmus.kit.clock import now
from isthmus.mailing import campaigns, mail_charts, sent_mail
from isthmus.mailing.models import Subscriber
from isthmus.mailing.sent_mail import Week
from tests.mailing.letters_sent import campaign, handed_over
from tests.mailing.readers import confirmed


def _weeks(*changes: tuple[int, int]) -> list[Week]:
    weeks, n = [], 0
    for place, (joined, left) in enumerate(changes):
        n += joined - left
        weeks.append(Week(date(2026, 1, 5) + timedelta(weeks=place), joined, left, n))
    return weeks


@pytest.mark.django_db
def test_each_week_ends_where_the_next_begins(clock: Any):
    confirmed("carol@example.org")
    clock.advance(timedelta(weeks=1))
    confirmed("dan@example.org")
    confirmed("erin@example.org")
    clock.advance(timedelta(weeks=2))
    Subscriber.objects.filter(email="dan@example.org").update(state="left", left_at=now())

    weeks = sent_mail.growth(now=now(), zone=UTC, n_weeks=5)

    assert [(week.n_joined, week.n_left, week.n) for week in weeks] == [
        (0, 0, 0), (1, 0, 1), (2, 0, 3), (0, 0, 3), (0, 1, 2)
    ]  # fmt: skip
    assert weeks[-1].begins_on == date(2026, 12, 14)


@pytest.mark.django_db
def test_who_joined_before_the_chart_begins_is_counted_in_its_first_week(clock: Any):
    confirmed()
    clock.advance(timedelta(weeks=60))

    assert {week.n for week in sent_mail.growth(now=now(), zone=UTC, n_weeks=4)} == {1}


@pytest.mark.django_db
def test_a_mailing_is_shown_with_everybody_it_was_meant_for(clock: Any):
    for name in ("carol", "dan", "erin"):
        confirmed(f"{name}@example.org")
    Subscriber.objects.filter(email="erin@example.org").update(paused_until=now() + timedelta(days=1))
    mailing = campaigns.start(campaign(), now=now())
    handed_over(mailing, "submitted", "failed", now=now())

    (line,) = sent_mail.sending()

    assert (line.n_submitted, line.n_failed, line.n_uncertain, line.n_left_out, line.n) == (1, 1, 0, 1, 3)


def test_the_line_ends_as_high_as_the_number_of_people():
    chart = mail_charts.total(_weeks((100, 0), (0, 50)))

    first, second = (float(point.split(",")[1]) for point in chart.line.split())
    full, empty = chart.ticks[-1].at, chart.ticks[0].at
    assert (chart.ticks[-1].label, chart.ticks[0].label) == ("100", "0")
    assert first == pytest.approx(full, abs=0.1)
    assert second == pytest.approx((full + empty) / 2, abs=0.1)


def test_who_joined_stands_above_the_line_and_who_left_below():
    chart = mail_charts.changes(_weeks((10, 0), (0, 5)))

    joined, left = chart.bars
    assert joined.y + joined.height == pytest.approx(chart.zero) == pytest.approx(left.y)
    assert joined.height == pytest.approx(2 * left.height)


def test_a_list_of_nobody_has_charts_too():
    assert mail_charts.total(_weeks((0, 0))).line
    assert mail_charts.changes(_weeks((0, 0))).bars == []
    assert mail_charts.sending([]).rows == []


def test_few_among_many_can_still_be_seen():
    line = sent_mail.SentLine(mailing=None, n_submitted=100_000, n_failed=3, n_uncertain=0, n_left_out=0)  # type: ignore[arg-type]

    _, failed = mail_charts.sending([line]).rows[0].bars

    assert failed.width >= 2
