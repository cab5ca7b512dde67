from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy")
pytest.importorskip("tokenizers")

from isthmus.kit.locks import file_lock
from isthmus.publications import actions, journal
from isthmus.publications.models import FollowerCursor, JournalEntry, Publication
from isthmus.search import actions as index_actions
from isthmus.search import meaning, meaning_keeper, vectors
from isthmus.search.meaning_keeper import FOLLOWER, LOCK, MeaningKeeper
from isthmus.server import worker
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(settings: Any, tmp_path: Path) -> MeaningKeeper:
    settings.DATA = tmp_path
    return MeaningKeeper()


def catch_up(keeper: MeaningKeeper) -> None:
    while keeper.tick():
        pass


def held() -> list[int]:
    found = meaning.current()
    return [] if found is None else found.numbers.tolist()


def test_released_piece_has_a_meaning_and_a_withdrawn_one_none(keeper: MeaningKeeper):
    piece = makers.released("Frigates")
    catch_up(keeper)
    assert held() == [piece.pk]

    actions.withdraw(Publication.objects.get(pk=piece.pk))
    catch_up(keeper)
    assert held() == []


def test_nothing_is_held_of_drafts(keeper: MeaningKeeper):
    makers.draft("Frigates")

    catch_up(keeper)

    assert held() == []


def test_pieces_in_other_languages_have_none(keeper: MeaningKeeper):
    makers.released("Fregatten", language="de")
    english = makers.released("Frigates")

    catch_up(keeper)

    assert held() == [english.pk]


def test_revised_piece_is_read_again(keeper: MeaningKeeper):
    piece = makers.released("Frigates", text="<p>Frigates.</p>")
    catch_up(keeper)
    before = meaning.current()

    actions.release(makers.edited(piece, title="Rice harvest", body=[("text", "<p>Rice.</p>")]))
    catch_up(keeper)

    after = meaning.current()
    assert before is not None
    assert after is not None
    assert float(before.rows[0] @ after.rows[0]) < 0.9


def test_deleted_piece_leaves(keeper: MeaningKeeper):
    piece = makers.released("Frigates")
    catch_up(keeper)

    piece.delete()
    catch_up(keeper)

    assert held() == []


def test_lost_file_is_filled_again(keeper: MeaningKeeper, tmp_path: Path):
    piece = makers.released("Frigates")
    catch_up(keeper)

    (tmp_path / "index" / vectors.NAME).unlink()
    catch_up(keeper)

    assert held() == [piece.pk]


def test_file_newer_than_a_restored_database_is_emptied_first(keeper: MeaningKeeper):
    kept, later = makers.released("Frigates"), makers.released("Rice")
    catch_up(keeper)
    assert held() == [kept.pk, later.pk]

    last = JournalEntry.objects.filter(subject=f"pub:{later.pk}").order_by("seq").first()
    assert last is not None
    JournalEntry.objects.filter(seq__gte=last.seq).delete()
    Publication.objects.filter(pk=later.pk).delete()
    JournalEntry.objects.filter(subject=f"pub:{later.pk}").delete()
    FollowerCursor.objects.filter(name=FOLLOWER).update(seq=0)
    catch_up(keeper)

    assert held() == [kept.pk]


def test_crash_before_the_cursor_moved_repeats_work_and_loses_none(
    keeper: MeaningKeeper, monkeypatch: pytest.MonkeyPatch
):
    piece = makers.released("Frigates")
    with monkeypatch.context() as patched:
        patched.setattr(meaning_keeper.journal, "move_cursor", lambda *rest: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            keeper.tick()

    catch_up(keeper)

    assert held() == [piece.pk]
    assert journal.lag(FOLLOWER) == 0


def test_an_archive_is_read_in_parts(keeper: MeaningKeeper, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(meaning_keeper, "_MAX_ROWS", 2)
    pieces = [makers.released(f"Piece {n}") for n in range(3)]

    keeper.tick()
    assert keeper.status().n_pieces in (1, 2)
    catch_up(keeper)

    assert held() == [piece.pk for piece in pieces]


def test_other_process_at_work_is_left_alone(keeper: MeaningKeeper, tmp_path: Path):
    makers.released("Frigates")
    (tmp_path / "index").mkdir()

    with file_lock(tmp_path / "index" / LOCK):
        assert keeper.tick() == 0

    assert held() == []


def test_rebuild_makes_all_anew(keeper: MeaningKeeper):
    makers.released("Frigates"), makers.released("Rice")
    catch_up(keeper)

    assert keeper.rebuild() == 2
    assert keeper.status() == meaning_keeper.MeaningStatus(True, 2, 0)


def test_status_says_what_waits(keeper: MeaningKeeper):
    makers.released("Frigates")

    assert keeper.status().n_pieces == 0
    assert (keeper.status().lag or 0) > 0


def test_what_status_says_to_people(keeper: MeaningKeeper):
    makers.released("Frigates")
    assert "0 English publications is known;" in keeper.status().sentence

    catch_up(keeper)
    assert keeper.status().sentence == "The meaning of 1 English publication is known."


def test_rebuilding_the_index_makes_the_meanings_too(keeper: MeaningKeeper):
    piece = makers.released("Frigates")

    index_actions.rebuild()

    assert (held(), index_actions.meaning_status().lag) == ([piece.pk], 0)


def test_without_the_extra_nothing_is_made_and_nothing_fails(
    keeper: MeaningKeeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(meaning_keeper, "embedding", lambda: None)
    monkeypatch.setattr(meaning, "embedding", lambda: None)
    makers.released("Frigates")

    assert (keeper.tick(), keeper.rebuild(), keeper.status().is_on, meaning.current()) == (0, 0, False, None)
    assert "isthmus[semantic] is not installed" in keeper.status().sentence
    assert not (tmp_path / "index" / vectors.NAME).exists()


def test_the_worker_reads_meanings_after_the_index():
    names = [job.name for job in worker.jobs_of("w1")]

    assert names.index("meaning") == names.index("index") + 1
