"""The machine proposes and an editor disposes: what was decided holds, is remembered, and can be taken back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isthmus.dossiers import actions, happened, standing
from isthmus.dossiers.actions import Correction, DecidedMeanwhile, EntryGone
from isthmus.dossiers.date_written import DateUnreadable
from isthmus.dossiers.models import ErrorReport, Occurrence, Ruling
from isthmus.kit import clock
from isthmus.kit.errors import UsageError
from isthmus.publications import actions as publication_actions
from isthmus.publications import journal
from isthmus.publications.models import Publication
from tests import makers
from tests.dossiers import archive

pytestmark = pytest.mark.django_db

What = Ruling.What


def mined(miner: Any, *paragraphs: str) -> Publication:
    archive.two()
    piece = archive.piece(*(paragraphs or (archive.MEETING,)))
    miner.tick()
    return piece


def the_key(words: str = "4 March") -> str:
    return Occurrence.objects.get(quote__contains=words).key


def held(key: str) -> standing.Standing:
    return standing.standings(Ruling.objects.filter(key=key)).get(key, standing.NOTHING_DECIDED)


def days(piece: Publication) -> frozenset[Any]:
    return happened.days_of([piece.pk]).get(piece.pk, frozenset())


def test_a_refused_entry_is_public_no_more_and_the_search_is_told(miner, alice):
    piece = mined(miner)
    before = journal.latest_seq()
    assert days(piece)

    actions.rule(the_key(), What.REFUSED, by=alice)

    assert not days(piece)
    assert [row.subject for row in journal.read_after(before)] == [f"pub:{piece.pk}"]


def test_a_correction_says_what_is_true_instead(miner, alice):
    piece = mined(miner)

    actions.rule(the_key(), What.CORRECTED, by=alice, correction=Correction(edtf="2019-04", subjects=("orla-verin",)))

    [(first_on, before_on)] = days(piece)
    assert (str(first_on), str(before_on)) == ("2019-04-01", "2019-05-01")
    assert held(the_key()).values["subjects"] == ["orla-verin"]


@pytest.mark.parametrize(
    ("correction", "error"),
    [
        (Correction(edtf="last spring"), DateUnreadable),
        (Correction(modality="rumoured"), UsageError),
        (Correction(subjects=("nobody",)), UsageError),
        (Correction(), UsageError),
    ],
)
def test_a_correction_that_says_nothing_clear_changes_nothing(miner, alice, correction, error):
    mined(miner)

    with pytest.raises(error):
        actions.rule(the_key(), What.CORRECTED, by=alice, correction=correction)

    assert not Ruling.objects.exists()


def test_what_somebody_else_decided_meanwhile_is_not_overwritten(miner, alice, bob):
    mined(miner)
    actions.rule(the_key(), What.REFUSED, by=bob, after=0)

    with pytest.raises(DecidedMeanwhile, match="bob@"):
        actions.rule(the_key(), What.ACCEPTED, by=alice, after=0)

    assert held(the_key()).what == What.REFUSED


def test_taking_back_brings_back_what_held_before(miner, alice):
    mined(miner)
    actions.rule(the_key(), What.CORRECTED, by=alice, correction=Correction(edtf="2019"))
    actions.rule(the_key(), What.REFUSED, by=alice)

    actions.take_back(the_key(), by=alice)
    assert (held(the_key()).what, held(the_key()).values["edtf"]) == (What.CORRECTED, "2019")

    actions.take_back(the_key(), by=alice)
    assert held(the_key()).what == What.WITHDRAWN


def test_there_is_nothing_to_take_back_where_nothing_was_decided(miner, alice):
    mined(miner)

    with pytest.raises(UsageError, match="nothing to take back"):
        actions.take_back(the_key(), by=alice)


def test_entries_told_as_one_stay_so_with_a_third_and_come_apart_again(miner, alice):
    mined(miner, archive.MEETING, archive.QUARREL, "Orla Verin wrote to Han Sol-bi on 9 July 2019.")
    one, two, three = Occurrence.objects.order_by("start").values_list("key", flat=True)

    first = actions.merge_entries([two, three], by=alice)
    second = actions.merge_entries([one, two], by=alice)

    assert first == second
    assert {held(key).happening for key in (one, two, three)} == {first}
    actions.take_apart(two, by=alice)
    assert [held(key).happening for key in (one, two, three)] == [first, "", first]


def test_undoing_a_merging_takes_apart_what_it_put_together_and_no_more(miner, alice):
    mined(miner, archive.MEETING, archive.QUARREL, "Orla Verin wrote to Han Sol-bi on 9 July 2019.")
    one, two, three = Occurrence.objects.order_by("start").values_list("key", flat=True)
    happening = actions.merge_entries([one, two], by=alice)
    actions.merge_entries([two, three], by=alice)

    actions.take_back(three, by=alice)

    assert [held(key).happening for key in (one, two, three)] == [happening, happening, ""]


def test_to_be_told_as_one_makes_nothing_public(miner, alice):
    piece = mined(miner, archive.MEETING, "A few weeks later, Orla Verin wrote to Han Sol-bi.")
    before = days(piece)

    actions.merge_entries(list(Occurrence.objects.values_list("key", flat=True)), by=alice)

    assert days(piece) == before


def test_rulings_outlive_a_rebuild_and_a_piece_that_is_edited_elsewhere(miner, alice):
    piece = mined(miner)
    actions.rule(the_key(), What.REFUSED, by=alice)

    miner.rebuild()
    assert not days(piece)

    archive.rewritten(piece, "A new beginning.", archive.MEETING)
    miner.tick()
    assert Occurrence.objects.count() == 1
    assert not days(piece)


def test_rulings_outlive_a_new_import_of_the_same_piece(miner, alice):
    archive.two()
    piece = archive.piece(archive.MEETING, identity="https://old.example/1")
    miner.tick()
    actions.rule(the_key(), What.REFUSED, by=alice)

    Publication.objects.get(pk=piece.pk).delete()
    miner.tick()
    again = archive.piece(archive.MEETING, identity="https://old.example/1")
    miner.tick()

    assert again.pk != piece.pk
    assert Occurrence.objects.filter(text=again.pk).exists()
    assert not days(again)


def test_an_entry_of_a_withdrawn_piece_is_gone(miner, alice):
    piece, key = mined(miner), the_key()
    publication_actions.withdraw(piece)
    miner.tick()

    with pytest.raises(EntryGone):
        actions.rule(key, What.ACCEPTED, by=alice)


def test_a_report_is_put_aside_and_taken_up_again(alice):
    report = ErrorReport.objects.create(about="occurrence", key="0" * 32, words="It was a Monday.", at=clock.now())

    actions.settle_report(report)
    report.refresh_from_db()
    assert report.is_settled

    actions.settle_report(report, is_settled=False)
    report.refresh_from_db()
    assert not report.is_settled


PARAGRAPHS = (archive.MEETING, archive.QUARREL, "Orla Verin wrote to Han Sol-bi on 9 July 2019.", "Nothing happened.")


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.permutations(PARAGRAPHS), min_size=1, max_size=4), refused=st.sampled_from(PARAGRAPHS[:3]))
def test_a_refused_entry_never_returns_whatever_is_done_to_the_text(miner, alice, texts, refused):
    Publication.objects.all().delete()
    Ruling.objects.all().delete()
    from isthmus.dossiers.models import Subject

    if not Subject.objects.exists():
        archive.two()
    piece = archive.piece(*PARAGRAPHS)
    miner.tick()
    row = Occurrence.objects.get(sentence=refused)
    actions.rule(row.key, What.REFUSED, by=alice)

    for text in texts:
        archive.rewritten(piece, *text)
        miner.tick()
        public = days(piece)
        assert (row.first_on, row.before_on) not in public
        assert len(public) == 2
    miner.rebuild()
    assert (row.first_on, row.before_on) not in days(piece)


def test_a_stranger_piece_is_left_alone(miner, alice):
    mined(miner)
    other = makers.released("Another", text="<p>Orla Verin met Han Sol-bi on 4 March 2019.</p>")
    miner.tick()

    actions.rule(Occurrence.objects.exclude(text=other.pk).get().key, What.REFUSED, by=alice)

    assert days(other)
