"""The registry of fields: everything an index keeps of a Document, each line with the reason it is there.

Engines build their schema from `FIELDS` and know no field by name but those in the constants below. A later part
of Isthmus adds a line; `FORMAT` then changes and the keeper builds a new index beside the old one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum

from isthmus.publications.documents import CategoryName, Document
from isthmus.search import analysis

_YEAR_1 = datetime(1, 1, 1, tzinfo=UTC)


class Kind(Enum):
    """How a field is kept and asked."""

    STEMMED = "stemmed"  # words by their English stem, with frequencies, for ranking
    EXACT = "exact"  # words as they are, with places, for phrases
    PRESENCE = "presence"  # words as they are, whether they occur and no more
    STEMS = "stems"  # words by their English stem, whether they occur and no more
    VALUE = "value"  # a text as a whole, found exactly and counted
    NUMBER = "number"  # 63 bits, found by value
    COLUMN = "column"  # 63 bits, sorted by, compared and given back, not found by value: half the cost of a NUMBER
    STORED = "stored"  # given back with a hit, not searched


@dataclass(frozen=True, slots=True)
class Texts:
    """A Document with its texts made plain once for all fields that need them.

    rest: summary, body, captions, credits, notes, titles of attached files; whatever else is to be found by its
    words is added here. attached: what stands inside those files. branches: the labels of its categories and of all
    above them.
    """

    document: Document
    title: str
    people: str
    rest: str
    series: str
    categories: str
    branches: str
    attached: str


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
    return Texts(
        document,
        title=analysis.plain(document.title),
        people=analysis.plain("; ".join(names)),
        rest=analysis.plain(rest),
        series=analysis.plain(document.series_title),
        categories=analysis.plain("; ".join(category.label for category in document.categories)),
        branches=analysis.plain("; ".join(dict.fromkeys(category.label for category in _branches(document)))),
        attached=analysis.plain(document.attached_text),
    )


def sort_key(document: Document) -> int:
    """A number that orders Documents as listings do: by instant, then by number; undated ones before all others.

    Seconds since year 1 (39 bits until 9999) and 24 bits of the number: 63 bits.
    """
    at = document.published_at or _YEAR_1
    return int((at - _YEAR_1).total_seconds()) << 24 | (document.id & 0xFFFFFF)


def day_number(day: date) -> int:
    """The day as a number that reads like it and sorts like it: 20190630."""
    return day.year * 10_000 + day.month * 100 + day.day


def revision_number(revision: str) -> int:
    """A Document's revision as a number of 56 bits, so that an index can give back 100,000 of them at once."""
    return int.from_bytes(hashlib.blake2b(revision.encode(), digest_size=7).digest(), "big")


def _branches(document: Document) -> list[CategoryName]:
    return [branch for category in document.categories for branch in (category, *category.above)]


def _searched(texts: Texts) -> Sequence[str]:
    parts = (texts.title, texts.people, texts.rest, texts.series, texts.categories)
    return [part for part in parts if part]


def _joined(texts: Texts) -> Sequence[str]:
    return [" ".join(sorted(set().union(*map(analysis.joined_forms, (*_searched(texts), texts.attached)))))]


def _with_joined(text: str) -> Sequence[str]:
    """A short text and its compounds written in one, so that `author:jongun` finds Jong-un."""
    return [text, *analysis.joined_forms(text)] if text else []


def _passages(texts: Texts) -> Sequence[str]:
    document = texts.document
    shown = document.attached_text[:_SHOWN_CHARS]
    inside = [ATTACHED_MARK + passage for passage in shown.split("\n") if passage]
    own = (document.body_text or document.summary, document.other_text)
    return ["\n".join([*(part for part in own if part), *inside])]


def _attached(texts: Texts) -> Sequence[str]:
    return [texts.attached] if texts.attached else []


def _authors(texts: Texts) -> Sequence[str]:
    return list(dict.fromkeys(line.slug for line in texts.document.people))


def _category_keys(texts: Texts) -> Sequence[str]:
    return list(dict.fromkeys(branch.key for branch in _branches(texts.document)))


def _year(texts: Texts) -> Sequence[str]:
    on = texts.document.published_on
    return [str(on.year) if on else ""]


def _happened(texts: Texts) -> Sequence[str]:
    return texts.document.happened


def _day(texts: Texts) -> Sequence[int]:
    on = texts.document.published_on
    return [day_number(on)] if on else []


ID, PUBLISHED, REVISION, PASSAGES, DAY = "id", "published", "revision", "passages", "day"
TEXT, EXACT, JOINED = "text", "exact", "joined"
ATTACHED, ATTACHED_EXACT = "attached", "attached_exact"
# A snippet is cut from so much of the files: ten hits with 300 kB each cost 17 ms, with 2 MB 110. All of it is found.
_SHOWN_CHARS = 500_000
# Begins a passage that stands in an attached file and not on the page: a separator of records, which no text holds.
ATTACHED_MARK = "\x1e"
# What a question may name. `query.In` asks for words in the first, `query.Has` and facets for values of the second.
WORDED = ("title", "author", "series", "category")
VALUED = ("kind", "language", "series", "author", "category", "year", "happened")
NUMBERED = (DAY,)


def words_of(name: str) -> str:
    """The index's field with the words of a field that a question names, as they are and in their places."""
    return f"{name}_words"


def stems_of(name: str) -> str:
    """The same by their stems."""
    return f"{name}_stems"


def _worded(name: str, text_of: Callable[[Texts], str], reason: str) -> tuple[Field, Field]:
    return (
        Field(words_of(name), Kind.EXACT, lambda texts: [text_of(texts)] if text_of(texts) else [], reason),
        Field(stems_of(name), Kind.STEMS, lambda texts: _with_joined(text_of(texts)), reason),
    )


FIELDS: tuple[Field, ...] = (
    Field(ID, Kind.NUMBER, lambda texts: [texts.document.id], "the publication's number: what hits are"),
    Field(REVISION, Kind.COLUMN, lambda texts: [revision_number(texts.document.revision)], "`index check` compares it"),
    Field(PUBLISHED, Kind.COLUMN, lambda texts: [sort_key(texts.document)], "newest and oldest first"),
    Field(DAY, Kind.COLUMN, _day, "before: and after:, by the date as printed; an undated piece has none"),
    Field(
        TEXT, Kind.STEMMED, lambda texts: [texts.title, *_searched(texts)],
        "title twice and all the rest in one: two BM25 scores added are not BM25F, and boosts of 2-3 lost on 7 of 8",
    ),
    Field(EXACT, Kind.EXACT, _searched, "phrases, names and CJK words, which are phrases of characters; prefixes"),
    Field(JOINED, Kind.PRESENCE, _joined, "Jong-un and Jong Un are found by Jongun"),
    Field(
        ATTACHED, Kind.STEMMED, _attached,
        "what stands inside attached files; apart from the text, whose length a report of 300 pages would multiply: "
        "its title and summary would then hardly count",
    ),
    Field(ATTACHED_EXACT, Kind.EXACT, _attached, "phrases and prefixes in attached files"),
    *_worded("title", lambda texts: texts.title, "title:"),
    *_worded("author", lambda texts: texts.people, "author: by any part of a name, as printed or as recorded"),
    *_worded("series", lambda texts: texts.series, "series: by words of its title"),
    *_worded("category", lambda texts: texts.branches, "category: by words of its label or of one above it"),
    Field("kind", Kind.VALUE, lambda texts: [texts.document.kind], "kind: and its facet"),
    Field("language", Kind.VALUE, lambda texts: [texts.document.language], "lang:"),
    Field("series", Kind.VALUE, lambda texts: [texts.document.series_slug], "the facet; empty without a series, so "
          "that the counts add up to the total"),
    Field("author", Kind.VALUE, _authors, "the facet, by the person's slug: one name may be two people"),
    Field("category", Kind.VALUE, _category_keys, "the facets of all axes, axis/slug; those above a category count"),
    Field("year", Kind.VALUE, _year, "year:, its facet and histogram; empty for an undated piece, as with series"),
    Field("happened", Kind.VALUE, _happened, "happened: by days, months and years of what readers may see as having "
          "happened; texts, so that June is found by a day in June and not by a year"),
    Field(PASSAGES, Kind.STORED, _passages, "the paragraphs a snippet is cut from, one a line"),
)  # fmt: skip

FORMAT = hashlib.blake2b(
    repr([analysis.VERSION, *((field.name, field.kind.value) for field in FIELDS)]).encode(),
    digest_size=6,
).hexdigest()
