"""Edges of a period, "the end of", "mid-": read in front of any date."""

import re

from isthmus.dossiers.extract.words import EDGES

EDGE_LEAD = (
    "(?:(?:(?:sometime|some time)(?: in)? )?(?:the |its |their )?(?:very |exact )?"
    "(?P<edge>{EDGE}|(?!last year (?:in|on))(?:first|last|final|opening|closing|early|second|third|fourth)"
    " (?:(?:few|two|three|four) )?(?:day|week|weekend|month|year|hour)s?)"
    "(?:-to-(?:mid|late)| or (?:early|mid|late))?(?: (?:of|in|on|part of))?(?: the)?(?: |{DASH}))?"
)
_HALVES = re.compile(r"(?i)\b(?:first|second|last|latter) half")


def mod_of(parts: dict[str, str]) -> str:
    """TIMEX3's mod for the edge among the parts; empty without one."""
    edge = " ".join(parts.get("edge", "").lower().split())
    if edge in EDGES:
        return EDGES[edge]
    return "END" if edge.startswith(("last", "final", "closing")) else "START" if edge else ""


def half_of(parts: dict[str, str]) -> int | None:
    """1 or 2 where the edge is a half of a year, else None."""
    edge = parts.get("edge", "")
    return None if not _HALVES.search(edge) else 1 if "first" in edge.lower() else 2
