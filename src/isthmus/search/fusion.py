"""Words and meaning put together into one order. Needs numpy, as everything does that has a meaning; no engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from isthmus.search import ranking

if TYPE_CHECKING:
    import numpy as np

    Scores = np.ndarray[Any, np.dtype[np.float64]]


def fuse(
    by_words: Mapping[int, float],
    by_meaning: Mapping[int, float],
    *,
    share: float,
    depth: int = int(ranking.DEPTH.value),
) -> dict[int, float]:
    """What words and meaning give together, 0 to 1, best first; ties by words, then the newer number first.

    by_words, by_meaning: scores of either kind, higher is better. On each side the best is 1, the one at place
    `depth` and all below it 0; if words find fewer, 0 is to have none of them. share: of meaning, 0 to 1.
    0.1 ms for 400 pieces. Source: min-max fusion of scores; equal-weight fusion of ranks was worse than words alone
    (bench 2026-11).
    """
    import numpy as np

    given = np.fromiter((*by_words, *by_meaning), np.int64, len(by_words) + len(by_meaning))
    numbers, places = np.unique(given, return_inverse=True)
    words, meaning = np.zeros(len(numbers)), np.zeros(len(numbers))
    # Where fewer have any of the words, the last of them still has one.
    words[places[: len(by_words)]] = _evened(by_words, depth, least=0.0)
    meaning[places[len(by_words) :]] = _evened(by_meaning, depth, least=None)
    scores = (1 - share) * words + share * meaning
    order = np.lexsort((-numbers, -words, -scores))
    return dict(zip(numbers[order].tolist(), scores[order].tolist(), strict=True))


def _evened(given: Mapping[int, float], depth: int, *, least: float | None) -> Scores:
    import numpy as np

    scores = np.fromiter(given.values(), np.float64, len(given))
    if not len(scores):
        return scores
    best, last = scores.max(), scores.min() if least is None else least
    if len(scores) >= depth:
        last = np.partition(scores, -depth)[-depth]
    if best == last:
        return (scores == best).astype(np.float64)
    return np.maximum(scores - last, 0) / (best - last)
