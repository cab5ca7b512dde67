"""Questions as readers ask them, drawn from texts with a fixed seed; none comes twice, so that nothing kept answers."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

# What’s is one word: nobody types its two halves.
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_LONG_WORD = re.compile(r"[^\W\d_]{6,}")
# Somewhere in a body: to split a whole report into words for each question took longer than to search for it.
_PART_CHARS = 1_500
_PER_CENT = {"words": 40, "word": 20, "phrase": 10, "sentence": 10, "narrowed": 10, "beginning": 5, "mistyped": 5}
# What any engine can be asked.
PLAIN = ("word", "words", "phrase", "sentence")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is typed, and the facets that are chosen beside it, as addresses have them."""

    typed: str
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def query_string(self) -> str:
        """As it stands in an address."""
        return urlencode({"q": self.typed, **self.chosen})


@dataclass(frozen=True, slots=True)
class Source:
    """A text that questions are drawn from; facets: what could be chosen to narrow a search to texts like it."""

    title: str
    body: str
    facets: Mapping[str, str] = field(default_factory=dict)


class Drawer:
    """Draws questions; never the same again in its life."""

    def __init__(self, sources: Sequence[Source], *, seed: int = 5) -> None:
        # What has no words to draw from is left out.
        self._sources = [source for source in sources if _WORD.search(source.title) and _LONG_WORD.search(source.body)]
        self._chance, self._seen = random.Random(seed), set[str]()

    def draw(self, n: int, kind: str = "") -> list[Asked]:
        """So many different questions of one kind, or of all as readers mix them (`_PER_CENT`).

        Raises: SystemExit if the texts do not hold so many.
        """
        found: list[Asked] = []
        for _ in range(n * 50):
            if len(found) == n:
                return found
            asked = self._one(kind)
            if asked.query_string not in self._seen:
                self._seen.add(asked.query_string)
                found.append(asked)
        if len(found) == n:
            return found
        raise SystemExit(f"{len(self._sources)} texts do not hold {n} different questions: take a larger archive.")

    def _one(self, kind: str) -> Asked:
        [kind] = [kind] if kind else self._chance.choices(list(_PER_CENT), list(_PER_CENT.values()))
        return _KINDS[kind](self, self._chance.choice(self._sources))

    def _word(self, source: Source) -> Asked:
        return Asked(self._run(source.title, 1, 1))

    def _words(self, source: Source) -> Asked:
        return Asked(self._run(source.title, 2, 4))

    def _phrase(self, source: Source) -> Asked:
        return Asked(f'"{self._run(self._part(source), 2, 3)}"')

    def _sentence(self, source: Source) -> Asked:
        return Asked(self._run(self._part(source), 12, 40))

    def _narrowed(self, source: Source) -> Asked:
        chosen = dict([self._chance.choice(sorted(source.facets.items()))]) if source.facets else {}
        return Asked(self._run(source.title, 1, 3), chosen)

    def _author(self, source: Source) -> Asked:
        return Asked(f"{self._run(source.title, 1, 2)} author:{self._run(source.facets.get('author', 'alice'), 1, 1)}")

    def _beginning(self, source: Source) -> Asked:
        word = self._long_word(source)
        return Asked(f"{self._run(source.title, 1, 2)} {word[: self._chance.randint(3, 5)]}*")

    def _mistyped(self, source: Source) -> Asked:
        """A word with two neighbours the wrong way round: nothing is found, or little, and something is offered."""
        word = self._long_word(source)
        at = self._chance.randint(1, len(word) - 3)
        return Asked(f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}")

    def _long_word(self, source: Source) -> str:
        return self._chance.choice(_LONG_WORD.findall(self._part(source)) or _LONG_WORD.findall(source.body))

    def _part(self, source: Source) -> str:
        """Some of the body, without the words that it cuts through."""
        start = self._chance.randint(0, max(0, len(source.body) - _PART_CHARS))
        part = source.body[start : start + _PART_CHARS]
        whole = part.partition(" ")[2].rpartition(" ")[0]
        return whole if _WORD.search(whole) else source.body

    def _run(self, text: str, fewest: int, most: int) -> str:
        """So many words that stand side by side, or all there are."""
        words = _WORD.findall(text)
        n = min(self._chance.randint(fewest, most), len(words))
        start = self._chance.randint(0, len(words) - n)
        return " ".join(words[start : start + n])


_KINDS: dict[str, Callable[[Drawer, Source], Asked]] = {
    "word": Drawer._word,
    "words": Drawer._words,
    "phrase": Drawer._phrase,
    "sentence": Drawer._sentence,
    "narrowed": Drawer._narrowed,
    "author": Drawer._author,
    "beginning": Drawer._beginning,
    "mistyped": Drawer._mistyped,
}
KINDS = {
    "word": "one word of a title",
    "words": "two to four words of a title",
    "phrase": "a phrase of two or three words",
    "sentence": "a sentence of 12 to 40 words",
    "narrowed": "words, and a facet chosen",
    "author": "words and author:",
    "beginning": "words and a beginning*",
    "mistyped": "a word mistyped",
}
