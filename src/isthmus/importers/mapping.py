"""`--map FILE`: where the source's own labels belong here, as TOML or CSV.

TOML: tables [categories], [tags], [series], [sources] with lines such as "North Korea" = "region/North Korea".
CSV: three columns, the table, the label, where it goes. Where: "axis/Label", "kind/event", "series/The Peninsula", or
nothing to leave the label out.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from isthmus.importers.cleaned import Cleaned
from isthmus.kit import text
from isthmus.kit.errors import UsageError

_TABLES = ("categories", "tags", "series", "sources")
_DEFAULT_AXIS = {"categories": "category", "tags": "tag"}


@dataclass(slots=True)
class Placement:
    """Where one item goes: (axis, label) pairs in order, its series and kind, empty where the source's own hold."""

    branches: list[tuple[str, str]] = field(default_factory=list)
    series: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class LabelMap:
    """The rules of a map file; an empty one leaves categories on `category` and tags on `tag`."""

    rules: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def place(self, item: Cleaned) -> Placement:
        """Where the labels of this item put it."""
        placement = Placement(series=item.series)
        for table, labels in (
            ("sources", [item.source]), ("series", [item.series]), ("categories", item.categories), ("tags", item.tags),
        ):  # fmt: skip
            for label in filter(None, labels):
                self._place_label(table, label, placement)
        placement.branches = list(dict.fromkeys(placement.branches))
        return placement

    def _place_label(self, table: str, label: str, placement: Placement) -> None:
        target = self.rules.get((table, text.fold(label)))
        if target is None:
            if table in _DEFAULT_AXIS:
                placement.branches.append((_DEFAULT_AXIS[table], label))
            return
        axis, _, name = target.partition("/")
        if axis == "series" or (table == "series" and not target):
            placement.series = name
        elif axis == "kind":
            placement.kind = name
        elif name:
            placement.branches.append((axis, name))


def read_mapping(path: Path | None, *, kinds: Iterable[str]) -> LabelMap:
    """The rules of a file; none for no file. Raises: UsageError in a sentence that names file and rule."""
    if path is None:
        return LabelMap()
    try:
        words = path.read_text("utf-8-sig")
        rows = _csv_rows(words) if path.suffix.lower() == ".csv" else _toml_rows(words)
    except OSError as error:
        raise UsageError(f"The map {path} cannot be read ({error.strerror}): check the path.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, csv.Error) as error:
        raise UsageError(f"The map {path} cannot be read ({error}): write it as TOML or as CSV in UTF-8.") from error
    return LabelMap({(table, text.fold(label)): _checked(path, table, label, to, kinds) for table, label, to in rows})


def _toml_rows(words: str) -> list[tuple[str, str, str]]:
    tables = tomllib.loads(words)
    return [
        (table, label, str(to))
        for table, rules in tables.items()
        for label, to in (rules.items() if isinstance(rules, dict) else [("", rules)])
    ]


def _csv_rows(words: str) -> list[tuple[str, str, str]]:
    rows = [[*map(str.strip, row), "", ""][:3] for row in csv.reader(words.splitlines()) if any(row)]
    return [(table, label, to) for table, label, to in rows if table != "table"]


def _checked(path: Path, table: str, label: str, to: str, kinds: Iterable[str]) -> str:
    if table not in _TABLES:
        raise UsageError(f"The map {path} has the table {table}: write one of {', '.join(_TABLES)}.")
    axis, slash, name = to.strip().partition("/")
    if to and not (slash and axis.strip() and name.strip()):
        raise UsageError(f"The map {path} sends {label} to {to!r}: write axis/Label, such as region/North Korea.")
    if axis == "kind" and name.strip() not in set(kinds):
        raise UsageError(f"The map {path} sends {label} to the kind {name}: write one of {', '.join(kinds)}.")
    return f"{axis.strip()}/{name.strip()}" if to else ""
