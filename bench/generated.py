"""An archive in the `records` format made from a fixed seed, for machines that have no real one."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

SYLLABLES = (
    "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va", "we", "xi", "yo",
    "za", "kor", "mer", "lan", "ost", "vin",
)  # fmt: skip


def write(path: Path, *, n: int, seed: int = 11, sentence: Callable[[random.Random], str] | None = None) -> Path:
    """A gzipped file of `n` pieces, 900 words each on average, word frequencies after Zipf; returns the path.

    sentence: makes one to be put in front of every paragraph.
    """
    chance = random.Random(seed)
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(30_000)]
    # Added up once: `choices` would do it for every text, which cost half of the time.
    weights = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as out:
        for number in range(n):
            out.write(json.dumps(_piece(number, chance, words, weights, sentence)) + "\n")
    return path


def _piece(
    number: int,
    chance: random.Random,
    words: list[str],
    weights: list[float],
    sentence: Callable[[random.Random], str] | None,
) -> dict[str, object]:
    text = chance.choices(words, cum_weights=weights, k=max(80, int(chance.gauss(900, 500))))
    paragraphs = [text[start : start + 90] for start in range(0, len(text), 90)]
    return {
        "id": f"made:{number}",
        "source": "made",
        "title": " ".join(chance.choices(words, k=7)).capitalize(),
        "authors": [f"{chance.choice(words[:400]).capitalize()} {chance.choice(words[:300]).capitalize()}"],
        "published": (datetime(2004, 1, 1, tzinfo=UTC) + timedelta(hours=20 * number)).isoformat(),
        "categories": [f"Category {chance.randint(1, 30)}"],
        "tags": [f"tag {chance.randint(1, 400)}" for _ in range(2)],
        "html": "\n".join(
            f"<p>{sentence(chance) + ' ' if sentence else ''}{' '.join(words_of)}.</p>" for words_of in paragraphs
        ),
    }
