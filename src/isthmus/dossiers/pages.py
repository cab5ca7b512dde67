"""What the public pages of dossiers show, put together from queries; plain values for templates, files and feeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from isthmus.dossiers import dates_in_words, drawing, queries, shown_entries
from isthmus.dossiers.asked import Asked
from isthmus.dossiers.models import Subject
from isthmus.dossiers.queries import Entry, MadeFrom
from isthmus.dossiers.shown_entries import Happening, ShownAct
from isthmus.kit import clock, collecting

PER_PAGE = 200
# A year of more than this is cut; a page of it still weighs less than a long report.
_MAX_ON_PAGE = 2 * PER_PAGE
_MIN_GAP_YEARS = 3
# What two did and said towards each other is on one page; in a real archive of 9,166 texts two have 43 at most.
MAX_ACTS = 400


@dataclass(frozen=True, slots=True)
class PageLink:
    """One page of a long chronology: the years it holds, and how many entries."""

    number: int
    label: str
    url: str
    n: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class YearRows:
    """The happenings of a year, and the years before it in which nothing is dated."""

    year: int
    gap: str
    happenings: list[Happening]


@dataclass(frozen=True, slots=True)
class Chronology:
    """Entries as a page shows them. n: of all pages; pages: empty where there is only one.

    newest: the page of the bare address, the last one that begins in the past; after it stands what is ahead.
    """

    n: int
    n_sentences: int
    years: list[YearRows]
    timeline: drawing.Timeline | None
    pages: list[PageLink]
    page: int
    newest: int
    first_year: int | None
    last_year: int | None


@dataclass(frozen=True, slots=True)
class Direction:
    """What one subject did or said towards the other."""

    actor: Subject
    towards: Subject
    acts: list[ShownAct]
    line: drawing.ToneLine | None
    counts: list[str]


class NoSuchPage(LookupError):
    """A page number beyond the last."""


def today() -> date:
    """The day it is at the institute."""
    day = clock.local_date(clock.now(), settings.TIME_ZONE)
    midnight = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(settings.TIME_ZONE))
    collecting.right_until(midnight.timestamp())
    return day


def known_on(asked: Asked) -> date:
    """The day as of which things are told: the chosen one, else today."""
    return asked.as_of or today()


def chronology(found: Sequence[Entry], asked: Asked, opened: Mapping[int, Subject], *, path: str) -> Chronology:
    """One page of the entries, by years; path: where its other pages are. Raises: NoSuchPage."""
    groups = shown_entries.grouped(found)
    pages = _pages(groups)
    newest = _newest(pages, known_on(asked))
    number = asked.page or newest
    if number > len(pages):
        raise NoSuchPage(number)
    happenings = shown_entries.shown(pages[number - 1], opened, today=known_on(asked))
    return Chronology(
        n=len(groups),
        n_sentences=len(found),
        years=_years(happenings),
        timeline=drawing.timeline(happenings),
        pages=_page_links(pages, asked, path, number) if len(pages) > 1 else [],
        page=number,
        newest=newest,
        first_year=min((entry.first_on.year for entry in found), default=None),
        last_year=max((entry.first_on.year for entry in found), default=None),
    )


def _pages(groups: Sequence[list[Entry]]) -> list[list[list[Entry]]]:
    """Whole years together, up to some two hundred a page; a fuller year is cut. At least one page, maybe empty."""
    pages: list[list[list[Entry]]] = [[]]
    for year in _by_year(groups):
        if pages[-1] and len(pages[-1]) + len(year) > PER_PAGE:
            pages.append([])
        while len(year) > _MAX_ON_PAGE:
            pages[-1] += year[:PER_PAGE]
            year = year[PER_PAGE:]
            pages.append([])
        pages[-1] += year
    return pages


def _by_year(groups: Sequence[list[Entry]]) -> list[list[list[Entry]]]:
    years: dict[int, list[list[Entry]]] = {}
    for group in groups:
        years.setdefault(group[0].first_on.year, []).append(group)
    return [years[year] for year in sorted(years)]


def _newest(pages: Sequence[list[list[Entry]]], today: date) -> int:
    """The last page that begins in the past: what is announced for later years is not what a reader comes for."""
    begun = [number for number, page in enumerate(pages, 1) if page and page[0][0].first_on <= today]
    return begun[-1] if begun else 1


def _page_links(pages: Sequence[list[list[Entry]]], asked: Asked, path: str, current: int) -> list[PageLink]:
    return [
        PageLink(number, label, path + replace(asked, page=number).query(), len(page), number == current)
        for number, (label, page) in enumerate(zip(_labels(pages), pages, strict=True), 1)
    ]


def _labels(pages: Sequence[list[list[Entry]]]) -> list[str]:
    """The years of each page; of a year that fills several, its months or days, and a number where those are one."""
    stretches = [(page[0][0].first_on, page[-1][0].first_on) for page in pages]
    n_pages_of = Counter(first.year for first, _ in stretches)
    plain = [
        _part_of_year(first, last) if n_pages_of[first.year] > 1 else span(first, last) for first, last in stretches
    ]
    return list(_numbered(plain))


def _numbered(labels: Iterable[str]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for label in labels:
        seen[label] += 1
        yield f"{label} ({seen[label]})" if seen[label] > 1 else label


def _part_of_year(first: date, last: date) -> str:
    if first.month == last.month:
        return dates_in_words.stretch(first, last + timedelta(days=1))
    after = date(last.year + last.month // 12, last.month % 12 + 1, 1)
    return dates_in_words.stretch(first.replace(day=1), after)


def _years(happenings: Sequence[Happening]) -> list[YearRows]:
    rows: list[YearRows] = []
    for one in happenings:
        year = one.first.first_on.year
        if not rows or rows[-1].year != year:
            rows.append(YearRows(year, _gap(rows[-1].year, year) if rows else "", []))
        rows[-1].happenings.append(one)
    return rows


def _gap(before: int, year: int) -> str:
    empty = year - before - 1
    if empty < _MIN_GAP_YEARS:
        return ""
    return f"{before + 1}–{year - 1}"


def made_from(found: MadeFrom) -> dict[str, Any]:
    """The sentence about the texts, in parts."""
    return {
        "n_texts": found.n_texts,
        "first": dates_in_words.day(found.first_on) if found.first_on else "",
        "last": dates_in_words.day(found.last_on) if found.last_on else "",
        "n_unresolved": found.n_unresolved,
        "n_foreign": found.n_foreign,
    }


def directions(one: Subject, other: Subject, acts: Sequence[queries.Act]) -> list[Direction]:
    """Both ways, each with its line, on one scale of years; of very many the newest."""
    told = shown_entries.shown_acts(acts[-MAX_ACTS:])
    scale = drawing.Scale((act.first_on, act.before_on) for act in told)
    return [
        _direction(actor, towards, [act for act in told if act.actor == actor.pk], scale)
        for actor, towards in ((one, other), (other, one))
    ]


def _direction(actor: Subject, towards: Subject, acts: list[ShownAct], scale: drawing.Scale) -> Direction:
    counts = [(tone, sum(1 for act in acts if act.tone == tone)) for tone in ("warm", "neutral", "cool")]
    return Direction(actor, towards, acts, drawing.tone_line(acts, scale), [f"{n} {tone}" for tone, n in counts if n])


def span(first_on: date | None, last_on: date | None) -> str:
    """The years from the one day to the other; empty for none."""
    if first_on is None or last_on is None:
        return ""
    return str(first_on.year) if first_on.year == last_on.year else f"{first_on.year}–{last_on.year}"
