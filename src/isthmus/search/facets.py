"""What a search can be narrowed to, in numbers and words: an engine's counts joined with the public's names.

Values that the public may not see have no name here and are left out; values that nothing answers are left out
too, unless they are chosen: then they stand with 0, so that they can be taken off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from isthmus.search.asked import CATEGORY, NONE, Asked, years_of
from isthmus.search.names import Axis, Names, kind_label

# Series, kinds and years are listed in full, so that their numbers add up to the total; people and tags are thousands.
MAX_VALUES = 100
_LABELS = {"series": "Series", "kind": "Kind", "author": "Author", "year": "Year"}
_NONE_LABELS = {"series": "No series", "year": "No date"}


class Value(NamedTuple):
    """One choice: as addresses have it, in words, how many located pieces have it; above: its parent's value."""

    value: str
    label: str
    n: int
    is_selected: bool
    above: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    """One group of choices, the most frequent first, years in their order; n_in_all counts those left out too."""

    group: str
    label: str
    values: tuple[Value, ...]
    n_in_all: int

    def as_json(self) -> list[dict[str, Any]]:
        """As the public contract has it."""
        return [
            {"value": value.value, "label": value.label, "n": value.n, "selected": value.is_selected}
            for value in self.values
        ]


def groups(names: Names) -> tuple[str, ...]:
    """The groups in the order of the page: series and kind, the axes, author, year."""
    return ("series", "kind", *(CATEGORY + axis for axis in names.axes), "author", "year")


def facets(counts: Mapping[str, Mapping[str, int]], asked: Asked, names: Names) -> tuple[Facet, ...]:
    """Every group that has a value. counts: the engine's, by group, with its own values."""
    made = [_facet(group, counts.get(group, {}), asked, names) for group in groups(names)]
    return tuple(facet for facet in made if facet.values)


def label_of(group: str, value: str, names: Names) -> str:
    """A value in words; a value that is unknown, or not public, is shown as it was typed."""
    if group == "year":
        years = years_of(value)
        return f"{years[0]}–{years[-1]}" if len(years) > 1 else _NONE_LABELS["year"] if value == NONE else value
    return _wording(group, names)(value) or value


def _facet(group: str, counts: Mapping[str, int], asked: Asked, names: Names) -> Facet:
    chosen = set(_written_out(group, asked))
    values = _named(group, _listed(group, counts, chosen), chosen, names)
    n_more = sum(map(bool, counts.values())) - len(values)
    if group in asked.chosen:
        known = {value.value for value in values}
        values += [
            Value(value, label_of(group, value, names), 0, True)
            for value in asked.chosen[group]
            if value not in known and not (group == "year" and len(years_of(value)) > 1)
        ]
    values.sort(key=_by_year if group == "year" else _by_count)
    return Facet(group, _group_label(group, names), tuple(values), len(values) + n_more)


def _named(group: str, counted: Iterable[tuple[str, int]], chosen: set[str], names: Names) -> list[Value]:
    """Those that the public knows, with their words; some hundred on each page."""
    if axis := _axis(group, names):
        known = axis.branches.get
        return [
            Value(value, branch.label, n, value in chosen, branch.parent)
            for value, n in counted
            if (branch := known(value)) is not None
        ]
    worded = _wording(group, names)
    return [Value(value, label, n, value in chosen) for value, n in counted if (label := worded(value)) is not None]


def _listed(group: str, counts: Mapping[str, int], chosen: set[str]) -> list[tuple[str, int]]:
    """The values to be listed, as addresses have them, with their numbers."""
    found = [(raw or NONE, n) for raw, n in counts.items() if n]
    if group in ("series", "kind", "year") or len(found) <= MAX_VALUES:
        return found
    # The most frequent first, and by name where they tie: two sorts without a call of ours take a third of one with.
    found.sort(key=itemgetter(0))
    found.sort(key=itemgetter(1), reverse=True)
    return found[:MAX_VALUES] + [pair for pair in found[MAX_VALUES:] if pair[0] in chosen]


def _written_out(group: str, asked: Asked) -> Iterable[str]:
    """The chosen values, ranges of years as their years."""
    for value in asked.chosen.get(group, ()):
        yield from map(str, years_of(value) if group == "year" and years_of(value) else [value])


def _axis(group: str, names: Names) -> Axis | None:
    return names.axes.get(group.removeprefix(CATEGORY)) if group.startswith(CATEGORY) else None


def _wording(group: str, names: Names) -> Callable[[str], str | None]:
    """What gives a value of the group its words, None where the public knows none."""
    if axis := _axis(group, names):
        branches = axis.branches
        return lambda value: branch.label if (branch := branches.get(value)) else None
    words: dict[str, Callable[[str], str | None]] = {
        "series": names.series.get, "kind": kind_label, "author": names.people.get, "year": str
    }  # fmt: skip
    named = words.get(group)
    none = _NONE_LABELS.get(group)
    return lambda value: none if value == NONE else named(value) if named else None


def _group_label(group: str, names: Names) -> str:
    axis = names.axes.get(group.removeprefix(CATEGORY))
    return axis.label if axis else _LABELS[group]


def _by_count(value: Value) -> tuple[Any, ...]:
    return -value.n, value.label.casefold(), value.value


def _by_year(value: Value) -> tuple[Any, ...]:
    return value.value == NONE, value.value
