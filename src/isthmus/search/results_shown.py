"""The page of results around its hits: heading, ways on, facets, pager. Pure; every choice is an address.

Written here and not in a template, as hits and facets are: Django took 1 of 15 ms for these few lines. The template
`isthmus/search/results.html` puts the parts in their places, `includes/pager.html` is the same pager for listings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.utils.safestring import SafeString

from isthmus.kit.html import escape
from isthmus.kit.text import plural
from isthmus.publications.pages_of import PageNumber, ShownPage
from isthmus.search import facets_shown
from isthmus.search.asked import Asked
from isthmus.search.engine import Sort
from isthmus.search.facets_shown import Chip, RowGroup
from isthmus.search.queries import Results

_SORT_LABELS = {Sort.RELEVANCE: "Best match", Sort.NEWEST: "Newest first", Sort.OLDEST: "Oldest first"}


def head(found: Results, page: ShownPage) -> SafeString:
    """What was located, what is to be said about the question, what is chosen, and the ways on from here."""
    notes = [f'<p class="note">{escape(note)}</p>\n' for note in found.query.notes]
    parts = [_heading(found), *notes, _offer(found), _chips(found), _line_up(found, page)]
    return SafeString("".join(parts))


def _heading(found: Results) -> str:
    text, words = escape(found.asked.text), ""
    if text:
        # What has quotation marks or operators in it is shown as it was typed.
        is_quoted = found.query.is_plain and '"' not in found.asked.text
        asked = f"<q>{text}</q>" if is_quoted else f'<span class="as-typed">{text}</span>'
        words = f' <span class="asked">for {asked}</span>'
    return f"<h1>{plural(found.total, 'publication', 'publications')} located{words}</h1>\n"


def _offer(found: Results) -> str:
    if not (offer := found.offer):
        return ""
    url = replace(found.asked, text=offer.text).address()
    return (
        f'<p class="offer">Did you mean <a href="{escape(url)}">{escape(offer.text)}</a>? '
        f'<span class="n">{plural(offer.total, "publication", "publications")}</span></p>\n'
    )


def _chips(found: Results) -> str:
    labels = {facet.group: facet.label for facet in found.facets}
    chips = facets_shown.chips(found.asked, found.names, labels)
    if not chips:
        return ""
    items = "".join(map(_chip, chips))
    if len(chips) > 1:
        url = escape(found.asked.unfiltered().address())
        items += f'<li class="all"><a rel="nofollow" href="{url}">All off</a></li>'
    return f'<div class="chips"><p id="chosen">Only</p><ul aria-labelledby="chosen">{items}</ul></div>\n'


def _chip(chip: Chip) -> str:
    what = f'<span class="unseen">Take off {escape(chip.group_label)}: </span>{escape(chip.label)}'
    return f'<li><a rel="nofollow" href="{escape(chip.url)}">{what}</a></li>'


def _line_up(found: Results, page: ShownPage) -> str:
    """Which page this is, how to follow the search, in which order it stands."""
    if not found.hits:
        return ""
    place = f"<span>Page {page.number} of {page.n_pages}</span> " if page.n_pages > 1 else ""
    ways = f'<a href="{escape(found.asked.follow_address())}">Follow this search</a> '
    ways += f'<a href="{escape(found.asked.feed_address())}">Feed</a> <a href="/search/help/">How to search</a>'
    return f'<div class="line-up">\n<p class="tally">{place}{ways}</p>\n{_sorts(found)}\n</div>\n'


def _sorts(found: Results) -> str:
    """The orders that differ: without a question nothing fits better than anything else, and newest comes first."""
    asked = found.asked
    if found.total < 2:
        return ""
    first = Sort.RELEVANCE if asked.text else Sort.NEWEST
    current = first if asked.sort is Sort.RELEVANCE else asked.sort
    items = [
        f'<li><a rel="nofollow" href="{escape(_sorted(asked, sort, first))}"{_current(sort is current, "true")}>'
        f"{label}</a></li>"
        for sort, label in _SORT_LABELS.items()
        if asked.text or sort is not Sort.RELEVANCE
    ]
    return f'<nav class="sorts" aria-label="Order"><ul>{"".join(items)}</ul></nav>'


def _sorted(asked: Asked, sort: Sort, first: Sort) -> str:
    return replace(asked, sort=Sort.RELEVANCE if sort is first else sort).address()


def _current(is_it: bool, value: str) -> str:
    return f' aria-current="{value}"' if is_it else ""


def rail(found: Results) -> SafeString:
    """What the search can be narrowed to: years as columns, all else as rows."""
    years = next((facet for facet in found.facets if facet.group == "year"), None)
    columns = facets_shown.columns_html(years, found.asked) if years else ""
    undated = facets_shown.undated(years, found.asked) if years else None
    groups = facets_shown.row_groups(found.facets, found.asked)
    if not (columns or groups):
        return SafeString("")
    parts = ['<aside class="rail" aria-label="Narrow the search">\n']
    if columns:
        below = f'<ul class="undated">{undated.html}</ul>' if undated else ""
        opening = '<details class="fold years"><summary>By year</summary>'
        parts.append(f'{opening}\n<ol class="columns">{columns}</ol>\n{below}\n</details>\n')
    if groups:
        sections = "".join([_section(number, group) for number, group in enumerate(groups, 1)])
        parts.append(f'<details class="fold groups"><summary>Narrow the search</summary>\n{sections}</details>\n')
    return SafeString("".join([*parts, "</aside>\n"]))


def _section(number: int, group: RowGroup) -> str:
    label, more = escape(group.label), ""
    if group.more:
        left = f'<p class="left">and {group.n_left} with fewer</p>' if group.n_left else ""
        told = f'{len(group.more)} more<span class="unseen"> of {label}</span>'
        more = f'<details class="more"><summary>{told}</summary>\n<ul>{group.more_html}</ul>{left}</details>'
    return (
        f'<section class="group" aria-labelledby="by-{number}">\n<h2 id="by-{number}">{label}</h2>\n'
        f"<ul>{group.rows_html}</ul>\n{more}\n</section>\n"
    )


def pager(page: ShownPage) -> SafeString:
    """The ways to the other pages; empty where there is one only."""
    if page.n_pages < 2:
        return SafeString("")
    before = _step("prev", page.newer_url, "Previous") if page.newer_url else ""
    after = _step("next", page.older_url, "Next") if page.older_url else ""
    numbers = "".join(map(_number, page.numbers))
    return SafeString(
        f'<nav class="pager" aria-label="Pages">\n<p class="pager-place">Page {page.number} of {page.n_pages}</p>\n'
        f"<ul>\n{before}\n{numbers}{after}\n</ul>\n</nav>"
    )


def _step(rel: str, url: str, label: str) -> str:
    return f'<li class="step"><a rel="{rel}" href="{escape(url)}">{label}</a></li>'


def _number(step: PageNumber | None) -> str:
    if step is None:
        return '<li class="gap">…</li>\n'
    n, current = step.number, _current(step.current, "page")
    return f'<li><a href="{escape(step.url)}"{current} aria-label="Page {n}">{n}</a></li>\n'


def addresses(asked: Asked) -> Callable[[int], str]:
    """The address of each page of a search, whose question is written once for all of them."""
    first = asked.address()
    sign = "&" if "?" in first else "?"
    return lambda page: f"{first}{sign}page={page}" if page > 1 else first
