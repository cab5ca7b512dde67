import os
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy")
pytest.importorskip("tokenizers")

import numpy as np

from isthmus.search import vectors
from isthmus.search.fusion import arrays
from isthmus.search.meaning import Meaning, MeaningReader
from isthmus.search.semantic import Embedding, embedding
from isthmus.search.vectors import VectorFile

TEXTS = {
    1: "The navy sends frigates and destroyers", 2: "Rice and wheat were harvested late",
    3: "A school for nurses opens", 4: "Central banks raise interest rates",
}  # fmt: skip


@pytest.fixture
def known() -> Embedding:
    found = embedding()
    assert found is not None
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / vectors.NAME


@pytest.fixture
def file(path: Path, known: Embedding) -> VectorFile:
    opened = VectorFile(path, known)
    opened.put({number: known.bag(text) for number, text in TEXTS.items()}, seq=7)
    assert opened.reweigh()
    return opened


def nearest(meaning: Meaning | None, question: str, n: int = 1) -> list[int]:
    assert meaning is not None
    asked = meaning.question(question.split())
    assert asked is not None
    near = meaning.near(asked, n, also=numbers())
    return list(near.others[near.scores.argsort()[::-1]].tolist())


def numbers(*given: int) -> Any:
    return np.array(given, dtype=np.int64)


def test_piece_is_near_to_words_it_does_not_have(file: VectorFile, path: Path):
    meaning = MeaningReader(path).current()

    assert nearest(meaning, "warships") == [1]
    assert nearest(meaning, "inflation") == [4]


def test_file_knows_what_it_covers(file: VectorFile):
    assert (file.seq(), file.count()) == (7, 4)


def test_reader_follows_what_is_put_in_and_taken_out(file: VectorFile, path: Path, known: Embedding):
    reader = MeaningReader(path)
    assert nearest(reader.current(), "warships") == [1]

    file.put({5: known.bag("Warships")}, [1], seq=8)

    assert nearest(reader.current(), "warships", n=10)[0] == 5
    assert 1 not in nearest(reader.current(), "warships", n=10)


def test_changed_piece_replaces_the_old_one(file: VectorFile, path: Path, known: Embedding):
    reader = MeaningReader(path)
    reader.current()

    file.put({1: known.bag("Football"), 2: known.bag("Warships")}, seq=8)

    assert nearest(reader.current(), "warships", n=10)[0] == 2
    assert len(nearest(reader.current(), "warships", n=10)) == 4


def test_state_that_a_search_holds_never_changes(file: VectorFile, path: Path):
    reader = MeaningReader(path)
    before = reader.current()

    file.put({}, [1, 2, 3, 4], seq=8)

    assert nearest(before, "warships") == [1]
    empty = reader.current()
    assert empty is not None
    assert empty.question(["warships"]) is None


def test_weights_are_counted_when_the_collection_has_doubled(file: VectorFile, known: Embedding):
    assert not file.reweigh()

    file.put({number: known.bag(f"frigate {number}") for number in range(5, 9)}, seq=8)

    assert file.reweigh()


def test_reweighing_reaches_the_reader_and_keeps_every_piece(file: VectorFile, path: Path, known: Embedding):
    reader = MeaningReader(path)
    before = reader.current()
    file.put({number: known.bag(f"frigate {number}") for number in range(5, 9)}, seq=8)
    assert file.reweigh()
    after = reader.current()

    assert before is not None
    assert after is not None
    assert (before.numbers.tolist(), after.numbers.tolist()) == ([1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7, 8])
    assert (after.weights != before.weights).any()


def test_pieces_have_no_meaning_before_the_first_weighing(path: Path, known: Embedding):
    opened = VectorFile(path, known)
    opened.put({1: known.bag("trade")}, seq=1)
    before = MeaningReader(path).current()
    assert before is not None
    assert before.question(["trade"]) is None

    opened.reweigh()

    assert nearest(MeaningReader(path).current(), "trade") == [1]


def test_feedback_moves_a_question_towards_pieces(file: VectorFile, path: Path):
    meaning = MeaningReader(path).current()
    assert meaning is not None
    question = meaning.question(["school"])
    assert question is not None

    moved = meaning.towards(question, numbers(4, 999), 5.0)

    near = meaning.near(moved, 4, also=numbers())
    assert near.others[near.scores.argmax()] == 4


def test_question_without_a_known_word_has_no_meaning(file: VectorFile, path: Path):
    meaning = MeaningReader(path).current()

    assert meaning is not None
    assert meaning.question(["정", "책"]) is None


def test_scores_of_named_pieces_come_with_the_nearest(file: VectorFile, path: Path):
    meaning = MeaningReader(path).current()
    assert meaning is not None
    question = meaning.question(["warships"])
    assert question is not None

    near = meaning.near(question, 1, also=numbers(3, 999))

    assert near.others.tolist() == [1]
    assert [score == score for score in near.asked.tolist()] == [True, False]
    assert near.asked[0] < near.scores[0]


def test_cleared_file_holds_no_text_and_covers_nothing(file: VectorFile, path: Path):
    file.clear()

    with sqlite3.connect(path) as connection:
        (kept,) = connection.execute(
            "SELECT count(*) FROM piece WHERE pieces IS NOT NULL OR vector IS NOT NULL"
        ).fetchone()
    assert (file.seq(), file.count(), kept) == (0, 0, 0)


@pytest.mark.parametrize("bytes_there", [b"", b"not a database" * 100])
def test_file_that_is_none_is_made_again(path: Path, known: Embedding, bytes_there: bytes):
    path.write_bytes(bytes_there)

    opened = VectorFile(path, known)

    assert (opened.seq(), opened.count()) == (0, 0)


def test_file_of_another_format_is_made_again(file: VectorFile, path: Path, known: Embedding):
    file.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert MeaningReader(path).current() is None

    assert VectorFile(path, known).count() == 0


def test_reader_without_a_file_has_nothing_until_there_is_one(path: Path, known: Embedding):
    reader = MeaningReader(path)
    assert reader.current() is None

    vectors.filled(path, known, [(1, known.bag("trade"))])

    assert nearest(reader.current(), "trade") == [1]


def test_reader_takes_up_a_file_that_took_the_others_place(
    file: VectorFile, path: Path, tmp_path: Path, known: Embedding
):
    reader = MeaningReader(path)
    reader.current()
    other = tmp_path / "other"
    vectors.filled(other, known, [(9, known.bag("warships"))])

    os.replace(other, path)

    assert nearest(reader.current(), "warships", n=9) == [9]


def test_search_goes_on_while_the_file_is_locked(file: VectorFile, path: Path):
    reader = MeaningReader(path)
    reader.current()
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")

    assert nearest(reader.current(), "warships") == [1]
    writer.execute("ROLLBACK")


def test_nothing_is_kept_of_a_write_that_failed(file: VectorFile, known: Embedding):
    with pytest.raises(sqlite3.Error):
        file.put({"one": known.bag("x")}, seq=9)  # type: ignore[dict-item]

    assert (file.seq(), file.count()) == (7, 4)


def test_bag_of_many_counts_fits_the_file(path: Path, known: Embedding):
    opened = VectorFile(path, known)

    opened.put({1: known.bag_of(Counter({"trade": 100_000}))}, seq=1)

    assert opened.reweigh()


def test_piece_among_others_alike_passes_one_that_stands_alone(file: VectorFile, path: Path, known: Embedding):
    file.put({5: known.bag("Destroyers and frigates of the fleet"), 6: known.bag("Frigates sail with the navy")}, seq=8)
    meaning = MeaningReader(path).current()
    assert meaning is not None

    given = {1: 0.8, 5: 0.75, 2: 0.7, 6: 0.68, 3: 0.1, 99: 0.5}
    evened = dict(zip(given, meaning.evened(*arrays(given), 2, 0.5).tolist(), strict=True))

    assert evened[6] > evened[2]
    assert evened[99] == 0.5
    assert max(evened.values()) <= 0.8


@pytest.mark.parametrize("scores", [{}, {1: 0.5}, {98: 0.4, 99: 0.3}, {1: 0.5, 99: 0.3}])
def test_scores_of_pieces_with_none_beside_them_stay(file: VectorFile, path: Path, scores: dict[int, float]):
    meaning = MeaningReader(path).current()
    assert meaning is not None

    assert meaning.evened(*arrays(scores), 10, 0.3).tolist() == list(scores.values())


def test_words_that_are_strange_to_meaning_leave_scores_as_they_are(file: VectorFile, path: Path):
    meaning = MeaningReader(path).current()
    assert meaning is not None

    assert meaning.evened(*arrays({1: 0.9, 2: 0.1}), 10, 0.0).tolist() == [0.9, 0.1]
