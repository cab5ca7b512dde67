"""Words that editors keep as meaning the same: put into a question beside those a reader typed. Pure but for one read.

Only what is searched for by its words is widened: nothing in quotation marks, behind a minus or in `title:` and its
like, since whoever writes those means exactly that.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from isthmus.search import analysis
from isthmus.search.query import Group, Node, Phrase, Query, Text, Word
from isthmus.search.question_key import term_key

# More would be another question than the one that was asked.
MAX_ADDED = 24
_MAX_NAMED = 6
_QUOTED = re.compile('["“”„‟«»″＂]([^"“”„‟«»″＂]*)["“”„‟«»″＂]')
_HYPHEN = re.compile("[-‐‑]")

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Synonyms:
    """What else is searched for when a term is asked: its words, folded, to terms as editors wrote them."""

    terms_of: Mapping[Key, tuple[str, ...]]
    longest: int

    @classmethod
    def of(cls, sets: Iterable[tuple[Sequence[str], bool]]) -> Synonyms:
        """From sets of terms and whether each holds only from its first. A term in several sets finds all of theirs."""
        found: dict[Key, dict[Key, str]] = {}
        for terms, is_one_way in sets:
            keyed = {term_key(term): term for term in terms}
            for key in list(keyed)[: 1 if is_one_way else None]:
                others = {other: term for other, term in keyed.items() if other != key}
                for spelled in {key, _telling(key)}:
                    found.setdefault(spelled, {}).update(others)
        terms_of = {key: tuple(others.values()) for key, others in found.items()}
        return cls(terms_of, max(map(len, terms_of), default=0))


def widened(query: Query, synonyms: Synonyms | None = None) -> Query:
    """The question with what editors say means the same, and a note that names it; itself where there is nothing.

    Each word of a found term is found by the other terms as well, so that the number of words that must be found stays
    what it is: (North or DPRK) and (Korea or DPRK). synonyms: those that editors keep now, unless given.
    """
    if synonyms is None:
        from isthmus.search import editors

        synonyms = editors.kept().synonyms
    if query.found_by is None or not synonyms.longest:
        return query
    widening = _Widening(synonyms, quoted={term_key(words) for words in _QUOTED.findall(query.text)})
    found_by = widening.node(query.found_by)
    if not widening.added:
        return query
    more = tuple(node for node in widening.added.values() if node not in query.clauses)
    return replace(query, found_by=found_by, beside=more, notes=(*query.notes, widening.said()))


class _Widening:
    """One pass over a question.

    quoted: what stands in quotation marks in it. added: the terms that were put in, with what finds each.
    """

    def __init__(self, synonyms: Synonyms, *, quoted: Collection[Key]) -> None:
        self._synonyms, self._quoted = synonyms, quoted
        self.added: dict[str, Text] = {}

    def node(self, node: Node) -> Node:
        """The node, its words and groups widened; what is no group of words is left as it is."""
        if isinstance(node, Group):
            return replace(node, nodes=tuple(self._nodes(node.nodes)))
        return next(iter(self._nodes([node]))) if isinstance(node, Word | Phrase) else node

    def said(self) -> str:
        """The note that readers see."""
        named = list(self.added)
        more = " and more" if len(named) > _MAX_NAMED else ""
        return f"Also searched for: {', '.join(named[:_MAX_NAMED])}{more}."

    def _nodes(self, nodes: Sequence[Node]) -> Iterator[Node]:
        beside: dict[int, dict[str, Text]] = {}
        for first, last, terms in self._terms_in(nodes):
            for term in terms:
                if (other := self._taken(term)) is not None:
                    for place in range(first, last + 1):
                        beside.setdefault(place, {})[term] = other
        for place, node in enumerate(nodes):
            others = tuple(other for other in beside.get(place, {}).values() if other != node)
            yield Group((node, *others), 1) if others else self.node(node) if isinstance(node, Group) else node

    def _terms_in(self, nodes: Sequence[Node]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Where terms stand in a row of nodes, first and last place, and what else each is searched by."""
        words = [self._words(node) for node in nodes]
        for first in range(len(nodes)):
            key: Key = ()
            for last in range(first, len(nodes)):
                if not words[last] or len(key) >= self._synonyms.longest:
                    break
                key += words[last]
                if terms := self._synonyms.terms_of.get(key):
                    yield first, last, terms

    def _words(self, node: Node) -> Key:
        """What a node compares as; nothing for what is not widened. A phrase is quoted unless it is a compound."""
        if isinstance(node, Word):
            key = term_key(node.token)
        elif isinstance(node, Phrase) and (node.joined or not self._quoted):
            key = term_key(" ".join(node.tokens))
        else:
            return ()
        # In quotation marks one word or compound is no other phrase than without, but meant exactly so all the same.
        return () if key in self._quoted else key

    def _taken(self, term: str) -> Text | None:
        if term not in self.added and len(self.added) < MAX_ADDED:
            self.added[term] = _as_node(term)
        return self.added.get(term)


def _as_node(term: str) -> Text:
    tokens = tuple(analysis.tokens(analysis.plain(term)))
    if len(tokens) == 1:
        return Word(tokens[0])
    is_compound = _HYPHEN.search(term) is not None and not any(analysis.is_cjk(token) for token in tokens)
    return Phrase(tokens, joined="".join(tokens) if is_compound else "")


def _telling(key: Key) -> Key:
    """Without the words that a question loses: Republic of Korea is asked for as Republic, Korea."""
    return tuple(token for token in key if token not in analysis.STOP_WORDS) or key
