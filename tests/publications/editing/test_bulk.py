"""Bulk actions go through the one door, piece by piece, and ask for each piece whether the user may."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from isthmus.publications import actions
from isthmus.publications.models import JournalEntry, Publication
from tests import makers
from tests.publications.editing.people import browser_of

pytestmark = pytest.mark.django_db


def bulk(user: Any, action: str, *pieces: Publication, listed: str = "", **fields: Any) -> Any:
    """The answer to the confirmed action on these pieces, or on all that the list shows."""
    chosen = "&".join(f"id={piece.pk}" for piece in pieces) or "id=all"
    path = f"/admin/bulk/isthmus_publications/publication/{action}/?{chosen}&next=/admin/publications/{listed}"
    return browser_of(user).post(path, fields, follow=True)


def live_titles() -> set[str]:
    """What the public sees."""
    return set(Publication.objects.filter(live=True).values_list("title", flat=True))


def test_a_publisher_releases_the_newest_versions(alice: Any):
    draft, changed = makers.draft("One"), makers.edited(makers.released("Two"), title="Two Again")

    bulk(alice, "release", draft, changed)

    assert live_titles() == {"One", "Two Again"}


def test_nobody_else_releases_or_withdraws_in_bulk(erin: Any, bob: Any):
    own, live = makers.draft("Own", owner=bob), makers.released("Live", owner=bob)

    for user in (erin, bob):
        bulk(user, "release", own)
        bulk(user, "withdraw", live)

    assert live_titles() == {"Live"}


def test_one_that_cannot_be_released_is_named_and_stops_no_other(alice: Any):
    good, bad = makers.draft("Good"), makers.draft("Bad")
    Publication.objects.filter(pk=bad.pk).update(locked=True)

    answer = bulk(alice, "release", bad, good)

    assert live_titles() == {"Good"}
    assert "“Bad” was left as it was: it is locked" in answer.content.decode()


def test_withdrawn_pieces_answer_410(alice: Any):
    pieces = [makers.released("One"), makers.released("Two")]

    bulk(alice, "withdraw", *pieces)

    assert [Client().get(piece.path).status_code for piece in pieces] == [410, 410]


def test_all_means_all_that_the_list_shows(alice: Any):
    makers.draft("Harbour One")
    makers.draft("Harbour Two")
    makers.draft("Cable")

    bulk(alice, "release", listed="%3Fq=harbour")

    assert live_titles() == {"Harbour One", "Harbour Two"}


def test_categories_reach_readers_at_once_and_leave_other_changes_of_a_draft_unreleased(alice: Any):
    korea = makers.category("Korea")
    piece = makers.edited(makers.released(), title="Not Yet")

    bulk(alice, "categorise", piece, categories=[korea.pk])

    row = Publication.objects.get(pk=piece.pk)
    newest = row.get_latest_revision_as_object()
    assert (row.title, list(row.categories.all())) == ("Ardor Fades", [korea])
    assert (newest.title, list(newest.categories.all())) == ("Not Yet", [korea])


def test_taking_a_category_away_is_a_revision_that_the_journal_tells(alice: Any):
    korea = makers.category("Korea")
    piece = makers.released(categories=(korea,))

    bulk(alice, "categorise", piece, categories=[korea.pk], take_away="on")

    assert not Publication.objects.get(pk=piece.pk).categories.exists()
    assert JournalEntry.objects.filter(subject=piece.subject).latest("seq").what == "revised"


def test_categorising_a_live_piece_takes_the_right_to_release(erin: Any):
    piece, draft = makers.released("Live"), makers.draft("Draft")

    bulk(erin, "categorise", piece, draft, categories=[makers.category("Korea").pk])

    assert not Publication.objects.get(pk=piece.pk).categories.exists()
    assert Publication.objects.get(pk=draft.pk).categories.exists()


def test_categorising_twice_writes_nothing_the_second_time():
    korea = makers.category("Korea")
    piece = makers.released(categories=(korea,))
    before = JournalEntry.objects.count()

    actions.categorise(piece, add=[korea])

    assert JournalEntry.objects.count() == before
