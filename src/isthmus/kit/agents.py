"""Who asks: a person's browser, or a program that says so. A floor and not a filter: what pretends is not found out."""

from __future__ import annotations

import re
from functools import lru_cache

_MAX_CHARS = 500
_PROGRAMS = re.compile(
    r"bot\b|bot[/_-]|crawl|spider|slurp|scrap|fetch|monitor|preview|headless|python|curl|wget|httpclient|java/|libwww"
    r"|go-http|archiver|facebookexternalhit",
    re.IGNORECASE,
)


def is_program(agent: str) -> bool:
    """Whether the header `User-Agent` names a crawler, a library or a checker; an empty one names nothing."""
    return _found(agent[:_MAX_CHARS])


@lru_cache(maxsize=1024)
def _found(agent: str) -> bool:
    return _PROGRAMS.search(agent) is not None
