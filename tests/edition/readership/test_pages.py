"""Readership as editors see it: who may, what stands there, and that it asks as few questions for many as for few."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from isthmus.edition.readership import charts
from isthmus.edition.readership.models import Reading
from tests import makers
from tests.publications.editing.people import browser_of, user

TODAY = date(2026, 11, 23)


@pytest.fixture
def alice(db: None) -> Client:
    return browser_of(user("alice", "editor"))


def _read(title: str, n: int, *, on: date = TODAY, **fields: Any) -> Any:
    piece = makers.released(title, **fields)
    Reading.objects.create(publication=piece, day=on, n=n)
    return piece


def test_the_most_read_stand_first_with_their_series_and_authors(alice: Client, clock: Any):
    _read("Seldom Opened", 2, people=(makers.person("Robert King"),))
    _read("Often Opened", 9, series=makers.series("The Peninsula"))
    _read("Of Last Year", 50, on=TODAY - timedelta(days=300))

    page = alice.get(reverse("isthmus_readership")).content.decode()

    assert "<strong>11</strong> readings" in page
    assert page.index("Often Opened") < page.index("Seldom Opened")
    assert "Of Last Year" not in page
    assert "Robert King" in page
    assert "The Peninsula" in page


def test_a_year_is_drawn_week_by_week_and_compared_with_the_year_before(alice: Client, clock: Any):
    piece = _read("Ardor Fades", 30)
    Reading.objects.create(publication=piece, day=TODAY - timedelta(days=400), n=20)

    page = alice.get(reverse("isthmus_readership_piece", args=[piece.pk]), {"days": "365"}).content.decode()

    assert "50 % more than in the year before (20)" in page
    assert "Week from 17 November 2026: 30 readings" in page


@pytest.mark.parametrize("asked", ["0", "-7", "400", "x", ""])
def test_a_period_that_is_none_of_ours_is_the_usual_one(alice: Client, clock: Any, asked: str):
    page = alice.get(reverse("isthmus_readership"), {"days": asked}).content.decode()

    assert 'href="?days=30" aria-current="true"' in page


def test_the_file_has_every_piece_and_no_formula(alice: Client, clock: Any):
    _read("=HYPERLINK(1)", 3)

    lines = alice.get(reverse("isthmus_readership_csv"), {"days": "7"}).content.decode().splitlines()

    assert lines[0] == "Title,Address,Series,Published,Readings"
    assert lines[1].startswith("'=HYPERLINK(1),/publications/")
    assert lines[1].endswith(",3")


def test_the_list_of_pieces_leads_to_the_readership_of_each(alice: Client):
    piece = makers.released()

    page = alice.get(reverse("wagtailsnippets_isthmus_publications_publication:list")).content.decode()

    assert reverse("isthmus_readership_piece", args=[piece.pk]) in page


def test_authors_are_kept_out(db: None):
    assert browser_of(user("bob", "author")).get(reverse("isthmus_readership")).status_code == 302


def test_twenty_pieces_cost_as_many_questions_as_two(alice: Client, clock: Any, django_assert_max_num_queries: Any):
    for n in range(20):
        _read(f"Piece {n}", n + 1, series=makers.series(f"Series {n}"), people=(makers.person(f"Person {n}"),))
    alice.get(reverse("isthmus_readership"))

    with django_assert_max_num_queries(20):
        alice.get(reverse("isthmus_readership"))


def test_weeks_of_a_long_period_lose_no_day():
    days = [(TODAY - timedelta(days=n), 1) for n in range(364, -1, -1)]

    chart = charts.readings(days)

    assert len(chart.bars) == 53
    assert sum(int(bar.label.split(": ")[1].split()[0]) for bar in chart.bars) == 365


@pytest.mark.parametrize("n_days", [7, 30, 90, 365])
def test_words_below_the_bars_stand_inside_the_drawing(n_days: int):
    chart = charts.readings([(TODAY - timedelta(days=n), 1) for n in range(n_days - 1, -1, -1)])

    assert 2 <= len(chart.labels) <= 9
    assert all(chart.left < tick.at < chart.right - 8 for tick in chart.labels)
