"""How the registry of fields becomes a Tantivy schema, and a Document a row of it; and the two analysers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import tantivy
from tantivy import Filter, Tokenizer

from isthmus.publications.documents import Document
from isthmus.search.fields import FIELDS, ID, Kind, texts_of

STEMMING, FOLDING = "isthmus_en", "isthmus"
# The Document that carries the commit's journal number: it has no words and no values, so that no question finds it.
MARKER_ID = 0
SEQ = "seq"

# Tokenizer and what is kept of each word: which Documents, how often, where.
_TEXTS = {
    Kind.STEMMED: (STEMMING, "freq"),
    Kind.EXACT: (FOLDING, "position"),
    Kind.PRESENCE: (FOLDING, "basic"),
    Kind.STEMS: (STEMMING, "basic"),
    Kind.VALUE: ("raw", "basic"),
}
_NUMBERS = (Kind.NUMBER, Kind.COLUMN)


def schema() -> Any:
    """The schema of a new index."""
    builder = tantivy.SchemaBuilder()
    for field in FIELDS:
        if field.kind in _NUMBERS:
            builder.add_integer_field(field.name, indexed=field.kind is Kind.NUMBER, fast=True)
        elif field.kind is Kind.STORED:
            # Nothing asks for it, so it is one word to the index: stored fields cannot be left out of it.
            builder.add_bytes_field(field.name, stored=True)
        else:
            tokenizer, kept = _TEXTS[field.kind]
            builder.add_text_field(
                field.name, tokenizer_name=tokenizer, index_option=kept, fast=field.kind is Kind.VALUE
            )
    builder.add_integer_field(SEQ, fast=True)
    return builder.build()


@lru_cache(maxsize=1)
def analyzers() -> dict[str, Any]:
    """By name: words as they are, and by their English stem."""

    def folded() -> Any:
        builder = tantivy.TextAnalyzerBuilder(Tokenizer.simple())
        return builder.filter(Filter.lowercase()).filter(Filter.ascii_fold())

    return {FOLDING: folded().build(), STEMMING: folded().filter(Filter.stemmer("english")).build()}


def stems(tokens: Sequence[str]) -> list[str]:
    """The stem of each word, one for one."""
    return list(map(_stem, tokens))


@lru_cache(maxsize=20_000)
def _stem(token: str) -> str:
    # A site's words come again and again; a word that the analyser drops stays as it is.
    sounded = sound(token)
    return "".join(analyzers()[STEMMING].analyze(sounded)) or sounded


def folded(token: str) -> list[str]:
    """A word as it stands in the unstemmed fields; seldom none or several."""
    forms: list[str] = analyzers()[FOLDING].analyze(sound(token))
    return forms


def sound(text: str) -> str:
    """The text without halves of characters, which Rust cannot take; a command line can hold them."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def indexed(document: Document) -> Any:
    """The Document with every field of the registry."""
    texts, row = texts_of(document), tantivy.Document()
    for field in FIELDS:
        for value in field.values(texts):
            if field.kind in _NUMBERS:
                row.add_integer(field.name, value)
            elif field.kind is Kind.STORED:
                row.add_bytes(field.name, str(value).encode("utf-8", "replace"))
            else:
                row.add_text(field.name, value)
    return row


def marker(seq: int) -> Any:
    """The row that carries the commit's number."""
    row = tantivy.Document()
    row.add_integer(ID, MARKER_ID)
    row.add_integer(SEQ, seq)
    return row
