"""Authors keep to their own drafts, editors do not release, and every view of a piece asks on the server."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.publications import actions
from isthmus.publications.editing.permissions import policy
from isthmus.publications.models import Publication
from tests import makers
from tests.publications.editing.forms_sent import address, saved, sent
from tests.publications.editing.people import browser_of

pytestmark = pytest.mark.django_db

_GUARDED = ("edit", "delete", "history", "usage", "copy", "unpublish", "preview_on_edit", "workflow_history")


def test_a_new_piece_belongs_to_whoever_made_it(bob: Any):
    browser_of(bob).post(address("add"), sent("Mine", owner="999"))

    assert saved("Mine").owner == bob


def test_an_author_edits_an_own_draft(bob: Any):
    piece = makers.draft(owner=bob)

    answer = browser_of(bob).post(address("edit", piece.pk), sent("Ardor Cools"))

    assert answer.status_code == 302
    assert saved("Ardor Cools").pk == piece.pk


@pytest.mark.parametrize("view", _GUARDED)
def test_an_author_is_kept_out_of_a_colleagues_draft(bob: Any, erin: Any, view: str):
    piece = makers.draft("Embargoed Words", owner=erin)

    answer = browser_of(bob).get(address(view, piece.pk), follow=True)

    assert "Embargoed Words" not in answer.content.decode()


@pytest.mark.parametrize("view", ["edit", "delete", "unpublish", "copy"])
def test_an_author_cannot_touch_an_own_piece_once_released(bob: Any, view: str):
    piece = makers.released(owner=bob)

    assert browser_of(bob).get(address(view, piece.pk)).status_code == 302
    browser_of(bob).post(address(view, piece.pk), sent("Touched"))

    assert not Publication.objects.filter(draft_title="Touched").exists()
    assert Publication.objects.get(pk=piece.pk).live


def test_an_author_cannot_touch_a_piece_that_was_withdrawn(bob: Any):
    piece = makers.released(owner=bob)
    actions.withdraw(piece)

    assert not policy.user_has_permission_for_instance(bob, "change", Publication.objects.get(pk=piece.pk))


@pytest.mark.parametrize("who", ["bob", "erin"])
def test_the_release_button_of_who_may_not_release_saves_a_draft(request: pytest.FixtureRequest, who: str):
    user = request.getfixturevalue(who)

    browser_of(user).post(address("add"), {**sent("Too Soon"), "action-publish": "1"})

    assert not saved("Too Soon").live


def test_an_editor_changes_a_released_piece_only_as_a_draft(erin: Any):
    piece = makers.released()

    browser_of(erin).post(address("edit", piece.pk), {**sent("Corrected"), "action-publish": "1"})

    row = Publication.objects.get(pk=piece.pk)
    assert (row.title, row.draft_title, row.has_unpublished_changes) == ("Ardor Fades", "Corrected", True)


def test_an_editor_cannot_delete_a_released_or_scheduled_piece(erin: Any, clock: Any):
    from datetime import timedelta

    released, scheduled, draft = makers.released("One"), makers.draft("Two"), makers.draft("Three")
    actions.schedule(scheduled, clock() + timedelta(days=1))

    may = [policy.user_has_permission_for_instance(erin, "delete", piece) for piece in (released, scheduled, draft)]

    assert may == [False, False, True]


def test_a_form_cannot_say_that_a_piece_is_live_or_whose_it_is(bob: Any, erin: Any):
    piece = makers.draft(owner=bob)

    browser_of(bob).post(
        address("edit", piece.pk),
        sent("Ardor Cools", live="on", released_at="2020-01-01", owner=str(erin.pk), identity="x"),
    )

    row = saved("Ardor Cools")
    assert (row.live, row.owner, row.released_at, row.identity) == (False, bob, None, "")


def test_an_author_sees_in_the_list_only_own_and_released_pieces(bob: Any, erin: Any):
    makers.draft("Own Draft", owner=bob)
    makers.draft("Foreign Draft", owner=erin)
    makers.released("Released", owner=erin)

    shown = browser_of(bob).get(address("list")).content.decode()

    assert "Own Draft" in shown
    assert "Released" in shown
    assert "Foreign Draft" not in shown


def test_the_chooser_does_not_name_a_colleagues_draft(bob: Any, erin: Any):
    piece = makers.draft("Foreign Draft", owner=erin)
    chooser = "/admin/snippets/choose/isthmus_publications/publication/"

    answers = [
        browser_of(bob).get(chooser + tail) for tail in ("", f"chosen/{piece.pk}/", f"chosen-multiple/?id={piece.pk}")
    ]

    assert all("Foreign Draft" not in answer.content.decode() for answer in answers)


def test_the_site_history_is_closed_to_authors(bob: Any, erin: Any):
    assert browser_of(bob).get("/admin/reports/site-history/").status_code == 302
    assert browser_of(erin).get("/admin/reports/site-history/").status_code == 200


def test_a_copy_starts_as_a_draft_of_its_own(erin: Any):
    piece = makers.released()

    form = browser_of(erin).get(address("copy", piece.pk)).context["form"]

    assert (form.instance.pk, form.instance.live, form.instance.slug, form.instance.owner) == (None, False, "", erin)
    assert form.instance.released_at is None
    assert form.instance.title == "Ardor Fades"


def test_whoever_is_not_logged_in_is_sent_to_the_login(client: Any, institute: None):
    piece = makers.draft("Embargoed Words")

    for view in _GUARDED:
        assert client.get(address(view, piece.pk))["Location"].startswith("/admin/login/")
