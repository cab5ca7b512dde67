"""Words that point at a time without naming it (TIMEX3's PAST_REF and its like). They never make an entry."""

import re

from isthmus.dossiers.extract.expression import Kind
from isthmus.dossiers.extract.reading import Head, Place, Reading, Rule, unresolved
from isthmus.dossiers.extract.words import NUMBERS, either, pattern, table

_REFS: dict[str, str] = {words: value for value, phrases in table("vague.toml")["refs"].items() for words in phrases}
_COUNTED = re.compile(rf"(?i)\s(?:\d|(?:few|several|couple|{either(NUMBERS)})\b)")
_OF = re.compile(r"(?i)\sof\b")
_IS = re.compile(r"(?i)\s(?:is|was|looks?|looked|lies|lay|holds?|held|belongs?|remains?|remained|seems?|depends?)\b")
_IN = re.compile(r"(?i)\bin\s$")
_NOT_TIME = re.compile(r"(?i)\s(?:and|tense|account|accounts|from|contracts?|prices?|trading|traders?)\b|-")


def _ref(parts: dict[str, str], place: Place) -> Reading | None:
    words = " ".join(parts["words"].lower().split())
    if parts["words"][0].islower() and not parts["words"].islower():
        # "Food for the Future": a name.
        return None
    if words in ("future", "current") and _NOT_TIME.match(place.trail(12)):
        return None
    if words == "the past" and _COUNTED.match(place.trail(12)):
        return None
    if words == "the future" and _is_what_will_be(place):
        return None
    if words == "now" and parts["words"][0] == "N":
        # At the head of a sentence it opens an argument oftener than it tells the time (7 of 10 in the news measured).
        return None
    return unresolved(Kind.DATE, _REFS[words])


def _is_what_will_be(place: Place) -> bool:
    """Whether the future is a thing that is spoken of: that of a mill, or one that looks bright."""
    trail = place.trail(12)
    return bool(_OF.match(trail) or (_IS.match(trail) and not _IN.search(place.lead(4))))


FIRST_WORDS = frozenset(words.split()[0] for words in _REFS)
LAST_WORDS = frozenset(words.split()[-1] for words in _REFS)
RULES = (Rule("vague", Head.VAGUE, pattern(f"(?P<words>{either(_REFS)})(?!-)"), _ref),)
