"""Words that were probably meant: the nearest word of the index to one that stands in no piece. Asks only the engine.

Nothing is offered that was not searched first, so that an offer never leads to nothing and never names what is not
public. It is asked only for words that are missing, and then costs some milliseconds.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias
from weakref import WeakKeyDictionary

from isthmus.kit import text
from isthmus.search import analysis
from isthmus.search.engine import Engine, State
from isthmus.search.query import Group, Query, Word

# Words of one beginning that are compared, the commonest first: all but the rarest of an archive of 100,000.
_MAX_COMPARED = 4000
_MAX_WORDS = 8
_MIN_LETTERS, _MIN_FOR_TWO = 4, 8
# A word of few pieces is taken for a slip of one that stands in so many times as many.
_RARE, _TIMES_AS_COMMON = 2, 200
_QUOTES = '["“”„‟«»″＂]'
_QUOTE = re.compile(_QUOTES)
# With signs of a phrase in it up to the second one.
_RUN = re.compile(rf"[^\s{_QUOTES[1:-1]}]*{_QUOTES}[^{_QUOTES[1:-1]}]*{_QUOTES}|\S+")


@dataclass(frozen=True, slots=True)
class Corrected:
    """A question in other words. fixed: each word that was replaced, with what it became."""

    text: str
    fixed: tuple[tuple[str, str], ...]


def corrected(query: Query, engine: Engine, *, n_located: int = 0) -> Corrected | None:
    """The question with its unknown words replaced by the nearest known ones, None where none is near.

    Only for plain questions; whoever shows it searches it first. n_located: how many pieces answer it, where that is
    known: what has all words of a question spares a look at each. Raises: SearchAway.
    """
    if not query.is_plain or (n_located > _RARE and _are_all_there(query)):
        return None
    fixed = dict(_fixes(query, engine))
    return Corrected(_with(query.text, fixed), tuple(fixed.items())) if fixed else None


def missing(query: Query, engine: Engine) -> list[str]:
    """The words of the question, as they were typed, that stand in no piece at all. Raises: SearchAway."""
    absent = {clause.token for clause in _words(query) if not n_pieces(clause, engine)}
    found = {token: query.text[start:end] for token, start, end in analysis.spans(query.text) if token in absent}
    return list(found.values())


def n_pieces(clause: Word, engine: Engine) -> int:
    """How many pieces have this word, whatever else is asked. Raises: SearchAway."""
    alone = Query(clause.token, clause, (clause,))
    return engine.search(alone, offset=0, limit=1, with_texts=False).total


def _words(query: Query) -> list[Word]:
    return [clause for clause in query.clauses if isinstance(clause, Word)][:_MAX_WORDS]


def _are_all_there(query: Query) -> bool:
    """Whether what the question locates has every word of it."""
    found_by = query.found_by
    nodes = found_by.nodes if isinstance(found_by, Group) and found_by.n_required == len(found_by.nodes) else [found_by]
    return all(clause in nodes for clause in _words(query))


def _fixes(query: Query, engine: Engine) -> Iterable[tuple[str, str]]:
    for clause in _words(query):
        is_word = len(clause.token) >= _MIN_LETTERS and clause.token.isalpha() and not analysis.is_cjk(clause.token)
        if is_word and (n := n_pieces(clause, engine)) <= _RARE:
            nearest = _nearest(text.fold(clause.token), engine, min_n=n * _TIMES_AS_COMMON + 1)
            if nearest:
                yield clause.token, nearest


def _nearest(token: str, engine: Engine, *, min_n: int) -> str:
    """The known word at the least distance, of several the commonest; empty where none is near enough."""
    # A slip in the first letter is rare; that it was left out, or changed places with the second, is looked for.
    known = [_known(engine, start) for start in dict.fromkeys([token[0], token[1]])]
    for most in (1, 2) if len(token) >= _MIN_FOR_TWO else (1,):
        if near := [found for words in known for found in _near(token, words, most) if -found[0] >= min_n]:
            return min(near)[1]
    return ""


@dataclass(slots=True)
class _Words:
    """Words of one length, each with in how many Documents it stands."""

    words: list[str] = field(default_factory=list)
    counts: array[int] = field(default_factory=lambda: array("L"))
    _letters: array[int] | None = None

    @property
    def letters(self) -> array[int]:
        """The letters of each word as bits: worked out when the length is first asked for, a quarter are."""
        if self._letters is None:
            self._letters = array("Q", map(_letters, self.words))
        return self._letters


_ByLength: TypeAlias = dict[int, _Words]
# What the newest commit of an engine knows, by the first letter: some 80 bytes a word. To ask for 4,000 words and to
# look at each took 15 ms, and the letters of slips come again and again.
_kept: WeakKeyDictionary[Engine, tuple[State, dict[str, _ByLength]]] = WeakKeyDictionary()


def _known(engine: Engine, start: str) -> _ByLength:
    """The commonest words with this beginning, by their length, as they stand in the newest commit."""
    state = engine.state()
    kept = _kept.get(engine)
    if kept is None or kept[0] != state:
        kept = _kept[engine] = (state, {})
    known = kept[1].get(start)
    if known is None:
        # Another thread may ask meanwhile: it must not see half of it.
        known = kept[1][start] = _by_length(engine.vocabulary(start, limit=_MAX_COMPARED))
    return known


def _by_length(counted: Iterable[tuple[str, int]]) -> _ByLength:
    found: _ByLength = {}
    for word, n in counted:
        alike = found.setdefault(len(word), _Words())
        alike.words.append(word)
        alike.counts.append(n)
    return found


def _near(token: str, known: _ByLength, most: int) -> Iterator[tuple[int, str]]:
    """The words at no more than this distance, with their numbers below zero: the commonest is the least."""
    letters, size = _letters(token), len(token)
    for length in range(size - most, size + most + 1):
        if alike := known.get(length):
            for place, others in enumerate(alike.letters):
                # Each change moves at most two letters in or out; what is left of thousands are some dozens.
                if (others ^ letters).bit_count() <= 2 * most:
                    word = alike.words[place]
                    if word != token and _distance(token, word, most) <= most:
                        yield -alike.counts[place], word


def _letters(word: str) -> int:
    """Which letters a word has, as bits; what is not a to z shares bits."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) % 61)
    return bits


def _distance(one: str, other: str, most: int) -> int:
    """Letters to change, add, take out or let change places, counted to one above `most`.

    Source: optimal string alignment (Damerau 1964).
    """
    size = len(other)
    before: list[int] = []
    last = list(range(size + 1))
    for i, a in enumerate(one, 1):
        row = [i, *[most + 1] * size]
        # Whoever is further from the diagonal has changed more than that.
        for j in range(max(1, i - most), min(size, i + most) + 1):
            b = other[j - 1]
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row[j] = cost
        if min(row) > most:
            return most + 1
        before, last = last, row
    return last[-1]


def _with(typed: str, fixed: dict[str, str]) -> str:
    parts, at = [], 0
    for token, start, end in analysis.spans(typed):
        if token in fixed:
            parts += [typed[at:start], fixed[token]]
            at = end
    return "".join(parts) + typed[at:]


def runs(typed: str) -> list[str]:
    """What was typed, in the parts that can be left out: words, and phrases with what stands before them.

    None where OR or a bracket holds several together: what is left would ask another question.
    """
    found = [run[0] for run in _RUN.finditer(typed)]
    return [] if "OR" in found or any(sign in run for run in found for sign in "()（）") else found


def named(run: str) -> str:
    """One of the runs as a sentence has it: in quotation marks, if it has none."""
    return run if _QUOTE.search(run) else f"“{run.strip('.,;:!?')}”"


def unquoted(typed: str) -> str:
    """The question with what stands in quotation marks as words."""
    return text.collapse(_QUOTE.sub(" ", typed)) if _QUOTE.search(typed) else typed


def without(typed: str, words: Iterable[str]) -> str:
    """The question without what was typed in one run with any of these words, such as the colon of a keyword."""
    gone = {word.lower() for word in words}
    return " ".join(run for run in typed.split() if not any(word in gone for word in _words_in(run)))


def _words_in(run: str) -> Iterator[str]:
    for token, start, end in analysis.spans(run):
        yield token
        yield run[start:end].lower()
