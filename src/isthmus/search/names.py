"""The names behind facets and suggestions, of series, people and categories that the public may see.

Read through the gate once after each change in the journal and kept in the process: on 9,166 publications with 1,179
people the four queries took 9 ms, and every page of results needs some of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings

from isthmus.kit import text
from isthmus.kit.compiled import Compiled
from isthmus.publications import visibility
from isthmus.publications.models import CategoryAxis, JournalEntry
from isthmus.search import analysis


@dataclass(frozen=True, slots=True)
class Branch:
    """A category: its words, and the slug of the branch above it on the same axis, empty at the top."""

    label: str
    parent: str


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis of categories: its words and its public branches by slug."""

    label: str
    branches: Mapping[str, Branch]


@dataclass(frozen=True)
class Names:
    """Words by slug, each group in the order of its listing."""

    series: Mapping[str, str]
    people: Mapping[str, str]
    axes: Mapping[str, Axis]

    @cached_property
    def all(self) -> tuple[tuple[str, str, str, str], ...]:
        """Every name as `words_of` has it, the name, its kind (series, person, category), its address: to suggest."""
        found = [(title, "series", f"/{slug}/") for slug, title in self.series.items()]
        found += [(name, "person", f"/people/{slug}/") for slug, name in self.people.items()]
        for key, axis in self.axes.items():
            found += [
                (branch.label, "category", f"/categories/{key}/{slug}/") for slug, branch in axis.branches.items()
            ]
        return tuple((words_of(name), name, kind, url) for name, kind, url in found)


_NEWEST = Compiled[tuple[int, Any]](lambda: JournalEntry.objects.order_by("-seq").values_list("seq", "at")[:1])
_kept: tuple[Any, Names] | None = None


def current() -> Names:
    """The names as they are now: one query, and four more after a change."""
    return at(_NEWEST.first())


def at(journal: Any) -> Names:
    """The names as they are at the journal's newest row, which was read just now.

    A change that comes between is read again by the next who asks.
    """
    global _kept
    kept = _kept
    if kept is None or kept[0] != journal:
        kept = _kept = (journal, _read())
    return kept[1]


def words_of(name: str) -> str:
    """The words of a name or of what was typed, folded, a space before each: Zürich and zurich are one."""
    return "".join(f" {text.fold(word)}" for word in analysis.tokens(analysis.plain(name)))


def _read() -> Names:
    return Names(
        dict(visibility.series().values_list("slug", "title")),
        dict(visibility.people().values_list("slug", "name")),
        _axes(),
    )


def _axes() -> dict[str, Axis]:
    axes = dict(CategoryAxis.objects.values_list("slug", "label"))
    branches: dict[str, dict[str, Branch]] = {slug: {} for slug in axes}
    rows = visibility.categories().order_by("label").values_list("axis__slug", "slug", "label", "parent__slug")
    for axis, slug, label, parent in rows:
        branches[axis][slug] = Branch(label, parent or "")
    return {slug: Axis(label, branches[slug]) for slug, label in axes.items() if branches[slug]}


def kind_label(name: str, *, n: int = 2) -> str:
    """The kind's own word, for one piece or for several; a kind that is no longer declared is shown by its name."""
    kind = settings.ISTHMUS.kinds.get(name)
    if kind is None:
        return name.capitalize()
    return str(kind.label if n == 1 else kind.plural)
