"""Pieces as hits show them, kept in the process while the journal stands still. Whether they may be seen is asked anew.

Whatever changes what the public may see writes a row of the journal in the same transaction, so what was read at the
journal's newest row is right until there is a newer one. Reading ten pieces with their people took 1.6 of 15 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from sys import intern
from typing import Any, TypeVar

from django.db.models import BigIntegerField, ExpressionWrapper, F, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.encoding import iri_to_uri

from isthmus.kit.compiled import Compiled, Slot
from isthmus.publications import visibility
from isthmus.publications.cards import Card, Link, SeriesLink, kind_label
from isthmus.publications.models import Byline
from isthmus.publications.recording import publication_path

SHOWN_ROLES = (Byline.Role.AUTHOR, Byline.Role.SPEAKER, Byline.Role.INTERVIEWEE)

# A page of results is read by statements with room for this many numbers; rows that are models cost three times the
# time of the plain values that a hit needs.
_N_SLOTS = 10
# 1 kB each, and with what `hits_shown` keeps 2: all of an archive such as those that were measured.
MAX_KEPT = 10_000
_COLUMNS = (
    "pk", "slug", "kind", "title", "excerpt", "language", "published_on", "details__start",
    "series__slug", "series__title",
)  # fmt: skip
_BYLINE_COLUMNS = ("publication_id", "printed_name", "role", "person__name", "person__slug")
_Row = TypeVar("_Row")


@dataclass(frozen=True, eq=False)
class Piece:
    """A publication as hits show it, whatever was asked. people: every name as printed, whatever the role."""

    id: int
    card: Card
    people: tuple[str, ...]


def visible(numbers: Sequence[int], journal: Any) -> dict[int, Piece]:
    """Those of these publications that the public may see now, by number; one query, two more for what is not kept.

    journal: number and instant of its newest row, read before; None where it is empty, and then nothing is kept.
    """
    seen = set(_rows(_VISIBLE, _numbers, numbers)) if numbers else set()
    kept = _kept_at(journal)
    known = {number: piece for number in numbers if number in seen and (piece := kept.get(number))}
    if missing := [number for number in numbers if number in seen and number not in known]:
        read = _read(missing)
        kept.update(read)
        for oldest in list(islice(kept, max(0, len(kept) - MAX_KEPT))):
            kept.pop(oldest, None)
        known |= read
    return known


_kept: tuple[Any, dict[int, Piece]] | None = None


def _kept_at(journal: Any) -> dict[int, Piece]:
    global _kept
    if journal is None:
        return {}
    kept = _kept
    if kept is None or kept[0] != journal:
        kept = _kept = (journal, {})
    return kept[1]


def _read(numbers: Sequence[int]) -> dict[int, Piece]:
    bylines: dict[int, list[tuple[Any, ...]]] = {}
    for number, *line in _rows(_BYLINES, _bylines, numbers):
        bylines.setdefault(number, []).append(tuple(line))
    return {row[0]: _piece(row, bylines.get(row[0], [])) for row in _rows(_PIECES, _pieces, numbers)}


def _piece(row: tuple[Any, ...], bylines: Iterable[tuple[Any, ...]]) -> Piece:
    number, slug, kind, title, summary, language, published_on, start, series_slug, series_title = row
    lines = [(printed or name, role, person) for printed, role, name, person in bylines]
    made = Card(
        url=iri_to_uri(publication_path(slug, series_slug)),
        title=title,
        kind=intern(kind),
        kind_label=kind_label(kind),
        series=_series(series_title, series_slug) if series_slug else None,
        published_on=published_on,
        people=[_person(name, slug, role) for name, role, slug in lines if role in SHOWN_ROLES],
        summary=summary,
        image=None,
        lang=intern(language),
        starts=_start(kind, start),
    )
    return Piece(number, made, tuple(intern(name) for name, _, _ in lines))


# The same few stand on thousands of pieces: without this each took half as much again.
@lru_cache(maxsize=2_000)
def _person(name: str, slug: str, role: str) -> Link:
    return Link(intern(name), iri_to_uri(f"/people/{slug}/"), intern(role))


@lru_cache(maxsize=500)
def _series(title: str, slug: str) -> SeriesLink:
    return SeriesLink(title, iri_to_uri(f"/{slug}/"))


def _start(kind: str, start: object) -> datetime | None:
    return parse_datetime(str(start)) if kind == "event" and start else None


def _numbers(numbers: Sequence[Any]) -> QuerySet[Any, int]:
    return visibility.among(numbers).values_list("pk", flat=True)


def _pieces(numbers: Sequence[Any]) -> QuerySet[Any, tuple[Any, ...]]:
    return visibility.among(numbers).values_list(*_COLUMNS)


def _bylines(numbers: Sequence[Any]) -> QuerySet[Any, tuple[Any, ...]]:
    # As a plain number, or Django would want numbers where a compiled statement has slots.
    of = ExpressionWrapper(F("publication_id"), output_field=BigIntegerField())
    return Byline.objects.alias(of=of).filter(of__in=numbers).values_list(*_BYLINE_COLUMNS)


_SLOTS = [Slot(f"n{place}", BigIntegerField()) for place in range(_N_SLOTS)]
_VISIBLE = Compiled[int](lambda: _numbers(_SLOTS))
_PIECES = Compiled[tuple[Any, ...]](lambda: _pieces(_SLOTS))
_BYLINES = Compiled[tuple[Any, ...]](lambda: _bylines(_SLOTS))


def _rows(
    compiled: Compiled[_Row], queryset: Callable[[Sequence[int]], QuerySet[Any, _Row]], numbers: Sequence[int]
) -> Iterable[_Row]:
    """In tens, since a page of results has ten as a rule; many at once are not worth a statement of their own."""
    if len(numbers) > 2 * _N_SLOTS:
        return queryset(numbers)
    rows: list[_Row] = []
    for start in range(0, len(numbers), _N_SLOTS):
        some = numbers[start : start + _N_SLOTS]
        # No publication has the number 0.
        padded = [*some, *[0] * (_N_SLOTS - len(some))]
        rows += compiled.rows(**{f"n{place}": number for place, number in enumerate(padded)})
    return rows
