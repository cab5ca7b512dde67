"""What a reader may be about to type: titles, series, people and categories that have words beginning so.

Names come from the process's memory, titles from the index, both through the gate; without an index, names alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.utils.encoding import iri_to_uri

from isthmus.publications import visibility
from isthmus.publications.recording import publication_path
from isthmus.search import analysis, names
from isthmus.search.engine import SearchAway
from isthmus.search.query import Group, In, Prefix, Query, Text, Word
from isthmus.search.shelf import shelf

LIMIT = 8
MAX_CHARS = 120
_MAX_WORDS = 8
# With titles to show as well, names take at most half of the room, and two places whatever else there is.
_MIN_NAMES, _MAX_NAMES = 2, 4
# Titles asked of the index, of which those that begin as typed come first.
_N_TITLES = 24


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing the reader may mean. kind: publication, series, person or category; url: root-relative."""

    text: str
    kind: str
    url: str

    def as_json(self) -> dict[str, str]:
        """As the public contract has it."""
        return {"text": self.text, "kind": self.kind, "url": self.url}


def suggestions(typed: str) -> list[Suggestion]:
    """At most eight, the best first: what begins as typed before what has such words further on; never raises."""
    wanted = names.words_of(typed[:MAX_CHARS]).split()[:_MAX_WORDS]
    if not wanted:
        return []
    found = sorted(_names(wanted), key=lambda pair: pair[0])
    titles = sorted(_titles(wanted), key=lambda pair: pair[0])
    # Titles that begin as typed may be many, and must not crowd out The White House.
    kept, others = found[:_MIN_NAMES], found[_MIN_NAMES : max(_MAX_NAMES, LIMIT - len(titles))]
    filling = sorted([*others, *titles], key=lambda pair: pair[0])[: LIMIT - len(kept)]
    best = sorted([*kept, *filling], key=lambda pair: pair[0])
    return [suggestion for _, suggestion in best]


def _names(wanted: Sequence[str]) -> Iterator[tuple[int, Suggestion]]:
    starts = [f" {word}" for word in wanted]
    for words, name, kind, url in names.current().all:
        # 10,000 names in 2 ms: a look for a text in a text is the quickest thing there is.
        if all(start in words for start in starts):
            yield _place(words, starts), Suggestion(name, kind, iri_to_uri(url))


def _place(words: str, starts: Sequence[str]) -> int:
    """0 where the words begin as wanted, 1 where they go on so from some word, else 2."""
    at = words.find("".join(starts))
    return 2 if at < 0 else min(at, 1)


def _titles(wanted: Sequence[str]) -> Iterator[tuple[int, Suggestion]]:
    asked = [In("title", asked) for word in wanted if (asked := _asked(word)) is not None]
    if not asked:
        return
    question = Query(" ".join(wanted), Group(tuple(asked), len(asked)), tuple(node.text for node in asked))
    with suppress(SearchAway):
        found = shelf().current().search(question, offset=0, limit=_N_TITLES, with_texts=False)
        numbers = [hit.id for hit in found.hits]
        rows = visibility.among(numbers)
        shown = {pk: rest for pk, *rest in rows.values_list("pk", "title", "slug", "series__slug")}
        starts = [f" {word}" for word in wanted]
        for title, slug, series in (shown[number] for number in numbers if number in shown):
            url = iri_to_uri(publication_path(slug, series))
            yield _place(names.words_of(title), starts), Suggestion(title, "publication", url)


def _asked(word: str) -> Text | None:
    """Any word that begins so; a single letter would be most of them, and is left to the names."""
    if len(word) > 1 or analysis.is_cjk(word):
        return Prefix(word)
    return Word(word) if word.isdecimal() else None
