"""What is mined follows what the public may read, and the vocabulary, whatever happens in between."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from isthmus.dossiers import affected_texts
from isthmus.dossiers.keeper import FOLLOWER, Keeper
from isthmus.dossiers.models import Alias, Mention, MinedText, NamedDate, Occurrence, Relation, Subject, ToneWord
from isthmus.kit import clock as isthmus_clock
from isthmus.kit.locks import file_lock
from isthmus.publications import actions, journal
from isthmus.publications.models import FollowerCursor, Publication
from tests import makers
from tests.dossiers import archive


def follow(keeper: Keeper) -> None:
    """Tick until nothing is left."""
    for _ in range(100):
        if not keeper.tick():
            return
    raise AssertionError("The keeper never came to rest.")


def test_released_piece_is_read(miner: Keeper):
    orla, han = archive.two()
    piece = archive.piece(archive.MEETING, "Nothing happened.")

    follow(miner)

    occurrence = Occurrence.objects.get()
    assert (occurrence.text_id, occurrence.quote, occurrence.edtf) == (piece.pk, "4 March 2019", "2019-03-04")
    assert set(occurrence.subjects.all()) == {orla, han}
    assert Relation.objects.get().verb == "meet"
    assert archive.without_evidence() == []
    assert journal.lag(FOLLOWER) == 0


def test_revision_and_withdrawal_are_followed(miner: Keeper):
    archive.two()
    piece = archive.piece(archive.MEETING)
    follow(miner)

    piece = archive.rewritten(piece, archive.QUARREL)
    follow(miner)
    assert [one.edtf for one in Occurrence.objects.all()] == ["2019-05"]

    actions.withdraw(piece)
    follow(miner)
    assert archive.rows() == []


def test_deleted_piece_takes_its_entries_with_it(miner: Keeper):
    archive.two()
    piece = archive.piece(archive.MEETING)
    follow(miner)

    piece.delete()
    follow(miner)

    assert archive.rows() == []


@pytest.mark.parametrize("state", ["draft", "scheduled", "staged", "draft of a public piece"])
def test_what_is_not_public_is_not_read(miner: Keeper, clock: Any, state: str):
    archive.two()
    if state == "draft of a public piece":
        makers.edited(archive.piece("Nothing is dated here."), body=[("text", f"<p>{archive.QUARREL}</p>")])
    else:
        piece = makers.draft("Not Yet", body=[("text", f"<p>{archive.MEETING}</p>")])
        if state == "scheduled":
            actions.schedule(piece, isthmus_clock.now() + timedelta(hours=1))
        Publication.objects.filter(pk=piece.pk).update(staged_in="a run" if state == "staged" else "")

    follow(miner)
    miner.rebuild()

    assert not Occurrence.objects.exists()
    assert not Mention.objects.exists()


def test_rebuild_makes_equal_rows(miner: Keeper):
    archive.two()
    archive.piece(archive.MEETING, archive.QUARREL, "The meeting was short.")
    archive.piece("Last June, Verin praised him. This surprised Han Sol-bi.", title="Orla Verin Again")
    follow(miner)
    before = archive.rows()

    assert miner.rebuild() == 2

    assert before
    assert archive.rows() == before


def test_unchanged_text_keeps_its_rows(miner: Keeper):
    archive.two()
    piece = archive.piece(archive.MEETING)
    follow(miner)
    numbers = set(Occurrence.objects.values_list("pk", flat=True))

    FollowerCursor.objects.filter(name=FOLLOWER).update(seq=0)
    follow(miner)

    assert set(Occurrence.objects.values_list("pk", flat=True)) == numbers
    assert MinedText.objects.get().pk == piece.pk


def test_entry_keeps_its_key_when_the_text_around_it_changes(miner: Keeper):
    archive.two()
    piece = archive.piece(archive.MEETING)
    follow(miner)
    occurrence, relation = Occurrence.objects.get().key, Relation.objects.get().key

    archive.rewritten(piece, "It began in 2011.", archive.MEETING.replace(" ", "\u00a0", 1))
    follow(miner)

    assert Occurrence.objects.get(edtf="2019-03-04").key == occurrence
    assert Relation.objects.get().key == relation


def test_new_import_keeps_the_keys_of_an_imported_piece(miner: Keeper):
    archive.two()
    piece = archive.piece(archive.MEETING)
    Publication.objects.filter(pk=piece.pk).update(identity="old-site:17")
    follow(miner)
    key = Occurrence.objects.get().key

    piece.delete()
    again = archive.piece(archive.MEETING, title="Another Number")
    Publication.objects.filter(pk=again.pk).update(identity="old-site:17")
    follow(miner)

    assert Occurrence.objects.get().key == key


def test_new_alias_is_matched_in_old_texts_without_reading_dates_again(miner: Keeper, monkeypatch: pytest.MonkeyPatch):
    orla, _ = archive.two()
    archive.piece("On 4 March 2019 the Heron spoke.")
    other = archive.piece(archive.QUARREL, title="Other")
    follow(miner)
    untouched = set(Mention.objects.filter(text=other.pk).values_list("pk", flat=True))
    monkeypatch.setattr("isthmus.dossiers.extract.tag", lambda *_, **__: pytest.fail("dates were read again"))

    Alias.objects.create(subject=orla, text="the Heron")
    follow(miner)

    assert [one.quote for one in Occurrence.objects.filter(subjects=orla)] == ["4 March 2019", "May 2019"]
    assert set(Mention.objects.filter(text=other.pk).values_list("pk", flat=True)) == untouched
    assert miner.status().is_matched


def test_removed_alias_and_subject_leave_nothing(miner: Keeper):
    orla, han = archive.two()
    alias = Alias.objects.create(subject=han, text="the Heron")
    archive.piece("On 4 March 2019 the Heron spoke.", archive.MEETING)
    follow(miner)
    assert Mention.objects.filter(quote="the Heron").exists()

    alias.delete()
    orla.delete()
    follow(miner)

    assert [mention.quote for mention in Mention.objects.all()] == ["Han Sol-bi"]
    assert not Relation.objects.exists()


@pytest.mark.parametrize("has_index", [True, False])
def test_vocabulary_change_ends_where_a_rebuild_would(miner: Keeper, has_index: bool):
    from isthmus.search.keeper import Keeper as SearchKeeper

    orla, han = archive.two()
    for n, sentence in enumerate((archive.MEETING, archive.QUARREL, "In June 2018 l’Heron met Sol Han.")):
        archive.piece(sentence, "In July 2018 Verin and Mi-ro Han praised the HERON.", title=f"Piece {n}")
    follow(miner)
    if has_index:
        SearchKeeper().tick()

    young = archive.subject("Han Mi-ro", "Mi-ro Han", "Heron")
    Alias.objects.create(subject=han, text="Sol Han")
    orla.titles.create(text="Minister", starts_on=date(2018, 1, 1))
    follow(miner)
    followed = archive.rows()
    miner.rebuild()

    assert Mention.objects.filter(subject=young).exists()
    assert followed == archive.rows()


def test_vocabulary_that_changes_while_it_is_followed_ends_right(miner: Keeper, monkeypatch: pytest.MonkeyPatch):
    orla, _ = archive.two()
    for n in range(5):
        archive.piece("On 4 March 2019 the Heron spoke.", title=f"Piece {n}")
    follow(miner)
    monkeypatch.setattr("isthmus.dossiers.keeper._MAX_MATCHED", 2)

    alias = Alias.objects.create(subject=orla, text="the Heron")
    miner.tick()
    assert 0 < Mention.objects.count() < 5
    alias.delete()
    follow(miner)

    assert not Mention.objects.exists()


def test_vocabulary_that_changes_while_texts_are_read_has_them_read_again(
    miner: Keeper, monkeypatch: pytest.MonkeyPatch
):
    orla, _ = archive.two()
    archive.piece("On 4 March 2019 the Heron spoke.")
    changes = iter([lambda: Alias.objects.create(subject=orla, text="the Heron")])

    def slow_pieces(ids: Any) -> dict[int, str]:
        for change in changes:
            change()
        return {number: f"pub:{number}" for number in ids}

    monkeypatch.setattr("isthmus.dossiers.keeper._pieces", slow_pieces)
    follow(miner)

    assert Mention.objects.filter(quote="the Heron").exists()


def test_changed_tone_word_changes_the_relations_that_have_it(miner: Keeper):
    archive.two()
    archive.piece(archive.MEETING)
    follow(miner)
    assert Relation.objects.get().tone == "neutral"

    ToneWord.objects.create(word="meet", tone="warm")
    follow(miner)

    assert Relation.objects.get().tone == "warm"


def test_act_has_the_date_of_its_own_clause(miner: Keeper):
    archive.two()
    archive.piece("In May 2019, weeks before a speech on 4 June 2019, Orla Verin thanked Han Sol-bi.")
    follow(miner)

    assert Relation.objects.get().edtf == "2019-05"


def test_name_that_editors_gave_to_a_date_waits_for_them(miner: Keeper):
    archive.two()
    archive.piece("The Korin Summit was cold, said Orla Verin.")
    follow(miner)
    assert not Occurrence.objects.exists()

    NamedDate.objects.create(name="the Korin Summit", first_on=date(2019, 2, 27), last_on=date(2019, 2, 28))
    follow(miner)

    occurrence = Occurrence.objects.get()
    assert (occurrence.quote, occurrence.edtf, occurrence.grade) == ("Korin Summit", "2019-02-27/2019-02-28", "text")
    NamedDate.objects.all().delete()
    follow(miner)
    assert not Occurrence.objects.exists()


@pytest.mark.parametrize(
    ("sentence", "grade"),
    [
        ("Ada Quill brought a chart of 1790 to the table.", "approximate"),
        ("Under the arrangement of 1887 Ada Quill keeps the lamp.", "approximate"),
        ("Ada Quill signed the arrangement in 1887.", "stated"),
        ("As of 1887 Ada Quill kept the lamp.", "stated"),
        ("In the summer of 1887 Ada Quill kept the lamp.", "stated"),
        ("Ada Quill signed the arrangement of 4 May 1887.", "stated"),
    ],
)
def test_year_that_only_tells_which_one_is_meant_waits_for_an_editor(miner: Keeper, sentence: str, grade: str):
    makers.released("Lamp", text=sentence, published_on=date(2020, 1, 1))
    follow(miner)

    assert list(Occurrence.objects.values_list("grade", flat=True)) == [grade]


def test_text_read_by_an_older_version_is_read_again(miner: Keeper):
    archive.two()
    archive.piece(archive.MEETING)
    follow(miner)
    expected = archive.rows()
    MinedText.objects.update(made_with="older")
    Occurrence.objects.all().delete()
    assert miner.status().n_stale == 1

    follow(miner)

    assert archive.rows() == expected


def test_two_keepers_never_write_at_once(miner: Keeper, settings: Any):
    archive.piece(archive.MEETING)
    with file_lock(settings.DATA / "dossiers.lock"):
        assert miner.tick() == 0
    assert miner.tick() > 0


class Died(BaseException):
    """The process ended here."""


@pytest.mark.parametrize(
    "step", ["mined_rows.replace", "mined_rows.remove", "happened.journal_changes", "journal.move_cursor", "_matched"]
)
def test_crash_at_any_step_loses_nothing(miner: Keeper, monkeypatch: pytest.MonkeyPatch, step: str):
    orla, _ = archive.two()
    pieces = [archive.piece(archive.MEETING, title=f"Piece {n}") for n in range(3)]
    follow(miner)
    actions.withdraw(pieces[0])
    archive.rewritten(pieces[1], archive.QUARREL, "The Heron spoke.")
    Alias.objects.create(subject=orla, text="The Heron")

    def die(*_: Any, **__: Any) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(f"isthmus.dossiers.keeper.{step}", die)
        with pytest.raises(Died):
            follow(miner)
    follow(Keeper())
    followed = archive.rows()
    Keeper().rebuild()

    assert followed == archive.rows()
    assert {text for _, text, *_ in (row for row in followed if row[0] == "text")} == {pieces[1].pk, pieces[2].pk}


_SENTENCES = (
    archive.MEETING, archive.QUARREL, "The meeting was short.", "Verin thanked Han.", "In 2011 the Heron met Verin.",
    "Last June nobody came.", "“It was 3 May 2018,” Orla Verin told Han Sol-bi.", "Ünïcode — \u2028 2 June 2017…",
)  # fmt: skip


@pytest.mark.slow
@given(st.lists(st.lists(st.sampled_from(_SENTENCES), min_size=1, max_size=6), min_size=1, max_size=3), st.booleans())
@example_settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_entry_stands_without_its_words_in_the_live_text(miner: Keeper, texts: list[list[str]], is_new: bool):
    if not Subject.objects.exists():
        archive.two()
    for publication in Publication.objects.filter(live=True)[:2]:
        archive.rewritten(publication, *texts[0])
    for sentences in texts:
        archive.piece(" ".join(sentences[:3]), *sentences[3:], on=date(2020, 1, 20) + timedelta(days=len(sentences)))
    Alias.objects.filter(text="the Heron").delete()
    if is_new:
        Alias.objects.create(subject=Subject.objects.first(), text="the Heron")

    follow(miner)
    followed = archive.rows()
    miner.rebuild()

    assert archive.without_evidence() == []
    assert archive.rows() == followed


def test_index_that_is_behind_is_not_asked(miner: Keeper):
    archive.two()
    archive.piece(archive.MEETING)
    follow(miner)

    change = affected_texts.Change(frozenset({"Orla Verin"}))

    assert affected_texts.affected_by(change, covering=journal.latest_seq()) == list(
        MinedText.objects.values_list("pk", flat=True)
    )
