"""The results page, its feed, help: parse, ask `queries`, render. The address is the whole state."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from isthmus.kit import text
from isthmus.kit.errors import UsageError
from isthmus.publications import context, visibility
from isthmus.publications.feeds import atom
from isthmus.publications.kept_views import kept
from isthmus.search import keywords as registry
from isthmus.search import language, queries, results_shown, searched
from isthmus.search.api import RETRY_AFTER_S, number
from isthmus.search.asked import Asked, chosen_in
from isthmus.search.engine import SearchAway, Sort
from isthmus.search.hits_shown import hits_html
from isthmus.search.kept_pages import KeptPages, Page, compressed
from isthmus.search.language import parse
from isthmus.search.pager import shown_page
from isthmus.search.standing import Standing

_MAX_TITLE_CHARS = 80


_kept = KeptPages()


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """What was found, ten a page, counted from the best."""
    try:
        page = _kept.get(request.META.get("QUERY_STRING", ""), lambda now: _made(request, now))
    except SearchAway:
        return _away(request)
    if page.is_counted:
        searched.note(page.text, page.total, agent=request.headers.get("User-Agent", ""), page=page.number)
    return page.answer(request, "text/html; charset=utf-8")


def _made(request: HttpRequest, now: Standing) -> Page:
    """The page as HTML. Raises: SearchAway; Http404 for a page, size or order that cannot be."""
    try:
        found = queries.search(
            request.GET.get("q", ""),
            chosen=chosen_in(request.GET),
            page=number(request, "page", 1),
            sort=request.GET.get("sort") or Sort.RELEVANCE,
            now=now,
        )
    except UsageError as error:
        raise Http404(str(error)) from error
    if found.page > found.n_pages:
        raise Http404(f"This search has {found.n_pages} pages.")
    shown = _shown(found)
    html = render_to_string(
        "isthmus/search/results.html", {"results": shown, "feed_url": shown["feed_url"]}, request=request
    )
    return Page(compressed(html.encode()), found.asked.text, found.total, found.page, is_counted=not found.asked.chosen)


def _shown(found: queries.Results) -> dict[str, Any]:
    """What the template is given."""
    asked, language = found.asked, context.current_site().language
    page = shown_page(found.page, found.n_pages, results_shown.addresses(asked))
    return {
        "query_text": asked.text,
        "url": asked.address(page=found.page),
        "total": found.total,
        "index_total": found.index_total,
        "page": page,
        "head": results_shown.head(found, page),
        "rail": results_shown.rail(found),
        "pager": results_shown.pager(page),
        "hits": hits_html(found.hits, site_language=language),
        "pinned": hits_html(found.pinned, site_language=language),
        "close": hits_html(found.close, site_language=language, heading="h3"),
        "missing": found.missing,
        "wider": found.wider,
        "feed_url": asked.feed_address(),
    }


def _away(request: HttpRequest) -> HttpResponse:
    response = render(request, "isthmus/503.html", status=503)
    response.headers["Retry-After"] = RETRY_AFTER_S
    response.headers["Cache-Control"] = "no-store"
    return response


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The newest pieces that answer a question, as Atom."""
    asked = Asked(parse(request.GET.get("q", "")).text, chosen_in(request.GET))
    try:
        ids = queries.newest_ids(asked.text, limit=settings.ISTHMUS.feed_items, chosen=asked.chosen)
    except SearchAway:
        return _away(request)
    name = f"Search: {text.shorten(asked.text, _MAX_TITLE_CHARS)}" if asked.text else "All publications"
    return atom(
        visibility.publications().filter(pk__in=ids).values_list("pk", flat=True),
        title=f"{name} · {context.current_site().name}",
        page_path=asked.address(),
        feed_path=asked.feed_address(),
    )


@kept()
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """How to search, with the keywords as they are read now."""
    shown = {
        "keywords": registry.standard().values(),
        "max_chars": f"{language.MAX_CHARS:,}",
        "max_words": language.MAX_WORDS,
        "max_signs": language.MAX_OPERATORS,
    }
    return render(request, "isthmus/search/help.html", shown)
