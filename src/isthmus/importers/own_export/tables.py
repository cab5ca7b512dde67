"""The smaller tables of an export, each a list of rows by their own names, and how a row is written and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.dateparse import parse_date, parse_datetime

from isthmus.dossiers.models import Alias, NamedDate, Subject, SubjectAddress, SubjectTitle, Suggestion, ToneWord
from isthmus.dossiers.models.rulings import Ruling
from isthmus.importers.own_export.names import Names
from isthmus.mailing.models import Suppression
from isthmus.mailing.models.people import ConsentWording, SavedSearch
from isthmus.publications.models import (
    Category,
    CategoryAxis,
    FormerAddress,
    Person,
    Series,
    Withdrawal,
)
from isthmus.search.models import Pin, SynonymSet

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """One file of rows. key: the fields that say which row it is, by which rows are ordered; else in their own order.

    refs: fields that name another row, and its kind in `names`. rich: texts with links in them. kind: as others refer
    to these rows, where they do. left_out: fields that belong to this database alone.
    """

    file: str
    model: type[models.Model]
    key: tuple[str, ...]
    refs: Mapping[str, str] = field(default_factory=dict)
    rich: tuple[str, ...] = ()
    kind: str = ""
    left_out: tuple[str, ...] = ()

    def fields(self) -> list[models.Field[Any, Any]]:
        """The columns an export has."""
        left_out = {"id", *self.left_out}
        return [spec for spec in self.model._meta.concrete_fields if spec.name not in left_out]


# In the order in which they can come in: nothing is named before it is there.
BEFORE_PIECES = (
    Table("series", Series, ("slug",), rich=("summary",), kind="series"),
    Table("people", Person, ("slug",), {"photo": "image"}, ("bio",), "person", ("name_key",)),
    Table("category-axes", CategoryAxis, ("slug",), kind="axis"),
    Table("categories", Category, ("axis", "slug"), {"axis": "axis", "parent": "category"}, ("summary",), "category"),
)
_TARGETS = {name: name for name in ("publication", "person", "series", "category", "page")}
AFTER_PIECES = (
    Table("redirects", FormerAddress, ("path",), _TARGETS),
    Table("withdrawn", Withdrawal, ("path",), {"publication": "publication"}),
    Table("subjects", Subject, ("slug",), {"person": "person"}, kind="subject", left_out=("opened_by",)),
    Table("subject-addresses", SubjectAddress, ("slug",), {"subject": "subject"}),
    Table("aliases", Alias, ("subject", "text"), {"subject": "subject"}),
    Table("titles", SubjectTitle, ("subject", "text", "starts_on", "ends_on"), {"subject": "subject"}),
    Table("named-dates", NamedDate, ("name",)),
    Table("tone-words", ToneWord, ("word",)),
    Table("suggestions", Suggestion, ("key",), {"example_of": "publication"}, left_out=("decided_by",)),
    Table("rulings", Ruling, (), {"publication": "publication"}, left_out=("by",)),
    Table("synonyms", SynonymSet, ("terms", "is_one_way")),
    Table("pins", Pin, ("key",), dict.fromkeys(("first", "second", "third"), "publication")),
    Table("consent-wordings", ConsentWording, ("version",)),
    Table("saved-searches", SavedSearch, ("key",), kind="search"),
    Table("suppressions", Suppression, ("address_hash",)),
)


def row_of(obj: models.Model, table: Table, names: Names) -> Row:
    """One row as it stands in the file."""
    row: Row = {}
    for spec in table.fields():
        value = getattr(obj, spec.attname)
        if spec.name in table.refs:
            row[spec.name] = names.name(table.refs[spec.name], value)
        else:
            row[spec.name] = outward(value, names, is_rich=spec.name in table.rich)
    return row


def outward(value: Any, names: Names, *, is_rich: bool = False) -> Any:
    """A column's value in JSON."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return names.outward(value) if is_rich else value


def values_of(row: Row, table: Table, names: Names) -> Row:
    """The columns of a row that was read; what it names and is not there is left out. Never more than the table has."""
    values: Row = {}
    for spec in table.fields():
        if spec.name not in row:
            continue
        value = row[spec.name]
        if spec.name in table.refs:
            values[spec.attname] = names.number(table.refs[spec.name], value) if value else None
        else:
            values[spec.name] = inward(value, spec, names, is_rich=spec.name in table.rich)
    return values


def inward(value: Any, spec: models.Field[Any, Any], names: Names, *, is_rich: bool = False) -> Any:
    """A JSON value as its column has it."""
    if isinstance(spec, models.DateTimeField):
        return parse_datetime(value) if value else None
    if isinstance(spec, models.DateField):
        return parse_date(value) if value else None
    return names.inward(value) if is_rich else value
