r"""Lists of people as CSV: one row a person, read and written so that a list written here reads the same again.

| column | holds |
| --- | --- |
| email | the address |
| name | the name, may be empty |
| subjects | with `\|` between, `everything`, `series:2`, `The Peninsula`, `search?q=ferry`; if empty, everything |
| pace | `at_once`, `daily` or `weekly`; a subject may say its own: `series:2=weekly` |
| consent_at | when they agreed, as 2026-11-23 or with a time |
| consent_how | how they agreed, in words |
| state | `confirmed`, `pending` or `left`; empty for confirmed, which needs the two columns before |
| suppressed, suppressed_at | why nothing may be sent there (a reason as in `Suppression`), and since when |
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from itertools import chain

from isthmus.kit.errors import UsageError
from isthmus.mailing import list_dialects

COLUMNS = (
    "email", "name", "subjects", "pace", "consent_at", "consent_how", "state", "suppressed", "suppressed_at",
)  # fmt: skip
BETWEEN_SUBJECTS = "|"
# A spreadsheet takes a cell that begins so for a formula, and runs it (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# A row longer than this is no person; it also bounds what a file without line ends can fill the memory with.
_MAX_ROW_CHARS = 100_000
_ADDRESS_ALONE = re.compile(r"(?:([^<>@,;\t]*?)\s*<([^<>@\s]+@[^<>@\s]+)>|([^<>@\s,;\t]+@[^<>@\s,;\t]+))")


class ListUnreadable(UsageError):
    """A file that is no list of people; the sentence says from which line on."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it stands. line: of the file, counted from 1; values: by column, white space around them gone."""

    line: int
    values: Mapping[str, str]


def read(lines: Iterable[str], *, file_name: str = "") -> Iterator[Row]:
    """The rows of a list, one after the other. lines: with their ends, as an open text file gives them.

    file_name: which of some lists says more than what is in them.
    Commas, semicolons or tabs between the cells, as the first line has them. Raises: ListUnreadable.
    """
    source = _bounded(lines)
    first = next(source, "")
    if _ADDRESS_ALONE.fullmatch(first.strip()):
        # Mailman prints its members without a line of names.
        yield from _addresses_alone(chain([first], source))
        return
    names, delimiter = _head(first)
    system = list_dialects.system_of(frozenset(names))
    if "email" not in names:
        raise ListUnreadable(
            f"The first line names no column “email”: begin the list with a line such as {','.join(COLUMNS[:4])}."
        )
    reader = csv.reader(source, delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                values = {name: _unescaped(cell).strip() for name, cell in zip(names, cells, strict=False)}
                yield Row(
                    reader.line_num + 1, list_dialects.ours(values, system, file_name=file_name) if system else values
                )
    except csv.Error as error:
        raise ListUnreadable(f"Line {reader.line_num + 1} is no line of a CSV file ({error}): mend it there.") from None


def _addresses_alone(lines: Iterable[str]) -> Iterator[Row]:
    """Addresses one a line, with a name before or not: there is no proof of consent, so they come in as pending."""
    for number, written in enumerate(lines, start=1):
        if written.strip():
            found = _ADDRESS_ALONE.fullmatch(written.strip())
            email = (found[2] or found[3]) if found else written.strip()
            yield Row(
                number, {"email": email, "name": (found[1] or "").strip(' "') if found else "", "state": "pending"}
            )


def strange_columns(first_line: str) -> list[str]:
    """Columns of a list that are not read."""
    if _ADDRESS_ALONE.fullmatch(first_line.strip()):
        return []
    names = _head(first_line)[0]
    read = list_dialects.READ if list_dialects.system_of(frozenset(names)) else frozenset[str]()
    return [name for name in names if name and name not in COLUMNS and name not in read]


def line(values: Iterable[str]) -> str:
    """One line of a list, with no cell that a spreadsheet would run."""
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([_escaped(value) for value in values])
    return out.getvalue()


def _head(first_line: str) -> tuple[list[str], str]:
    """The names of the columns, and what stands between the cells."""
    first = first_line.removeprefix("\ufeff")
    delimiter = max(",;\t", key=first.count)
    return list_dialects.columns(next(csv.reader([first], delimiter=delimiter), [])), delimiter


def _bounded(lines: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(lines, start=1):
        if len(text) > _MAX_ROW_CHARS:
            raise ListUnreadable(f"Line {number} has more than {_MAX_ROW_CHARS} characters: this is no list of people.")
        yield text.replace("\x00", "")


def _escaped(value: str) -> str:
    # A quote of its own in front of such a cell would be taken off when the list is read again.
    return f"'{value}" if value.startswith(_FORMULA) or _unescaped(value) != value else value


def _unescaped(value: str) -> str:
    return value[1:] if value.startswith("'") and value[1:].startswith((*_FORMULA, "'")) else value
