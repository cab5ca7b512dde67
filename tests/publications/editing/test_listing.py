"""The list finds drafts by title and people and released pieces by every word, with as many queries for any length."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from isthmus.publications import actions, finding
from isthmus.publications.editing.filters import STATES, state_of
from isthmus.publications.editing.permissions import scheduled_ids
from isthmus.publications.models import Publication
from tests import makers
from tests.publications.editing.forms_sent import address
from tests.publications.editing.people import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def finder() -> Any:
    """A finder that the test fills, in the place of the search folder's."""
    before, found = list(finding._finders), []
    finding.register(lambda query, *, limit: found[:limit])
    yield found
    finding._finders[:] = before


def shown(user: Any, query: str) -> set[str]:
    """The titles on the first page of the list."""
    return {piece.draft_title for piece in browser_of(user).get(address("list") + query).context["object_list"]}


def test_each_state_is_told_apart_and_filtered_for(erin: Any, clock: Any):
    from datetime import timedelta

    makers.draft("Draft")
    actions.schedule(makers.draft("Scheduled"), clock() + timedelta(days=1))
    makers.released("Live")
    makers.edited(makers.released("Changed"), summary="More.")
    actions.withdraw(makers.released("Withdrawn"))

    scheduled = set(scheduled_ids())
    told = {piece.draft_title.lower(): state_of(piece, scheduled) for piece in Publication.objects.all()}

    assert told == {state: state for state in STATES}
    assert all(shown(erin, f"?state={state}") == {state.capitalize()} for state in STATES)


def test_a_draft_is_found_by_the_title_of_its_newest_version_and_by_its_people(erin: Any, finder: Any):
    makers.edited(makers.released("Old Title", people=(makers.person("Søren Kjær"),)), title="New Harbour")
    makers.draft("Something Else")

    assert shown(erin, "?q=harbour") == {"New Harbour"}
    assert shown(erin, "?q=soren") == {"New Harbour"}
    assert shown(erin, "?q=harbour+kjaer") == {"New Harbour"}


def test_a_released_piece_is_found_by_what_the_index_finds_and_a_draft_is_not(erin: Any, finder: Any):
    live, draft = makers.released("Live One"), makers.draft("Draft One")
    finder += [live.pk, draft.pk]

    assert shown(erin, "?q=bodyword") == {"Live One"}


def test_the_list_opens_while_the_index_is_away(erin: Any):
    before = list(finding._finders)

    def away(query: str, *, limit: int) -> list[int]:
        raise RuntimeError("rebuilding")

    finding.register(away)
    makers.draft("Harbour")

    assert shown(erin, "?q=harbour") == {"Harbour"}
    finding._finders[:] = before


def test_filters_narrow_by_series_year_category_below_and_person(erin: Any):
    from datetime import date

    top = makers.category("Asia")
    makers.draft("Found", series=makers.series(), published_on=date(2012, 5, 1), people=(makers.person(),),
                 categories=(makers.category("Korea", parent=top),))  # fmt: skip
    makers.draft("Other", published_on=date(2013, 5, 1))

    series = makers.series().pk
    for query in (f"?series={series}", "?year=2012", f"?category={top.pk}", "?person=robert", "?kind=post&year=2012"):
        assert shown(erin, query) == {"Found"}, query


def test_the_list_asks_as_many_questions_for_twenty_rows_as_for_two(erin: Any):
    browser = browser_of(erin)
    counts = []
    for n_more in (2, 18):
        for n in range(n_more):
            makers.released(f"Piece {n_more} {n}", people=(makers.person(f"Person {n}"),), series=makers.series())
        browser.get(address("list"))
        with CaptureQueriesContext(connection) as queries:
            browser.get(address("list"))
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 20
