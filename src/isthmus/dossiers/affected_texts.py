"""Which texts a changed vocabulary is about: those that hold a changed word, found by the search where it can tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from isthmus.dossiers.extract.names import changed_ways, holds_any
from isthmus.dossiers.extract.written import ways_to_write
from isthmus.dossiers.models import Mention, MinedText
from isthmus.dossiers.vocabulary import Vocabulary
from isthmus.publications import documents
from isthmus.search import analysis
from isthmus.search.engine import Engine, SearchAway, Sort
from isthmus.search.query import Group, Node, Phrase, Query
from isthmus.search.shelf import shelf

# Phrases of one question; more words than this are asked in several.
_PHRASES_AT_ONCE = 64
_MAX_FOUND = 1_000_000


@dataclass(frozen=True, slots=True)
class Change:
    """What two vocabularies differ in.

    ways: words of which a text must hold one to be read otherwise. by_tone: whether verbs changed, which every sentence
    with two subjects may hold. is_whole: whether dates must be read again too, because a named stretch changed.
    """

    ways: frozenset[str] = frozenset()
    by_tone: bool = False
    is_whole: bool = False

    def __or__(self, other: Change) -> Change:
        return Change(self.ways | other.ways, self.by_tone or other.by_tone, self.is_whole or other.is_whole)


NOTHING = Change()


def between(before: Vocabulary, after: Vocabulary) -> Change:
    """What texts must be read again for."""
    ways = changed_ways([*before.names, *before.offices], [*after.names, *after.offices])
    stretches = {*before.named_dates} ^ {*after.named_dates}
    for stretch in stretches:
        words = stretch.name.strip()
        ways.update(ways_to_write(words[4:] if words[:4].lower() == "the " else words, is_person=False))
    return Change(frozenset(ways), before.tone_words != after.tone_words, bool(stretches))


def doing(change: Change, words: Vocabulary) -> dict[str, Any]:
    """The change as JSON can keep it, with the words that texts are matched with."""
    return {
        "ways": sorted(change.ways), "by_tone": change.by_tone, "is_whole": change.is_whole, "entries": words.entries,
    }  # fmt: skip


def change_of(kept: Mapping[str, Any]) -> Change:
    """The change that `doing` wrote."""
    return Change(frozenset(kept["ways"]), kept["by_tone"], kept["is_whole"])


def affected_by(change: Change, *, covering: int) -> list[int]:
    """Numbers of mined texts that may be read otherwise, ascending.

    covering: the journal's number up to which texts were mined. An index that is behind it may not know them all; then,
    as when there is none, every text is looked at: some seconds for ten thousand.
    """
    found = _with_pairs() if change.by_tone else set()
    if change.ways:
        asked = _asked(change.ways, covering)
        found |= set(_scanned(change.ways)) if asked is None else asked
    return sorted(found & set(MinedText.objects.values_list("pk", flat=True)))


def _asked(ways: Iterable[str], covering: int) -> set[int] | None:
    """What the index finds; None if it cannot tell."""
    plain = {tuple(analysis.tokens(analysis.plain(way))) for way in ways}
    if () in plain:
        return None
    # To the index l'Iran is one word.
    phrases = {(f"{elided}{first}", *others) for first, *others in plain for elided in ("", "l", "d")}
    try:
        engine = shelf().current()
        if engine.state().seq < covering:
            return None
        return set(_located(engine, sorted(phrases)))
    except SearchAway:
        return None


def _located(engine: Engine, phrases: list[tuple[str, ...]]) -> Iterator[int]:
    for start in range(0, len(phrases), _PHRASES_AT_ONCE):
        nodes: tuple[Node, ...] = tuple(Phrase(tokens) for tokens in phrases[start : start + _PHRASES_AT_ONCE])
        query = Query("changed words", Group(nodes, 1))
        hits = engine.search(query, limit=_MAX_FOUND, sort=Sort.OLDEST, with_texts=False)
        yield from (hit.id for hit in hits.hits)


def _scanned(ways: Iterable[str]) -> Iterator[int]:
    is_held, after = holds_any(ways), 0
    while ids := documents.visible_ids(after=after):
        for document in documents.documents(ids):
            if is_held(f"{document.title}\n{document.body_text}"):
                yield document.id
        after = ids[-1]


def _with_pairs() -> set[int]:
    """Texts with a sentence that names two subjects."""
    sentences = Mention.objects.order_by().values("text", "sentence_start").annotate(n=Count("subject", distinct=True))
    return set(sentences.filter(n__gt=1).values_list("text", flat=True))
