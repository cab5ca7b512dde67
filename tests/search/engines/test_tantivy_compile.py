import pytest

from isthmus.search.engines import tantivy_compile
from isthmus.search.engines.tantivy import TantivyEngine
from isthmus.search.query import Phrase, Query, Word
from tests.contracts.documents import document

RICE, COMMON, RARE = Word("rice"), Word("common"), Word("rare")


@pytest.fixture
def engine() -> TantivyEngine:
    """In memory: rice in all of ten pieces, common in nine, rare in one."""
    engine = TantivyEngine.create(None)
    bodies = ["rice common filler"] * 8 + ["rice common rare", "rice filler filler"]
    engine.apply((document(number, body=body) for number, body in enumerate(bodies, 1)), (), seq=1)
    return engine


def test_index_in_memory_answers_and_leaves_no_file(engine: TantivyEngine):
    assert engine.search(Query("typed", RARE), limit=1).hits[0].id == 9


@pytest.mark.parametrize(("n_entries", "n_weighed"), [(0, 0), (5, 1), (100, 2)])
def test_what_would_take_too_long_is_not_weighed_the_dearest_first(
    engine: TantivyEngine, monkeypatch: pytest.MonkeyPatch, n_entries: int, n_weighed: int
):
    monkeypatch.setattr(tantivy_compile, "_MAX_WEIGHED_ENTRIES", n_entries)

    def hits(*weighed: Word | Phrase) -> dict[int, float]:
        found = engine.search(Query("typed", RICE, weighed=tuple((text, 1.0) for text in weighed)), limit=10)
        assert found.total == 10
        return {hit.id: hit.score for hit in found.hits}

    scores = hits(COMMON, RARE)

    assert scores[10] == 0
    assert (scores[1] > 0) == (n_weighed == 2)
    assert (scores[9] > scores[1]) == (n_weighed > 0)


def test_words_of_what_is_asked_for_are_weighed_whatever_they_cost(
    engine: TantivyEngine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tantivy_compile, "_MAX_WEIGHED_ENTRIES", 0)

    (best, *_) = engine.search(Query("typed", COMMON, weighed=((COMMON, 1.0),)), limit=9).hits

    assert best.score > 0
