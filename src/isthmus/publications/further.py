"""Links that folders above this one add to public pages: the footer's, a piece's, a person's.

They say from their AppConfig.ready() what they have; only what the public may see, and few queries.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from isthmus.kit import collecting


@dataclass(frozen=True, slots=True)
class Further:
    """One label and root-relative address."""

    label: str
    url: str


# Whether there is anything to lead to seldom changes, and a page may ask the database eight times.
_FRESH_S = 10.0
_kept: tuple[float, list[Further]] | None = None

_everywhere: dict[str, Callable[[], list[Further]]] = {}
_of_piece: dict[str, Callable[[int], list[Further]]] = {}
_of_person: dict[str, Callable[[int], list[Further]]] = {}


def also(
    name: str,
    *,
    everywhere: Callable[[], list[Further]],
    of_piece: Callable[[int], list[Further]],
    of_person: Callable[[int], list[Further]],
) -> None:
    """Have the links of another folder on the pages. of_piece, of_person: given the number of the row."""
    _everywhere[name], _of_piece[name], _of_person[name] = everywhere, of_piece, of_person


def everywhere() -> list[Further]:
    """Links for the footer, read at most every ten seconds and at once after `forget`."""
    global _kept
    if collecting.current() is not None:
        return collecting.once("further", _read)
    now = time.monotonic()
    if _kept is None or now - _kept[0] > _FRESH_S:
        _kept = (now, _read())
    return _kept[1]


def _read() -> list[Further]:
    return [link for links in _everywhere.values() for link in links()]


def forget() -> None:
    """Read the links of the footer anew at their next use."""
    global _kept
    _kept = None


def of_piece(publication_id: int) -> list[Further]:
    """Links for the page of a visible piece."""
    return [link for links in _of_piece.values() for link in links(publication_id)]


def of_person(person_id: int) -> list[Further]:
    """Links for the page of a public person."""
    return [link for links in _of_person.values() for link in links(person_id)]
