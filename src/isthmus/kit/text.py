"""Plain text: folded for comparing, shortened for showing, turned into an address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote

from anyascii import anyascii

ELLIPSIS = "…"

_DIRECTIVE_WORDS = 5

# What NFKC and casefold leave apart although a reader takes it for the same sign.
_SAME_SIGN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛ʼʻ′`´＇", "'"),
        **dict.fromkeys("“”„‟«»″＂", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
        **dict(zip("øłđðıħŧ", "olddiht", strict=True)),
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
    }
)
# Only the accents of Latin, Greek and Cyrillic. Other marks are letters in their script: か and が are two words.
_ACCENTS = re.compile("[\u0300-\u036f\u1dc0-\u1dff]")
# Kana, Han and Hangul have no reading that a reader of the script would type, so their slugs keep the letters.
_KEPT_SCRIPTS = re.compile("([\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff]+)")
_NOT_IN_SLUG = re.compile(r"[\W_]+")
# Signs that are neither letters nor ASCII, more in a row than real text has. Source: Unicode's Stream-Safe Text Format.
_MAX_MARKS = 30
_MANY_MARKS = re.compile(rf"[^\w\x00-\x7f]{{{_MAX_MARKS + 1},}}")
_INITIAL_DOT = re.compile(r"\b(\w)\.(?!\d)")


def fold(text: str) -> str:
    """The text as comparing sees it: one case, no accents, straight quotes, plain spaces.

    "Zürich" and "ZURICH", "O’Brien" and "O'Brien" fold alike; Hangul and kana keep every mark. Length may change.
    Idempotent: fold(fold(x)) == fold(x).
    """
    if text.isascii():
        return text.lower()
    folded = _with_few_marks(text)
    for _ in range(4):  # Casefolding can make new compatibility characters; two rounds settle all that Unicode 15 has.
        before, folded = folded, _fold_once(folded)
        if folded == before:
            break
    return folded


def _with_few_marks(text: str) -> str:
    """The text with at most 30 combining marks in a row.

    Normalising sorts the marks on one letter in quadratic time: 40,000 of them were measured to take six seconds.
    """
    return _MANY_MARKS.sub(_without_many_marks, text)


def _without_many_marks(signs: re.Match[str]) -> str:
    kept, n_marks = [], 0
    for sign in signs[0]:
        n_marks = n_marks + 1 if unicodedata.combining(sign) else 0
        if n_marks <= _MAX_MARKS:
            kept.append(sign)
    return "".join(kept)


def _fold_once(text: str) -> str:
    compatible = unicodedata.normalize("NFKC", text.translate(_SAME_SIGN)).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", compatible))
    return unicodedata.normalize("NFKC", bare).translate(_SAME_SIGN)


def slug(title: str, max_chars: int = 80) -> str:
    """The piece of an address that stands for a title: lower case, hyphens, cut between words.

    Latin, Greek, Cyrillic and other alphabets come out in ASCII; Han, kana and Hangul keep their letters, and
    whoever writes the URL percent-encodes them. Never empty: "untitled" when no letter or digit is left.
    """
    plain = unicodedata.normalize("NFKC", _with_few_marks(title))
    parts = [part if n % 2 else anyascii(part) for n, part in enumerate(_KEPT_SCRIPTS.split(plain))]
    spoken = "".join(parts).lower().replace("'", "").replace("&", " and ")
    words = _NOT_IN_SLUG.sub("-", _INITIAL_DOT.sub(r"\1", spoken)).strip("-")
    return _cut(words, max_chars, at="-").strip("-") or "untitled"


def collapse(text: str) -> str:
    """One line: every run of white space, no-break, ideographic and zero-width ones too, becomes one space."""
    # Replacing twice is thirty times as quick as one translation table, and bodies of 100,000 characters come here.
    return " ".join((text if text.isascii() else text.replace("\u200b", " ").replace("\ufeff", " ")).split())


def shorten(text: str, max_chars: int) -> str:
    """The beginning of a text on one line, at most `max_chars` characters with the … that marks a cut.

    Cuts between words where one ends in the second half; text written without spaces is cut where it must be.
    """
    line = collapse(text)
    if len(line) <= max_chars:
        return line
    return _cut(line, max(max_chars - 1, 0), at=" ").rstrip(" ,;:.-–—") + ELLIPSIS


def plural(n: int, one: str, many: str) -> str:
    """The number with its word: "1 publication", "0 publications", "5822 publications"."""
    return f"{n} {one if n == 1 else many}"


def _cut(text: str, max_chars: int, *, at: str) -> str:
    if len(text) <= max_chars:
        return text
    end = text.rfind(at, max_chars // 2, max_chars + 1)
    return text[: end if end > 0 else max_chars]


def cell(value: str) -> str:
    """The text as a cell of a spreadsheet, where what begins like a formula would be run as one.

    Source: OWASP, CSV injection: the signs that programs take for the start of a formula, and the quote before them.
    """
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else value


def text_directive(passage: str, earlier: Sequence[str] = ()) -> str:
    """What behind the # of an address makes a browser land on a passage; empty for an empty one.

    Its first words and, of a long one, its last. earlier: what stands before it on the page. A browser takes the first
    place that has the first words, so of a passage that begins like one before it more of them are given.
    Source: URL Fragment Text Directives (WICG); hyphens, commas and ampersands have a meaning there.
    """
    words, n_first = passage.split(), _DIRECTIVE_WORDS
    if not words:
        return ""
    while n_first < len(words) and any(" ".join(words[:n_first]) in before for before in earlier):
        n_first += _DIRECTIVE_WORDS
    if len(words) <= n_first + _DIRECTIVE_WORDS:
        return f":~:text={_quoted(words)}"
    return f":~:text={_quoted(words[:n_first])},{_quoted(words[-_DIRECTIVE_WORDS:])}"


def _quoted(words: Sequence[str]) -> str:
    return "%20".join(map(_quoted_word, words))


# Letter by letter otherwise, and the same words stand in passage after passage.
@lru_cache(maxsize=10_000)
def _quoted_word(word: str) -> str:
    return quote(word, safe="").replace("-", "%2D")
