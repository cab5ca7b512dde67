"""Typed text cut into marked pieces: words, phrases, brackets, OR, minus, keywords, stars. Linear, and never an error.

Which signs mean something is decided here, from how they stand; what they mean is decided in `language`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum

_QUOTE_SIGNS = '"“”„‟«»″＂'
_RUNS = re.compile(rf"\s+|[()（）]|[{_QUOTE_SIGNS}]|[^\s()（）{_QUOTE_SIGNS}]+")
_IS_QUOTE = frozenset(_QUOTE_SIGNS)
_MINUS = re.compile(r"[-−]+")
_KEYWORD = re.compile(r"([^\W\d_]{2,30}):(.*)", re.DOTALL)
_STARRED = re.compile(r"(.*[^\W_]['’.]?)\*+[\s.,;!?]*", re.DOTALL)
_STAR_AT_WORD = re.compile(r"[^\W_]\*")
_INNER_STAR = re.compile(r"[^\W_]\*+[^\W_]|(?:^|\W)\*[^\W_]")
# Up to here a question without small letters may be names and OR; a longer one is a sentence in capitals.
_MAX_SHOUTED_RUNS = 6


class Mark(Enum):
    """What a piece of typed text is."""

    WORDS = "words"
    STARRED = "starred"
    PHRASE = "phrase"
    KEYWORD = "keyword"
    OPEN = "open"
    CLOSE = "close"
    OR = "or"
    MINUS = "minus"


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece. text: without its marks. keyword: the name in front of the colon; value: how the text was marked."""

    mark: Mark
    text: str = ""
    keyword: str = ""
    value: Mark = Mark.WORDS


def scan(text: str, keywords: Collection[str]) -> tuple[list[Piece], list[str]]:
    """The pieces of a text in order, and sentences on what in it was not understood; every text can be scanned.

    keywords: the names that are one, in lower case. Brackets and quotation marks come in pairs; what has no partner
    is no sign. A minus is one at the beginning of a word, phrase or bracket only.
    """
    scanner = _Scanner([run[0] for run in _RUNS.finditer(text)], keywords)
    scanner.scan()
    return scanner.pieces, scanner.notes


class _Scanner:
    """Walks over the runs of a text once."""

    def __init__(self, runs: Sequence[str], keywords: Collection[str]) -> None:
        self.pieces: list[Piece] = []
        self.notes: list[str] = []
        self._runs, self._keywords = runs, keywords
        self._close_of = _phrases(runs)
        self._paired = _pairs(runs, self._close_of)
        self._is_shouted = _is_shouted(runs)
        self._at = 0

    def scan(self) -> None:
        while self._at < len(self._runs):
            run, place = self._runs[self._at], self._at
            self._at += 1
            if run in _IS_QUOTE:
                self._quotation(place)
            elif run in "()（）":
                self._bracket(place)
            elif not run.isspace():
                self._run(run, place)

    def _quotation(self, place: int, keyword: str = "") -> None:
        end = self._close_of.get(place)
        if end is None:
            self.note("A quotation mark without a second one was left out: what follows it was searched as words.")
            return
        quoted = "".join(self._runs[place + 1 : end])
        self._at = end + 1
        if _STAR_AT_WORD.search(quoted):
            self.note("A star inside quotation marks was left out: it stands for the end of a single word.")
        if keyword:
            self.pieces.append(Piece(Mark.KEYWORD, quoted, keyword, Mark.PHRASE))
        else:
            self.pieces.append(Piece(Mark.PHRASE, quoted))

    def _bracket(self, place: int) -> None:
        if place not in self._paired:
            self.note("A bracket without a partner was left out.")
            return
        self.pieces.append(Piece(Mark.OPEN if self._runs[place] in "(（" else Mark.CLOSE))

    def _run(self, run: str, place: int) -> None:
        if run == "OR" and not self._is_shouted:
            self.pieces.append(Piece(Mark.OR))
            return
        if run == "NOT" and not self._is_shouted and place + 1 < len(self._runs):
            self.note("NOT was searched as a word: a minus leaves out what stands behind it, as in -word.")
        if (dash := _MINUS.match(run)) and self._begins(place):
            run = run[dash.end() :]
            if dash[0] in "-−" and (_has_word(run) or (not run and self._is_operand(place + 1))):
                self.pieces.append(Piece(Mark.MINUS))
            elif not _has_word(run) and not self._goes_on(place):
                self.note("A minus with nothing behind it was left out.")
        if run:
            self._unsigned(run)

    def _unsigned(self, run: str) -> None:
        keyword = _KEYWORD.fullmatch(run)
        if keyword is None or keyword[2].startswith("/"):
            self.pieces.append(_words(run))
            self._look_for_stars(run)
        elif keyword[1].lower() in self._keywords:
            self._keyword(keyword[1], keyword[2])
        else:
            if _has_word(keyword[2]):
                self.note(
                    f"“{keyword[1]}:” is none of the words that a colon makes special: it was searched as a word."
                )
            self.pieces.append(_words(run))

    def _keyword(self, name: str, value: str) -> None:
        if _has_word(value):
            valued = _words(value)
            self.pieces.append(Piece(Mark.KEYWORD, valued.text, name.lower(), valued.mark))
            self._look_for_stars(value)
        elif not value and self._at < len(self._runs) and self._at in self._close_of:
            self._quotation(self._at, name.lower())
        else:
            self.note(
                f"Nothing stands right behind “{name}:”, so it was searched as a word: "
                f'write {name.lower()}:word or {name.lower()}:"several words".'
            )
            self.pieces.append(Piece(Mark.WORDS, f"{name} {value}"))

    def _look_for_stars(self, run: str) -> None:
        if "*" in run and _INNER_STAR.search(run):
            self.note("A star was left out: it has a meaning at the end of a word only, as in nuclea*.")

    def note(self, sentence: str) -> None:
        """Say it, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def _begins(self, place: int) -> bool:
        return place == 0 or self._runs[place - 1].isspace() or self._runs[place - 1] in "(（"

    def _is_operand(self, place: int) -> bool:
        """Whether a phrase or a bracket begins here."""
        return place in self._close_of or (place in self._paired and self._runs[place] in "(（")

    def _goes_on(self, place: int) -> bool:
        """Whether more follows in the same bracket: a minus between spaces is a dash, as in prose."""
        later = [run for run in self._runs[place + 1 : place + 3] if not run.isspace()]
        return bool(later) and later[0] not in ")）" and place > 0


def _words(run: str) -> Piece:
    starred = _STARRED.fullmatch(run) if "*" in run else None
    return Piece(Mark.STARRED, starred[1]) if starred else Piece(Mark.WORDS, run)


def _has_word(run: str) -> bool:
    return any(sign.isalnum() for sign in run)


def _phrases(runs: Sequence[str]) -> dict[int, int]:
    """Where each quotation opens and closes; marks of any kind pair up in order, and the last may be left over."""
    marks = [place for place, run in enumerate(runs) if run in _IS_QUOTE]
    return dict(zip(marks[::2], marks[1::2], strict=False))


def _pairs(runs: Sequence[str], close_of: dict[int, int]) -> set[int]:
    """The places of brackets that have a partner; those in quotations are no brackets."""
    waiting: list[int] = []
    paired: set[int] = set()
    quoted_until = -1
    for place, run in enumerate(runs):
        quoted_until = close_of.get(place, quoted_until)
        if place <= quoted_until:
            continue
        if run in "(（":
            waiting.append(place)
        elif run in ")）" and waiting:
            paired |= {waiting.pop(), place}
    return paired


def _is_shouted(runs: Sequence[str]) -> bool:
    """Whether a sentence was typed in capitals, so that OR and NOT in it are words like all others."""
    words = [run for run in runs if _has_word(run)]
    letters = "".join(word for word in words if word not in ("OR", "NOT"))
    return len(words) > _MAX_SHOUTED_RUNS and letters.isupper()
