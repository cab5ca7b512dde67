"""Finds the words: a quick pass over all words, and the rules only where an expression can begin.

A rule is tried where its first word may stand and a word of time follows within reach, so that plain prose costs a
dictionary lookup a word. The longest match wins, at one length the earlier rule.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

from isthmus.dossiers.extract.reading import Found, Rule
from isthmus.dossiers.extract.rules import clock, dates, distances, holidays, lengths, relative, vague, years
from isthmus.dossiers.extract.words import (
    DECADES,
    EDGES,
    HOURS,
    LISTS,
    MONTHS,
    NUMBERS,
    ORDINALS,
    PARTS,
    PLURALS,
    SEASONS,
    UNITS,
    WEEKDAYS,
)

RULES: tuple[Rule, ...] = (
    *dates.RULES, *years.RULES, *relative.RULES, *distances.RULES, *holidays.RULES, *clock.RULES, *vague.RULES,
    *lengths.RULES,
)  # fmt: skip

_WORD = re.compile(r"\d+|[^\W\d_]+")
_UNIT_FORMS = {form for unit in UNITS for form in (unit, unit + "s")} | set(PLURALS)
_HEADS = frozenset(
    {
        *MONTHS,
        *WEEKDAYS,
        *(day + "s" for day in WEEKDAYS),
        *SEASONS,
        *PARTS,
        *HOURS,
        *_UNIT_FORMS,
        *DECADES,
        *LISTS["heads"],
    }
    | {
        "today",
        "tonight",
        "tonite",
        "yesterday",
        "tomorrow",
        "period",
        "ago",
        "fy",
        "bc",
        "ad",
        "bce",
        "clock",
        "noontime",
    }
    | {word.lower() for words in holidays.FIRST_WORDS for word in (words,)}
    | {"q", "h", "b", "hundred", "thousand", "sixteen", "seventeen", "eighteen", "nineteen"}
)
_VAGUE = frozenset(word for word in vague.FIRST_WORDS)
_STARTS = frozenset(
    frozenset(LISTS["starts"])
    | _HEADS
    | _VAGUE
    | set(NUMBERS)
    | {word.split("-")[0] for word in ORDINALS}
    | {edge.split()[0].split("-")[0] for edge in EDGES}
)
# An expression begins at most so many characters before its first word of time.
_REACH = 48
_MONEY = "$£€¥#"
_DAY_GAP = re.compile(r"(?:\s?[-–—]\s?|\s(?:and|or|to|through|until|till)\s|,\s|, and\s)(?:the\s)?(?=\d)")


def found_in(text: str) -> list[Found]:
    """All expressions in the order of the text, none overlapping another."""
    words, heads = _words(text)
    founds: list[Found] = []
    done = 0
    for start, low in words:
        if start < done or not _may_start(text, start, low, heads):
            continue
        best = _longest(text, start)
        if best is not None:
            founds.append(best)
            done = best.end
            for again in _days_again(text, best):
                founds.append(again)
                done = again.end
    return founds


def _words(text: str) -> tuple[list[tuple[int, str]], list[int]]:
    """Where an expression may begin, and where the words of time are."""
    starts, heads = [], []
    for found in _WORD.finditer(text):
        word, start = found[0], found.start()
        if word[0].isdecimal():
            starts.append((start, word))
            heads.append(start)
            continue
        low = word.lower()
        if low in _HEADS or low in _VAGUE:
            heads.append(start)
        if low in _STARTS:
            starts.append((start, low))
    return starts, heads


def _may_start(text: str, start: int, low: str, heads: list[int]) -> bool:
    before = text[start - 1] if start else " "
    if before in _MONEY or (before in ".,:/" and low[0].isdecimal() and text[start - 2 : start - 1].isdigit()):
        return False
    if before == "-" and text[start - 2 : start - 1].isalpha() and low[0].isalpha() and low not in MONTHS:
        return text[max(start - 5, 0) : start].lower().endswith(("mid-", "pre-", "post-", "late-"))
    place = bisect_left(heads, start)
    return place < len(heads) and heads[place] - start <= _REACH


def _longest(text: str, start: int) -> Found | None:
    best, rule = None, None
    for candidate in RULES:
        found = candidate.pattern.match(text, start)
        if found is not None and (best is None or found.end() > best.end()):
            best, rule = found, candidate
    if best is None or rule is None or best.end() == start:
        return None
    return Found(
        rule, start, best.end(), {name: words for name, words in best.groupdict().items() if words is not None}
    )


def _days_again(text: str, found: Found) -> Iterator[Found]:
    """Further days of the same month, behind a dash, a comma or an "and": `June 5 and 7`."""
    if found.rule.name != "month-day" or "year" in found.parts:
        return
    end = found.end
    for _ in range(6):
        gap = _DAY_GAP.match(text, end)
        again = dates.DAY_AGAIN.pattern.match(text, gap.end()) if gap else None
        if again is None or not 1 <= int(re.sub(r"\D", "", again["day"])) <= 31:
            return
        yield Found(dates.DAY_AGAIN, again.start(), again.end(), {k: v for k, v in again.groupdict().items() if v})
        end = again.end()


# Rules' patterns are compiled once, at import: some 50 of them, about 0.3 s of CPU.
