"""Searches that somebody follows: one way of writing each, their words, and which of them a new piece answers.

A followed search is the query string of its page of results. It is matched as the page would locate the piece, by
running it over an index in memory that holds nothing but the new pieces.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs

from isthmus.kit import text
from isthmus.kit.errors import UsageError
from isthmus.publications.documents import Document
from isthmus.search import editors, facets, names, queries
from isthmus.search.asked import CATEGORY, Asked, chosen_in
from isthmus.search.engine import Engine, SearchAway, Sort
from isthmus.search.names import Names
from isthmus.search.query import Between, Group, Node, Query
from isthmus.search.shelf import shelf

log = logging.getLogger(__name__)

MAX_TEXT_CHARS = 500
# A question of Korean letters is written with nine signs for each.
MAX_CHARS = 6_000
_MAX_FIELDS = 200
_MAX_NAMED_CHARS = 200
# What has marks of its own is named without more of them: "third summit" -ferry.
_QUOTE = re.compile('["“”„‟«»]')


class QuestionInvalid(UsageError):
    """A search that nobody can follow: empty, without a word, or too long."""


def canonical(query_string: str) -> str:
    """The search in a query string in the one way it is kept: without order and page, values in order.

    Raises: QuestionInvalid.
    """
    try:
        fields = _Fields(query_string)
    except ValueError as error:
        raise QuestionInvalid("This is no address of a search: follow one from its page of results.") from error
    typed = text.collapse("".join(sign if sign.isprintable() else " " for sign in fields.last("q")))
    chosen = {group: tuple(sorted(set(values))) for group, values in _chosen(fields, names.current()).items()}
    if len(typed) > MAX_TEXT_CHARS:
        raise QuestionInvalid(f"This question is too long to be followed: write {MAX_TEXT_CHARS} characters or fewer.")
    if not typed and not chosen:
        raise QuestionInvalid("An empty search cannot be followed: write some words, or follow everything.")
    if typed and queries.question(typed).found_by is None:
        raise QuestionInvalid("There is no word in this question: write some words to follow.")
    written = Asked(typed, chosen).without_page()
    if len(written) > MAX_CHARS:
        raise QuestionInvalid("This search is too long to be followed: choose fewer series, people or years.")
    return written


def in_words(written: str) -> str:
    """What a canonical search asks for, such as `“sanctions”, The Peninsula, 2018 or 2019`; plain text, shortened."""
    known = names.current()
    asked = _asked(written, known)
    shown = text.shorten(asked.text, _MAX_NAMED_CHARS)
    parts = [shown if _QUOTE.search(shown) else f"“{shown}”"] if shown else []
    parts += [
        " or ".join(facets.label_of(group, value, known) for value in values) for group, values in asked.chosen.items()
    ]
    return text.shorten(", ".join(parts), 2 * _MAX_NAMED_CHARS)


def address(written: str) -> str:
    """The page of results of a canonical search, root-relative."""
    return _asked(written, names.current()).address()


def n_since(written: str, first: date) -> int:
    """How many pieces dated `first` or later a canonical search locates: what following it will bring, more or less.

    Raises: SearchAway.
    """
    asked, query = _Reader().read(written)
    recent = Between("day", int(f"{first:%Y%m%d}"), None)
    found_by: Node = Group((query.found_by, recent), 2) if query.found_by else recent
    # With a text, since an empty question asks for everything.
    dated = replace(query, text=query.text or "*", found_by=found_by, weighed=())
    return shelf().current().search(dated, filters=asked.filters, limit=1, with_texts=False).total


def matching(document: Document, questions: Iterable[str], *, make: Callable[[], Engine] | None = None) -> set[str]:
    """Those of the canonical searches that locate the piece; see `matches`."""
    return set(matches([document], questions, make=make))


def matches(
    documents: Collection[Document], questions: Iterable[str], *, make: Callable[[], Engine] | None = None
) -> dict[str, list[int]]:
    """The canonical searches that locate any of these pieces, each with the numbers of those, ascending.

    Located is meant as on the page of results; pieces that only come close are not. Each search runs once, whatever the
    number of pieces, in some 0.2 ms; one that cannot be run is logged, and keeps no other from being matched.
    make: an empty engine in memory. Raises: SearchAway if that cannot answer.
    """
    wanted = set(questions)
    if not wanted or not documents:
        return {}
    engine, reader = (make or _in_memory)(), _Reader()
    try:
        engine.apply(documents, (), seq=1)
        found = {written: _located(engine, reader, written, len(documents)) for written in wanted}
    finally:
        engine.close()
    return {written: numbers for written, numbers in found.items() if numbers}


def _in_memory() -> Engine:
    from isthmus.search.engines.tantivy import TantivyEngine

    return TantivyEngine.create(None)


def _located(engine: Engine, reader: _Reader, written: str, n_documents: int) -> list[int]:
    try:
        asked, query = reader.read(written)
        # By date: nobody looks at the order, and scores cost more than all the rest.
        found = engine.search(query, filters=asked.filters, limit=n_documents, sort=Sort.OLDEST, with_texts=False)
    except SearchAway:
        raise
    except Exception:
        log.exception("A followed search could not be matched")
        return []
    return sorted(hit.id for hit in found.hits)


class _Reader:
    """Reads canonical searches as the page of results does; what that takes from the database is read once for all."""

    def __init__(self) -> None:
        self._names, self._synonyms = names.current(), editors.kept().synonyms

    def read(self, written: str) -> tuple[Asked, Query]:
        """The state of the address, and the question in it, unweighed: order matters to nobody here."""
        asked = _asked(written, self._names)
        return asked, replace(queries.question(asked.text, self._synonyms), weighed=())


def _asked(written: str, known: Names) -> Asked:
    fields = _Fields(written)
    return Asked(fields.last("q"), _chosen(fields, known))


def _chosen(fields: _Fields, known: Names) -> dict[str, tuple[str, ...]]:
    """The facets, without axes that there are none of."""
    return {
        group: values
        for group, values in chosen_in(fields).items()
        if not group.startswith(CATEGORY) or group.removeprefix(CATEGORY) in known.axes
    }


class _Fields:
    """A query string as `asked.chosen_in` reads it. Raises: ValueError for one with hundreds of fields."""

    def __init__(self, query_string: str) -> None:
        # Ten times what is kept may come in, written with other signs.
        given = query_string[: 10 * MAX_CHARS].removeprefix("?")
        self._values: Mapping[str, list[str]] = parse_qs(given, max_num_fields=_MAX_FIELDS)

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._values.keys()

    def getlist(self, key: str) -> list[str]:
        """The values of one name."""
        return self._values.get(key, [])

    def last(self, key: str) -> str:
        """The last value of a name, as forms read it; empty for none."""
        return self.getlist(key)[-1] if self.getlist(key) else ""
