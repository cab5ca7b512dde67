"""Hits as the page of results shows them. Written here and not in a template: ten of them took Django's 4.4 of 6.6 ms.

`includes/kicker.html` and `includes/people.html` say the same of a piece everywhere else.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from functools import lru_cache

from django.template.defaultfilters import date as date_filter
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language

from isthmus.kit.html import escape
from isthmus.publications.cards import Card
from isthmus.publications.templatetags.isthmus import long_date
from isthmus.search.hits import Hit
from isthmus.search.pieces import MAX_KEPT, Piece


def hits_html(hits: Iterable[Hit], *, site_language: str, heading: str = "h2") -> SafeString:
    """The list items, one after the other. heading: the element of each title, as it stands in the page's order."""
    language = get_language()
    return SafeString("".join([_hit(hit, _parts(hit.piece, site_language, heading, language)) for hit in hits]))


def _hit(hit: Hit, parts: tuple[str, str, str]) -> str:
    pinned = '<p class="pinned">Chosen by the editors</p>\n' if hit.is_pinned else ""
    before, after, opening = parts
    fragment = f"#{escape(hit.snippet.fragment)}" if hit.snippet.fragment else ""
    passage = f"{opening}{hit.snippet.html}</p>\n" if hit.snippet.html else ""
    return f'<li class="hit">\n{pinned}{before}{fragment}{after}{passage}</li>\n'


# The same pieces are found by many questions.
@lru_cache(maxsize=MAX_KEPT)
def _parts(piece: Piece, site_language: str, heading: str, language: str | None) -> tuple[str, str, str]:
    """What stands before the end of the piece's address, between that and the passage, and what opens the passage.

    language: of the page, for dates in words.
    """
    card = piece.card
    lang = f' lang="{escape(card.lang)}"' if card.lang and card.lang != site_language else ""
    return (
        f'{_kicker(card)}<{heading} class="hit-title"><a href="{escape(card.url)}',
        f'"{lang}>{escape(card.title)}</a></{heading}>\n{_when(card.starts) if card.starts else ""}{_by(card)}',
        f'<p class="snippet"{lang}>',
    )


def _kicker(card: Card) -> str:
    """Series, kind (a plain post needs none) and date; of an event to come its own date stands below the title."""
    parts = []
    if card.series:
        parts.append(f'<a href="{escape(card.series.url)}">{escape(card.series.title)}</a>')
    if card.kind != "post" and card.kind_label:
        parts.append(f"<span>{escape(card.kind_label)}</span>")
    if card.published_on and not card.starts:
        day = card.published_on
        parts.append(f'<time datetime="{day.isoformat()}">{escape(long_date(day))}</time>')
    return f'<p class="kicker">{" ".join(parts)}</p>\n' if parts else ""


def _when(starts: datetime.datetime) -> str:
    there = localtime(starts)
    told = escape(date_filter(there, "F j, Y, H:i"))
    return f'<p class="card-when"><time datetime="{date_filter(there, "c")}">{told}</time></p>\n'


def _by(card: Card) -> str:
    people = [
        f'<a href="{escape(person.url)}">{escape(person.name)}</a>' if person.url else escape(person.name)
        for person in card.people
    ]
    return f'<p class="by">{", ".join(people)}</p>\n' if people else ""
