"""What every search is made from, as it stands now: one query tells whether anything of it changed since it was read.

Taken once for a page and handed on, so that all of the page is of one state; never newer than what it says it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Subquery

from isthmus.kit.compiled import Compiled
from isthmus.publications import visibility
from isthmus.publications.models import JournalEntry
from isthmus.search import editors, names
from isthmus.search.editors import Kept
from isthmus.search.names import Names


@dataclass(frozen=True, slots=True)
class Standing:
    """journal: number and instant of its newest row, None if it is empty. total: of all that the public may see."""

    journal: tuple[int, Any] | None
    total: int
    names: Names
    editors: Kept

    @property
    def seq(self) -> int:
        """The number of the journal's newest row, 0 if it is empty."""
        return self.journal[0] if self.journal else 0


def now() -> Standing:
    """One query while nothing has changed; a change is read after the row that tells of it, so never too seldom.

    The total counts 9,166 rows in 0.7 ms, and only a row of the journal can have changed it.
    """
    global _counted
    row = _NOW.first()
    journal, kept = (row[:2], editors.kept_at(row[2] or "")) if row else (None, editors.kept())
    counted = _counted
    if counted is None or counted[0] != journal:
        counted = _counted = (journal, visibility.total())
    return Standing(journal, counted[1], names.at(journal), kept)


_counted: tuple[Any, int] | None = None
_NOW = Compiled[tuple[int, Any, str | None]](
    lambda: (
        JournalEntry.objects.order_by("-seq")
        .annotate(mark=Subquery(editors.mark()))
        .values_list("seq", "at", "mark")[:1]
    )
)
