"""A question as objects: what `language` makes of typed text and what engines run. Pure data, no Django, no engine.

Two things stand apart in a Query: `found_by`, which alone decides what is located and counted, and `weighed`, which
only orders what was located. Ranking may add to the second as it likes; a total never moves with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Word:
    """One word, compared by its stem; any of `joined`, the word written in one with its neighbour, will do instead."""

    token: str
    joined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand side by side in this order, unstemmed; or, of a compound, `joined` in their place.

    slop: how many places the words may be moved in all; 1 also finds two words the other way round.
    """

    tokens: tuple[str, ...]
    joined: str = ""
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Prefix:
    """Any word that begins so, unstemmed; two characters or more, one of a CJK script."""

    start: str


Text: TypeAlias = Word | Phrase | Prefix


@dataclass(frozen=True, slots=True)
class In:
    """Text that must stand in one field of `fields.FIELDS` that holds words: title, author, series, category."""

    field: str
    text: Text


@dataclass(frozen=True, slots=True)
class Has:
    """One of these values, exactly as they are kept, in a field that holds values: kind, language, …"""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """A number from `first`, inclusive, to `before`, exclusive, in a field that holds numbers; None is no bound.

    Days are numbers such as 20190630. A piece without a date is in no interval.
    """

    field: str
    first: int | None
    before: int | None


@dataclass(frozen=True, slots=True)
class Not:
    """What does not answer the node inside."""

    node: Node


@dataclass(frozen=True, slots=True)
class Group:
    """At least `n_required` of the nodes: all of them, one of them (OR), or some of a long question."""

    nodes: tuple[Node, ...]
    n_required: int


Node: TypeAlias = Word | Phrase | Prefix | In | Has | Between | Not | Group

Filters: TypeAlias = Mapping[str, tuple[str, ...]]
"""Chosen facets: group (`series`, `kind`, `author`, `year`, `category.region`) to values; one of each must be there."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question.

    text: what was typed, bounded; pages show it.
    found_by: what a located piece answers. None finds everything if nothing was typed, else nothing.
    clauses: the words and phrases asked for, in the order they were typed, none of those under a Not: what is marked
    in snippets and what ranking starts from.
    weighed: nodes with their weights, by which engines order hits; a hit's score is the sum over those it answers of
    weight times BM25. Empty: the clauses, each with weight 1.
    is_plain: words and nothing else, so that spelling and pieces that come close may be offered.
    notes: sentences that say what was left out or read otherwise than it was typed.
    beside: what editors say means the same as some of it: marked in snippets, and weighed less than what was typed.
    """

    text: str
    found_by: Node | None
    clauses: tuple[Text, ...] = ()
    weighed: tuple[tuple[Text, float], ...] = ()
    is_plain: bool = True
    notes: tuple[str, ...] = field(default=())
    beside: tuple[Text, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed at all, which asks for everything."""
        return not self.text


def nodes_within(node: Node) -> Iterator[Node]:
    """The node and every node inside it, outermost first."""
    yield node
    inside = node.nodes if isinstance(node, Group) else (node.node,) if isinstance(node, Not) else ()
    for inner in inside:
        yield from nodes_within(inner)
