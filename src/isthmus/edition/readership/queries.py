"""How often pieces, series and authors were read in a period: what the charts and tables are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import unquote

from django.db.models import Min, Sum

from isthmus.edition.readership.models import Reading
from isthmus.publications import visibility
from isthmus.publications.models import Byline, Person, Publication, Series

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Period:
    """Days from the first to the last, both inside."""

    first_on: date
    last_on: date

    @classmethod
    def until(cls, today: date, *, n_days: int) -> Period:
        """The last so many days, today among them."""
        return cls(today - timedelta(days=n_days - 1), today)

    @property
    def before(self) -> Period:
        """As many days just before it, to compare with."""
        n_days = (self.last_on - self.first_on).days + 1
        return Period(self.first_on - timedelta(days=n_days), self.first_on - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: what was read, and how often. what: a Publication, Series or Person."""

    what: Any
    n: int


def pieces_at(paths: Iterable[str]) -> dict[str, int]:
    """The ids of the visible pieces at these addresses; an address may be percent-encoded, as a browser asks for it."""
    wanted = {path: unquote(path) for path in paths}
    slugs = sorted({path.strip("/").rpartition("/")[2] for path in wanted.values()})
    ids: dict[str, int] = {}
    for first in range(0, len(slugs), _AT_ONCE):
        rows = visibility.publications().filter(slug__in=slugs[first : first + _AT_ONCE]).select_related("series")
        for row in rows.only("slug", "series__slug"):
            ids[row.path] = row.pk
    return {path: ids[plain] for path, plain in wanted.items() if plain in ids}


def n_read(period: Period) -> int:
    """How often anything was read."""
    return _of(period).aggregate(n=Sum("n"))["n"] or 0


def by_day(period: Period, *, piece: int | None = None) -> list[tuple[date, int]]:
    """Each day of the period with how often anything, or this piece, was read."""
    rows = _of(period) if piece is None else _of(period).filter(publication=piece)
    found: dict[date, int] = dict(rows.values_list("day").annotate(n=Sum("n")))
    n_days = (period.last_on - period.first_on).days + 1
    days = [period.first_on + timedelta(days=n) for n in range(n_days)]
    return [(day, found.get(day, 0)) for day in days]


def pieces(period: Period, *, limit: int | None = 50) -> list[Line]:
    """The pieces most read, most first."""
    return _lines(_of(period).values_list("publication"), Publication.objects.select_related("series"), limit)


def series(period: Period, *, limit: int | None = 20) -> list[Line]:
    """The series most read: the sum of their pieces."""
    rows = _of(period).exclude(publication__series=None).values_list("publication__series")
    return _lines(rows, Series.objects.all(), limit)


def authors(period: Period, *, limit: int | None = 20) -> list[Line]:
    """The authors most read: each piece counts for every one of its authors, so the sum is more than all readings."""
    rows = _of(period).filter(publication__bylines__role=Byline.Role.AUTHOR)
    return _lines(rows.values_list("publication__bylines__person"), Person.objects.all(), limit)


def since() -> date | None:
    """The first day that anything was counted on; None if nothing ever was."""
    first: date | None = Reading.objects.aggregate(first=Min("day"))["first"]
    return first


def _of(period: Period) -> Any:
    return Reading.objects.filter(day__range=(period.first_on, period.last_on))


def _lines(rows: Any, found: Any, limit: int | None) -> list[Line]:
    sums: Sequence[tuple[int, int]] = list(rows.annotate(total=Sum("n")).order_by("-total")[:limit])
    by_id: dict[int, Any] = found.in_bulk([key for key, _ in sums])
    return [Line(by_id[key], n) for key, n in sums if key in by_id]
