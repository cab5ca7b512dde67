"""Who of several that bear one name is meant: who was named in full before, in the sentence, in the paragraph."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import TypeAlias

_Bearer: TypeAlias = int | str
"""The number of a subject, or the words of a stranger's name."""


class Bearers:
    """Who has been named in one text so far."""

    def __init__(self, text: str, starts: Sequence[int]) -> None:
        self._text, self._starts = text, starts
        self._named: dict[int, list[int]] = defaultdict(list)
        self._of_family: dict[str, list[tuple[int, _Bearer]]] = defaultdict(list)

    def note(self, at: int, subject: int, families: Collection[str]) -> None:
        """A subject was named in full."""
        self._named[subject].append(at)
        for family in families:
            self._of_family[family].append((at, subject))

    def note_stranger(self, at: int, name: str, family: str) -> None:
        """Somebody with this family name was named in full, who is no subject."""
        self._of_family[family].append((at, name))

    def bearing(self, at: int, family: str) -> list[tuple[int, bool]]:
        """Whom the family name alone means there: nobody before a full name, several and unsure if it may be any."""
        named = self._of_family.get(family, [])
        bearers: set[_Bearer] = {bearer for _, bearer in named}
        if not any(isinstance(bearer, int) for bearer in bearers):
            return []
        for since in (self._sentence_start(at), self._paragraph_start(at), 0) if len(bearers) > 1 else (0,):
            near = {bearer for place, bearer in named if place >= since}
            if len(near) == 1:
                return [(bearer, True) for bearer in near if isinstance(bearer, int)]
            if near:
                break
        return [(bearer, False) for bearer in sorted(bearer for bearer in near if isinstance(bearer, int))]

    def nearest(self, at: int, subjects: Sequence[int]) -> list[tuple[int, bool]]:
        """Whom words mean that several subjects are called by: the one of them that was named otherwise before."""
        if len(subjects) < 2:
            return [(subject, True) for subject in subjects]
        for since in (self._sentence_start(at), self._paragraph_start(at), 0):
            near = [one for one in subjects if any(place >= since for place in self._named.get(one, ()))]
            if len(near) == 1:
                return [(near[0], True)]
            if near:
                break
        return [(subject, False) for subject in subjects]

    def _sentence_start(self, at: int) -> int:
        return self._starts[bisect_right(self._starts, at) - 1]

    def _paragraph_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1
