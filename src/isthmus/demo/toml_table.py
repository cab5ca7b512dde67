"""One table of a TOML file while it is read: every value taken by name and type, and nothing left unread.

A misspelt key in a content file would otherwise vanish without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from isthmus.kit.errors import IsthmusError


class ContentError(IsthmusError):
    """A content file of the demonstration that cannot be used; the message begins with its name."""


class TomlTable:
    """The values of one table; each is taken once, and `finish` refuses what nobody took.

    where: the file, and the row where it has several; stands first in every message.
    """

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self._left = dict(values)
        self.where = where

    def text(self, name: str, default: str | None = None) -> str:
        """A text without blanks around it. Raises: ContentError where it is missing without a default, or no text."""
        value = self._left.pop(name, default)
        if not isinstance(value, str):
            raise self.error(f'has no text {name}: write {name} = "…"')
        return value.strip()

    def flag(self, name: str) -> bool:
        """True or false; false where it is not written."""
        value = self._left.pop(name, False)
        if not isinstance(value, bool):
            raise self.error(f"has {name} = {value!r}: write true or false")
        return value

    def whole_number(self, name: str) -> int | None:
        """A whole number, or None where it is not written."""
        value = self._left.pop(name, None)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise self.error(f"has {name} = {value!r}: write a whole number")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty where it is not written."""
        value = self._left.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(f'has {name} = {value!r}: write a list of texts, ["…", "…"]')
        return tuple(value)

    def instant(self, name: str) -> datetime | None:
        """A date and time with its offset, quoted or not; None where it is not written."""
        value = self._left.pop(name, None)
        try:
            at = datetime.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            at = value
        if at is None or (isinstance(at, datetime) and at.utcoffset() is not None):
            return at
        raise self.error(f"has {name} = {value!r}: write date, time and offset, such as 2020-01-20T09:00:00+01:00")

    def day(self, name: str) -> date | None:
        """A date, not quoted; None where it is not written."""
        value = self._left.pop(name, None)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        raise self.error(f"has {name} = {value!r}: write a day, such as 2020-01-20")

    def table(self, name: str) -> dict[str, str]:
        """A table of texts, with dates as ISO 8601; empty where it is not written."""
        value = self._left.pop(name, {})
        if not isinstance(value, dict):
            raise self.error(f"has {name} = {value!r}: write a table [{name}]")
        return {
            key: item.isoformat() if isinstance(item, datetime) else str(item).strip() for key, item in value.items()
        }

    def rows(self, name: str) -> list[TomlTable]:
        """A list of tables, each known by its slug, file or number in messages; empty where it is not written."""
        value = self._left.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.error(f"has {name} = {value!r}: write one table [[{name}]] for each")
        return [
            TomlTable(item, f"{self.where}, {name} {item.get('slug') or item.get('file') or number}")
            for number, item in enumerate(value, start=1)
        ]

    def finish(self) -> None:
        """Raises: ContentError where the table has a key that was not asked for."""
        if self._left:
            raise self.error(
                f"has {', '.join(sorted(self._left))}, which means nothing here: remove it or correct its name"
            )

    def error(self, problem: str) -> ContentError:
        """The error to raise about this table."""
        return ContentError(f"{self.where} {problem}.")
