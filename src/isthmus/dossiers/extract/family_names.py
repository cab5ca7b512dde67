"""Which part of a person's name is the family's, in the West and where it comes first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from isthmus.dossiers.extract.words import table


def word_list(name: str) -> frozenset[str]:
    """One of the lists of names.toml."""
    return frozenset(table("names.toml")[name].split())


_FAMILY_FIRST = word_list("family_first")
_PARTICLES = word_list("particles")
_SUFFIXES = word_list("suffixes")
# Jong-un, Eui-yong: a hyphen and a small letter behind it. Jean-Marie has a capital there.
_SYLLABLES = re.compile(r"[A-Z][a-z]+[-‐‑–][a-z]+")
# One syllable as Korean, Chinese and Vietnamese are written in Latin letters: Myung, Kuan, Chi.
_SYLLABLE = re.compile(
    r"(?:[cskptz]h|tr|[b-df-hj-np-tv-xz])?[yw]?[aeiouy]{1,3}w?(?:n[gh]?|[mklptrhbg])?", re.IGNORECASE
)
# One or two as Pinyin writes them: an initial, a vowel, and n, ng, r or nothing.
_PINYIN = re.compile(
    r"(?:(?:[zcs]h|[bpmfdtnlgkhjqxrzcswy])?(?:i?a[io]?|u?ai?|u?ei?|[iu]?e|i?ou?|i?u|u?i|o)(?:ng?|r)?){1,2}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FamilyName:
    """A family name as it is written, and whether it stands before the given name."""

    text: str
    comes_first: bool


def family_name(name: str) -> FamilyName | None:
    """The family name of a person; None for a name of one word or with an article, of which nothing can be told.

    "Kim Jong-un" → Kim, first; "Xi Jinping" → Xi, first; "Chris Van Hollen" → Van Hollen; "John Smith Jr." → Smith.
    """
    words = [word.strip(",") for word in name.split()]
    while len(words) > 1 and words[-1].rstrip(".") in _SUFFIXES:
        words.pop()
    if len(words) < 2 or words[0] in ("the", "The"):
        return None
    if _is_family_first(words):
        return FamilyName(words[0], comes_first=True)
    start = len(words) - 1
    while start > 1 and words[start - 1] in _PARTICLES:
        start -= 1
    return FamilyName(" ".join(words[start:]), comes_first=False)


def _is_family_first(words: list[str]) -> bool:
    family, *given = words
    if len(given) == 1 and _SYLLABLES.fullmatch(given[0]):
        return True
    if family not in _FAMILY_FIRST:
        return False
    if len(given) == 1:
        return "-" in given[0] or any(shape.fullmatch(given[0]) for shape in (_SYLLABLE, _PINYIN))
    return len(given) == 2 and all(_SYLLABLE.fullmatch(word) for word in given)
