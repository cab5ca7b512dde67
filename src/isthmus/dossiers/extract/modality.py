"""What a sentence makes of the happening it dates: it happened, or was said, announced, threatened, denied, expected.

A dated sentence is not a fact. The word nearest to the date decides, a clause away counts as further; a date inside
quotation marks is at most said. Word lists: modality.toml.
"""

import re

from isthmus.dossiers.extract.expression import Modality
from isthmus.dossiers.extract.words import table

_CLASSES = (Modality.DENIED, Modality.THREATENED, Modality.ANNOUNCED, Modality.EXPECTED, Modality.SAID)
_STEMS = {stem: modality for modality in reversed(_CLASSES) for stem in table("modality.toml")[modality.value]}
# A stem of one whole word ("may") must be that word; others may go on ("announced", "announcement").
_WHOLE = frozenset(
    ("will", "shall", "would", "could", "may", "might", "said", "says", "told", "deny", "added", "noted", "called")
)
_CUE = re.compile(
    "|".join(
        rf"\b{re.escape(stem)}" + (r"\b" if stem in _WHOLE else "") for stem in sorted(_STEMS, key=len, reverse=True)
    )
)
_CLAUSE = re.compile(r"[;:—–]|, (?:and|but|while|although|though|when|after|before|which|who)\b|\bbut\b")
_CLAUSE_CHARS = 60
_QUOTES = re.compile(r"[\"“”]|``|''")
_MONTH_MAY = re.compile(r"(?<=\bin )may\b|\bMay\b")
# A verb may govern a date so many characters away; a sentence of a thousand words has no one reading.
_REACH = 400


def modality_of(text: str, sentence: tuple[int, int], start: int, end: int) -> Modality:
    """The modality of what is dated by the words from `start` to `end` of the text, in that sentence of it."""
    first = max(sentence[0], start - _REACH)
    near = _MONTH_MAY.sub("===", text[first : min(sentence[1], end + _REACH)]).lower()
    start, end = start - first, end - first
    best, least = Modality.HAPPENED, len(near) + 10 * _CLAUSE_CHARS
    for cue in _CUE.finditer(near):
        far = _distance(near, cue, start, end)
        modality = _STEMS[cue[0]]
        if far < least or (far == least and _CLASSES.index(modality) < _CLASSES.index(best)):
            best, least = modality, far
    if best is Modality.HAPPENED and len(_QUOTES.findall(near[:start])) % 2:
        return Modality.SAID
    return best


def _distance(near: str, cue: re.Match[str], start: int, end: int) -> int:
    between = near[end : cue.start()] if cue.start() >= end else near[cue.end() : start]
    return len(between) + _CLAUSE_CHARS * len(_CLAUSE.findall(between))
