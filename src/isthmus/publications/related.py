"""Related pieces with the reason shown: shared people, a shared category, the same series.

One statement written by hand, the only one in the folder: as a query of the ORM it took half of the CPU time of a
whole publication page to put together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from isthmus.kit import collecting
from isthmus.publications.models import Byline, Category, Person, Publication, Series

_N_SHOWN = 4
# Of each reason, so that a piece that shares two of them is met.
_N_NEAREST = 6
# The pieces nearest in time are tried first: walking 400 entries of the listing's index takes a millisecond, sorting
# the 2,300 pieces of a busy author or category takes ten.
_N_WALKED = 400


@dataclass(slots=True)
class RelatedPiece:
    """A visible piece that shares something with another, as far as a short card shows it."""

    id: int
    title: str
    slug: str
    kind: str
    language: str
    published_on: date | None
    series_slug: str | None
    series_title: str | None
    series_id: int | None
    listed_at: Any
    is_earlier: int
    reasons: list[str] = field(default_factory=list)


def related(piece: Publication) -> list[RelatedPiece]:
    """Up to four pieces nearest before this one (after it, for the very first), those with most reasons first.

    Earlier ones, so that a release changes no page but its own. One statement for most pieces, two for those whose
    kin is all long ago or that are the first of their kind.
    """
    near = _found(_sides(piece, before=True, walked=True), walked_to=piece)
    if near:
        return _shown(near)
    # What is far away counts here: whatever shares something with this piece may come, go or move.
    collecting.note(*(f"kin:{name}" for name in shares_of(piece)))
    rest = _found(_sides(piece, before=True) + _sides(piece, before=False))
    earlier = [row for row in rest if row.is_earlier]
    if not earlier:
        collecting.note(*(f"later:{name}" for name in shares_of(piece)))
    return _shown(earlier or rest)


def shares_of(piece: Publication) -> list[str]:
    """What a piece may share with others, by the journal's names: its authors, its categories, its series."""
    people = [f"person:{line.person_id}" for line in piece.bylines.all() if line.role == Byline.Role.AUTHOR]
    shares = [*people, *(f"category:{category.pk}" for category in piece.categories.all())]
    return [*shares, f"series:{piece.series_id}"] if piece.series_id else shares


def _shown(rows: list[RelatedPiece]) -> list[RelatedPiece]:
    """Those with most reasons; noted by hand, since they are no rows of the ORM."""
    chosen = _most_reasons(rows)
    collecting.note(*(f"pub:{row.id}" for row in chosen))
    collecting.note(*(f"series:{row.series_id}" for row in chosen if row.series_id))
    return chosen


_Statement = tuple[str, list[Any]]


def _sides(piece: Publication, *, before: bool, walked: bool = False) -> list[_Statement]:
    """One statement with its values for each thing that could be shared."""
    people = [line.person_id for line in piece.bylines.all() if line.role == Byline.Role.AUTHOR]
    branches = [category.pk for category in piece.categories.all()]
    by_name = f'JOIN "{_table(Byline)}" b ON b.publication_id = p.id JOIN "{_table(Person)}" x ON x.id = b.person_id'
    by_branch = f'JOIN "{_through()}" t ON t.publication_id = p.id JOIN "{_table(Category)}" x ON x.id = t.category_id'
    in_series = f'JOIN "{_table(Series)}" x ON x.id = p.series_id'
    when = "earlier" if before else "later"
    kin = [
        (people, by_name, f"b.role = 'author' AND b.person_id IN {_marks(people)}", "'also by ' || x.name"),
        (branches, by_branch, f"t.category_id IN {_marks(branches)}", "'also on ' || x.label"),
    ]
    sides = [_side(*one, place=[] if walked else _place(piece), before=before) for one in kin if one[0]]
    if piece.series_id:
        # The index of a series is in order already, so nothing is gained by walking.
        own = [piece.series_id]
        sides.append(
            _side(own, in_series, "p.series_id = %s", f"'{when} in ' || x.title", place=_place(piece), before=before)
        )
    return sides


def _side(own: list[Any], joins: str, condition: str, reason: str, *, place: list[Any], before: bool) -> _Statement:
    """The nearest pieces for one reason: found by numbers alone, then shown; without a place, among those walked."""
    order = "DESC" if before else "ASC"
    source = f'"{_table(Publication)}"' if place else "near"
    in_time = f"AND {_visible(before=before)}" if place else ""
    sql = f"""SELECT m.id, q.title, q.slug, q.kind, q.language, q.published_on, s.slug, s.title, s.id, m.listed_at,
               {1 if before else 0} AS is_earlier, m.reason
        FROM (SELECT p.id, p.listed_at, {reason} AS reason FROM {source} p {joins} WHERE {condition} {in_time}
              ORDER BY p.listed_at {order}, p.id {order} LIMIT {_N_NEAREST}) AS m
        JOIN "{_table(Publication)}" q ON q.id = m.id LEFT JOIN "{_table(Series)}" s ON s.id = q.series_id"""  # noqa: S608  (our own names only)
    return sql, [*own, *place]


def _near() -> str:
    """The pieces right before a place in time, walked along the listing's index; their rows are not touched."""
    return f"""WITH near AS (SELECT p.id, p.listed_at FROM "{_table(Publication)}" p WHERE {_visible(before=True)}
        ORDER BY p.listed_at DESC, p.id DESC LIMIT {_N_WALKED}) """  # noqa: S608  (our own names only)


def _visible(*, before: bool) -> str:
    """`live = TRUE` and not `live` alone: for a bare column SQLite takes no index."""
    return f"p.live = TRUE AND (p.listed_at, p.id) {'<' if before else '>'} (%s, %s)"


def _place(piece: Publication) -> list[Any]:
    return [connection.ops.adapt_datetimefield_value(piece.listed_at), piece.pk]


def _table(model: Any) -> str:
    return str(model._meta.db_table)


def _through() -> str:
    return _table(Publication.categories.through)


def _marks(values: list[int]) -> str:
    return f"({', '.join(['%s'] * len(values))})"


def _found(sides: list[_Statement], *, walked_to: Publication | None = None) -> list[RelatedPiece]:
    """Each piece once, with all its reasons."""
    if not sides:
        return []
    sql = " UNION ALL ".join(sql for sql, _ in sides)
    values = [value for _, given in sides for value in given]
    if walked_to is not None:
        sql, values = _near() + sql, _place(walked_to) + values
    found: dict[int, RelatedPiece] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for *columns, reason in cursor.fetchall():
            if isinstance(columns[5], str):
                columns[5] = date.fromisoformat(columns[5])
            entry = found.setdefault(columns[0], RelatedPiece(*columns))
            if reason not in entry.reasons:
                entry.reasons.append(reason)
    return list(found.values())


def _most_reasons(rows: list[RelatedPiece]) -> list[RelatedPiece]:
    by_nearness = sorted(rows, key=lambda row: (row.listed_at, row.id), reverse=any(row.is_earlier for row in rows))
    return sorted(by_nearness, key=lambda row: -len(row.reasons))[:_N_SHOWN]
