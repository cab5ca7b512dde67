"""Querysets put into SQL once and run many times with other values.

Django writes the SQL of a queryset anew at every use. For those of a publication page that took 6 of its 14 ms of CPU
time, the database itself 1 ms. Reading the rows is left to Django, so what comes out is what the queryset gives.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Generic, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, QuerySet, Value
from django.db.models.query import FlatValuesListIterable, ValuesListIterable

Row = TypeVar("Row")
_VALUES = (ValuesListIterable, FlatValuesListIterable)


class Slot(Value):
    """The place of a value that each run gives, in a queryset that is compiled once.

    field: the kind of the value, as the database must be told it. None is no value: `= NULL` finds no row.
    """

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(name, output_field=field)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """A mark in the SQL, and this slot where its value will stand."""
        return "%s", [self]


@dataclass(frozen=True, slots=True, eq=False)
class _Statement:
    """What a queryset became; the compiler knows how columns turn into rows, and holds no connection."""

    sql: str
    params: tuple[Any, ...]
    compiler: Any
    queryset: QuerySet[Any]

    @property
    def has_values(self) -> bool:
        """Whether its rows are plain values, and all columns that are read."""
        return self.queryset._iterable_class in _VALUES and not self.compiler.has_extra_select


class Compiled(Generic[Row]):
    """A queryset with slots, built at its first run in this process; no prefetches, and never an empty set.

    Safe in several threads: a statement is never changed once made, and two threads at most make it twice.
    """

    def __init__(self, build: Callable[[], QuerySet[Any]]) -> None:
        self._build = build
        self._made: _Statement | None = None

    def rows(self, **values: Any) -> list[Row]:
        """The queryset's rows for these values, one for each slot. Raises: KeyError for a slot without a value."""
        made = self._made = self._made or self._statement()
        connection = connections[DEFAULT_DB_ALIAS]
        params = tuple(_adapted(param, values, connection) for param in made.params)
        if made.has_values:
            return cast("list[Row]", _values(made, params, connection))
        compiler = copy(made.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_, **__: (made.sql, params)
        converters = _converters(made, connection)
        compiler.get_converters = lambda _: converters
        again = SimpleNamespace(
            db=DEFAULT_DB_ALIAS,
            model=made.queryset.model,
            query=SimpleNamespace(get_compiler=lambda *_, **__: compiler),
            _known_related_objects={},
        )
        return cast("list[Row]", list(made.queryset._iterable_class(again)))

    def first(self, **values: Any) -> Row | None:
        """The first row, None where there is none; the queryset should ask for no more than that."""
        return next(iter(self.rows(**values)), None)

    def _statement(self) -> _Statement:
        queryset = self._build()
        compiler: Any = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        # A statement outlives the thread that made it, and must not keep its connection open.
        compiler.connection = None
        return _Statement(sql, tuple(params), compiler, queryset)


def _values(made: _Statement, params: tuple[Any, ...], connection: Any) -> list[Any]:
    """The rows of `values_list`, half of whose time was Django's way from the cursor to them."""
    with connection.cursor() as cursor:
        cursor.execute(made.sql, params)
        rows = cursor.fetchall()
    if converters := _converters(made, connection):
        compiler = copy(made.compiler)
        compiler.connection = connection
        rows = map(tuple, compiler.apply_converters(rows, converters))
    return [row[0] for row in rows] if made.queryset._iterable_class is FlatValuesListIterable else list(rows)


def _converters(made: _Statement, connection: Any) -> Any:
    """What turns the database's values into Python's, kept on the connection it belongs to.

    Asking each of a piece's 120 columns anew took a quarter of the time of its four statements.
    """
    kept = connection.__dict__.setdefault("isthmus_converters", {})
    if made not in kept:
        compiler = copy(made.compiler)
        compiler.connection = connection
        kept[made] = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
    return kept[made]


def _adapted(param: Any, values: dict[str, Any], connection: Any) -> Any:
    if not isinstance(param, Slot):
        return param
    return param.output_field.get_db_prep_value(values[param.value], connection)
