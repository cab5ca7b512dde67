"""Where a text answers a question: what a snippet is chosen by, and what it marks. Pure text.

Texts are not cut into words for it: the beginnings of the words asked for are looked up in the whole of a text, and
only the words that begin so are compared. A page shows ten texts, some of 100,000 letters, and marks 20 words of them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

from isthmus.kit import text as kit_text
from isthmus.search import analysis
from isthmus.search.query import Phrase, Prefix, Query, Text, Word

Forms = Callable[[Sequence[str]], list[str]]
# From where to where a text answers something, and the number of the clause.
Place: TypeAlias = tuple[int, int, int]

# Clauses looked for; a long question's longest words tell its passages apart well enough.
_MAX_NEEDLES = 16
# Places in one stretch of a text that are looked at, shared among what is looked for; and of each at least.
_MAX_PLACES, _MIN_PLACES = 96, 16
# How many words are looked at for each place, since few of those that begin as a short word are it.
_TRIES = 8
_NEAR_CHARS = 200
_MAX_LETTERS = 40
# A word that a text has in two, or as an abbreviation: what may stand between its letters, how short a word
# is looked for anyhow, how much of a text is looked through, and how many words it may be.
_SIGNS = "-‐‑ .'’ʼ"
_BETWEEN, _MAX_SHORT, _MAX_SQUEEZED, _N_PARTS = f"[{_SIGNS}]?", 3, 20_000, 2
_ASCII_SIGNS = "".join(filter(str.isascii, _SIGNS)).encode()
_OTHER_SIGNS = [sign for sign in _SIGNS if not sign.isascii()]
# A possessive, written out: to compile a set of letters that are far apart takes Python a hundred times as long.
_POSSESSIVE = "'s|’s|ʼs"
# Behind the last letter: a possessive, the last point of an abbreviation, and no more letters.
_END = rf"(?:{_POSSESSIVE}|(?<=\.[^\W_])\.)?(?![^\W_])"
_APOSTROPHES = "'’ʼ"
# Latin, Greek and Cyrillic letters that readers type without their accents.
_ACCENTED_BLOCKS = ((0xC0, 0x24F), (0x386, 0x3CE), (0x400, 0x45F), (0x1E00, 0x1FFF))
_ASCII = bytes(range(128))
_ACCENTED = re.compile(f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in _ACCENTED_BLOCKS)}]")


class Sought:
    """What the texts of one page of hits are searched for, worked out once for all of them."""

    def __init__(self, query: Query, forms: Forms) -> None:
        self._query, self._forms = query, forms
        self._known: dict[str, list[int]] = {}

    @cached_property
    def clauses(self) -> list[Text]:
        """Each clause and what means the same, once: a word may be typed five hundred times."""
        sought = (*self._query.clauses, *self._query.beside)
        return list({clause.token if isinstance(clause, Word) else clause: clause for clause in sought}.values())

    @cached_property
    def looked_for(self) -> dict[int, Text]:
        """The clauses that passages are chosen by, by their numbers: the longest."""
        numbered = sorted(enumerate(self.clauses), key=lambda pair: -len(_letters(pair[1])))
        return dict(numbered[:_MAX_NEEDLES])

    @cached_property
    def is_ascii(self) -> bool:
        """Whether capitals beyond ASCII need not be made small to find it all."""
        return all(_letters(clause).replace(analysis.POINT, ".").isascii() for clause in self.looked_for.values())

    @cached_property
    def by_form(self) -> Mapping[str, list[int]]:
        """The numbers of the clauses that a word in this form answers."""
        words = [(number, clause) for number, clause in enumerate(self.clauses) if isinstance(clause, Word)]
        return grouped((form, number) for number, word in words for form in self._forms_of(word))

    @cached_property
    def beginnings(self) -> list[str]:
        """With one of these every word begins that answers one of the words looked for; so do others."""
        words = [clause for clause in self.looked_for.values() if isinstance(clause, Word)]
        found = {begun for word in words for form in self._forms_of(word) for begun in _begun(word.token, form)}
        # What a shorter one finds is not looked for again; in order, each stands behind what it begins with.
        kept: list[str] = []
        for begun in sorted(found):
            if not kept or not begun.startswith(kept[-1]):
                kept.append(begun)
        return kept

    @cached_property
    def patterns(self) -> list[tuple[int, re.Pattern[str]]]:
        """Phrases, and beginnings that were typed as such."""
        return [
            (number, pattern)
            for number, clause in self.looked_for.items()
            if not isinstance(clause, Word)
            for pattern in _patterns(clause)
        ]

    def answered_by(self, written: str) -> list[int]:
        """The clauses that a word answers, as it stands in a text: Kim’s as Kim."""
        known = self._known.get(written)
        if known is None:
            form = self._forms([analysis.as_token(written)])[0]
            known = self._known[written] = self.by_form.get(form, [])
        return known

    def _forms_of(self, word: Word) -> list[str]:
        return list(dict.fromkeys(self._forms([word.token, *word.joined])))


def places(text: str, sought: Sought, start: int, end: int) -> list[Place]:
    """Where the text answers what is looked for between start and end, in order."""
    part = text[start:end]
    low = _lowered(part, sought)
    found = _Part(part, low, sought).as_asked()
    missing = sought.looked_for.keys() - {number for _, _, number in found}
    if missing and _has_accents(low):
        low = _ACCENTED.sub(lambda letter: _bare().get(letter[0], letter[0]), low)
        found = _Part(part, low, sought).as_asked()
        missing -= {number for _, _, number in found}
    if missing:
        found += _in_parts(low[:_MAX_SQUEEZED], sought, missing)
    return sorted((at + start, until + start, number) for at, until, number in found)


def _has_accents(low: str) -> bool:
    """Whether a letter has an accent that can be left out."""
    if low.isascii():
        return False
    # Bytes are dropped at a gigabyte a second; to look at each letter took as long as all the rest of a text.
    others = low.encode("utf-8", "surrogatepass").translate(None, _ASCII)
    return _ACCENTED.search(others.decode("utf-8", "surrogatepass")) is not None


def _lowered(text: str, sought: Sought) -> str:
    """The text in lower case, letter for letter: where ASCII is all that is asked for, without a look at the rest."""
    if sought.is_ascii and not text.isascii():
        # Bytes are lowered at a gigabyte a second, letters beyond Latin one by one.
        return text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")
    low = text.lower()
    return low if len(low) == len(text) else "".join(map(_one_letter, text))


def _one_letter(letter: str) -> str:
    low = letter.lower()
    return low if len(low) == 1 else letter


@lru_cache(maxsize=1)
def _bare() -> dict[str, str]:
    """Letters with accents, and the one letter that each is without."""
    letters = [chr(code) for first, last in _ACCENTED_BLOCKS for code in range(first, last + 1)]
    return {letter: bare for letter in letters if len(bare := kit_text.fold(letter)) == 1}


def grouped(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """The numbers by word, each list in the order they came in."""
    found: dict[str, list[int]] = {}
    for word, number in pairs:
        found.setdefault(word, []).append(number)
    return found


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a text, and the same in lower case."""

    text: str
    low: str
    sought: Sought

    def as_asked(self) -> list[Place]:
        """What answers as it is written here."""
        most = max(_MIN_PLACES, _MAX_PLACES // len(self.sought.looked_for))
        found: list[Place] = []
        stopped: list[tuple[str, int]] = []
        for begun in self.sought.beginnings:
            some, at = self._beginning(begun, (0, len(self.low)), most)
            found += some
            stopped += [(begun, at)] if at >= 0 else []
        for clause, pattern in self.sought.patterns:
            found += _matching(clause, pattern, self.low, most)
        return [*found, *self._near(found, stopped)] if stopped else found

    def _near(self, found: list[Place], stopped: list[tuple[str, int]]) -> set[Place]:
        """Of words so common that not all of them were looked at, those near to what else was found."""
        near: set[Place] = set()
        for begun, after in stopped:
            for at in [at for at, _, _ in found if at >= after][:_MIN_PLACES]:
                near.update(self._beginning(begun, (max(after, at - _NEAR_CHARS), at + _NEAR_CHARS), _MIN_PLACES)[0])
        return near - set(found)

    def _beginning(self, begun: str, within: tuple[int, int], most: int) -> tuple[list[Place], int]:
        """The words that begin so and answer a clause; and where the next would be, were it not for `most`, or -1."""
        found: list[Place] = []
        low, size, is_cjk, (start, end) = self.low, len(begun), analysis.is_cjk(begun), within
        text, written, answered_by = self.text, analysis.written(self.text), self.sought.answered_by
        at = low.find(begun, start, end)
        for _ in range(most * _TRIES):
            if at < 0 or len(found) >= most:
                break
            # Nearly every word stands behind a space.
            if (at and low[at - 1] == " ") or is_cjk or _is_beginning(low, at):
                word = written(text, at)
                if word and (numbers := answered_by(word[1])):
                    found += [(at, word.end(), number) for number in numbers]
            at = low.find(begun, at + size, end)
        return found, at


def _is_beginning(low: str, at: int) -> bool:
    """Whether a word begins here: the letters of one stand together, over an apostrophe too."""
    if not at:
        return True
    before = low[at - 1]
    if before.isalnum():
        return analysis.is_cjk(before)
    return not (before in _APOSTROPHES and at > 1 and low[at - 2].isalnum())


def _matching(clause: int, pattern: re.Pattern[str], low: str, most: int) -> Iterator[Place]:
    for found in itertools.islice(pattern.finditer(low), most):
        if _is_beginning(low, found.start()):
            yield found.start(), found.end(), clause


def _in_parts(low: str, sought: Sought, missing: Collection[int]) -> Iterator[Place]:
    """Words that are nowhere as they were typed, where a text has them in two or as an abbreviation."""
    words = [(number, clause.token) for number in missing if isinstance(clause := sought.clauses[number], Word)]
    words = [(number, word) for number, word in words if 1 < len(word) < _MAX_LETTERS]
    squeezed = _squeezed(low) if any(len(word) > _MAX_SHORT for _, word in words) else b""
    for number, word in words:
        # Patterns are dear, and seldom needed; a short word stands within others nearly everywhere.
        if len(word) <= _MAX_SHORT or word.encode("utf-8", "surrogatepass") in squeezed:
            for at, until, _ in _matching(number, _spread(word), low, _MIN_PLACES):
                parts = analysis.tokens(analysis.plain(low[at:until]))
                if len(parts) <= _N_PARTS and "".join(parts) == word:
                    yield at, until, number


def _squeezed(low: str) -> bytes:
    """The text without what may stand between the letters of a word."""
    for sign in _OTHER_SIGNS:
        low = low.replace(sign, "")
    # Four of nine signs at once, and in a tenth of the time.
    return low.encode("utf-8", "surrogatepass").translate(None, _ASCII_SIGNS)


@lru_cache(maxsize=1_000)
def _spread(word: str) -> re.Pattern[str]:
    return re.compile(_BETWEEN.join(map(re.escape, word)) + _END)


def _patterns(clause: Phrase | Prefix) -> Iterator[re.Pattern[str]]:
    if isinstance(clause, Prefix):
        yield from (re.compile(re.escape(begun) + r"[^\W_]*") for begun in {clause.start, kit_text.fold(clause.start)})
        return
    for tokens in {clause.tokens[:8], tuple(map(kit_text.fold, clause.tokens[:8]))}:
        words = rf"(?:{_POSSESSIVE})?[\W_]{{0,3}}".join(map(re.escape, tokens))
        # Within a word of CJK nothing ends; elsewhere the last letters are those of a word, or of its possessive.
        is_open = len(clause.tokens) > 8 or analysis.is_cjk(clause.tokens[-1])
        yield re.compile(words if is_open else words + _END)
    if clause.joined:
        yield re.compile(re.escape(clause.joined) + _END)


def _begun(token: str, form: str) -> set[str]:
    """What the words of a form begin with: a stem may end otherwise (policy, polici; hoping, hope)."""
    size = len(form) - 1 if len(form) > 3 and form[-1] in "ei" else len(form)
    begun = {form[:size].replace(analysis.POINT, ".")}
    token = token.replace(analysis.POINT, ".")
    if not token.isascii():
        # As it was typed, with its accents; forms have none.
        begun.add(token[:size])
    return begun - {""}


def _letters(clause: Text) -> str:
    match clause:
        case Word(token):
            return token
        case Phrase(tokens):
            return "".join(tokens)
        case Prefix(start):
            return start
