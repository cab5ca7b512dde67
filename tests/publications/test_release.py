"""Release is an act: once, at its minute, with what held on that day frozen onto the piece."""

from datetime import UTC, datetime, timedelta

import pytest

from isthmus.publications import actions, visibility
from isthmus.publications.models import Byline, Publication, SiteSettings, Withdrawal
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


def test_scheduling_a_new_version_leaves_a_piece_moved_in_where_it_is(clock):
    piece = Publication(title="Ardor Fades", slug="ardor-fades", identity="archive:1")
    actions.stage_many([actions.StagedPiece(piece)], run="1")
    actions.release_staged([piece.pk], run="1")
    draft = Publication.objects.get(pk=piece.pk)
    draft.title, draft.go_live_at = "Ardor Cools", clock() + timedelta(days=1)

    actions.save_draft(draft).publish()

    row = Publication.objects.get(pk=piece.pk)
    assert (row.live, row.title) == (True, "Ardor Fades")
    assert not Withdrawal.objects.exists()
