"""What stands beside a name: whether the words around it make it another name."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence

from isthmus.dossiers.extract.family_names import word_list

_BEFORE = re.compile(r"([^\W\d_][\w’'.\-‐‑–]{0,40})[ \u00a0]{1,3}$")
_AFTER = re.compile(r"[ \u00a0]{1,3}([^\W\d_][\w\-‐‑]{0,40})")
_INITIAL = re.compile(r"[A-Z]\.?")
_REACH = 48
_NOT_NAMES = word_list("not_names")
_HONORIFICS = word_list("honorifics")
_OFFICES = word_list("offices")
_BEARERS = word_list("bearers")
_SUFFIXES = word_list("suffixes")
_OTHER_HOLDERS = word_list("other_holders")
_LINE_CHARS = 200
_WORDS = re.compile(r"[^\W\d_]{4,}")


class Neighbours:
    """The words before and behind places of one text."""

    def __init__(self, text: str, starts: Sequence[int]) -> None:
        self._text, self._starts = text, starts

    def before(self, start: int) -> str:
        """The word joined to the place by a space, in its own sentence; empty if there is none."""
        first = max(self._sentence_start(start), start - _REACH)
        found = _BEFORE.search(self._text, first, start)
        return found[1] if found else ""

    def after(self, end: int) -> str:
        """The word joined to the place by a space; empty if something else stands between."""
        found = _AFTER.match(self._text, end, end + _REACH)
        return found[1] if found else ""

    def makes_another(self, end: int) -> bool:
        """Whether what follows makes it something else that bears the name: Jr., Airport, University."""
        word = self.after(end)
        return word in _SUFFIXES or word in _BEARERS

    def goes_on(self, end: int) -> bool:
        """Whether a capitalised word follows that may belong to the name."""
        word = self.after(end)
        return word[:1].isupper() and word not in _NOT_NAMES and word not in _OFFICES and not self._is_headline(end)

    def stranger(self, start: int, end: int, *, comes_first: bool, initials: Collection[str]) -> str:
        """The word that makes a family name somebody else's, as in Ivanka Trump or Kim Kye-gwan; empty if none does.

        initials: first letters of given names that are not somebody else's.
        """
        if self._is_headline(start):
            return ""
        after = self.after(end)
        if self.goes_on(end) and (comes_first or after not in _HONORIFICS):
            return after
        before = self.before(start)
        if not before[:1].isupper() or before in _NOT_NAMES:
            return ""
        if _INITIAL.fullmatch(before):
            return "" if before[0] in initials else before
        bare = re.split(r"[-‐‑–]", before.removesuffix("."))[-1]
        if bare in _HONORIFICS or before.endswith(("’s", "'s", "s’", "s'")) or bare[:1].islower():
            return ""
        # "U.S.", "GOP": abbreviations are nobody's given name.
        return "" if "." in before.rstrip(".") or before.isupper() else before

    def stands_alone(self, start: int, end: int) -> bool:
        """Whether an office is told of by itself: no name behind it, no country or "deputy" in front."""
        after, before = self.after(end), self.before(start)
        if after[:1].isupper() and after not in _NOT_NAMES:
            return False
        if after == "of" or before in _OTHER_HOLDERS:
            return False
        if before[:1].isupper() and before not in _NOT_NAMES and not before.endswith(("’s", "'s", "s’", "s'")):
            return False
        return not self._text[max(0, start - 1) : start].endswith(("-", "‑"))

    def _sentence_start(self, at: int) -> int:
        return self._starts[bisect_right(self._starts, at) - 1]

    def _is_headline(self, at: int) -> bool:
        """Whether the line is short and nearly all its longer words are capitalised: there a capital says nothing."""
        start = self._text.rfind("\n", max(0, at - _LINE_CHARS), at) + 1
        end = self._text.find("\n", at, at + _LINE_CHARS)
        end = len(self._text) if end < 0 and at + _LINE_CHARS >= len(self._text) else end
        if end < 0 or end - start > _LINE_CHARS or (start == 0 and at > _LINE_CHARS):
            return False
        words = _WORDS.findall(self._text, start, end)
        small = sum(word[0].islower() for word in words)
        return len(words) >= 4 and 5 * small <= len(words) and self._text[end - 1 : end] not in (".", "!", "”")
