"""Related pieces with the reason shown: shared people, a shared category, the same series.

One statement written by hand, the only one in the folder: as a query of the ORM it took half of the CPU time of a
whole publication page to put together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

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
    listed_at: Any
    is_earlier: int
    reasons: list[str] = field(default_factory=list)


def related(piece: Publication) -> list[RelatedPiece]:
    """Up to four pieces nearest before this one (after it, for the very first), those with most reasons first.

    Earlier ones, so that a release changes no page but its own. One statement for most pieces, two for those whose
    kin is long ago or that are the first of their kind.
    """
    near = _found(_statements(piece, before=True, walked=_N_WALKED))
    if len(near) >= _N_SHOWN:
        return _most_reasons(near)
    rest = _found(_statements(piece, before=True) + _statements(piece, before=False))
    earlier = [row for row in rest if row.is_earlier]
    return _most_reasons(earlier or rest)


_Statement = tuple[str, list[Any]]


def _statements(piece: Publication, *, before: bool, walked: int | None = None) -> list[_Statement]:
    """One statement with its values for each thing that could be shared."""
    people = [line.person_id for line in piece.bylines.all() if line.role == Byline.Role.AUTHOR]
    branches = [category.pk for category in piece.categories.all()]
    by_name = f'JOIN "{_table(Byline)}" b ON b.publication_id = p.id JOIN "{_table(Person)}" x ON x.id = b.person_id'
    by_branch = f'JOIN "{_through()}" t ON t.publication_id = p.id JOIN "{_table(Category)}" x ON x.id = t.category_id'
    when = "earlier" if before else "later"
    sides: list[tuple[list[Any], str, str, str]] = [
        (people, by_name, f"b.role = 'author' AND b.person_id IN {_marks(people)}", "'also by ' || x.name"),
        (branches, by_branch, f"t.category_id IN {_marks(branches)}", "'also on ' || x.label"),
        ([piece.series_id] if piece.series_id else [], "", "p.series_id = %s", f"'{when} in ' || s.title"),
    ]
    at = [_stored(piece.listed_at), piece.pk]
    return [
        (_side(joins, condition, reason, before=before, walked=walked), [*at, *own] if walked else [*own, *at])
        for own, joins, condition, reason in sides
        if own
    ]


def _side(joins: str, condition: str, reason: str, *, before: bool, walked: int | None) -> str:
    """The nearest pieces for one reason. Values: with `walked` the place in time first, else that of the condition.

    `live = TRUE` and not `live` alone: for a bare column SQLite takes no index.
    """
    compare, order = ("<", "DESC") if before else (">", "ASC")
    nearest = f"ORDER BY p.listed_at {order}, p.id {order} LIMIT"
    visible = f"p.live = TRUE AND (p.listed_at, p.id) {compare} (%s, %s)"
    source, in_time = f'"{_table(Publication)}"', f"AND {visible}"
    if walked:
        source, in_time = f"(SELECT p.* FROM {source} p WHERE {visible} {nearest} {walked})", ""  # noqa: S608  (our names)
    return f"""SELECT * FROM (
        SELECT p.id, p.title, p.slug, p.kind, p.language, p.published_on, s.slug AS in_series, s.title AS series_title,
               p.listed_at, {1 if before else 0} AS is_earlier, {reason} AS reason
        FROM {source} p {joins} LEFT JOIN "{_table(Series)}" s ON s.id = p.series_id
        WHERE {condition} {in_time} {nearest} {_N_NEAREST}) AS side"""  # noqa: S608  (our own names only)


def _table(model: Any) -> str:
    return str(model._meta.db_table)


def _through() -> str:
    return _table(Publication.categories.through)


def _marks(values: list[int]) -> str:
    return f"({', '.join(['%s'] * len(values))})"


def _stored(at: datetime) -> object:
    return connection.ops.adapt_datetimefield_value(at)


def _found(statements: list[_Statement]) -> list[RelatedPiece]:
    """Each piece once, with all its reasons."""
    if not statements:
        return []
    found: dict[int, RelatedPiece] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(sql for sql, _ in statements), [v for _, values in statements for v in values]
        )
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
