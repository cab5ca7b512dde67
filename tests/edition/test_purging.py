"""Which pages' ways back change: compared with where every piece stood before and stands after."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from isthmus.edition import purging, queries
from isthmus.edition.queries import Facts
from isthmus.publications import visibility
from isthmus.publications.models import Publication, Series
from tests import makers

pytestmark = pytest.mark.django_db
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
SIZE, N = 3, 24


@pytest.fixture
def pieces(settings: Any) -> list[int]:
    settings.ISTHMUS = replace(settings.ISTHMUS, listing_page_size=SIZE)
    series = makers.series()
    rows = Publication.objects.bulk_create(
        Publication(
            title=f"No. {i}", slug=f"no-{i}", live=i % 5 != 0, listed_at=at(i), series=series if i % 2 else None
        )
        for i in range(N)
    )
    return [row.pk for row in rows]


def at(hours: int) -> datetime:
    return FIRST + timedelta(hours=hours)


def pages() -> dict[int, int]:
    """The page of its way back for each visible piece."""
    found = {}
    for series in [None, *Series.objects.all()]:
        rows = visibility.publications().filter(**({"series": series} if series else {}))
        for index, row in enumerate(rows.order_by("listed_at", "id")):
            if row.series_id == (series.pk if series else None):
                found[row.pk] = index // SIZE
    return found


def move(chance: random.Random, chosen: list[int]) -> None:
    for pk in chosen:
        if chance.random() < 0.4:
            row = Publication.objects.get(pk=pk)
            Publication.objects.filter(pk=pk).update(live=not row.live)
        else:
            # Several at one instant, so that numbers decide.
            Publication.objects.filter(pk=pk).update(listed_at=at(chance.randrange(N)), live=True)


@pytest.mark.parametrize("n_moved", [1, 2, 5, 12])
def test_pages_whose_way_back_leads_elsewhere_go_and_no_other(pieces: list[int], n_moved: int) -> None:
    chance = random.Random(n_moved)
    for _ in range(6):
        before, stood = queries.all_facts(), pages()
        chosen = chance.sample(pieces, n_moved)
        move(chance, chosen)
        after, stand = queries.all_facts(), pages()

        tags = _ways_back(chosen, before, after)

        stayed = {pk for pk in stood.keys() & stand.keys() if before[pk] == after[pk]}
        assert tags == {f"self:{pk}" for pk in stayed if stood[pk] != stand[pk]}


def _ways_back(chosen: list[int], before: dict[int, Facts], after: dict[int, Facts]) -> set[str]:
    tags: set[str] = set()
    moved = {pk: (before.get(pk), after.get(pk)) for pk in chosen if before.get(pk) != after.get(pk)}
    for name in {name for pair in moved.values() for one in pair if one for name in one.lists}:
        within = {pk: pair for pk, pair in moved.items() if any(one and name in one.lists for one in pair)}
        first = min(one.place for pair in within.values() for one in pair if one)
        tags |= purging._ways_back(name, within, queries.n_older(name, first))
    return tags
