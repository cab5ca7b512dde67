"""The static embedding of English word pieces that the extra `isthmus[semantic]` brings; pure, no Django, no engine.

Read from the files in wordllama's wheel; its package is not imported, since it looks for its files on the network.
A text is the weighted sum of its pieces' vectors. Where anything of the extra is missing, `embedding` is None.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isthmus.search import analysis

if TYPE_CHECKING:
    import numpy as np

    Vector = np.ndarray[Any, np.dtype[np.float32]]
    Numbers = np.ndarray[Any, np.dtype[np.int64]]

log = logging.getLogger(__name__)

# Before numpy is loaded, which nothing else of Isthmus does: a product of 9,000 rows took 4 ms of CPU in two threads
# that wait for each other, and 0.2 ms in one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

_WEIGHTS = "weights/l2_supercat_256.safetensors"
_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
_TABLE = "embedding.weight"
# The table knows English; what it makes of Korean or Greek is worse than nothing (measured: unrelated texts came
# out nearer than related ones).
_LATIN = re.compile("[a-z0-9\u00df-\u024f]*[a-z\u00df-\u024f][a-z0-9\u00df-\u024f]*|[0-9]{1,8}")
_MAX_WORD_CHARS = 40
# Two hundred words a page, a hundred pages: a mean hardly moves after that.
_MAX_CHARS = 120_000
# How common a piece is before its weight falls to half. 0.0003 to 0.003 make no difference (bench 2026-11).
_HALF_WEIGHT_AT = 1e-3


@dataclass(frozen=True, slots=True)
class Bag:
    """The word pieces of a text, each once, with how often it occurs; all that is kept of a text."""

    pieces: Numbers
    counts: Numbers


class Embedding:
    """The table and its tokenizer; shared by all threads. n_pieces: rows of the table."""

    def __init__(self, folder: Path) -> None:
        """Open the wheel's files. Raises: ImportError, OSError, ValueError if they are not what they were."""
        import numpy as np
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._encode = tokenizer.encode
        self._table = _table(folder / _WEIGHTS)
        self.n_pieces, self.n_dims = self._table.shape
        self._np = np
        # A site's words are few and come again, and cutting one takes 4 µs.
        self._pieces_of = lru_cache(maxsize=60_000)(self._cut)

    def bag(self, *texts: str) -> Bag:
        """The pieces of some texts taken together. Latin letters and numbers only, in lower case: the table has
        capitals of its own, which know less (measured: lower-cased 1.7 times as good on one collection)."""
        words: Counter[str] = Counter()
        for text in texts:
            words.update(analysis.tokens(analysis.plain(text[:_MAX_CHARS])))
        return self.bag_of(words)

    def bag_of(self, words: Counter[str]) -> Bag:
        """The pieces of counted words, which are in lower case."""
        pieces: Counter[int] = Counter()
        for word, count in words.items():
            for piece in self._pieces_of(word):
                pieces[piece] += count
        counted = self._np.array(sorted(pieces.items()), dtype=self._np.int64).reshape(-1, 2)
        return Bag(counted[:, 0], counted[:, 1])

    def familiarity(self, words: Iterable[str]) -> float:
        """How well the table knows these words, 0 to 1: a word it knows is one piece, a strange name three or four."""
        known = [1 / len(pieces) for word in words if (pieces := self._pieces_of(word))]
        return sum(known) / len(known) if known else 0.0

    def vector(self, bag: Bag, weights: Vector) -> Vector:
        """The weighted sum of a bag, of length 1; all zeros for an empty bag."""
        weighed = (bag.counts * weights[bag.pieces]).astype(self._np.float32)
        return unit(weighed @ self._table[bag.pieces].astype(self._np.float32))

    def even_weights(self) -> Vector:
        """What pieces weigh before any text is known."""
        return self._np.ones(self.n_pieces, dtype=self._np.float32)

    def weights(self, bags: Iterable[Bag]) -> Vector:
        """What each piece weighs, 0 to 1, the less the commoner it is in these texts.

        Source: smooth inverse frequency, a / (a + p) (Arora, Liang, Ma 2017).
        """
        counts = self._np.zeros(self.n_pieces, dtype=self._np.float64)
        for bag in bags:
            counts[bag.pieces] += bag.counts
        share = counts / max(1.0, float(counts.sum()))
        return (_HALF_WEIGHT_AT / (_HALF_WEIGHT_AT + share)).astype(self._np.float32)

    def _cut(self, word: str) -> tuple[int, ...]:
        if len(word) > _MAX_WORD_CHARS or not _LATIN.fullmatch(word):
            return ()
        last = self.n_pieces - 1
        return tuple(min(piece, last) for piece in self._encode(word, add_special_tokens=False).ids)


def unit(vector: Vector) -> Vector:
    """The vector made 1 long; zeros stay zeros."""
    length = float((vector @ vector) ** 0.5)
    return vector / length if length else vector


def is_english(language: str) -> bool:
    """Whether a Document in this language has a meaning here: en, en-GB; one without a language has none."""
    return language.lower().split("-")[0] == "en"


@lru_cache(maxsize=1)
def embedding() -> Embedding | None:
    """The embedding, loaded at the first call (0.2 s, 40 MB); None where the extra is not installed.

    A wheel whose files are not as they were is as good as none, and said once in the log.
    """
    if any(find_spec(name) is None for name in ("numpy", "tokenizers", "wordllama")):
        return None
    spec = find_spec("wordllama")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    try:
        return Embedding(Path(folders[0]))
    except Exception as error:  # noqa: BLE001  (a Rust library raises what it likes, and search goes on without)
        log.warning("Search goes on without meaning: wordllama's files cannot be read (%s).", error)
        return None


def _table(path: Path) -> Any:
    """The table in its file, half precision, read where it is needed and shared by all processes.

    Source: the safetensors format: eight bytes of length, that many of JSON, then the numbers.
    """
    import numpy as np

    with path.open("rb") as file:
        n_header = int.from_bytes(file.read(8), "little")
        if n_header > 1_000_000:
            raise ValueError(f"{path} has no header that can be one")
        told = json.loads(file.read(n_header))[_TABLE]
    if told["dtype"] != "F16":
        raise ValueError(f"{path} holds {told['dtype']} instead of F16")
    start = 8 + n_header + told["data_offsets"][0]
    # As a plain array: taking rows from a memmap costs ten times as much.
    return np.asarray(np.memmap(path, dtype="<f2", mode="r", offset=start, shape=tuple(told["shape"])))
