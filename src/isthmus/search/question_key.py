"""By what a question of a reader and one kept by editors are known to be the same; pure."""

from __future__ import annotations

from isthmus.kit import text
from isthmus.search import analysis


def term_key(term: str) -> tuple[str, ...]:
    """The words of a term, folded, in order: `North Korea’s` and `NORTH KOREA` are one."""
    return tuple(text.fold(token) for token in analysis.tokens(analysis.plain(term)))


def question_key(question: str) -> str:
    """The words of a question in the order of the alphabet, so that any order is the same; empty for no words."""
    return " ".join(sorted(term_key(question)))
