"""The search for programs: results and suggestions as JSON, errors as problem+json (RFC 9457), their description."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from isthmus.kit import text
from isthmus.kit.errors import UsageError
from isthmus.publications import context
from isthmus.publications.kept_views import kept
from isthmus.search import openapi, queries
from isthmus.search.asked import chosen_in
from isthmus.search.engine import SearchAway, Sort
from isthmus.search.kept_pages import KeptPages, Page, compressed
from isthmus.search.standing import Standing
from isthmus.search.suggestions import suggestions

RETRY_AFTER_S = "30"
_View = Callable[[HttpRequest], HttpResponse]

_kept = KeptPages()


def _reading(view: _View) -> _View:
    """Nothing here is changed by asking: another method than GET and HEAD is a problem, said as all others are."""

    @wraps(view)
    def asked(request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            return view(request)
        return _problem(405, "This address is only read", "Ask with GET.", {"Allow": "GET, HEAD"})

    return asked


@_reading
def search(request: HttpRequest) -> HttpResponse:
    """One page of results."""
    try:
        answer = _kept.get(request.META.get("QUERY_STRING", ""), lambda now: _made(request, now))
    except UsageError as error:
        return _problem(400, "This search cannot be asked", str(error))
    except SearchAway:
        said = "The index cannot answer now; all else on this site can. Try again in half a minute."
        return _problem(503, "The search is away for a moment", said, {"Retry-After": RETRY_AFTER_S})
    return answer.answer(request, "application/json")


def _made(request: HttpRequest, now: Standing) -> Page:
    found = queries.search(
        request.GET.get("q", ""),
        chosen=chosen_in(request.GET),
        page=number(request, "page", 1),
        per_page=number(request, "per_page", queries.PER_PAGE),
        sort=request.GET.get("sort") or Sort.RELEVANCE,
        now=now,
    )
    content = _json(found.as_json(with_html=True)).content
    return Page(compressed(content), found.asked.text, found.total, found.page, is_counted=False)


@_reading
def suggest(request: HttpRequest) -> HttpResponse:
    """What the reader may be about to type; answers without an index too, then without titles."""
    found = suggestions(request.GET.get("q", ""))
    return _json([suggestion.as_json() for suggestion in found])


@_reading
def suggest_for_browsers(request: HttpRequest) -> HttpResponse:
    """The same as browsers' own search fields want it. Source: OpenSearch Suggestions 1.0."""
    typed = request.GET.get("q", "")
    found = suggestions(typed)
    texts, urls = [one.text for one in found], [settings.PUBLIC_URL + one.url for one in found]
    body = [typed, texts, [one.kind for one in found], urls]
    return JsonResponse(body, safe=False, content_type="application/x-suggestions+json")


@_reading
def description(request: HttpRequest) -> HttpResponse:
    """What the API promises, for programs: OpenAPI 3.1."""
    return _json(openapi.description(context.current_site().name, settings.PUBLIC_URL))


@_reading
def documentation(request: HttpRequest) -> HttpResponse:
    """The same for people."""
    described = openapi.description(context.current_site().name, settings.PUBLIC_URL)
    return render(request, "isthmus/search/api.html", {"api": openapi.shown(described)})


@_reading
def nothing_here(request: HttpRequest) -> HttpResponse:
    """Any other address below /api/: a program that mistyped it is answered in its own words."""
    return _problem(404, "There is nothing at this address", "The search is at /api/v1/search?q=words.")


@kept()
@_reading
def opensearch(request: HttpRequest) -> HttpResponse:
    """The OpenSearch description, by which browsers and programs learn of the search."""
    site, address = context.current_site(), escape(settings.PUBLIC_URL)
    urls = [
        ("text/html", "/search/?q={searchTerms}"),
        ("application/atom+xml", "/search/feed/?q={searchTerms}"),
        ("application/json", "/api/v1/search?q={searchTerms}"),
        ("application/x-suggestions+json", "/api/v1/suggest/browser?q={searchTerms}"),
    ]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">',
        f"<ShortName>{escape(text.shorten(site.short_name, 16))}</ShortName>",
        f"<Description>{escape(f'Search all publications of {site.name}')}</Description>",
        "<InputEncoding>UTF-8</InputEncoding>",
        *(f'<Url type="{kind}" template="{address}{template}"/>' for kind, template in urls),
        "</OpenSearchDescription>",
    ]
    return HttpResponse("\n".join(lines), content_type="application/opensearchdescription+xml; charset=utf-8")


def number(request: HttpRequest, name: str, otherwise: int) -> int:
    """A number from the address. Raises: UsageError for what is none."""
    given = request.GET.get(name, "")
    if not given:
        return otherwise
    # ASCII digits only, and few: int() of a megabyte of digits takes seconds.
    if not (given.isascii() and given.isdigit() and len(given) <= 9):
        raise UsageError(f"{name}={given[:40]!r} is not a number: write digits, such as {name}={otherwise}.")
    return int(given)


def _json(body: Any) -> HttpResponse:
    return JsonResponse(body, safe=False, json_dumps_params={"ensure_ascii": False})


def _problem(status: int, title: str, detail: str, headers: Mapping[str, str] | None = None) -> HttpResponse:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    headers = {"Cache-Control": "no-store", **(headers or {})}
    return JsonResponse(body, status=status, headers=headers, content_type="application/problem+json")
