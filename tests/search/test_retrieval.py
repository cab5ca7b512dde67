from dataclasses import dataclass, field
from typing import Any

import pytest

pytest.importorskip("numpy")

import numpy as np

from isthmus.search import meaning, retrieval
from isthmus.search.engine import Engine, Sort
from isthmus.search.engines.fake import Disk, FakeEngine
from isthmus.search.engines.tantivy import TantivyEngine
from isthmus.search.language import parse
from isthmus.search.retrieval import Retrieved, retrieve
from tests.contracts.documents import document


@dataclass
class Near:
    """A meaning that was made up: how near each piece is to any question."""

    pieces: dict[int, float]
    feedback: list[int] = field(default_factory=list)
    alike: list[int] = field(default_factory=list)

    def question(self, words: Any) -> Any:
        return list(words) or None

    def familiarity(self, words: Any) -> float:
        return 1.0

    def near(self, question: Any, n: int, *, also: Any) -> Any:
        asked = [self.pieces.get(number, np.nan) for number in also.tolist()]
        best = sorted(self.pieces, key=lambda number: -self.pieces[number])[:n]
        others = [number for number in best if number not in also]
        scores = [self.pieces[number] for number in others]
        return meaning.Near(np.array(asked, float), np.array(others, int), np.array(scores, float))

    def towards(self, question: Any, numbers: Any, weight: float) -> Any:
        self.feedback = numbers.tolist()
        return question

    def evened(self, numbers: Any, scores: Any, n_alike: int, share: float) -> Any:
        alike = np.isin(numbers, self.alike)
        return np.where(alike, scores[alike].mean() if alike.any() else 0, scores)


@pytest.fixture(params=["fake", "tantivy"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return FakeEngine(Disk()) if request.param == "fake" else TantivyEngine.create(None)


def ids(found: Retrieved) -> list[int]:
    return [hit.id for hit in found.hits]


def close(found: Retrieved) -> list[int]:
    return [hit.id for hit in found.close]


def test_without_meaning_the_order_is_that_of_words(engine: Engine):
    engine.apply([document(1, "Trade", "trade trade"), document(2, body="trade and rice and rice")], (), seq=1)

    found = retrieve(engine, parse("trade"), limit=10)

    assert (found.total, ids(found), found.close) == (2, [1, 2], ())


def test_meaning_orders_what_words_leave_alike(engine: Engine):
    engine.apply([document(n, body="trade in rice") for n in range(1, 6)], (), seq=1)

    found = retrieve(engine, parse("trade"), limit=10, meaning=Near({4: 0.9, 2: 0.5, 1: 0.1}))

    assert (found.total, ids(found)[:2]) == (5, [4, 2])


def test_pieces_alike_are_moved_together(engine: Engine):
    engine.apply([document(n, body="trade in rice") for n in range(1, 6)], (), seq=1)
    near = Near({4: 0.9, 2: 0.8, 1: 0.7, 3: 0.1}, alike=[3, 4, 5])

    found = retrieve(engine, parse("trade"), limit=10, meaning=near)

    assert (found.total, ids(found)[0]) == (5, 2)
    assert sorted(ids(found)) == [1, 2, 3, 4, 5]


def test_meaning_locates_nothing_and_counts_nothing(engine: Engine):
    engine.apply([document(1, body="frigate"), document(2, body="warship")], (), seq=1)

    found = retrieve(engine, parse("warship"), limit=10, meaning=Near({1: 0.9, 2: 0.8}))

    assert (found.total, ids(found)) == (1, [2])


def test_what_comes_close_follows_the_last_located_piece(engine: Engine):
    engine.apply(
        [document(1, body="frigate"), document(2, body="warship talks"), document(3, body="talks"), document(4)],
        (),
        seq=1,
    )

    found = retrieve(engine, parse("warship talks"), limit=10, n_close=10, meaning=Near({1: 0.9, 2: 0.8}))

    assert (found.total, ids(found), sorted(close(found))) == (1, [2], [1, 3])
    assert retrieve(engine, parse("warship talks"), limit=10, n_close=1).close[0].text


def test_close_pieces_come_with_the_last_page_only_and_for_words_only(engine: Engine):
    engine.apply([document(n, body="warship talks") for n in (1, 2, 3)] + [document(4, body="talks")], (), seq=1)

    assert close(retrieve(engine, parse("warship talks"), limit=2, n_close=10)) == []
    assert close(retrieve(engine, parse("warship talks"), offset=2, limit=2, n_close=10)) == [4]
    assert close(retrieve(engine, parse('"warship talks"'), limit=10, n_close=10)) == []
    assert close(retrieve(engine, parse("warship talks"), limit=10, n_close=10, sort=Sort.NEWEST)) == [4]


def test_what_is_absent_is_neither_hit_nor_close_nor_feedback(engine: Engine):
    engine.apply([document(n, body="warship") for n in (1, 2)] + [document(3, body="frigate")], (), seq=1)
    near = Near({3: 0.9, 1: 0.8})

    found = retrieve(engine, parse("warship"), limit=10, n_close=10, without={1, 3}, meaning=near)

    assert (found.total, ids(found), close(found), near.feedback) == (1, [2], [], [2])


def test_vector_of_a_piece_that_left_the_index_shows_nothing(engine: Engine):
    engine.apply([document(1, body="warship")], (), seq=1)

    found = retrieve(engine, parse("warship"), limit=10, n_close=10, meaning=Near({1: 0.5, 99: 0.9}))

    assert (ids(found), close(found)) == ([1], [])


def test_filters_hold_for_what_comes_close(engine: Engine):
    engine.apply(
        [document(1, body="warship", kind="post"), document(2, body="frigate", kind="paper"),
         document(3, body="frigate", kind="post")], (), seq=1,
    )  # fmt: skip

    found = retrieve(
        engine, parse("warship"), filters={"kind": ("post",)}, limit=10, n_close=10, meaning=Near({2: 0.9, 3: 0.8})
    )

    assert (found.total, ids(found), close(found)) == (1, [1], [3])


@pytest.mark.parametrize("with_meaning", [False, True])
@pytest.mark.parametrize("n", [7, 12, 30])
def test_pages_to_the_last_hit_hold_every_piece_once(
    engine: Engine, n: int, with_meaning: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(retrieval, "_DEPTH", 10)
    engine.apply([document(i, body="trade " * (i % 4 + 1) + "and rice") for i in range(1, n + 1)], (), seq=1)
    near = Near({i: (i * 7 % 11) / 11 for i in range(1, n + 1)}) if with_meaning else None

    pages = [retrieve(engine, parse("trade"), offset=start, limit=3, meaning=near) for start in range(0, n + 3, 3)]  # type: ignore[arg-type]

    assert {page.total for page in pages} == {n}
    assert sorted(number for page in pages for number in ids(page)) == list(range(1, n + 1))
    whole = ids(retrieve(engine, parse("trade"), limit=n, meaning=near))  # type: ignore[arg-type]
    assert [number for page in pages for number in ids(page)] == whole


def test_empty_question_lists_everything_and_one_without_words_nothing(engine: Engine):
    engine.apply([document(1), document(2)], (), seq=1)

    assert ids(retrieve(engine, parse(""), limit=10, sort=Sort.NEWEST)) == [2, 1]
    assert retrieve(engine, parse("?!"), limit=10, n_close=10, meaning=Near({1: 0.9})).total == 0
