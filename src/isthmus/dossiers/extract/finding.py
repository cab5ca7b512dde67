"""Finds the words: a quick pass over all words, and the rules only where an expression can begin.

A rule is tried where its first word may stand and a word of time follows within reach, so that plain prose costs a
dictionary lookup a word. The longest match wins, at one length the earlier rule.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from isthmus.dossiers.extract.reading import Found, Head, Rule
from isthmus.dossiers.extract.rules import (
    clock,
    dates,
    distances,
    eras,
    holidays,
    lengths,
    relative,
    vague,
    weekdays,
    years,
)
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
    *dates.RULES, *eras.RULES, *years.RULES, *relative.RULES, *weekdays.RULES, *distances.RULES,
    *holidays.RULES, *clock.RULES, *vague.RULES, *lengths.RULES,
)  # fmt: skip

_WORD = re.compile(r"\d+|[^\W\d_]+")
_UNIT_FORMS = {form for unit in UNITS for form in (unit, unit + "s")} | set(PLURALS)


def _heads() -> dict[str, Head]:
    """Each word of time with its kinds: "May" is a month and the beginning of a holiday."""
    kinds = (
        (Head.MONTH, MONTHS),
        (Head.WEEKDAY, (*WEEKDAYS, *(day + "s" for day in WEEKDAYS))),
        (Head.SEASON, SEASONS),
        (Head.PART, (*PARTS, *HOURS, *(part + "s" for part in PARTS), "clock")),
        (Head.UNIT, (*_UNIT_FORMS, "half", "period")),
        (Head.DECADE, DECADES),
        (Head.DAY_WORD, ("today", "tonight", "tonite", "yesterday", "tomorrow")),
        (Head.VAGUE, vague.LAST_WORDS),
        (Head.OFTEN, lengths.OFTEN),
        (Head.HOLIDAY, holidays.FIRST_WORDS),
        (Head.ERA, ("bc", "bce", "b", "ad", "d", "ce")),
        (Head.SPOKEN, ("sixteen", "seventeen", "eighteen", "nineteen", "thousand")),
        (Head.CODE, ("q", "h", "fy")),
    )
    heads: dict[str, Head] = {}
    for kind, words in kinds:
        for word in words:
            heads[word] = heads.get(word, Head(0)) | kind
    return heads


_HEADS = _heads()
_STARTS = frozenset(
    set(LISTS["starts"])
    | set(_HEADS)
    | vague.FIRST_WORDS
    | set(NUMBERS)
    | {word.split("-")[0] for word in ORDINALS}
    | {edge.split()[0].split("-")[0] for edge in EDGES}
)
# As numbers, because an enumeration's own operators cost more than the patterns they save.
_KINDS: dict[str, int] = {word: int(kind) for word, kind in _HEADS.items()}
_DIGIT = int(Head.DIGIT)
_NEEDS: tuple[tuple[int, Rule], ...] = tuple((int(rule.needs), rule) for rule in RULES)
# An expression begins at most so many characters before its first word of time.
_REACH = 64
# Places at which the rules are tried in one sentence. Prose has some twenty; what has thousands is a table or hostile,
# and what is left of it is not read.
_MOST_TRIES = 2_000
_DAY_BEFORE_MONTH = re.compile(r"\d{1,2} [A-Z][a-z]{2}")
_ADDRESS = re.compile(r"[_=@]\w|/(?:[A-Za-z_]|\d+[/_]|\d+-[A-Za-z])|-[A-Za-z]+[-_./]|\.(?:[a-z]{2,4}\b|\d)")
_ADDRESS_CHARS = 200
# "It was to last two years": the verb.
_LASTS = re.compile(r"(?i)\b(?:to|would|will|could|can|might|may|should|not|did|n['’]t)\s$")
_MONEY = "$£€¥#"
_DAY_GAP = re.compile(r"(?:\s?[-–—]\s?|\s(?:and|or|to|through|until|till)\s|,\s|, and\s)(?:the\s)?(?=\d)")


def found_in(text: str, sentences: Sequence[int]) -> list[Found]:
    """All expressions in the order of the text, none overlapping another. sentences: where they begin, in order."""
    starts, heads, kinds = _words(text)
    founds: list[Found] = []
    done, turn, tries = 0, 0, 0
    for start, low in starts:
        if start < done or not _may_start(text, start, low):
            continue
        if turn < len(sentences) and start >= sentences[turn]:
            turn, tries = bisect_right(sentences, start), 0
        near = _near(start, heads, kinds) if tries < _MOST_TRIES else 0
        tries += near > 0
        best = _longest(text, start, near) if near else None
        if best is not None and not _is_name(text, best, sentences[bisect_right(sentences, start) - 1]):
            founds.extend(_with_days_again(text, best))
            done = founds[-1].end
    return founds


def _words(text: str) -> tuple[list[tuple[int, str]], list[int], list[int]]:
    """Where an expression may begin, where the words of time are, and of what kinds."""
    starts, heads, kinds = [], [], []
    for found in _WORD.finditer(text):
        word, start = found[0], found.start()
        if word[0].isdecimal():
            starts.append((start - _is_short_year(text, start, word), word))
            heads.append(start)
            kinds.append(_DIGIT)
            continue
        low = word.lower()
        if low in _KINDS:
            heads.append(start)
            kinds.append(_KINDS[low])
        if low in _STARTS:
            starts.append((start, low))
    return starts, heads, kinds


def _is_short_year(text: str, start: int, word: str) -> bool:
    """Whether an apostrophe before two figures stands for a century."""
    return len(word) == 2 and text[start - 1 : start] in ("'", "’") and not text[start - 2 : start - 1].isalnum()


def _near(start: int, heads: list[int], kinds: list[int]) -> int:
    """The kinds of words of time within reach behind the start."""
    found, place = 0, bisect_left(heads, start)
    while place < len(heads) and heads[place] - start <= _REACH:
        found |= kinds[place]
        place += 1
    return found


def _may_start(text: str, start: int, low: str) -> bool:
    before = text[start - 1] if start else " "
    if before in _MONEY or before in "_=&%@\\":
        return False
    if low == "last" and _LASTS.search(text, max(start - 9, 0), start):
        return False
    if before == "/" and low[0].isdecimal():
        return bool(_DAY_BEFORE_MONTH.match(text, start)) and text[start - 2 : start - 1].isalnum()
    if before in ".,:" and low[0].isdecimal() and text[start - 2 : start - 1].isdigit():
        return False
    if before == "-" and text[start - 2 : start - 1].isalpha() and low not in MONTHS:
        return (
            text[max(start - 5, 0) : start]
            .lower()
            .endswith(("mid-", "late-") if low[0].isalpha() else ("mid-", "pre-", "post-", "late-"))
        )
    return True


def _longest(text: str, start: int, near: int) -> Found | None:
    best, rule = None, None
    for needs, candidate in _NEEDS:
        found = candidate.pattern.match(text, start) if needs & near else None
        if found is not None and (best is None or found.end() > best.end()):
            best, rule = found, candidate
    if best is None or rule is None or best.end() == start or _in_address(text, best):
        return None
    parts = {name: words for name, words in best.groupdict().items() if words is not None}
    return Found(rule, start, best.end(), parts)


# These are written small unless a name is made of them: "USA Today", "Man of the Year", ABC's "This Week".
_SMALL = frozenset(("day-word", "often", "unit-here", "the-period"))
_LONGER_WORD = re.compile(r"[^\W\d_]{4,}")
_AROUND = 80
_OPENING_QUOTES = frozenset('"“‘`')
# One word alone is part of a name only behind another word: not at the head of a sentence, a line, a quotation.
_BEHIND_WORD = re.compile(r"[^\W_][ \t]{1,2}$")


def _is_name(text: str, found: Found, sentence: int) -> bool:
    """Whether capitals make the words a name; not at the head of a sentence, nor where all words have them."""
    words = text[found.start : found.end].split()
    if (
        found.rule.name not in _SMALL
        or not words[-1][0].isupper()
        or (found.rule.name != "day-word" and words[-1].isupper())
    ):
        return False
    if found.rule.name == "the-period" and text[max(0, found.start - 3) : found.start] == "of ":
        return True
    if len(words) > 1 and words[0][0].isupper() and text[max(0, found.start - 1) : found.start] in _OPENING_QUOTES:
        return True
    if len(words) == 1 and not _BEHIND_WORD.search(text, max(sentence, found.start - 4), found.start):
        return False
    around = text[max(0, found.start - _AROUND) : found.start] + " " + text[found.end : found.end + _AROUND]
    small = [word[0].islower() for word in _LONGER_WORD.findall(around)]
    return bool(small) and len(small) <= 2 * sum(small)


def _in_address(text: str, found: re.Match[str]) -> bool:
    """Whether the figures go on as the address of a page or the name of a file does: `2015/07/06/the-content`."""
    before = text[max(0, found.start() - _ADDRESS_CHARS) : found.start()]
    token = before[-1:].strip() and before.split()[-1].rpartition(")")[2]
    if "://" in token or "](" in token:
        return True
    return found[0][-1].isdecimal() and bool(_ADDRESS.match(text, found.end()))


def _with_days_again(text: str, found: Found) -> list[Found]:
    """The expression and the further days behind it; a year behind the last of them is the year of all."""
    again = list(_days_again(text, found))
    if not again or "year" not in again[-1].parts:
        return [found, *again]
    year = {"year": again[-1].parts["year"]}
    return [replace(one, parts=one.parts | year) for one in (found, *again)]


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
