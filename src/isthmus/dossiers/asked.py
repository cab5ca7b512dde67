"""What a reader chose on a page of dossiers: subjects, category, years, "as known on". The address is the state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from isthmus.kit.errors import UsageError

# Of the address's query, as `asked` and `Asked.query` have them.
NAMES = ("subject", "category", "from", "to", "as-of", "page")
MAX_SUBJECTS = 5
_MAX_CHARS = 200
_MAX_PAGE_DIGITS = 6


class ChoiceInvalid(UsageError):
    """An address with a choice in it that means nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The choices. subjects: slugs, all of which an entry must be about. category: `region/north-korea` and below it.

    first_year, last_year: inclusive. as_of: only texts published by that day. page: None for the newest.
    """

    subjects: tuple[str, ...] = ()
    category: str = ""
    first_year: int | None = None
    last_year: int | None = None
    as_of: date | None = None
    page: int | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is chosen, so that the page is one of endless many and no page for search engines."""
        return self.without_page() != Asked()

    def without_page(self) -> Asked:
        """The same choices, on the newest page."""
        return replace(self, page=None)

    def query(self, *, without: str = "") -> str:
        """The query string with its `?`, always in the same order; empty where nothing is chosen."""
        pairs: list[tuple[str, Any]] = [("subject", slug) for slug in self.subjects if slug != without]
        pairs += [
            ("category", self.category),
            ("from", self.first_year),
            ("to", self.last_year),
            ("as-of", self.as_of),
            ("page", self.page),
        ]
        written = urlencode([(name, str(value)) for name, value in pairs if value])
        return f"?{written}" if written else ""


def asked(fields: Mapping[str, Any], subjects: list[str]) -> Asked:
    """What the fields of an address say; empty ones, as a form leaves them, say nothing. Raises: ChoiceInvalid."""
    found = Asked(
        subjects=tuple(dict.fromkeys(slug for slug in subjects if slug)),
        category=_short(fields.get("category", "")),
        first_year=_number(fields.get("from", ""), digits=4),
        last_year=_number(fields.get("to", ""), digits=4),
        as_of=_day(fields.get("as-of", "")),
        page=_number(fields.get("page", ""), digits=_MAX_PAGE_DIGITS),
    )
    if len(found.subjects) > MAX_SUBJECTS:
        raise ChoiceInvalid(f"Choose {MAX_SUBJECTS} subjects at most.")
    return found


def _short(value: str) -> str:
    if len(value) > _MAX_CHARS or "\x00" in value:
        raise ChoiceInvalid("There is no such category.")
    return value


def _number(value: str, *, digits: int) -> int | None:
    value = value.strip()
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= digits and int(value)):
        raise ChoiceInvalid(f"“{value[:_MAX_CHARS]}” is no number that can be chosen here.")
    return int(value)


def _day(value: str) -> date | None:
    if not value.strip():
        return None
    try:
        return date.fromisoformat(value.strip())
    except ValueError as error:
        raise ChoiceInvalid("Write the day as 2020-01-31.") from error
