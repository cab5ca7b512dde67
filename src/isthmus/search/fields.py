"""The registry of fields: everything an index keeps of a Document, each line with the reason it is there.

Engines build their schema from `FIELDS` and know no field by name but those in the constants below. A later part
of Isthmus adds a line; `FORMAT` then changes and the keeper builds a new index beside the old one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from isthmus.publications.documents import Document
from isthmus.search import analysis

_YEAR_1 = datetime(1, 1, 1, tzinfo=UTC)


class Kind(Enum):
    """How a field is kept and asked."""

    STEMMED = "stemmed"  # words by their English stem, with frequencies, for ranking
    EXACT = "exact"  # words as they are, with places, for phrases
    PRESENCE = "presence"  # words as they are, whether they occur and no more
    NUMBER = "number"  # 63 bits, found by value, sorted by
    STORED = "stored"  # given back with a hit, not searched


@dataclass(frozen=True, slots=True)
class Texts:
    """A Document with its texts made plain once for all fields that need them."""

    document: Document
    title: str
    people: str
    rest: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field: name, kind, what it holds for a Document (several values are kept apart), why it is there."""

    name: str
    kind: Kind
    values: Callable[[Texts], Sequence[str | int]]
    reason: str


def texts_of(document: Document) -> Texts:
    """The Document ready for indexing."""
    names = dict.fromkeys(name for line in document.people for name in (line.printed, line.name))
    rest = "\n".join(part for part in (document.summary, document.body_text, document.other_text) if part)
    return Texts(document, analysis.plain(document.title), analysis.plain("; ".join(names)), analysis.plain(rest))


def sort_key(document: Document) -> int:
    """A number that orders Documents as listings do: by instant, then by number; undated ones before all others.

    Seconds since year 1 (39 bits until 9999) and 24 bits of the number: 63 bits.
    """
    at = document.published_at or _YEAR_1
    return int((at - _YEAR_1).total_seconds()) << 24 | (document.id & 0xFFFFFF)


def revision_number(revision: str) -> int:
    """A Document's revision as a number of 56 bits, so that an index can give back 100,000 of them at once."""
    return int.from_bytes(hashlib.blake2b(revision.encode(), digest_size=7).digest(), "big")


def _searched(texts: Texts) -> Sequence[str]:
    return texts.title, texts.people, texts.rest


def _joined(texts: Texts) -> Sequence[str]:
    return [" ".join(sorted(set().union(*map(analysis.joined_forms, _searched(texts)))))]


def _passages(texts: Texts) -> Sequence[str]:
    document = texts.document
    return ["\n".join(part for part in (document.body_text or document.summary, document.other_text) if part)]


ID, PUBLISHED, REVISION, PASSAGES = "id", "published", "revision", "passages"
TEXT, EXACT, JOINED = "text", "exact", "joined"

FIELDS: tuple[Field, ...] = (
    Field(ID, Kind.NUMBER, lambda texts: [texts.document.id], "the publication's number: what hits are"),
    Field(REVISION, Kind.NUMBER, lambda texts: [revision_number(texts.document.revision)], "`index check` compares it"),
    Field(PUBLISHED, Kind.NUMBER, lambda texts: [sort_key(texts.document)], "newest and oldest first"),
    Field(
        TEXT, Kind.STEMMED, lambda texts: [texts.title, *_searched(texts)],
        "title twice and all the rest in one: two BM25 scores added are not BM25F, and boosts of 2-3 lost on 7 of 8",
    ),
    Field(EXACT, Kind.EXACT, _searched, "phrases, names and CJK words, which are phrases of characters"),
    Field(JOINED, Kind.PRESENCE, _joined, "Jong-un and Jong Un are found by Jongun"),
    Field(PASSAGES, Kind.STORED, _passages, "the paragraphs a snippet is cut from, one a line"),
)  # fmt: skip

FORMAT = hashlib.blake2b(
    repr([analysis.VERSION, *((field.name, field.kind.value) for field in FIELDS)]).encode(),
    digest_size=6,
).hexdigest()
