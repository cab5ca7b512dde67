import builtins
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isthmus.search import semantic
from isthmus.search.semantic import Embedding, embedding, is_english

np = pytest.importorskip("numpy")
pytest.importorskip("tokenizers")


@pytest.fixture(scope="module")
def known() -> Embedding:
    found = embedding()
    assert found is not None, "the extra isthmus[semantic] is in the lock"
    return found


@pytest.fixture
def nothing_loaded() -> Iterator[None]:
    embedding.cache_clear()
    yield
    embedding.cache_clear()


def likeness(known: Embedding, one: str, other: str) -> float:
    weights = known.even_weights()
    return float(known.vector(known.bag(one), weights) @ known.vector(known.bag(other), weights))


def test_texts_about_the_same_are_nearer_than_others(known: Embedding):
    assert likeness(known, "the doctors", "physicians") > likeness(known, "the doctors", "rice harvest") + 0.2


def test_capitals_and_apostrophes_change_nothing(known: Embedding):
    assert likeness(known, "THE MINISTER’S WARSHIPS", "the minister's warships") == pytest.approx(1, abs=1e-5)


def test_what_is_not_in_latin_letters_says_nothing(known: Embedding):
    assert len(known.bag("정책연구원 политика 政策").pieces) == 0
    assert not known.vector(known.bag("정책"), known.even_weights()).any()


def test_words_of_the_language_are_familiar_and_made_up_ones_are_not(known: Embedding):
    assert known.familiarity(["trade", "water"]) == 1
    assert known.familiarity(["dusafek", "kobinak"]) < 0.4
    assert known.familiarity(["정"]) == 0


def test_vector_is_one_long(known: Embedding):
    assert np.linalg.norm(known.vector(known.bag("trade talks"), known.even_weights())) == pytest.approx(1, abs=1e-5)


def test_common_pieces_weigh_less_than_rare_ones(known: Embedding):
    weights = known.weights([known.bag("korea trade"), known.bag("korea rice"), known.bag("korea")])
    korea, rice = known.bag("korea").pieces, known.bag("rice").pieces

    assert weights[korea].max() < weights[rice].min() < 1


def test_order_and_repetition_are_counted(known: Embedding):
    bag = known.bag_of(Counter({"trade": 3}))

    assert bag.counts.tolist() == [3] * len(bag.pieces)


def test_a_text_beyond_the_bound_is_cut(known: Embedding):
    assert known.bag("x " * 10, "trade " * 200_000).counts.max() < 30_000


@pytest.mark.parametrize("language", ["en", "en-GB", "EN"])
def test_english_has_a_meaning(language: str):
    assert is_english(language)


@pytest.mark.parametrize("language", ["ko", "de", "", "eng"])
def test_other_languages_have_none(language: str):
    assert not is_english(language)


@pytest.mark.usefixtures("nothing_loaded")
@pytest.mark.parametrize("name", ["numpy", "tokenizers", "wordllama"])
def test_without_a_part_of_the_extra_there_is_no_embedding(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(semantic, "find_spec", lambda wanted: None if wanted == name else object())

    assert embedding() is None


@pytest.mark.usefixtures("nothing_loaded")
def test_wheel_with_other_files_is_as_good_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Spec:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr(semantic, "find_spec", lambda name: Spec())

    assert embedding() is None


def test_wordllama_itself_is_never_imported(known: Embedding):
    assert known.n_pieces == 32_000
    assert "wordllama" not in sys.modules


def test_search_needs_no_numpy_to_be_imported(monkeypatch: pytest.MonkeyPatch):
    original = builtins.__import__

    def without_numpy(name: str, *rest: Any) -> Any:
        if name.split(".")[0] in ("numpy", "tokenizers"):
            raise ImportError(name)
        return original(name, *rest)

    for name in ("retrieval", "ranking", "meaning", "vectors", "semantic", "meaning_keeper"):
        monkeypatch.delitem(sys.modules, f"isthmus.search.{name}", raising=False)
    monkeypatch.setattr(builtins, "__import__", without_numpy)

    import isthmus.search.meaning_keeper
    import isthmus.search.retrieval  # noqa: F401
