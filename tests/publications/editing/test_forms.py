"""What editors type arrives: people in order, a kind's own fields, categories; and saving keeps what was moved in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from isthmus.publications import actions
from isthmus.publications.models import JournalEntry, Publication
from tests import makers
from tests.publications.editing.forms_sent import address, saved, sent
from tests.publications.editing.people import browser_of

pytestmark = pytest.mark.django_db
_EVENT = {"details__event__start": "2026-12-01 18:00", "details__event__place": "Reading Room"}


def test_people_keep_the_order_they_were_put_in(erin: Any):
    king, prado = makers.person(), makers.person("Ana Prado")

    browser_of(erin).post(address("add"), sent(people=(prado.pk, king.pk)))

    assert [line.name for line in saved("Ardor Fades").bylines.all()] == ["Ana Prado", "Robert King"]


def test_a_draft_without_a_date_can_be_edited_west_of_greenwich(erin: Any, settings: Any):
    settings.TIME_ZONE = "America/New_York"
    piece = makers.draft()

    browser_of(erin).post(address("edit", piece.pk), sent("Ardor Cools"))

    assert saved("Ardor Cools").pk == piece.pk


def test_the_fields_of_the_chosen_kind_are_stored_and_those_of_others_are_not(erin: Any):
    form = sent(kind="event", **_EVENT, details__podcast__duration="42:10")

    browser_of(erin).post(address("add"), form)

    assert saved("Ardor Fades").details == {"start": "2026-12-01T18:00:00+00:00", "place": "Reading Room"}


def test_an_event_cannot_end_before_it_starts(erin: Any):
    answer = browser_of(erin).post(address("add"), sent(kind="event", **_EVENT, details__event__end="2026-12-01 17:00"))

    assert answer.context["form"].errors == {"details__event__end": ["The end is before the start."]}
    assert not Publication.objects.exists()


def test_details_that_no_field_stands_for_survive_an_edit(erin: Any):
    piece = makers.draft(kind="event", details={"start": "2016-09-21T17:30:00+02:00", "room": "4"})

    browser_of(erin).post(address("edit", piece.pk), sent(kind="event", details__event__start="2016-09-21 15:30"))

    assert saved("Ardor Fades").get_latest_revision_as_object().details == {
        "start": "2016-09-21T17:30:00+02:00", "room": "4",
    }  # fmt: skip


def test_each_field_of_a_kind_stands_in_the_form_once(erin: Any):
    page = browser_of(erin).get(address("add")).content.decode()

    assert page.count('name="details__event__place"') == 1


def test_a_draft_without_a_title_is_refused(erin: Any):
    browser_of(erin).post(address("add"), sent(""))

    assert not Publication.objects.exists()


def test_releasing_from_the_form_is_one_journal_row(alice: Any):
    before = JournalEntry.objects.filter(subject__startswith="pub:").count()

    answer = browser_of(alice).post(address("add"), {**sent(), "action-publish": "1"})

    assert answer.status_code == 302
    assert JournalEntry.objects.filter(subject__startswith="pub:").count() == before + 1
    assert Client().get(saved("Ardor Fades").path).status_code == 200


def test_a_release_that_fails_leaves_no_draft_behind(alice: Any, monkeypatch: pytest.MonkeyPatch):
    def breaks(*_: Any, **__: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(Publication, "publish", breaks)

    with pytest.raises(RuntimeError):
        browser_of(alice).post(address("add"), {**sent(), "action-publish": "1"})

    assert not Publication.objects.exists()


def test_a_release_later_is_nowhere_until_then(alice: Any):
    at = timezone.now() + timedelta(days=2)

    browser_of(alice).post(address("add"), {**sent(), "action-publish": "1", "go_live_at": f"{at:%Y-%m-%d %H:%M}"})

    piece = saved("Ardor Fades")
    assert not piece.live
    assert piece.scheduled_revision is not None
    assert Client().get(piece.path).status_code == 404


def test_the_first_edit_of_a_piece_that_was_moved_in_keeps_what_it_was(erin: Any):
    at = datetime(2020, 1, 20, tzinfo=UTC)
    piece = Publication(title="Moved In", slug="moved-in", published_at=at, body=[("text", "<p>As it was.</p>")])
    actions.stage_many([actions.StagedPiece(piece)], run="1")
    from django.db import transaction

    with transaction.atomic():
        actions.release_staged([piece.pk], run="1")

    browser_of(erin).post(address("edit", piece.pk), sent("Moved In", text="<p>As it is.</p>"))

    first, last = Publication.objects.get(pk=piece.pk).revisions.order_by("pk")
    assert "As it was" in first.content["body"]
    assert "As it is" in last.content["body"]


def test_withdrawing_in_the_admin_answers_410_from_then_on(alice: Any):
    piece = makers.released()

    assert "410 Gone" in browser_of(alice).get(address("unpublish", piece.pk)).content.decode()
    browser_of(alice).post(address("unpublish", piece.pk))

    assert Client().get(piece.path).status_code == 410


def test_the_page_that_asks_before_deleting_says_what_stays(alice: Any):
    released, draft = makers.released("One"), makers.draft("Two")

    pages = [browser_of(alice).get(address("delete", piece.pk)).content.decode() for piece in (released, draft)]

    assert "410 Gone" in pages[0]
    assert "nothing of it stays" in pages[1]


def test_a_submission_waits_for_a_publisher_and_mails_her(bob: Any, alice: Any, mailoutbox: list[Any]):
    browser_of(bob).post(address("add"), {**sent("For Review"), "action-submit": "1"})

    piece = saved("For Review")
    assert piece.workflow_in_progress
    assert "For Review" in browser_of(alice).get("/admin/").content.decode()


def test_a_live_piece_links_to_its_public_page(alice: Any):
    piece = makers.released()

    assert f'href="{piece.path}"' in browser_of(alice).get(address("edit", piece.pk)).content.decode()


def test_versions_can_be_compared_the_kinds_fields_included(erin: Any):
    piece = makers.edited(makers.released(kind="event", details={"place": "Hall"}), details={"place": "Library"})

    page = browser_of(erin).get(address("revisions_compare", piece.pk, "earliest", "latest")).content.decode()

    assert "Library" in page
