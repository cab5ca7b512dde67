"""What a reader typed, as objects that an engine can run: words and "phrases", mixed. Pure, bounded, never an error.

No text a person types reaches an engine's own parser: those have been seen to crash on nested brackets.
"""

from __future__ import annotations

import re

from isthmus.search import analysis
from isthmus.search.query import Group, Phrase, Query, Text, Word

MAX_CHARS = 4096
MAX_WORDS = 512
MAX_PHRASES = 24
# Up to here every word must be found; longer questions are asked in sentences, and no piece has all their words.
_ALL_OF = 6

_QUOTES = re.compile('["“”„‟«»″＂]')
# A chunk between spaces is cut at these; at any other sign (. / ' & + and the hyphen) its parts must stand together.
_CUTS = re.compile(r"[\s,;:!?(){}\[\]<>|…–—*\"，。、：；！？（）「」『』《》〈〉]+")
_HYPHENS = re.compile("[-‐‑]")
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def parse(typed: str) -> Query:
    """The question in what was typed. Every text is a question; at most 4,096 characters and 512 words are read."""
    notes: list[str] = []
    text = _UNSEEN.sub(" ", typed[: MAX_CHARS + 1]).strip()
    if len(typed) > MAX_CHARS:
        text = text[:MAX_CHARS].strip()
        notes.append(f"Only the first {MAX_CHARS:,} characters were searched.")
    clauses = _within_limits(_clauses(text, notes), notes)
    telling = [clause for clause in clauses if not _is_stop_word(clause)]
    wanted = tuple(telling or clauses)
    if text and not wanted:
        notes.append("There is no word in this question.")
    n_required = len(wanted)
    if n_required > _ALL_OF:
        n_required = -(-n_required // 3)
        notes.append("This is a long question: pieces with a third of its words are shown, the closest first.")
    found_by = Group(wanted, n_required) if wanted else None
    is_plain = all(isinstance(clause, Word) for clause in wanted)
    return Query(text, found_by, wanted, is_plain=is_plain, notes=tuple(notes))


def _is_stop_word(clause: Text) -> bool:
    return isinstance(clause, Word) and clause.token in analysis.STOP_WORDS


def _clauses(text: str, notes: list[str]) -> list[Text]:
    """Words and phrases in the order they were typed; a quotation mark without a second one is no phrase."""
    parts = _QUOTES.split(text)
    n_quoted = (len(parts) - 1) // 2
    if n_quoted > MAX_PHRASES:
        notes.append(f"Only the first {MAX_PHRASES} phrases in quotation marks were read as phrases.")
    clauses: list[Text] = []
    for place, part in enumerate(parts):
        # Every second part stands between two marks, unless it is the last and its mark was never closed.
        is_quoted = place % 2 == 1 and place < len(parts) - 1 and place < 2 * MAX_PHRASES
        clauses += _phrase(part) if is_quoted else _words(part)
    return clauses


def _phrase(text: str) -> list[Text]:
    found = tuple(analysis.tokens(analysis.plain(text)))
    if len(found) > 1:
        return [Phrase(found)]
    return [Word(token) for token in found]


def _words(text: str) -> list[Text]:
    chunks = [chunk for chunk in _CUTS.split(text) if chunk]
    clauses = [clause for chunk in chunks for clause in _chunk(chunk)]
    return [_with_neighbours(clauses, place) for place in range(len(clauses))]


def _chunk(chunk: str) -> list[Text]:
    found = tuple(analysis.tokens(analysis.plain(chunk)))
    if len(found) < 2:
        return [Word(token) for token in found]
    is_compound = _HYPHENS.search(chunk) is not None and not any(analysis.is_cjk(token) for token in found)
    return [Phrase(found, joined="".join(found) if is_compound else "")]


def _with_neighbours(clauses: list[Text], place: int) -> Text:
    """A word that is also content with standing in one with the word before or after it: Jong Un, Jongun."""
    clause = clauses[place]
    if not isinstance(clause, Word) or _is_stop_word(clause):
        return clause
    before = clauses[place - 1] if place else None
    after = clauses[place + 1] if place + 1 < len(clauses) else None
    joined = []
    if isinstance(before, Word) and not _is_stop_word(before):
        joined.append(before.token + clause.token)
    if isinstance(after, Word) and not _is_stop_word(after):
        joined.append(clause.token + after.token)
    return Word(clause.token, tuple(joined))


def _within_limits(clauses: list[Text], notes: list[str]) -> list[Text]:
    kept: list[Text] = []
    n_left = MAX_WORDS
    for clause in clauses:
        size = len(clause.tokens) if isinstance(clause, Phrase) else 1
        if size > n_left:
            notes.append(f"Only the first {MAX_WORDS} words were searched.")
            break
        kept.append(clause)
        n_left -= size
    return kept
