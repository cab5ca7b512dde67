"""The words that a colon makes special, as in `author:King`: one table, with the reason and the help for each.

A later part of Isthmus that indexes a field of its own adds its keyword with `add`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from isthmus.kit import text as kit_text
from isthmus.search import wording
from isthmus.search.query import Between, Group, Has, In, Node, Text
from isthmus.search.scanning import Mark

Value: TypeAlias = tuple[str, Mark]
"""What stands behind the colon, and whether it is a PHRASE in quotation marks, STARRED, or WORDS."""

Names: TypeAlias = Mapping[str, tuple[str, ...]]
"""What readers call something, to the values it is kept under: policy paper → paper; chinese → zh, zh-hans."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword.

    read: the value as a node, or None if it is not understood; it is then searched as words, and `expected` is said.
    example, help: what the help page shows. reason: why it is there. is_sought: whether the value is something a text
    speaks of, so that it is marked and ranked like other words; names of people and series only choose.
    """

    name: str
    read: Callable[[Value], Node | None]
    example: str
    help: str
    reason: str
    expected: str = ""
    is_sought: bool = False


Keywords: TypeAlias = Mapping[str, Keyword]

_added: dict[str, Keyword] = {}

_YEARS = re.compile(r"([0-9]{4})(?:(-|–|\.\.)([0-9]{4})?)?|\.\.([0-9]{4})")
_DAY = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?)?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
_SEPARATORS = re.compile(r"[\s_-]+")
# A keyword may end a sentence.
_ENDS = " .,;:!?"
_DATE_EXPECTED = "write a date such as {}:2019, {}:2019-06 or {}:2019-06-30"


def add(keyword: Keyword) -> None:
    """Make a keyword known to every `standard` from now on; called once, when the part that brings it starts."""
    _added[keyword.name] = keyword


def standard() -> Keywords:
    """The keywords by name, those that were added last winning."""
    return {keyword.name: keyword for keyword in (*TABLE, kind({}), language({}), *_added.values())}


def named(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Names from pairs of a name as people write it and a value; a name may have several values."""
    names: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        known = names.get(_plain_name(name), ())
        names[_plain_name(name)] = known if value in known else (*known, value)
    return names


def kind(names: Names) -> Keyword:
    """`kind:`, with what the site's kinds are called; without names it understands nothing."""
    values = sorted({value for values in names.values() for value in values})
    return Keyword(
        "kind", _value_of("kind", names), f"kind:{'report' if 'report' in values or not values else values[0]}",
        f"The kind of piece: {', '.join(values)}." if values else "The kind of piece.",
        "a hearing is cited otherwise than a post", "write one of the kinds that the help names",
    )  # fmt: skip


def language(names: Names) -> Keyword:
    """`lang:`, with names of languages; a code needs none, because there may be pieces in what no table knows."""
    by_name = _value_of("language", names)

    def read(value: Value) -> Node | None:
        code = value[0].strip(_ENDS).lower()
        return by_name(value) or (Has("language", tags(code)) if _LANGUAGE.fullmatch(code) else None)

    return Keyword(
        "lang", read, "lang:korean", "Written in this language, by its name or its code.",
        "an archive in two languages is read in one", "write a language such as lang:korean or lang:ko",
    )  # fmt: skip


def tags(code: str) -> tuple[str, ...]:
    """A language's code in the spellings in which pieces may be marked: pt-br and pt-BR, zh-hans and zh-Hans."""
    base, _, region = code.partition("-")
    if not region:
        return (code,)
    return code, f"{base}-{region.title() if len(region) == 4 else region.upper()}"


def texts_of(value: Value) -> list[Text]:
    """The value as words, phrases and prefixes; of words alone none is left out, because they are names."""
    text, mark = value
    read = {Mark.PHRASE: wording.phrase, Mark.STARRED: wording.prefix}.get(mark, wording.texts)
    return read(text)


def _words_in(field: str) -> Callable[[Value], Node | None]:
    def read(value: Value) -> Node | None:
        nodes = tuple(In(field, text) for text in texts_of(value))
        return None if not nodes else nodes[0] if len(nodes) == 1 else Group(nodes, len(nodes))

    return read


def _value_of(field: str, names: Names) -> Callable[[Value], Node | None]:
    def read(value: Value) -> Node | None:
        values = names.get(_plain_name(value[0]))
        return Has(field, values) if values else None

    return read


def _plain_name(name: str) -> str:
    return _SEPARATORS.sub(" ", kit_text.fold(name)).strip(_ENDS)


def _years(value: Value) -> Node | None:
    found = _YEARS.fullmatch(value[0].strip(" ,;:!?"))
    if found is None or (found[2] in ("-", "–") and not found[3]):
        return None
    first = found[1]
    last = found[3] or found[4] or ("" if found[2] else first)
    if first and last and first > last:
        first, last = last, first
    return Between(
        "day", int(first) * 10_000 + 101 if first else None, (int(last) + 1) * 10_000 + 101 if last else None
    )


def _after(value: Value) -> Node | None:
    day = _day(value[0])
    return None if day is None else Between("day", day, None)


def _before(value: Value) -> Node | None:
    day = _day(value[0])
    return None if day is None else Between("day", None, day)


def _day(text: str) -> int | None:
    """The first day of what is written, as a number such as 20190630; None for a day that no calendar has."""
    found = _DAY.fullmatch(text.strip(_ENDS))
    if found is None:
        return None
    try:
        day = date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None
    return day.year * 10_000 + day.month * 100 + day.day


TABLE = (
    Keyword(
        "title", _words_in("title"), "title:tariff", "The word stands in the title.",
        "a piece that is remembered by its title is found without all that mention its words", is_sought=True,
    ),
    Keyword(
        "author", _words_in("author"), 'author:"Robert R. King"',
        "Anyone who had a part in the piece, by any part of the name.",
        "pieces by a person, apart from the many that speak of that person",
    ),
    Keyword(
        "series", _words_in("series"), "series:peninsula", "The series has this word in its name.",
        "readers follow a series by its name",
    ),
    Keyword(
        "category", _words_in("category"), "category:trade",
        "A topic of the piece, or one above it, has this word in its name.",
        "topics are given by editors, also where the text never says their names",
    ),
    Keyword(
        "year", _years, "year:2015-2019", "Published in this year, or in these years: year:2019, year:2015-2019.",
        "whole years are what most people remember", "write year:2019 or year:2015-2019",
    ),
    Keyword(
        "after", _after, "after:2019-06",
        "Published on this day or later; months and years begin on their first day.",
        "inclusive, so that after:2019 before:2020 is the year 2019", _DATE_EXPECTED.format(*["after"] * 3),
    ),
    Keyword(
        "before", _before, "before:2020-01-20", "Published earlier than this day, month or year.",
        "exclusive, see after:", _DATE_EXPECTED.format(*["before"] * 3),
    ),
)  # fmt: skip
