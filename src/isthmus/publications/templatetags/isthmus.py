"""What every template may use: the Total Index, addresses of the theme's files, dates in words and for machines."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from isthmus.kit import collecting
from isthmus.publications import context, kept_parts, queries

register = template.Library()


@register.simple_tag(takes_context=True)
def total_index(context: template.Context) -> SafeString:
    """The Total Index line; the only place where the number of publications is written into a page.

    A page of results has asked the gate already, and says the same number all over. In a page that is kept the number
    is left out: it is put in its place whenever the page is sent.
    """
    return format_html('<span class="total-index">Total Index: {}.</span>', _total(context))


def _total(context: template.Context) -> str:
    if (gathered := collecting.current()) is not None:
        return gathered.placed()
    results = context.get("results")
    return queries.total_in_words(results["index_total"] if results else None)


@register.simple_tag(takes_context=True)
def kept_part(context: template.Context, name: str, **given: Any) -> SafeString:
    """A template that many pages share, such as the header, from memory where it reads nothing but what it is given.

    Like `include`, with the same bytes: see `kept_parts`.
    """
    return kept_parts.shown(context, name, given, total=lambda: _total(context))


@register.simple_tag
def institute_name() -> str:
    """The institute's name, for pages that are given no `site`: those of the admin."""
    return context.current_site().name


@register.simple_tag
def institute_logo() -> str | None:
    """The address of the institute's logo, None where it has none; for the admin as well."""
    return context.current_site().logo_url


@register.simple_tag
def asset(name: str) -> str:
    """The address of one of the theme's static files, with the hash of its content where the site has one."""
    return _address(f"isthmus/{name}", settings.STATIC_URL)


@lru_cache(maxsize=200)
def _address(path: str, root: str) -> str:
    # Five on every page; root is there so that another version of the files is another address.
    return static(path)


@register.filter
def long_date(day: datetime.date | None) -> str:
    """The date in words, in the language of the page ("January 20, 2020"); empty for no date."""
    return _in_words(day, get_language() or "en") if day else ""


@lru_cache(maxsize=4000)
def _in_words(day: datetime.date, language: str) -> str:
    # Django's own English format abbreviates the month ("Jan. 20, 2020"); the other languages' formats do not.
    return date_format(day, "F j, Y" if language.startswith("en") else "DATE_FORMAT")


@register.filter
def iso(day: datetime.date | None) -> str:
    """The date or moment for `datetime=` attributes; empty for no date."""
    return day.isoformat() if day else ""
