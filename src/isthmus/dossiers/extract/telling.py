"""Whether a text, or a paragraph of it, reports of its own day or tells of another time."""

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from isthmus.dossiers.extract.anchoring import LIST_GAP
from isthmus.dossiers.extract.reading import Found, Head
from isthmus.dossiers.extract.words import month_of, ordinal

# A comment on affairs of the day looks back three years as a matter of course.
_RECENT_YEARS = 3
# So many expressions make the beginning of a text.
_FIRST = 3
# Who names so many years and never says "last June" writes history, in whatever order.
_MANY = 20
_GAP_CHARS = 16
_OWN_DAYS = 10


def is_tale(founds: Sequence[Found], published: date | None) -> bool:
    """Whether the text as a whole tells of the past.

    It names years long past often, recent ones seldom (a comment on affairs of the day names both), and it hardly ever
    points at its own day.
    """
    if published is None:
        return True
    years = [year for found in founds if (year := _year_named(found)) is not None]
    n_old = sum(year < published.year - _RECENT_YEARS for year in years)
    # News begins with its day; so does the life of one who died on Thursday.
    if any(_points_here(found) or _is_own_day(found, published) for found in founds[:_FIRST]):
        return False
    n_pointing = sum(_points_here(found) or _is_own_day(found, published) for found in founds)
    # A short history: old years alone, one with its month or many, and nothing that makes sense only beside the day
    # of publication. "Founded in 1996, the mill was sold on 3 March" is none.
    if years and n_old == len(years) and not n_pointing and (n_old > _FIRST or _has_month(founds)):
        return True
    if n_old >= 4 and n_old >= 0.7 * len(years) and n_old >= 5 * n_pointing:
        return True
    if n_pointing > len(founds) / 30:
        return False
    # A history of the last ten years names recent years too, but does not say "last June".
    n_past = sum(year < published.year - 1 for year in years)
    return (n_past >= 8 and n_past >= 0.8 * len(years)) or (
        n_past >= len(years) / 2 and (len(years) >= _MANY or _is_chronicle(years))
    )


def _is_chronicle(years: Sequence[int]) -> bool:
    """Whether years follow one another as they passed; a comment goes back and forth between them."""
    n_back = sum(after < before for before, after in pairwise(years))
    return len(years) >= 6 and len(set(years)) >= 3 and n_back <= 0.15 * len(years)


def narrative_paragraphs(text: str, founds: Sequence[Found], published: date | None) -> list[bool]:
    """For each expression, whether its bare months and days belong to a year named before it.

    So they do behind two past years of their paragraph or a day or month of one long past, until the paragraph points
    at its own day (one year alone is background as often); and in the chapter below a heading that names a past year.
    """
    flags: list[bool] = []
    n_past, at, chapter = 0, 0, False
    for found in founds:
        if (gap := text.find("\n\n", at, found.start)) >= 0:
            n_past = 0
            chapter = chapter and not _has_heading(text, gap, found.start)
        if _points_here(found):
            n_past, chapter = -1, False
        if (year := _year_named(found)) is not None:
            years_back = published.year - year if published else 0
            past = years_back > 1 and not LIST_GAP.fullmatch(text[at : found.start][:_GAP_CHARS])
            tells = years_back > _RECENT_YEARS and _FINE & found.parts.keys() and not _only_refers(text, found)
            n_past = n_past + (2 if tells else 1) if past else 0
            chapter = past and (chapter or is_heading(text, found.start))
        flags.append(chapter or n_past >= 2)
        at = found.end
    return flags


_HEADING_CHARS = 90
_FINE = frozenset(("month", "season"))
_REFERS = re.compile(r"(?i)\b(?:the|an?|its|his|her|their|since|until|till|before|of)\s$")


def is_heading(text: str, at: int) -> bool:
    """Whether the line is one: short, a paragraph of its own, without the mark that ends a sentence."""
    first, last = max(at - _HEADING_CHARS, 0), at + _HEADING_CHARS
    start, end = text.rfind("\n", first, at) + 1, text.find("\n\n", at, last + 2)
    if end < 0 or end - start > _HEADING_CHARS or (start == 0 and first > 0) or "\n" in text[start:end]:
        return False
    return not text[start:end].rstrip().endswith((".", "!", "?", ":", ";", ",", "”", '"'))


def _has_heading(text: str, start: int, end: int) -> bool:
    """Whether a heading stands between two expressions; a year in it would be one of them."""
    while (start := text.find("\n\n", start, end) + 2) > 1:
        if is_heading(text, start):
            return True
    return False


def _only_refers(text: str, found: Found) -> bool:
    """Whether the date tells one thing from another, "the May 1988 accord", or bounds what is told, "since May 1988".

    No tale begins there.
    """
    return bool(_REFERS.search(text, max(found.start - 8, 0), found.start))


def _has_month(founds: Sequence[Found]) -> bool:
    return any(_FINE & found.parts.keys() and _year_named(found) is not None for found in founds)


def _is_own_day(found: Found, published: date) -> bool:
    """Whether the words name in full a day of the publication's own week or the one before, as a report may."""
    parts = found.parts
    if not {"day", "month"} <= parts.keys() or _year_named(found) != published.year:
        return False
    try:
        day = date(published.year, month_of(parts["month"]), ordinal(parts["day"].split()[-1]))
    except (ValueError, KeyError):
        return False
    return abs((published - day).days) <= _OWN_DAYS


def _year_named(found: Found) -> int | None:
    """The year the words name in full, below 0 for one before Christ."""
    year = found.parts.get("year", "")
    if len(year) == 4 and year.isdecimal():
        return int(year)
    number = found.parts.get("number") or found.parts.get("first", "")
    if found.rule.needs is not Head.ERA or not number.isdecimal() or "century" in found.parts:
        return None
    return -int(number) if found.rule.name == "before-christ" else int(number)


def _points_here(found: Found) -> bool:
    """Whether the words make sense only in their own week or year: yesterday, Tuesday, last June, ten days ago.

    "The next year" and "the last year of the war" are told of any time.
    """
    which = found.parts.get("which", "").lower()
    return (
        (found.rule.deictic and "the" not in found.parts)
        or (found.rule.name == "weekday" and which not in ("following", "same", "that") and "any" not in found.parts)
        or (found.rule.name in ("which-month", "season") and which in ("last", "this", "next"))
        or "ago" in found.parts.get("direction", "").lower()
    )
