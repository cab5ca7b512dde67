import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numpy")

import numpy as np

from isthmus.search import fusion


def fused(by_words: dict[int, float], by_meaning: dict[int, float], **how: float) -> list[int]:
    numbers = np.array(sorted(by_words.keys() | by_meaning.keys()), dtype=np.int64)
    words, meaning = (
        np.array([scores.get(number, np.nan) for number in numbers.tolist()], dtype=np.float64)
        for scores in (by_words, by_meaning)
    )
    order, scores = fusion.fuse(numbers, words, meaning, **how)  # type: ignore[arg-type]
    assert (np.diff(scores[order]) <= 0).all()
    return list(numbers[order].tolist())


def test_best_by_words_stays_first_when_meaning_says_nothing_else():
    assert fused({1: 9.0, 2: 5.0, 3: 1.0}, {}, share=0.4) == [1, 2, 3]


def test_near_piece_passes_one_that_has_the_words_barely():
    assert fused({1: 9.0, 2: 1.1, 3: 1.0}, {4: 0.9, 1: 0.8, 3: 0.1}, share=0.4) == [1, 4, 2, 3]


def test_one_piece_on_each_side_is_the_best_of_it():
    assert fused({1: 3.0}, {2: 0.1}, share=0.4) == [1, 2]


def test_places_below_the_depth_count_nothing():
    assert fused({1: 9.0, 2: 8.0, 3: 7.0}, {3: 0.9, 2: 0.1}, share=0.4, depth=2) == [1, 3, 2]


scores = st.dictionaries(st.integers(1, 30), st.floats(0, 100), max_size=20)


@given(scores, scores, st.floats(0, 1))
def test_fusing_keeps_every_piece_once(by_words: dict[int, float], by_meaning: dict[int, float], share: float):
    assert sorted(fused(by_words, by_meaning, share=share)) == sorted(by_words.keys() | by_meaning.keys())


def test_what_fits_alike_comes_newest_first():
    assert fused({4: 1.0, 9: 1.0, 2: 1.0}, {}, share=0.4) == [9, 4, 2]
