"""What stands in the address of a search, read and written: the question, the chosen facets, the order, the page.

The address is the whole state of a search, so it can be shared, fed on, followed by mail and gone back to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Protocol
from urllib.parse import quote_plus, urlencode

from isthmus.search.engine import Sort
from isthmus.search.query import Filters

GROUPS = ("series", "kind", "author", "year")
CATEGORY = "category."
NONE = "-"
"""In an address, for a piece without a series or without a date; no slug is made of a hyphen alone."""

# More than anybody chooses by hand; what an address holds beyond is not read.
_MAX_VALUES, _MAX_CHARS, _MAX_YEARS = 40, 200, 1000
# What is longer is quoted each time: a question may have 4,096 characters, and those would be kept.
_MAX_KEPT_CHARS = 60
_AXIS = re.compile(r"category\.[\w-]{1,60}\Z")
_YEARS = re.compile(r"([0-9]{4})(?:-([0-9]{4}))?\Z")


class Parameters(Protocol):
    """What Django's QueryDict is to this module."""

    def keys(self) -> Iterable[str]:
        """The names."""
        ...

    def getlist(self, key: str) -> list[str]:
        """The values of one name."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as its address says it.

    chosen: facets by group (`series`, `kind`, `author`, `year`, `category.<axis>`), values as the address has them:
    slugs, years such as 2019 or 2010-2014, and NONE.
    """

    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE

    @property
    def filters(self) -> Filters:
        """The chosen facets as an engine takes them: ranges of years written out, NONE as the empty value."""
        return {group: tuple(_engine_values(group, values)) for group, values in self.chosen.items()}

    def without_page(self) -> str:
        """The query string of the first page, the same for every way of writing the same search; no question mark."""
        pairs = [("q", self.text)] if self.text else []
        pairs += [(group, value) for group in sorted(self.chosen, key=_place) for value in self.chosen[group]]
        pairs += [("sort", self.sort.value)] if self.sort is not Sort.RELEVANCE else []
        return "&".join([f"{quoted(name)}={quoted(value)}" for name, value in pairs])

    def address(self, *, page: int = 1) -> str:
        """Root-relative, with a query string only where there is something to say."""
        query = "&".join(part for part in (self.without_page(), f"page={page}" if page > 1 else "") if part)
        return f"/search/?{query}" if query else "/search/"

    def feed_address(self) -> str:
        """Of the feed of this search, which has its own order."""
        query = replace(self, sort=Sort.RELEVANCE).without_page()
        return f"/search/feed/?{query}" if query else "/feed/"

    def follow_address(self) -> str:
        """Of the sign-up for mail about this search; to all publications where nothing is asked."""
        query = replace(self, sort=Sort.RELEVANCE).without_page()
        return f"/subscribe/?{urlencode({'search': query})}" if query else "/subscribe/"

    def with_value(self, group: str, value: str) -> Asked:
        """The same with one more value chosen."""
        return replace(self, chosen={**self.chosen, group: (*self.chosen.get(group, ()), value)})

    def without_values(self, group: str, values: Iterable[str]) -> Asked:
        """The same with these values taken off."""
        gone = set(values)
        left = tuple(value for value in self.chosen.get(group, ()) if value not in gone)
        others = {name: kept for name, kept in self.chosen.items() if name != group}
        return replace(self, chosen=others | {group: left} if left else others)

    def unfiltered(self) -> Asked:
        """The same question with nothing chosen."""
        return replace(self, chosen={})


def chosen_in(parameters: Parameters) -> dict[str, tuple[str, ...]]:
    """The facets that an address chooses, each value once, at most 40 in all; values may be unknown."""
    chosen: dict[str, tuple[str, ...]] = {}
    n_left = _MAX_VALUES
    for group in parameters.keys():  # noqa: SIM118 -- not every such thing is a mapping
        if group in GROUPS or _AXIS.match(group):
            values = dict.fromkeys(value for value in parameters.getlist(group) if _is_value(value))
            if kept := tuple(values)[:n_left]:
                chosen[group] = kept
                n_left -= len(kept)
    return chosen


def years_of(value: str) -> range:
    """The years that a value stands for, a thousand at most; none for NONE and for what is no year."""
    found = _YEARS.match(value)
    if not found:
        return range(0)
    years = range(int(found[1]), int(found[2] or found[1]) + 1)
    return years if len(years) <= _MAX_YEARS else range(0)


def _is_value(value: str) -> bool:
    return 0 < len(value) <= _MAX_CHARS and value.isprintable()


def _engine_values(group: str, values: Iterable[str]) -> Iterable[str]:
    if group != "year":
        return ["" if value == NONE else value for value in values]
    # What is no year stays as it is, and selects nothing.
    years = {str(year) for value in values for year in years_of(value) or [value]} - {NONE}
    return sorted(years) + ([""] if NONE in values else [])


def _place(group: str) -> tuple[int, str]:
    return (GROUPS.index(group) if group in GROUPS else len(GROUPS)), group


def quoted(text: str) -> str:
    """The text as a part of a query string: a page writes a hundred, of the same few words, slugs and years."""
    return _quoted(text) if len(text) <= _MAX_KEPT_CHARS else quote_plus(text)


_quoted = lru_cache(maxsize=20_000)(quote_plus)
