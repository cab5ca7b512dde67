"""Release is an act: once, at its minute, with what held on that day frozen onto the piece."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from wagtail.models import ModelLogEntry

from isthmus.kit.clock import now
from isthmus.publications import actions, visibility
from isthmus.publications.models import Attachment, Byline, Document, Publication, SiteSettings, User, Withdrawal
from isthmus.server.models import BackgroundTask
from tests import makers

pytestmark = pytest.mark.django_db


def test_a_scheduled_piece_is_released_at_its_minute_and_not_before(clock):
    piece = makers.draft()
    actions.schedule(piece, clock() + timedelta(minutes=5))

    clock.advance(timedelta(minutes=4, seconds=59))
    early = actions.release_due(clock())
    clock.advance(timedelta(seconds=1))
    due = actions.release_due(clock())

    assert (early, due) == (0, 1)
    assert visibility.is_visible(piece.pk)


def test_a_due_piece_is_released_once(clock):
    actions.schedule(makers.draft(), clock() - timedelta(minutes=1))

    assert actions.release_due(clock()) == 1
    assert actions.release_due(clock()) == 0


def test_a_piece_past_its_end_is_withdrawn(clock):
    piece = makers.released()
    Publication.objects.filter(pk=piece.pk).update(expire_at=clock() - timedelta(seconds=1))

    actions.release_due(clock())

    assert not visibility.is_visible(piece.pk)
    assert Withdrawal.objects.get().path == piece.path


def test_a_release_dates_the_piece_in_the_institutes_zone(clock):
    clock.move_to(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))

    piece = makers.released()

    assert piece.published_on.isoformat() == "2026-11-23"
    assert piece.released_at == clock()


def test_the_author_note_of_the_day_is_frozen():
    someone = makers.person(note="Robert King is a Non-Resident Fellow.", affiliation="KEI")
    piece = makers.released(people=(someone,))

    someone.note, someone.affiliation = "Robert King is retired.", ""
    someone.save()

    line = Byline.objects.get(publication=piece)
    assert (line.note, line.affiliation) == ("Robert King is a Non-Resident Fellow.", "KEI")


@pytest.mark.parametrize(
    ("of_person", "of_series", "of_institute", "printed"),
    [("Own.", "Series.", "House.", "Own."), ("", "Series.", "House.", "Series."), ("", "", "House.", "House.")],
)
def test_the_nearest_disclaimer_rule_is_frozen(of_person, of_series, of_institute, printed):
    SiteSettings.objects.create(disclaimer=of_institute)
    someone = makers.person(disclaimer=of_person)

    piece = makers.released(people=(someone,), series=makers.series(disclaimer=of_series))

    assert piece.disclaimer == printed


def test_a_release_keeps_a_draft_made_later_out_of_sight():
    piece = makers.edited(makers.released(), title="Not yet")

    assert Publication.objects.get(pk=piece.pk).title == "Ardor Fades"
    assert Publication.objects.get(pk=piece.pk).draft_title == "Not yet"


def test_a_piece_moved_in_keeps_its_first_version_in_the_history():
    staged = actions.StagedPiece(Publication(title="Moved in", slug="moved-in", body=[("text", "<p>As it was.</p>")]))
    actions.stage_many([staged], run="r1")
    actions.release_staged([staged.piece.pk], run="r1")

    makers.edited(Publication.objects.get(pk=staged.piece.pk), title="Corrected")

    titles = [revision.content["title"] for revision in staged.piece.revisions.order_by("created_at", "pk")]
    assert titles == ["Moved in", "Corrected"]


def test_staged_pieces_are_out_of_sight_until_the_run_is_released():
    staged = [actions.StagedPiece(Publication(title=f"No. {n}", slug=f"no-{n}")) for n in range(3)]
    actions.stage_many(staged, run="r1")
    before = visibility.total()

    n_released = actions.release_staged([item.piece.pk for item in staged], run="r1")

    assert (before, n_released, visibility.total()) == (0, 3, 3)


def test_scheduling_a_new_version_leaves_a_piece_moved_in_where_it_is():
    piece = Publication(title="Ardor Fades", slug="ardor-fades", identity="archive:1")
    actions.stage_many([actions.StagedPiece(piece)], run="1")
    actions.release_staged([piece.pk], run="1")
    draft = Publication.objects.get(pk=piece.pk)
    # By the clock of the wall: Wagtail itself asks that one whether the minute has come.
    draft.title, draft.go_live_at = "Ardor Cools", now() + timedelta(days=1)

    actions.save_draft(draft).publish()

    row = Publication.objects.get(pk=piece.pk)
    assert (row.live, row.title) == (True, "Ardor Fades")
    assert not Withdrawal.objects.exists()


def file(title: str) -> Document:
    return Document.objects.create(title=title, file=ContentFile(b"%PDF-1.7", name=f"{title}.pdf"))


def test_a_file_and_an_author_left_out_of_the_released_version_are_gone_from_the_piece():
    alice, bob, report = makers.person("Alice"), makers.person("Bob"), file("report")
    piece = Publication(title="With a report", body=[])
    piece.bylines = [Byline(person=alice), Byline(person=bob)]
    piece.attachments = [Attachment(document=report)]
    piece = actions.release(piece)
    assert visibility.document_is_public(report.pk)

    newest = piece.get_latest_revision_as_object()
    newest.attachments.set([])
    newest.bylines.remove(*[line for line in newest.bylines.all() if line.person == bob])
    actions.save_draft(newest)
    released = actions.release(Publication.objects.get(pk=piece.pk))

    assert not visibility.document_is_public(report.pk)
    assert [line.person for line in released.bylines.all()] == [alice]
    assert Attachment.objects.filter(publication=piece.pk).count() == 0


def test_what_is_released_is_what_its_revision_says():
    piece = makers.released(people=(makers.person(note="Robert King teaches."),), series=makers.series())

    again = piece.latest_revision.as_object()

    assert piece.live_revision_id == piece.latest_revision_id
    assert not piece.has_unpublished_changes
    for name in ("title", "slug", "summary", "series_id", "kind", "details", "language"):
        assert getattr(again, name) == getattr(piece, name)
    assert list(again.body.raw_data) == list(piece.body.raw_data)
    assert [line.pk for line in again.bylines.all()] == [line.pk for line in piece.bylines.all()]


def test_a_release_stands_once_in_the_history_with_its_revision_and_who_did_it():
    bob = User.objects.create_user(email="bob@isthmus.example", password="long enough to pass")

    piece = actions.release(Publication(title="Ardor Fades", body=[("text", "<p>Cordial.</p>")]), user=bob)

    entry = ModelLogEntry.objects.for_instance(piece).get()
    assert (entry.action, entry.user, entry.revision) == ("wagtail.publish", bob, piece.latest_revision)


def test_a_piece_and_its_bylines_are_read_for_references_once_a_save():
    piece = makers.draft(people=(makers.person("Alice"), makers.person("Bob")))
    before = BackgroundTask.objects.count()

    piece.save()

    assert BackgroundTask.objects.count() == before + 1


def test_a_taken_slug_is_refused_by_name_and_not_by_the_database():
    taken = makers.released(series=makers.series())

    with pytest.raises(ValidationError) as refusal:
        Publication(title="Another", slug=taken.slug, series=taken.series, body=[]).full_clean()

    assert "slug" in str(refusal.value).lower()
    Publication(title="Another", slug=taken.slug, body=[]).full_clean()


def test_creating_and_releasing_asks_forty_four_statements_at_most(django_assert_max_num_queries):
    series, someone = makers.series(), makers.person(note="Robert King teaches.")
    piece = Publication(title="Counted", series=series, body=[("text", "<p>Words.</p>")])
    piece.bylines = [Byline(person=someone)]
    makers.released()

    with django_assert_max_num_queries(44):
        actions.release(piece)
