"""What editors keep for the search, as each process holds it: read once, and again as soon as anybody changed it.

One small query tells whether the copy is old, so that a change takes effect at once in every process on any machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from isthmus.kit.compiled import Compiled
from isthmus.search.models import EditorsMark, Pin, SynonymSet
from isthmus.search.synonyms import Synonyms

THE_MARK = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """Synonyms, and pins by `question_key`. mark: which state of the tables it was read from."""

    mark: str
    synonyms: Synonyms
    pins: Mapping[str, tuple[int, ...]]


def kept() -> Kept:
    """What holds now. 0.1 ms while nothing changed; some 30 ms to read 2,000 sets again."""
    return kept_at(_MARK.first() or "")


def kept_at(mark: str) -> Kept:
    """What holds in the state with this mark, which was read just now."""
    global _held
    held = _held
    if held is None or held.mark != mark:
        # The mark was read before the rows: rows that are newer than it are read once more, never too seldom.
        held = _held = Kept(mark, _synonyms(), _pins())
    return held


def mark() -> QuerySet[Any, str]:
    """Where the mark stands, for whoever reads it together with something else."""
    return EditorsMark.objects.filter(pk__in=[THE_MARK]).values_list("mark", flat=True)


_held: Kept | None = None
_MARK = Compiled[str](mark)


def _synonyms() -> Synonyms:
    return Synonyms.of((row.phrases, row.is_one_way) for row in SynonymSet.objects.order_by("pk"))


def _pins() -> dict[str, tuple[int, ...]]:
    return {row.key: row.piece_ids for row in Pin.objects.order_by("pk")}
