"""Facets as the page of results shows them: rows of links, years as columns. Pure; every choice is an address.

The HTML of a row or column is written here: a page has some hundred, and they took the template engine 8 of 14 ms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from django.utils.safestring import SafeString

from isthmus.kit.html import escape
from isthmus.search.asked import CATEGORY, NONE, Asked, quoted, years_of
from isthmus.search.facets import Facet, Value, label_of
from isthmus.search.names import Names

# Rows before the fold, and behind it; a tree of at most this many branches is shown whole.
_N_ROWS, _N_MORE, _SMALL_TREE = 6, 34, 8
# As many columns as stand beside each other at 24 px in the width of the text.
_MAX_COLUMNS = 32
_MIN_YEARS, _N_HEIGHTS = 3, 20
# Columns that all have room for their year below them; of more, every fifth.
_ALL_MARKED = 16
_STEPS = (5, 10, 25, 50, 100, 1000)
# Years before the last 31 become one column if they hold no more than a tenth: a few reprints of the fifties would
# otherwise press every year of the institute's own work into a decade.
_SMALL_PART = 10


# The same names stand on every page, a hundred on each.
@lru_cache(maxsize=20_000)
def _label(words: str) -> str:
    return f'<span class="label">{escape(words)}</span>'


class Row(NamedTuple):
    """One choice. url: the search with it, or without it where it is chosen."""

    label: str
    n: int
    url: str
    is_selected: bool
    is_below: bool = False

    @property
    def html(self) -> SafeString:
        """The list item."""
        opening = '<li class="below">' if self.is_below else "<li>"
        number = _number(self.n, ", take off" if self.is_selected else "")
        return SafeString(f"{opening}{_link('row', self.url, self.is_selected)}{_label(self.label)}{number}</a></li>\n")


class RowGroup(NamedTuple):
    """A group of rows: those before the fold, those behind it, and how many are not shown at all."""

    key: str
    label: str
    rows: tuple[Row, ...]
    more: tuple[Row, ...]
    n_left: int

    @property
    def rows_html(self) -> SafeString:
        """The list items before the fold."""
        return SafeString("".join([row.html for row in self.rows]))

    @property
    def more_html(self) -> SafeString:
        """Those behind it."""
        return SafeString("".join([row.html for row in self.more]))


class Column(NamedTuple):
    """Some years side by side, one as a rule. height: 0 to 20, against the highest; url: None where nothing is.

    is_marked: its years stand below it even while nobody points at it.
    """

    label: str
    n: int
    height: int
    url: str | None
    is_selected: bool
    is_marked: bool

    @property
    def html(self) -> SafeString:
        """The list item; years without pieces keep their place."""
        label = _label(self.label)
        if self.url is not None:
            bar = f'<span class="bar h{self.height}"></span>'
            label = f"{_link('column', self.url, self.is_selected)}{bar}{label}{_number(self.n)}</a>"
        return SafeString(f'<li class="marked">{label}</li>\n' if self.is_marked else f"<li>{label}</li>\n")


class Chip(NamedTuple):
    """One chosen value, and the search without it."""

    group_label: str
    label: str
    url: str


def _link(name: str, url: str, is_selected: bool) -> str:
    current = ' aria-current="true"' if is_selected else ""
    # Of what HTML would take for its own, an address has this sign only.
    return f'<a class="{name}" rel="nofollow" href="{url.replace("&", "&amp;")}"{current}>'


def _number(n: int, more: str = "") -> str:
    noun = "publication" if n == 1 else "publications"
    return f'<span class="n">{n}<span class="unseen"> {noun}{more}</span></span>'


def row_groups(facets: Iterable[Facet], asked: Asked) -> list[RowGroup]:
    """Every group but years. A group in which all pieces have one value offers no choice and is left out."""
    shown = [facet for facet in facets if facet.group != "year"]
    return [_row_group(facet, asked) for facet in shown if len(facet.values) > 1 or facet.values[0].is_selected]


def columns(facet: Facet, asked: Asked) -> list[Column]:
    """The years of the facet, oldest first, gaps included; none for fewer than three years, unless one is chosen."""
    counts = {int(value.value): value.n for value in facet.values if value.n and value.value.isdecimal()}
    if not counts or (len(counts) < _MIN_YEARS and "year" not in asked.chosen):
        return []
    spans = _spans(counts)
    numbers = [sum(counts.get(year, 0) for year in span) for span in spans]
    drawn = _Columns(asked, max(numbers), marks_all=len(spans) <= _ALL_MARKED)
    return [drawn.column(span, n) for span, n in zip(spans, numbers, strict=True)]


def columns_html(facet: Facet, asked: Asked) -> SafeString:
    """The list items of the columns, one after the other."""
    return SafeString("".join([column.html for column in columns(facet, asked)]))


def undated(facet: Facet, asked: Asked) -> Row | None:
    """The pieces without a date, where there are some beside dated ones."""
    found = next((value for value in facet.values if value.value == NONE), None)
    if found is None or len(facet.values) < 2:
        return None
    return _Links(asked, "year").row(found)


def chips(asked: Asked, names: Names, labels: dict[str, str]) -> list[Chip]:
    """What is chosen, in the order of the address. labels: of the groups."""
    return [
        Chip(
            labels.get(group, group.removeprefix(CATEGORY).capitalize()),
            label_of(group, value, names),
            asked.without_values(group, [value]).address(),
        )
        for group, values in asked.chosen.items()
        for value in values
    ]


class _Links:
    """The addresses of one group's choices: what stands around the value is written once for all of them."""

    def __init__(self, asked: Asked, group: str) -> None:
        self._asked, self._group = asked, group
        self._start, self._end = asked.with_value(group, "\0").address().split("%00")

    def adding(self, value: str) -> str:
        """The search with one more value."""
        return f"{self._start}{quoted(value)}{self._end}"

    def row(self, value: Value, *, is_below: bool = False) -> Row:
        """The value with the link that chooses it or takes it off."""
        taken_off = self._asked.without_values(self._group, [value.value]).address() if value.is_selected else ""
        return Row(value.label, value.n, taken_off or self.adding(value.value), value.is_selected, is_below)


def _row_group(facet: Facet, asked: Asked) -> RowGroup:
    ordered = _tree(facet.values) if facet.group.startswith(CATEGORY) else [(value, False) for value in facet.values]
    n_first = _N_ROWS if len(ordered) > _N_ROWS + 2 else len(ordered)
    behind = ordered[n_first:]
    first = ordered[:n_first] + [pair for pair in behind if pair[0].is_selected]
    rest = [pair for pair in behind if not pair[0].is_selected]
    n_left = facet.n_in_all - len(facet.values) + max(0, len(rest) - _N_MORE)
    row = _Links(asked, facet.group).row
    # Half of what was counted is not shown, and needs no row.
    shown, more = (
        tuple(row(value, is_below=is_below) for value, is_below in pairs) for pairs in (first, rest[:_N_MORE])
    )
    return RowGroup(facet.group, facet.label, shown, more, n_left)


def _tree(values: Sequence[Value]) -> list[tuple[Value, bool]]:
    """Top branches, each followed by what is below it where that was chosen, is the way to it, or all is little."""
    by_value = {value.value: value for value in values}
    below: dict[str, list[Value]] = {}
    for value in values:
        if value.above in by_value:
            below.setdefault(value.above, []).append(value)
    if not below:
        return [(value, False) for value in values]
    ordered: list[tuple[Value, bool]] = []

    def add(value: Value, *, is_below: bool) -> None:
        ordered.append((value, is_below))
        children = below.get(value.value, [])
        if value.is_selected or len(values) <= _SMALL_TREE or any(_is_within(child, below) for child in children):
            for child in children:
                add(child, is_below=True)

    for value in values:
        if value.above not in by_value:
            add(value, is_below=False)
    return ordered


def _is_within(value: Value, below: dict[str, list[Value]]) -> bool:
    return value.is_selected or any(_is_within(child, below) for child in below.get(value.value, []))


def _spans(counts: dict[int, int]) -> list[range]:
    first, last = min(counts), max(counts)
    if last - first < _MAX_COLUMNS:
        return [range(year, year + 1) for year in range(first, last + 1)]
    recent = last - _MAX_COLUMNS + 2
    n_before = sum(n for year, n in counts.items() if year < recent)
    if n_before * _SMALL_PART <= sum(counts.values()):
        return [range(first, recent), *(range(year, year + 1) for year in range(recent, last + 1))]
    step = next(step for step in _STEPS if last // step - first // step < _MAX_COLUMNS)
    return [range(start, start + step) for start in range(first // step * step, last + 1, step)]


def _chosen_years(asked: Asked) -> set[int]:
    return {year for value in asked.chosen.get("year", ()) for year in years_of(value)}


class _Columns:
    """Columns of one height and one set of addresses. most: pieces in the highest."""

    def __init__(self, asked: Asked, most: int, *, marks_all: bool) -> None:
        self._asked, self._most, self._marks_all = asked, most, marks_all
        self._links, self._chosen = _Links(asked, "year"), _chosen_years(asked)

    def column(self, span: range, n: int) -> Column:
        """The years of the span, which have `n` pieces together."""
        is_selected = not self._chosen.isdisjoint(span)
        value = str(span[0]) if len(span) == 1 else f"{span[0]:04}-{span[-1]:04}"
        url = self._without(span) if is_selected else self._links.adding(value) if n else None
        return Column(
            label=value.replace("-", "–"),
            n=n,
            # What is there at all is seen.
            height=max(1, round(_N_HEIGHTS * n / self._most)) if n else 0,
            url=url,
            is_selected=is_selected,
            is_marked=self._marks_all or len(span) > 1 or span[0] % 5 == 0,
        )

    def _without(self, span: range) -> str:
        overlapping = [kept for kept in self._asked.chosen["year"] if not set(years_of(kept)).isdisjoint(span)]
        return self._asked.without_values("year", overlapping).address()
