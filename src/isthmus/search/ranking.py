"""Ranking as a table with reasons: what is weighed in a question, and what words and meaning count for. Pure.

Every number was chosen on three judged collections and short and long forms of their questions, for being flat there
and not for being highest: docs/explanation/ranking.md has the measurements, `isthmus bench relevance` repeats them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from isthmus.search import analysis
from isthmus.search.query import Group, Phrase, Query, Text, Word


@dataclass(frozen=True, slots=True)
class Weight:
    """One line of the table: what it is called, how much, the questions it is there for, the month that chose it."""

    name: str
    value: float
    reason: str
    measured: str = "2026-11"


WORD = Weight(
    "word", 1.0,
    "a word of the question, by its stem, BM25 over title (twice) and all the rest in one field; typed twice, it "
    "weighs twice: long questions repeat what they are about",
)  # fmt: skip
PAIR = Weight(
    "pair", 0.2,
    "two words side by side as they were typed: interest rate, heat transfer; .1 to .4 alike, and allowing a word "
    "between them or their exchange was no better",
)  # fmt: skip
SYNONYM = Weight(
    "synonym", 0.5,
    "what editors say means the same, divided among its words: pieces with the word that was typed come first, and a "
    "phrase of rare words does not push them down",
)  # fmt: skip
PHRASE = Weight(
    "phrase", 1.0,
    "a phrase in quotation marks: who quotes it wants the pieces first that dwell on it",
)  # fmt: skip
FIRST_MEANING = Weight(
    "meaning, first look", 0.3,
    "share of nearness in meaning, of 1, in the order that feedback is taken from",
)  # fmt: skip
MEANING = Weight(
    "meaning", 0.4,
    "share of nearness in meaning, of 1, in the order that is shown: doctors comes near to physicians; .3 to .5 alike",
)  # fmt: skip
STRANGE = Weight(
    "strange words", 0.3,
    "up to here meaning counts for nothing: the part of a word that one piece of the embedding's vocabulary covers, on "
    "average over the question; of foreign names and made-up words it knows syllables only",
)  # fmt: skip
FAMILIAR = Weight(
    "familiar words", 0.8,
    "from here on meaning has its whole share, in between in proportion; judged questions are all above .65 and came "
    "out the same with and without, names are at .3 to .7",
)  # fmt: skip
FEEDBACK = Weight(
    "feedback", 1.0,
    "how far the question's meaning moves towards the pieces that came out first: short questions say little; "
    ".5 to 1.2 alike",
)  # fmt: skip
N_FEEDBACK = Weight("pieces of feedback", 5, "3 to 20 alike")
ALIKE = Weight(
    "pieces alike", 0.3,
    "share of a piece's score, of 1, that is the mean of those nearest to it in meaning: what answers a question lies "
    "together; .2 to .4 alike, .6 loses what stands alone",
)  # fmt: skip
N_ALIKE = Weight("how many are alike", 10, "20 alike, 5 better where texts are alike and worse where they differ")
DEPTH = Weight(
    "depth", 200,
    "places that words and meaning compete for; what is located beyond them follows in the order of words alone",
)  # fmt: skip

TABLE = (
    WORD, PAIR, SYNONYM, PHRASE, FIRST_MEANING, MEANING, STRANGE, FAMILIAR, FEEDBACK, N_FEEDBACK, ALIKE, N_ALIKE, DEPTH
)  # fmt: skip

# A question of 500 words would ask for 500 phrases; those of its beginning tell what it is about.
_MAX_PAIRS = 40


def weigh(query: Query) -> Query:
    """The question with its words, its phrases and the pairs of its neighbouring words weighed.

    What is located does not change. Stop words count inside a phrase and nowhere else, unless there is nothing else.
    """
    weighed: list[tuple[Text, float]] = []
    for clause in query.clauses:
        weighed += _weights(clause)
    weighed += [(pair, PAIR.value) for pair in _pairs(query.clauses)]
    weighed += [(text, SYNONYM.value / (len(text.tokens) if isinstance(text, Phrase) else 1)) for text in query.beside]
    return replace(query, weighed=tuple(weighed))


def widened(query: Query) -> Query:
    """The same weights, but any piece answers that has one of the words: what comes close is among them."""
    words = [*dict.fromkeys(text for text, weight in query.weighed or _evenly(query.clauses) if _is_single(text))]
    return replace(query, found_by=Group(tuple(words), 1) if words else None)


def share_of_meaning(familiarity: float, share: Weight = MEANING) -> float:
    """What meaning counts for in a question whose words are so familiar (0 to 1)."""
    known = (familiarity - STRANGE.value) / (FAMILIAR.value - STRANGE.value)
    return share.value * min(1.0, max(0.0, known))


def words_of(query: Query) -> list[str]:
    """The words asked for, once for each time they were typed: what a question is about."""
    return [token for clause in query.clauses for token in _tokens(clause)]


def _weights(clause: Text) -> list[tuple[Text, float]]:
    if not isinstance(clause, Phrase) or any(map(analysis.is_cjk, clause.tokens)):
        # Characters of a CJK word say nothing one by one.
        return [(clause, WORD.value)]
    # A compound is two words that stand together: slip-flow, Jong-un.
    whole = PAIR if clause.joined else PHRASE
    return [(clause, whole.value), *((Word(token), WORD.value) for token in _tokens(clause))]


def _pairs(clauses: Iterable[Text]) -> list[Phrase]:
    pairs = [Phrase(pair) for run in _runs(clauses) for pair in itertools.pairwise(run) if pair[0] != pair[1]]
    return list(dict.fromkeys(pairs))[:_MAX_PAIRS]


def _runs(clauses: Iterable[Text]) -> list[list[str]]:
    """The words that follow each other, cut where something else than words comes between."""
    runs: list[list[str]] = [[]]
    for clause in clauses:
        if isinstance(clause, Word) and not analysis.is_cjk(clause.token):
            runs[-1].append(clause.token)
        elif isinstance(clause, Phrase) and clause.joined:
            # The compound is weighed as a pair itself; its ends are neighbours of what stands around it.
            runs[-1].append(clause.tokens[0])
            runs.append([clause.tokens[-1]])
        else:
            runs.append([])
    return runs


def _tokens(clause: Text) -> Sequence[str]:
    if isinstance(clause, Word):
        return (clause.token,)
    if isinstance(clause, Phrase):
        return [token for token in clause.tokens if token not in analysis.STOP_WORDS]
    return ()


def _evenly(clauses: Iterable[Text]) -> list[tuple[Text, float]]:
    return [(clause, 1.0) for clause in clauses]


def _is_single(text: Text) -> bool:
    return not isinstance(text, Phrase) or any(map(analysis.is_cjk, text.tokens))
