"""Whether a Document answers a question, and how often it says what was asked: plain evaluation, for `fake`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import assert_never

from isthmus.kit import text
from isthmus.publications.documents import Document
from isthmus.search import analysis
from isthmus.search.engine import UnknownField
from isthmus.search.fields import (
    ATTACHED,
    ATTACHED_EXACT,
    EXACT,
    FIELDS,
    JOINED,
    NUMBERED,
    TEXT,
    VALUED,
    WORDED,
    Kind,
    stems_of,
    texts_of,
    words_of,
)
from isthmus.search.query import Between, Group, Has, In, Node, Not, Phrase, Prefix, Text, Word

_ENDING = re.compile(r"(?<=\w{3})(?:ies|ied|ings?|edly|ed|es|s|y|e)$")
_STEMMED = (Kind.STEMMED, Kind.STEMS)
_WORDS = (*_STEMMED, Kind.EXACT, Kind.PRESENCE)


@dataclass(slots=True)
class Entry:
    """A Document with the values of every field, and the words of those that are asked by words, each value apart."""

    document: Document
    values: dict[str, Sequence[str | int]]
    words: dict[str, list[list[str]]]


def stem(token: str) -> str:
    """The word without its ending."""
    return _ENDING.sub("", text.fold(token))


def entry_of(document: Document) -> Entry:
    """The Document, cut into words."""
    texts = texts_of(document)
    values = {field.name: field.values(texts) for field in FIELDS}
    words = {
        field.name: [
            [stem(word) if field.kind in _STEMMED else text.fold(word) for word in analysis.tokens(str(value))]
            for value in values[field.name]
        ]
        for field in FIELDS
        if field.kind in _WORDS
    }
    return Entry(document, values, words)


def answers(node: Node, entry: Entry) -> bool:
    """Whether the Document answers the node."""
    match node:
        case Word() | Phrase() | Prefix():
            return fit(node, entry) > 0
        case In(name, inner):
            _known(name, WORDED)
            return _fit(inner, entry, words=words_of(name), stems=stems_of(name)) > 0
        case Has(name, values):
            return has_one(entry, name, values)
        case Between(name, first, before):
            _known(name, NUMBERED)
            return any(
                (first is None or number >= first) and (before is None or number < before)
                for number in map(int, entry.values[name])
            )
        case Not(inner_node):
            return not answers(inner_node, entry)
        case Group(nodes, n_required):
            return sum(answers(inner_node, entry) for inner_node in nodes) >= n_required
        case _:
            assert_never(node)


def has_one(entry: Entry, name: str, values: Sequence[str]) -> bool:
    """Whether the Document has one of the values."""
    _known(name, VALUED)
    return not set(entry.values[name]).isdisjoint(values)


def fit(clause: Text, entry: Entry) -> float:
    """How often the Document says it."""
    n_joined = sum(text.fold(clause.token) in words for words in entry.words[JOINED]) if isinstance(clause, Word) else 0
    inside = _fit(clause, entry, words=ATTACHED_EXACT, stems=ATTACHED)
    return _fit(clause, entry, words=EXACT, stems=TEXT) + inside + n_joined


def _fit(clause: Text, entry: Entry, *, words: str, stems: str) -> int:
    match clause:
        case Word(token, joined):
            return sum(part.count(stem(way)) for way in (token, *joined) for part in entry.words[stems])
        case Prefix(start):
            return sum(word.startswith(text.fold(start)) for part in entry.words[words] for word in part)
        case Phrase(tokens, joined_form, slop):
            wanted = [text.fold(token) for token in tokens]
            n_joined = sum(part.count(stem(joined_form)) for part in entry.words[stems]) if joined_form else 0
            return n_joined + sum(_times(wanted, part, slop) for part in entry.words[words])


def _times(wanted: list[str], words: list[str], slop: int) -> int:
    """How often the words stand there so that moving them by `slop` places in all makes them the phrase."""
    places = [[at for at, word in enumerate(words) if word == token] for token in wanted]
    return sum(_n_moves(found) <= slop for found in product(*places))


def _n_moves(places: tuple[int, ...]) -> int:
    if len(places) == 2 and places[0] > places[1]:
        # Two words that only changed places were moved by one.
        return places[0] - places[1]
    shifts = [place - at for at, place in enumerate(places)]
    return max(shifts) - min(shifts)


def _known(name: str, names: Sequence[str]) -> None:
    if name not in names:
        raise UnknownField(f"No index keeps {name!r}: ask for one of {', '.join(names)}.")
