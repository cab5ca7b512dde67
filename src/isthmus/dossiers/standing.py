"""What editors decided about entries, as it holds now, and whether the public may see an entry by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from isthmus.dossiers.extract.expression import Grade
from isthmus.dossiers.models import Ruling

UNATTENDED = frozenset((Grade.STATED.value, Grade.FROM_PUBLICATION.value))
"""The grades that may be shown before an editor looked at the entry."""

_DECIDES = frozenset((Ruling.What.ACCEPTED, Ruling.What.CORRECTED, Ruling.What.REFUSED, Ruling.What.WITHDRAWN))
_COLUMNS = ("key", "what", "values", "happening")


@dataclass(slots=True)
class Standing:
    """What holds for one entry. what: the newest decision; values: what a correction says instead; happening: the one
    it is told with, if any."""

    what: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    happening: str = ""

    @property
    def is_confirmed(self) -> bool:
        """Whether an editor said that it stands, as mined or as corrected."""
        return self.what in (Ruling.What.ACCEPTED, Ruling.What.CORRECTED)

    def may_be_shown(self, grade: str, *, is_carried: bool = False) -> bool:
        """Whether the public may see the entry; a sentence without a date of its own always waits for an editor."""
        if self.what == Ruling.What.REFUSED:
            return False
        return self.is_confirmed or (grade in UNATTENDED and not is_carried)


NOTHING_DECIDED = Standing()


def standings(rulings: QuerySet[Ruling]) -> dict[str, Standing]:
    """What holds for each key among these rulings; one query. To be told as one does not make an entry public."""
    return _held(rulings.order_by("pk").values_list(*_COLUMNS))


def _held(rows: Iterable[tuple[str, str, Any, str]]) -> dict[str, Standing]:
    held: dict[str, Standing] = {}
    for key, what, values, happening in rows:
        standing = held.setdefault(key, Standing())
        if what in _DECIDES:
            standing.what = what
            standing.values = values if what == Ruling.What.CORRECTED and isinstance(values, dict) else {}
        else:
            standing.happening = happening if what == Ruling.What.MERGED else ""
    return held
