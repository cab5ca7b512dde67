"""What lists a visible piece stands in and where, read for the keeper: few queries, however many pieces."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from django.db.models import F, Q, QuerySet, Value, Window
from django.db.models.functions import RowNumber

from isthmus.publications import listed, visibility
from isthmus.publications.models import Byline, Category, Publication

Place: TypeAlias = tuple[datetime, int]
"""Where a piece stands in every list it is in: its instant, and its number among equals."""

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides about lists with a visible piece in them. categories: with all above them. own: without.

    start: of an event, as typed.
    """

    at: str
    number: int
    series: int | None
    kind: str
    start: str = ""
    people: tuple[int, ...] = ()
    authors: tuple[int, ...] = ()
    own: tuple[int, ...] = ()
    categories: tuple[int, ...] = ()

    @property
    def place(self) -> Place:
        """Where it stands among others."""
        return datetime.fromisoformat(self.at), self.number

    @property
    def lists(self) -> set[str]:
        """The names of its listings, as `listed.rows_of` has them."""
        found = {"all", *(f"person:{pk}" for pk in self.people), *(f"category:{pk}" for pk in self.categories)}
        return found | {f"series:{self.series}"} if self.series else found

    @property
    def shares(self) -> set[str]:
        """What others may be related to it by, as `related.shares_of` has it."""
        found = {*(f"person:{pk}" for pk in self.authors), *(f"category:{pk}" for pk in self.own)}
        return found | {f"series:{self.series}"} if self.series else found

    @property
    def way_back(self) -> str:
        """The list of which its page names the page."""
        return f"series:{self.series}" if self.series else "all"

    def as_text(self) -> str:
        """As the store keeps it."""
        return json.dumps(asdict(self), separators=(",", ":"))


def from_text(text: str) -> Facts:
    """What `as_text` wrote."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(text).items()
    }
    return Facts(**values)


@dataclass(slots=True)
class _Named:
    people: dict[int, list[int]] = field(default_factory=dict)
    authors: dict[int, list[int]] = field(default_factory=dict)
    categories: dict[int, list[int]] = field(default_factory=dict)


def facts_of(publication_ids: Collection[int]) -> dict[int, Facts]:
    """The facts of those that are visible."""
    found: dict[int, Facts] = {}
    for some in _parts(sorted(publication_ids)):
        found.update(_facts(visibility.among(some), Q(publication__in=some)))
    return found


def all_facts() -> dict[int, Facts]:
    """The facts of every visible piece: 0.2 s for 9,166."""
    return _facts(visibility.publications().order_by(), Q())


def _facts(rows: QuerySet[Publication], named: Q) -> dict[int, Facts]:
    found, above = _named(named), _above()
    columns = ("pk", "listed_at", "series_id", "kind", "details__start")
    return {
        pk: Facts(
            listed_at.isoformat(), pk, series, kind, str(start or "") if kind == "event" else "",
            people=_steady(found.people.get(pk, ())),
            authors=_steady(found.authors.get(pk, ())),
            own=_steady(found.categories.get(pk, ())),
            categories=_steady(number for own in found.categories.get(pk, ()) for number in above[own]),
        )
        for pk, listed_at, series, kind, start in rows.values_list(*columns)
    }  # fmt: skip


def _named(which: Q) -> _Named:
    found = _Named()
    lines = Byline.objects.filter(which).order_by().values_list("publication_id", "person_id", "role")
    for piece, person, role in lines:
        found.people.setdefault(piece, []).append(person)
        if role == Byline.Role.AUTHOR:
            found.authors.setdefault(piece, []).append(person)
    through = Publication.categories.through.objects.filter(which).values_list("publication_id", "category_id")
    for piece, category in through:
        found.categories.setdefault(piece, []).append(category)
    return found


def _above() -> Mapping[int, list[int]]:
    """Each category with all above it."""
    parents = dict(Category.objects.order_by().values_list("pk", "parent_id"))
    found: dict[int, list[int]] = {}
    for pk in parents:
        chain, at = [], pk
        while at is not None and at not in chain:
            chain.append(at)
            at = parents.get(at)
        found[pk] = chain
    return found


def n_older(name: str, place: Place) -> int:
    """How many visible pieces of a list stand before a place."""
    return listed.rows_of(name).filter(_before(place)).order_by().count()


def n_between(name: str, first: Place, end: Place) -> int:
    """How many visible pieces of a list stand at a place or after it, and before another."""
    return _stretch(name, first, end).order_by().count()


def at_steps(
    name: str, first: Place, end: Place | None, *, n_before: int, size: int, steps: range
) -> list[tuple[int, int | None]]:
    """Number and series of the visible pieces between two places that stand on these steps of the list's pages.

    end: None for the list's end; n_before: how many stand before `first`; size: of a page; steps: counted from 0.
    """
    counted = Window(RowNumber(), order_by=[F("listed_at").asc(), F("id").asc()])
    rows = _stretch(name, first, end).order_by().annotate(step=(counted + Value(n_before - 1)) % Value(size))
    return list(rows.filter(step__in=list(steps)).values_list("pk", "series_id"))


def _stretch(name: str, first: Place, end: Place | None) -> QuerySet[Publication]:
    # A range and an exception: for "earlier, or as early with a smaller number" SQLite takes no index.
    rows = listed.rows_of(name).filter(listed_at__gte=first[0]).exclude(listed_at=first[0], pk__lt=first[1])
    return rows.filter(listed_at__lte=end[0]).exclude(listed_at=end[0], pk__gte=end[1]) if end else rows


def size_of(name: str) -> int:
    """How many visible pieces a list has."""
    return listed.rows_of(name).order_by().count()


def numbers_from(name: str, place: Place, *, limit: int) -> list[int]:
    """The numbers of the visible pieces of a list at a place and after it, oldest first."""
    return list(_stretch(name, place, None).order_by("listed_at", "id").values_list("pk", flat=True)[:limit])


def numbers_before(place: Place, *, limit: int) -> list[int]:
    """The numbers of the visible pieces before a place, the nearest first."""
    rows = visibility.publications().filter(_before(place)).order_by("-listed_at", "-id")
    return list(rows.values_list("pk", flat=True)[:limit])


def _before(place: Place) -> Q:
    at, number = place
    return Q(listed_at__lt=at) | Q(listed_at=at, pk__lt=number)


def _steady(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(numbers)))


def _parts(numbers: list[int]) -> Iterator[list[int]]:
    for begin in range(0, len(numbers), _AT_ONCE):
        yield numbers[begin : begin + _AT_ONCE]
