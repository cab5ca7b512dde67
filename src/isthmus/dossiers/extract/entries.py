"""Chronologies: texts in which one line after the other begins with its date and goes on from the date above."""

import re
from collections.abc import Sequence

from isthmus.dossiers.extract.reading import Found

# So many lines headed by a date make a chronology; two may be a letter and its answer.
_FEWEST = 3
_HEADS = frozenset(("month-day", "day-month", "day-of-two", "month", "season-year", "year", "iso", "figures"))
# What a line may have before its date.
_BULLET = re.compile(r"(?:^|\n)[ \t]*(?:[*•·–—-][ \t]*|#{1,6}[ \t]*|\*\*|\(?\d{1,3}[.)][ \t]+)?$")
# What a date that heads a line has behind it: the rest of a range, and a mark that opens the entry or the line's end.
_OPENS_ENTRY = re.compile(
    r"(?:\s?(?:[-–—/,&]|and|to)\s?(?:[A-Z][a-z]{2,8}\.? ?)?\d{0,2}(?:st|nd|rd|th)?){0,2}(?:,? \d{4})?"
    r"(?: \([A-Z][a-z]+\))?(?:\*\*)?(?:[ \t]?:|[ \t]?[–—][ \t]|[ \t]--?[ \t]|[ \t]*(?:\n|$))"
)
_LEAD_CHARS = 16


def entry_heads(text: str, founds: Sequence[Found]) -> frozenset[int]:
    """Which of the expressions head an entry, by their place in the sequence; none if the text is no chronology."""
    heads = [place for place, found in enumerate(founds) if _is_head(text, found)]
    return frozenset(heads) if len(heads) >= _FEWEST else frozenset()


def _is_head(text: str, found: Found) -> bool:
    if found.rule.name not in _HEADS:
        return False
    lead = text[max(0, found.start - _LEAD_CHARS) : found.start]
    if not _BULLET.search(lead) or ("\n" not in lead and found.start > _LEAD_CHARS):
        return False
    return bool(_OPENS_ENTRY.match(text, found.end))
