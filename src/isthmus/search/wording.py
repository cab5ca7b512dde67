"""A run of typed text as the words, phrases and prefixes an engine compares; what its signs ask is read elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence

from isthmus.search import analysis
from isthmus.search.query import Phrase, Prefix, Text, Word

# Of a longer beginning the first letters are asked: no word is so long, and engines bound the patterns that find them.
MIN_PREFIX_CHARS, MAX_PREFIX_CHARS = 2, 40

# A run is cut at these; at any other sign (. / ' & + and the hyphen) its parts must stand together.
_CUTS = re.compile(r"[\s,;:!?(){}\[\]<>|…–—*\"“”„‟«»″＂，。、：；！？（）「」『』《》〈〉]+")
_HYPHENS = re.compile("[-‐‑]")


def texts(run: str) -> list[Text]:
    """The words of a run in their order; a compound such as Jong-un or a word of a CJK script is a phrase."""
    return [text for chunk in _CUTS.split(run) if chunk for text in _chunk(chunk)]


def phrase(quoted: str) -> list[Text]:
    """What stands between quotation marks: one phrase, one word, or nothing. A compound is what it is without them."""
    if len(quoted.split()) == 1:
        return _chunk(quoted)
    found = tuple(analysis.tokens(analysis.plain(quoted)))
    return [Phrase(found)] if len(found) > 1 else [Word(token) for token in found]


def prefix(run: str) -> list[Text]:
    """A run that a star followed: its last word is a beginning, if it is long enough to tell anything.

    A CJK word needs no star, for it is found inside longer words anyway.
    """
    *whole, last = texts(run) or [Word("")]
    tokens = last.tokens if isinstance(last, Phrase) else (getattr(last, "token", ""),)
    if len(tokens[-1]) < MIN_PREFIX_CHARS or any(map(analysis.is_cjk, tokens)):
        return texts(run)
    return [*whole, *(Word(token) for token in tokens[:-1]), Prefix(tokens[-1][:MAX_PREFIX_CHARS])]


def is_found_inside(text: Text) -> bool:
    """Whether longer words that begin so are found: by a prefix, and by every word of a CJK script."""
    return isinstance(text, Prefix) or analysis.is_cjk(text.tokens[-1] if isinstance(text, Phrase) else text.token)


def size(text: Text) -> int:
    """How many words it counts for."""
    return len(text.tokens) if isinstance(text, Phrase) else 1


def cut(text: Text, n_words: int) -> list[Text]:
    """The text within a number of words: of a longer phrase its beginning."""
    if size(text) <= n_words:
        return [text]
    if isinstance(text, Phrase) and n_words > 1:
        return [Phrase(text.tokens[:n_words])]
    return [Word(text.tokens[0])] if isinstance(text, Phrase) and n_words else []


def is_stop_word(text: Text) -> bool:
    """Whether it finds nothing by itself, as `the` does."""
    return isinstance(text, Word) and text.token in analysis.STOP_WORDS


def with_neighbours(run: Sequence[Text]) -> list[Text]:
    """Words that stand side by side, each content with standing in one with the next: Jong Un, Jongun."""
    return [_with_neighbours(run, place) for place in range(len(run))]


def _chunk(chunk: str) -> list[Text]:
    found = tuple(analysis.tokens(analysis.plain(chunk)))
    if len(found) < 2:
        return [Word(token) for token in found]
    is_compound = _HYPHENS.search(chunk) is not None and not any(analysis.is_cjk(token) for token in found)
    return [Phrase(found, joined="".join(found) if is_compound else "")]


def _with_neighbours(run: Sequence[Text], place: int) -> Text:
    text = run[place]
    if not isinstance(text, Word) or is_stop_word(text):
        return text
    before = run[place - 1] if place else None
    after = run[place + 1] if place + 1 < len(run) else None
    joined = []
    if isinstance(before, Word) and not is_stop_word(before):
        joined.append(before.token + text.token)
    if isinstance(after, Word) and not is_stop_word(after):
        joined.append(text.token + after.token)
    return Word(text.token, tuple(joined))
