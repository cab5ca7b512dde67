"""What counts as one word, the same for texts and for what readers type; pure text, no engine and no Django.

`plain` rewrites a text so that words are nothing but runs of letters and digits, and what reads alike is alike.
Engines then need only their simplest tokenizer (a pattern that knew scripts and decimals was measured at 2-5 times
its cost) and fold case and accents themselves. Change anything here and raise `VERSION`: indexes are rebuilt.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate

VERSION = 3

# Scripts written without spaces, or with endings glued on: one character is one word, and a longer word a phrase.
# 정책 so finds 정책연구원은. Hangul, Han, kana, and the marks that repeat a Han character.
_CJK = (
    "\u1100-\u11ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uac00-\ud7a3\uf900-\ufaff"
)
_IS_CJK = re.compile(f"[{_CJK}]")
# Stands for the point in 1.5, so that a number is one word; a letter to every tokenizer, and in no text.
POINT = "\ua78f"
_DOTTED_I = "\u0130"


def _marks(first: int, last: int) -> str:
    return "".join(chr(code) for code in range(first, last + 1) if unicodedata.category(chr(code))[0] == "M")


# Marks at which Tantivy cuts words, because Unicode does not call them alphabetic, among those that are vowels.
_NO_VOWELS = frozenset("\u0afd\u0afe\u0aff\u0b55\u0e47\u0e4c\u0e4e\u0ecc\u0f3e\u0f3f").union(
    map(chr, (0x17B4, 0x17B5, *range(0x17C9, 0x17D2), 0x17D3))
)
# Vowels that the scripts from India to Cambodia write as marks: parts of a word to Tantivy, and none to Python.
_VOWELS = "".join(
    mark
    for mark in _marks(0x900, 0x109F) + _marks(0x1780, 0x17D3)
    if not unicodedata.combining(mark) and mark not in _NO_VOWELS
)
# All other marks fall away, as readers leave them out: points of Arabic and Hebrew, accents, tones. The marks of kana
# stay, for they make other letters.
_MARKED_BLOCKS = ((0x300, 0x1DFF), (0x20D0, 0x20FF), (0x2DE0, 0x2DFF), (0xA66F, 0xABFF), (0xFB1E, 0xFB1E))
_POINTS = "".join(mark for block in _MARKED_BLOCKS for mark in _marks(*block) if mark not in _VOWELS)
# Greek and Cyrillic, of whose letters engines do not fold the accents.
_BARED = "\u0370-\u03ff\u0400-\u052f\u1f00-\u1fff"
_ANY_POINTS = re.compile(f"[{_POINTS}]+")
_IS_BARED = re.compile(f"[{_BARED}]")
_IS_CUT_OTHERWISE = re.compile(f"[{_CJK}{_VOWELS}{_POINTS}]")
_IS_MARKED = re.compile(f"[{_VOWELS}{_POINTS}{_BARED}]")
_WORD = re.compile(rf"(?:[^\W_]+|[{_VOWELS}]+)+")
# One word of a text as it was written: an abbreviation, a number, letters with their apostrophes.
_WRITTEN = re.compile(r"((?<![^\W_])(?:[^\W\d_]\.){2,}|[0-9]+(?:\.[0-9]+)+|[^\W_]+(?:['’ʼ][^\W_]+)*)")
# The same where characters that are words, or marks, stand among the letters: four times as dear.
_WRITTEN_CJK = re.compile(
    rf"([{_CJK}]|(?<![^\W_])(?:[^\W\d_]\.){{2,}}|[0-9]+(?:\.[0-9]+)+"
    rf"|(?:(?![{_CJK}])[^\W_])+(?:(?:['’ʼ]|[{_VOWELS}{_POINTS}]+)(?:(?![{_CJK}])[^\W_])+)*[{_VOWELS}{_POINTS}]*)"
)

# Words that find nothing by themselves: left out of a question unless nothing else is in it. Question words and the
# words of small talk are among them, because people ask whole questions (measured: relevance, query stoplist).
STOP_WORDS = frozenset(
    """
    a about an and any are as at be been being but by can could did do does doing for from had has have how i if in
    into is it its may me might my of on or our shall should so such than that the their them then there these they
    this those to upon was we were what when where which while who whom whose why will with would you your
    """.split()  # noqa: SIM905 -- quotes around each would hide the words
)

_SAME = (
    ("\u00a0", " "), ("’", "'"), ("‘", "'"), ("ʼ", "'"), ("＇", "'"), ("`", "'"), ("´", "'"), ("‐", "-"), ("‑", "-"),
    ("\u00ad", ""), ("\u200b", ""), ("\u200c", ""), ("\u200d", ""), ("\u2060", ""), ("\ufeff", ""),
)  # fmt: skip
# Each pattern begins with the sign it looks for and looks back from there: that way a search costs next to
# nothing where the sign is rare (1-2 ms a megabyte; with the look-behind first it took 40).
_POSSESSIVE = re.compile(r"'[sS](?!\w)")
_INNER_APOSTROPHE = re.compile(r"'(?<=\w')(?=\w)")
_ABBREVIATION = re.compile(r"\.(?<=[\W_][^\W\d_]\.)(?=[^\W\d_](?![^\W_]))")
_DECIMAL = re.compile(r"\.(?<=[0-9]\.)(?=[0-9])")
_HYPHEN = re.compile(r"-(?<=[^\W_]-)(?=[^\W_])")
_LAST_PART = re.compile(r"[^\W_]+\Z")
_PART = re.compile(r"[^\W_]+")
# Two short capitalised words side by side may be the syllables of one name, as in Jong Un. Where the first word begins
# is not asked: that costs as much again, and a stray form does no harm.
_SYLLABLES = re.compile(r"([A-Z][A-Za-z]{1,5}) (?=([A-Z][A-Za-z]{1,5})\b)")
_MAX_PART_CHARS = 40


def plain(text: str) -> str:
    """The text with its words as runs of letters and digits; case and accents are left to the engine.

    Possessives fall away (Kim's → Kim), names keep together (O’Brien → OBrien), abbreviations lose their dots
    (U.S. → US), decimals stay one word, no-break spaces are spaces, CJK characters stand apart, marks that readers
    leave out are gone (كُوريا → كوريا, ёлка → елка). Length may change.
    Idempotent: plain(plain(x)) == plain(x).
    """
    if not text.isascii():
        for sign, same in _SAME:
            text = text.replace(sign, same)
        text = _bare(text)
        # The one letter that lower case makes two of, a letter and a mark that cuts words.
        text = text.replace(_DOTTED_I, "I")
        if _IS_CJK.search(text):
            text = _IS_CJK.sub(r" \g<0> ", text)
    text = _INNER_APOSTROPHE.sub("", _POSSESSIVE.sub("", text))
    text = _DECIMAL.sub(POINT, text)
    # The look-behind needs a character in front of the first letter.
    return _ABBREVIATION.sub("", f" {text}")[1:]


def _bare(text: str) -> str:
    """The text in the one spelling that Unicode calls NFKC, without points; Greek and Cyrillic without accents."""
    if _IS_MARKED.search(text):
        # First of all: normalising sorts the marks on one letter in quadratic time.
        text = _ANY_POINTS.sub("", text)
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    if _IS_MARKED.search(text):
        if _IS_BARED.search(text):
            text = unicodedata.normalize("NFD", text).replace("ς", "σ").replace("Σ", "σ")
        text = unicodedata.normalize("NFKC", _ANY_POINTS.sub("", text))
    return text


def tokens(plain_text: str) -> list[str]:
    """The words of a plain text, in order, in lower case."""
    return [word.lower() for word in _WORD.findall(plain_text)]


def spans(text: str) -> list[tuple[str, int, int]]:
    """The words of a text as it was written, each as `tokens` sees it, with where it starts and ends."""
    # Between the words stands what is none; so the text is cut and measured without a step of ours for each word.
    written = _WRITTEN if text.isascii() or not _IS_CUT_OTHERWISE.search(text) else _WRITTEN_CJK
    parts = written.split(text)
    ends = list(accumulate(map(len, parts)))
    return list(zip(map(as_token, parts[1::2]), ends[0::2], ends[1::2], strict=False))


def written(text: str) -> Callable[[str, int], re.Match[str] | None]:
    """What matches, from a place of the text where a word begins, the word as it was written: its first group."""
    return (_WRITTEN if text.isascii() else _WRITTEN_CJK).match


@lru_cache(maxsize=20_000)
def as_token(word: str) -> str:
    """One written word as `tokens` sees it."""
    # Nearly every word is plain as it stands; the others cost 20 times as much.
    if word.isalnum() and (word.isascii() or _is_bare(word)):
        return word.lower()
    return "".join(tokens(plain(word)))


def _is_bare(word: str) -> bool:
    return _DOTTED_I not in word and not _IS_MARKED.search(word) and unicodedata.is_normalized("NFKC", word)


def is_cjk(word: str) -> bool:
    """Whether a word is a character of a script that is cut into single characters."""
    return _IS_CJK.match(word) is not None


def joined_forms(plain_text: str) -> set[str]:
    """What the text's compounds look like written in one: Jong-un and Jong Un give `jongun`, COVID-19 `covid19`."""
    found = {first.lower() + second.lower() for first, second in _SYLLABLES.findall(plain_text)}
    run, end_of_run = "", -1
    for hyphen in _HYPHEN.finditer(plain_text):
        left, right = _around(plain_text, hyphen.start())
        found.add(left + right)
        # a-b-c: the pairs, and the whole as far as it has come.
        run = run + right if hyphen.start() == end_of_run else left + right
        found.add(run)
        end_of_run = hyphen.end() + len(right)
    return found


def _around(text: str, hyphen: int) -> tuple[str, str]:
    left = _LAST_PART.search(text, max(0, hyphen - _MAX_PART_CHARS), hyphen)
    right = _PART.match(text, hyphen + 1, hyphen + 1 + _MAX_PART_CHARS)
    return (left[0].lower() if left else ""), (right[0].lower() if right else "")
