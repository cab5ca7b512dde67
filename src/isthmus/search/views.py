"""The results page, its feed, the JSON of it, help: parse, ask `queries`, render. The address is the whole state."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from isthmus.kit import text
from isthmus.kit.errors import UsageError
from isthmus.publications import context, visibility
from isthmus.publications.feeds import atom
from isthmus.search import queries
from isthmus.search.engine import SearchAway, Sort
from isthmus.search.language import parse
from isthmus.search.pager import shown_page

_RETRY_AFTER_S = "30"
_MAX_TITLE_CHARS = 80
_SORT_LABELS = {Sort.RELEVANCE: "Best match", Sort.NEWEST: "Newest first", Sort.OLDEST: "Oldest first"}


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """What was found, ten a page, counted from the best."""
    question, sort = request.GET.get("q", ""), request.GET.get("sort", "")
    try:
        found = queries.search(question, page=_number(request, "page", 1), sort=sort or Sort.RELEVANCE)
    except UsageError as error:
        raise Http404(str(error)) from error
    except SearchAway:
        return _away(request)
    if found.page > found.n_pages:
        raise Http404(f"This search has {found.n_pages} pages.")
    shown = _shown(found)
    return render(request, "isthmus/search/results.html", {"results": shown, "feed_url": shown["feed_url"]})


def _shown(found: queries.Results) -> dict[str, Any]:
    """What the template is given."""
    question = found.query.text
    return {
        "query_text": question,
        "total": found.total,
        "index_total": found.index_total,
        "page": shown_page(found.page, found.n_pages, lambda number: _address(question, found.sort, page=number)),
        "hits": found.hits,
        "sort": found.sort,
        "sorts": _sorts(found) if question else [],
        "notes": found.query.notes,
        "feed_url": _feed_url(question),
    }


def _sorts(found: queries.Results) -> list[dict[str, Any]]:
    return [
        {
            "value": sort.value,
            "label": label,
            "url": _address(found.query.text, sort),
            "current": sort is found.sort,
        }
        for sort, label in _SORT_LABELS.items()
    ]


def _address(question: str, sort: Sort, *, page: int = 1) -> str:
    wanted = {"q": question} if question else {}
    wanted |= {"sort": sort.value} if sort is not Sort.RELEVANCE else {}
    wanted |= {"page": str(page)} if page > 1 else {}
    return f"/search/?{urlencode(wanted)}" if wanted else "/search/"


def _feed_url(question: str) -> str:
    return f"/search/feed/?{urlencode({'q': question})}" if question else "/feed/"


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    given = request.GET.get(name, "")
    if not given:
        return otherwise
    # ASCII digits only, and few: int() of a megabyte of digits takes seconds.
    if not (given.isascii() and given.isdigit() and len(given) <= 9):
        raise UsageError(f"{name}={given[:40]!r} is not a number: write digits, such as {name}={otherwise}.")
    return int(given)


def _away(request: HttpRequest) -> HttpResponse:
    response = render(request, "isthmus/503.html", status=503)
    response.headers["Retry-After"] = _RETRY_AFTER_S
    response.headers["Cache-Control"] = "no-store"
    return response


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The newest pieces that answer a question, as Atom."""
    question = parse(request.GET.get("q", "")).text
    try:
        ids = queries.newest_ids(question, limit=settings.ISTHMUS.feed_items)
    except SearchAway:
        return _away(request)
    name = f"Search: {text.shorten(question, _MAX_TITLE_CHARS)}" if question else "All publications"
    return atom(
        visibility.publications().filter(pk__in=ids),
        title=f"{name} · {context.current_site().name}",
        page_path=_address(question, Sort.RELEVANCE),
        feed_path=_feed_url(question),
    )


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """How to search."""
    return render(request, "isthmus/search/help.html")


@require_safe
def api(request: HttpRequest) -> HttpResponse:
    """The results as JSON, for programs; errors as problem+json (RFC 9457)."""
    try:
        found = queries.search(
            request.GET.get("q", ""),
            page=_number(request, "page", 1),
            per_page=_number(request, "per_page", queries.PER_PAGE),
            sort=request.GET.get("sort") or Sort.RELEVANCE,
        )
    except UsageError as error:
        return _problem(400, "This search cannot be asked", str(error))
    except SearchAway:
        said = "The index cannot answer now; all else on this site can. Try again in half a minute."
        return _problem(503, "The search is away for a moment", said)
    return JsonResponse(found.as_json(with_html=True), json_dumps_params={"ensure_ascii": False})


def no_such_api(request: HttpRequest) -> HttpResponse:
    """Any other address below /api/: a program that mistyped it is answered in its own words."""
    return _problem(404, "There is nothing at this address", "The search is at /api/v1/search?q=words.")


def _problem(status: int, title: str, detail: str) -> HttpResponse:
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": _RETRY_AFTER_S} if status == 503 else {})
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JsonResponse(body, status=status, headers=headers, content_type="application/problem+json")


@require_safe
def description(request: HttpRequest) -> HttpResponse:
    """The OpenSearch description, by which browsers and programs learn of the search."""
    site, address = context.current_site(), settings.PUBLIC_URL
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">',
        f"<ShortName>{escape(text.shorten(site.short_name, 16))}</ShortName>",
        f"<Description>{escape(f'Search all publications of {site.name}')}</Description>",
        "<InputEncoding>UTF-8</InputEncoding>",
        f'<Url type="text/html" template="{escape(address)}/search/?q={{searchTerms}}"/>',
        f'<Url type="application/atom+xml" template="{escape(address)}/search/feed/?q={{searchTerms}}"/>',
        f'<Url type="application/json" template="{escape(address)}/api/v1/search?q={{searchTerms}}"/>',
        "</OpenSearchDescription>",
    ]
    return HttpResponse("\n".join(lines), content_type="application/opensearchdescription+xml; charset=utf-8")
