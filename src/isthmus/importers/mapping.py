"""`--map FILE`: where the source's own labels belong here, as TOML or CSV.

TOML: tables [categories], [tags], [series], [sources], [kinds] with lines such as "North Korea" = "region/Korea", and
[taxonomies.topics] for the labels of a taxonomy the source named "topics". CSV: three columns, the table, the label,
where it goes. Where: "axis/Label", "kind/event", "series/The Peninsula", or nothing to leave the label out.
"""

from __future__ import annotations

import csv
import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from isthmus.importers.cleaned import Cleaned
from isthmus.kit import text
from isthmus.kit.errors import UsageError

_TABLES = ("categories", "tags", "series", "sources", "kinds")
_TAXONOMIES = "taxonomies."
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
        for taxonomy, label in item.labels:
            self._place_label(f"{_TAXONOMIES}{taxonomy}", label, placement)
        self._place_label("kinds", item.source_kind, placement)
        placement.branches = list(dict.fromkeys(placement.branches))
        return placement

    def branch_of(self, table: str, label: str) -> tuple[str, str] | None:
        """The (axis, label) that one label becomes; None where it becomes a series, a kind or nothing."""
        placement = Placement()
        self._place_label(table, label, placement)
        return next(iter(placement.branches), None)

    def _place_label(self, table: str, label: str, placement: Placement) -> None:
        target = self.rules.get((table, text.fold(label)))
        if target is None:
            axis = _DEFAULT_AXIS.get(table) or table.removeprefix(_TAXONOMIES)
            if table in _DEFAULT_AXIS or table.startswith(_TAXONOMIES):
                placement.branches.append((axis, label))
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
    taxonomies = tables.pop("taxonomies", {})
    if isinstance(taxonomies, dict):
        tables |= {f"{_TAXONOMIES}{name}": rules for name, rules in taxonomies.items()}
    return [
        (table, label, str(to))
        for table, rules in tables.items()
        for label, to in (rules.items() if isinstance(rules, dict) else [("", rules)])
    ]


def _csv_rows(words: str) -> list[tuple[str, str, str]]:
    rows = [[*map(str.strip, row), "", ""][:3] for row in csv.reader(words.splitlines()) if any(row)]
    return [(table, label, to) for table, label, to in rows if table != "table"]


def _checked(path: Path, table: str, label: str, to: str, kinds: Iterable[str]) -> str:
    if table not in _TABLES and not table.startswith(_TAXONOMIES):
        known = ", ".join(_TABLES)
        raise UsageError(f"The map {path} has the table {table}: write one of {known}, or {_TAXONOMIES}NAME.")
    axis, slash, name = to.strip().partition("/")
    if to and not (slash and axis.strip() and name.strip()):
        raise UsageError(f"The map {path} sends {label} to {to!r}: write axis/Label, such as region/North Korea.")
    if axis == "kind" and name.strip() not in set(kinds):
        raise UsageError(f"The map {path} sends {label} to the kind {name}: write one of {', '.join(kinds)}.")
    return f"{axis.strip()}/{name.strip()}" if to else ""


def rules_as_json(rules: LabelMap) -> list[list[str]]:
    """The rules in plain values, so that a run can remember them."""
    return [[table, label, to] for (table, label), to in rules.rules.items()]


def rules_from(stored: Iterable[Sequence[str]]) -> LabelMap:
    """The rules that `rules_as_json` was given."""
    return LabelMap({(table, label): to for table, label, to in stored})


class Draft:
    """A first map file: every label that an archive holds, sent where it would go by itself."""

    def __init__(self) -> None:
        self._seen: dict[str, Counter[str]] = {}

    def note(self, item: Cleaned) -> None:
        """Count the labels of one item."""
        listed = {
            "sources": [item.source], "kinds": [item.source_kind], "series": [item.series],
            "categories": item.categories, "tags": item.tags,
        }  # fmt: skip
        for table, labels in listed.items():
            self._seen.setdefault(table, Counter()).update(filter(None, labels))
        for taxonomy, label in item.labels:
            self._seen.setdefault(f"{_TAXONOMIES}{taxonomy}", Counter()).update([label])

    def as_toml(self) -> str:
        """The file's text: rules to edit for labels, and as comments what has no default place."""
        parts = [_DRAFT_HEAD]
        for table, labels in self._seen.items():
            if labels:
                parts.append(
                    f"\n[{_toml_table(table)}]\n" + "".join(_draft_line(table, *row) for row in labels.most_common())
                )
        return "".join(parts)


_DRAFT_HEAD = """\
# Where each label of the archive goes: "axis/Label", "kind/event", "series/The Peninsula", or "" to leave it out.
# The number behind a line says how many items bear the label. Edit what should differ, then import with this file.
"""


def _toml_table(table: str) -> str:
    return f"taxonomies.{_quoted(table.removeprefix(_TAXONOMIES))}" if table.startswith(_TAXONOMIES) else table


def _draft_line(table: str, label: str, n_items: int) -> str:
    axis = _DEFAULT_AXIS.get(table) or (table.removeprefix(_TAXONOMIES) if table.startswith(_TAXONOMIES) else "")
    if table == "series":
        return f"{_quoted(label)} = {_quoted(f'series/{label}')}  # {n_items}\n"
    to = _quoted(f"{axis}/{label}") if axis else '"series/…"'
    return f"{'' if axis else '# '}{_quoted(label)} = {to}  # {n_items}\n"


def _quoted(words: str) -> str:
    # A JSON string is a TOML string, but for the sign DEL, which JSON leaves as it is.
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")
