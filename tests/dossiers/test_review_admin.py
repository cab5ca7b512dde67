"""An editor goes through the queue: one entry after the other, each decision a form that works without script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from isthmus.dossiers import actions, queue, standing
from isthmus.dossiers.models import Alias, Occurrence, Relation, Ruling
from isthmus.publications import actions as publication_actions
from tests.dossiers import archive
from tests.publications.editing.people import browser_of, user

pytestmark = pytest.mark.django_db

LATER = "They went on <b>slowly</b>. A few weeks later, Orla Verin wrote to Han Sol-bi. Nobody answered."
# Both wait for an editor: a date worked out from another one.
WAITING = (archive.MEETING, LATER, "The day after, Han Sol-bi thanked Orla Verin.")


@pytest.fixture
def desk(alice: Any) -> Client:
    """Alice's browser."""
    return browser_of(alice)


@pytest.fixture
def piece(miner: Any) -> Any:
    """Two entries that wait and one that does not."""
    archive.two()
    made = archive.piece(*WAITING)
    miner.tick()
    return made


def the(words: str) -> Occurrence:
    return Occurrence.objects.get(quote__contains=words)


def one(key: str, query: str = "") -> str:
    return reverse("isthmus_review_one", args=[key]) + query


def decide(desk: Client, key: str, what: str, query: str = "", **posted: Any) -> str:
    """Press a button; returns the page one is led to."""
    address = reverse("isthmus_review_decide", args=[key]) + query
    return desk.post(address, {"what": what, **posted}, follow=True).content.decode()


def what_holds(key: str) -> standing.Standing:
    return standing.standings(Ruling.objects.filter(key=key)).get(key, standing.NOTHING_DECIDED)


def test_the_first_that_waits_is_shown_in_its_context_with_its_reason(desk: Client, piece: Any):
    page = desk.get(reverse("isthmus_review")).content.decode()

    assert "<strong>0</strong> of 2 decided, 2 to go" in page
    assert "<mark>A few weeks later</mark>" in page
    assert "They went on slowly. <strong>" in page
    assert ">approximate</span>" in page
    assert "counted from 4 March 2019 (published 20 January 2020)" in page


def test_accepting_leads_to_the_next_and_refusing_to_the_end(desk: Client, piece: Any):
    later, after = the("few weeks later").key, the("day after").key

    page = decide(desk, later, "accepted", after="0")
    assert "<mark>The day after</mark>" in page
    assert "<strong>1</strong> of 2 decided" in page

    page = decide(desk, after, "refused", after="0")
    assert "Nothing waits here any more" in page
    assert (what_holds(later).what, what_holds(after).what) == ("accepted", "refused")


def test_undo_brings_back_the_entry_that_was_decided_last(desk: Client, piece: Any):
    page = decide(desk, the("few weeks later").key, "refused", after="0")
    undo = re.search(r'action="([^"]+)"[^>]*>[^>]*>[^>]*name="what" value="withdrawn"', page)
    assert undo

    page = desk.post(undo[1].replace("&amp;", "&"), {"what": "withdrawn"}, follow=True).content.decode()

    assert "<mark>A few weeks later</mark>" in page
    assert "<strong>0</strong> of 2 decided" in page


def test_a_correction_keeps_only_what_was_changed(desk: Client, piece: Any):
    row = the("few weeks later")
    form = {
        "edtf": "2019-04", "edtf_was": row.edtf, "modality": row.modality, "modality_was": row.modality,
        "subject": ["han-sol-bi", "orla-verin"], "subjects_were": "han-sol-bi orla-verin", "other": "", "after": "0",
    }  # fmt: skip

    decide(desk, row.key, "corrected", **form)

    assert set(what_holds(row.key).values) == {"edtf", "precision", "first_on", "before_on"}
    assert what_holds(row.key).values["edtf"] == "2019-04"


def test_a_date_that_nobody_can_read_is_said_so_and_the_entry_stays(desk: Client, piece: Any):
    row = the("few weeks later")

    page = decide(desk, row.key, "corrected", edtf="in spring", edtf_was=row.edtf, after="0")

    assert "<mark>A few weeks later</mark>" in page
    assert "in spring" in page
    assert not Ruling.objects.exists()


def test_the_second_of_two_editors_is_shown_what_the_first_decided(desk: Client, piece: Any):
    row = the("few weeks later")
    actions.rule(row.key, Ruling.What.REFUSED, by=user("bea", "editor"))

    page = decide(desk, row.key, "accepted", after="0")

    assert "Meanwhile" in page
    assert "bea@example.org" in page
    assert what_holds(row.key).what == "refused"


def test_entries_alike_are_offered_told_as_one_and_taken_apart(desk: Client, piece: Any, miner: Any):
    archive.piece("On 4 March 2019, by the river, Orla Verin met Han Sol-bi over herring.", title="Another")
    archive.piece("Han Sol-bi met Orla Verin by the river on 4 March 2019 over herring and bread.", title="A third")
    miner.tick()
    first, second = Occurrence.objects.filter(sentence__contains="herring").order_by("pk")

    page = desk.get(one(first.key, "?grade=all")).content.decode()
    assert f'name="with" value="{second.key}"' in page

    page = decide(desk, first.key, "merged", "?grade=all", **{"with": second.key})
    assert "Told as one with" in page
    assert what_holds(first.key).happening == what_holds(second.key).happening != ""

    decide(desk, second.key, "parted", "?grade=all")
    assert what_holds(second.key).happening == ""


def test_the_queue_is_of_open_dossiers_of_one_subject_or_of_anybody(piece: Any):
    actions.close_dossier(archive.Subject.objects.get(slug="orla-verin"))
    actions.close_dossier(archive.Subject.objects.get(slug="han-sol-bi"))

    assert queue.progress(queue.wanted({})).n_all == 0
    assert queue.progress(queue.wanted({"subject": "orla-verin"})).n_all == 2
    assert queue.progress(queue.wanted({"subject": queue.ANYBODY})).n_all == 2
    assert queue.progress(queue.wanted({"subject": queue.ANYBODY, "grade": "all"})).n_all == 3
    assert queue.progress(queue.wanted({"subject": "nobody\x00", "grade": "x", "about": "y"})).n_all == 0


def test_who_acted_towards_whom_is_decided_with_a_tone(desk: Client, miner: Any):
    archive.two()
    archive.piece(archive.QUARREL)
    miner.tick()
    row = Relation.objects.get()

    page = desk.get(one(row.key, "?about=relation&grade=all")).content.decode()
    assert "Orla Verin → Han Sol-bi" in page

    decide(desk, row.key, "corrected", "?about=relation&grade=all", tone="neutral", tone_was="cool", after="0")
    assert what_holds(row.key).values == {"tone": "neutral"}


def test_an_ambiguous_name_waits_and_the_form_takes_it_in(desk: Client, piece: Any, miner: Any):
    Alias.objects.create(subject=archive.subject("Mara Quayle"), text="Quayle", is_ambiguous=True)
    archive.piece("On 5 May 2019, Quayle left.", title="Doubt")
    while miner.tick():
        pass
    row = Occurrence.objects.get(sentence__contains="Quayle left")

    page = desk.get(one(row.key)).content.decode()

    assert "not surely" in page
    assert re.search(r'value="mara-quayle" checked', page)


def test_an_entry_of_a_withdrawn_piece_leads_back_to_the_queue(desk: Client, piece: Any, miner: Any):
    key = the("few weeks later").key
    publication_actions.withdraw(piece)
    miner.tick()

    assert "not in the public archive any more" in desk.get(one(key), follow=True).content.decode()
    decide(desk, key, "accepted", after="0")
    assert not Ruling.objects.exists()


@pytest.mark.slow
def test_a_page_of_the_queue_costs_the_same_however_long_it_is(
    desk: Client, piece: Any, miner: Any, django_assert_max_num_queries: Any
):
    for number in range(12):
        archive.piece(*WAITING, title=f"Piece {number}")
    miner.tick()
    desk.get(reverse("isthmus_review"))

    with django_assert_max_num_queries(40):
        desk.get(one(the_key_of_the_last()))


def the_key_of_the_last() -> str:
    return Occurrence.objects.filter(quote__contains="few weeks later").order_by("-pk")[0].key


@pytest.mark.parametrize("what", ["", "withdrawn", "nonsense", "merged"])
def test_a_button_that_says_nothing_clear_changes_nothing(desk: Client, piece: Any, what: str):
    assert desk.get(reverse("isthmus_review_decide", args=[the("day after").key])).status_code == 405
    decide(desk, the("day after").key, what, after="9" * 40)

    assert not Ruling.objects.exists()
