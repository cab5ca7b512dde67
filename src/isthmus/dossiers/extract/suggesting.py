"""Names in a text that no vocabulary told us of: runs of capitalised words, and what speaks for each being a name.

What one text says of a name is little; `suggestions` adds up what the whole archive says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from isthmus.dossiers.extract.family_names import family_name, word_list
from isthmus.dossiers.extract.words import table

PERSON, ORGANISATION, PLACE, THING = "person", "organisation", "place", "thing"
# What speaks against a person: an article in front, and for a family name, a fuller name before it.
NO_PERSON, OF_A_PERSON = "no person", "of a person"
_MAX_WORDS, _MAX_CHARS, _MAX_INITIALS = 8, 100, 6
_WORD = r"(?:[A-Z]\.|[A-Z][\w’'‑-]*[\w])"
_TITLE_LINE_CHARS = 120
_CUTS = ("and", "on")
_SMALL = re.compile(r"\b[a-z]{2,}\b")
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(slots=True)
class Sighting:
    """A name as one text has it. kinds: how much speaks for each kind; is_small: its first word is also written small.

    start: where it first stands. short: its initials, where the text gives them in brackets.
    """

    text: str
    start: int
    kinds: dict[str, int] = field(default_factory=dict)
    is_small: bool = False
    short: str = ""


def names_in(text: str, starts: Sequence[int]) -> list[Sighting]:
    """Each name once, in the order of the text. starts: where sentences begin. Time in proportion to the text."""
    begins, small = frozenset(starts), frozenset(_SMALL.findall(text))
    found: dict[str, Sighting] = {}
    for line_start, line in _lines(text):
        for run in _runs().finditer(line):
            for start, words in _parts(run[0], line_start + run.start(), begins, small):
                name = " ".join(words)
                if not _may_be_name(words, name):
                    continue
                sighting = found.setdefault(name, Sighting(name, start))
                sighting.is_small = sighting.is_small or words[0].lower() in small
                sighting.short = sighting.short or _initials_behind(text, start + len(name), words)
                for kind in _kinds(text, start, start + len(name), words):
                    sighting.kinds[kind] = sighting.kinds.get(kind, 0) + 1
    _count_family_names(found)
    return list(found.values())


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that are sentences: in headlines and in capitals every word looks like a name."""
    at = 0
    for line in text.split("\n"):
        words = _LETTERS.findall(line)
        small = sum(word[0].islower() for word in words)
        is_title = len(line) <= _TITLE_LINE_CHARS and 2 * small <= len(words) and line[-1:] not in (".", "!", "?", "”")
        if words and not is_title and 4 * small >= len(words):
            yield at, line
        at += len(line) + 1


def _parts(run: str, start: int, begins: frozenset[int], small: frozenset[str]) -> Iterator[tuple[int, list[str]]]:
    """Each name of the run, without titles in front and without a sentence's first word that is no name."""
    for at, words in _names_of_run(run.split(" "), start):
        while words and (_is_no_start(words[0]) or (at in begins and len(words) > 1 and words[0].lower() in small)):
            at += len(words[0]) + 1
            words = words[1:]
        while words and (not words[-1][0].isupper() or words[-1] in word_list("not_names")):
            words = words[:-1]
        if words and words[-1].endswith(("’s", "'s")):
            words[-1] = words[-1][:-2]
        # A sentence's only capital says nothing.
        if words and not (len(words) == 1 and at in begins):
            yield at, words


def _names_of_run(words: list[str], at: int) -> Iterator[tuple[int, list[str]]]:
    """The run cut at every "and" and "on" that stands between two names, and not in that of a body or a treaty."""
    first, lists = 0, _lists()
    for place, word in enumerate(words):
        if word in _CUTS:
            behind = words[place + 1]
            is_inside = any(one in lists["organisation"] or one in lists["thing"] for one in words[first:place])
            if not is_inside or behind in lists["person_before"] or behind in _not_names():
                yield at, words[first:place]
                at += sum(len(one) + 1 for one in words[first : place + 1])
                first = place + 1
    yield at, words[first:]


def _is_no_start(word: str) -> bool:
    bare = word.rstrip(".")
    return bare in _not_names() or bare in _lists()["person_before"] or not word[0].isupper()


def _may_be_name(words: list[str], name: str) -> bool:
    if len(name) > _MAX_CHARS:
        return False
    if len(words) == 1:
        # A longer word in capitals is shouted; a word for any council names none.
        is_any = name in _lists()["organisation"] or name in _lists()["thing"] or name in _lists()["place"]
        return not is_any and len(name) >= 3 and not (name.isupper() and len(name) > _MAX_INITIALS)
    return not name.isupper() and any(len(word) > 2 for word in words[1:])


def _kinds(text: str, start: int, end: int, words: list[str]) -> Iterator[str]:
    lists = _lists()
    lead = text[max(0, start - 30) : start].rstrip()
    has_article = lead.endswith((" the", " The"))
    before = lead.removesuffix(" the").rpartition(" ")[2].rstrip(".")
    after = text[end : end + 30].lstrip(" ,").partition(" ")[0].rstrip(".,")
    if any(word in lists["organisation"] for word in words) or (len(words) == 1 and words[0].isupper()):
        yield ORGANISATION
    elif words[-1] in lists["thing"]:
        yield THING
    elif words[-1] in lists["place"]:
        yield PLACE
    elif before in lists["person_before"] and 1 < len(words) <= 4:
        yield PERSON
        yield PERSON
    elif after in lists["person_after"] and 1 < len(words) <= 4:
        yield PERSON
    elif before in lists["place_before"]:
        yield PLACE
    elif has_article:
        yield NO_PERSON


def _count_family_names(found: dict[str, Sighting]) -> None:
    """Who is called by the family name alone further on is a person."""
    for name, sighting in found.items():
        if " " not in name or len(name.split()) > 4 or set(sighting.kinds) - {PERSON}:
            continue
        family = family_name(name)
        alone = found.get(family.text) if family else None
        if alone is not None and alone.start > sighting.start:
            sighting.kinds[PERSON] = sighting.kinds.get(PERSON, 0) + 2
            alone.kinds[OF_A_PERSON] = alone.kinds.get(OF_A_PERSON, 0) + 1


def _initials_behind(text: str, end: int, words: list[str]) -> str:
    """ABC of "Agency for Baltic Culture (ABC)"."""
    behind = re.match(r" \(([A-Z]{2,8})\)", text[end : end + 12])
    initials = "".join(word[0] for word in words if word[0].isupper())
    return behind[1] if behind and behind[1] == initials else ""


@cache
def _lists() -> dict[str, frozenset[str]]:
    return {name: frozenset(words.split()) for name, words in table("suggesting.toml").items()}


@cache
def _not_names() -> frozenset[str]:
    return word_list("not_names") | _lists()["never"]


@cache
def _runs() -> re.Pattern[str]:
    joints = "|".join(sorted(_lists()["joints"]))
    # At most eight words: a match costs a constant.
    return re.compile(rf"(?<![\w.’'-]){_WORD}(?: (?:(?:{joints}) ){{0,2}}{_WORD}){{0,{_MAX_WORDS - 1}}}(?!\w)")
