"""The sitemap: an index of parts with at most 10,000 publications each, and one part of pages (sitemaps.org 0.9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from isthmus.kit import collecting
from isthmus.publications import context, queries, recording, visibility
from isthmus.publications.kept_views import kept

# The protocol allows 50,000; a part of 10,000 is about 1.5 MB and quick to make.
_PER_PART = 10_000
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

# Addresses of folders above this one, which say from their AppConfig.ready() what pages they have.
_others: dict[str, Callable[[], Iterable[str]]] = {}


def also(name: str, paths: Callable[[], Iterable[str]]) -> None:
    """Have the pages of another folder in the sitemap too: root-relative, and only what the public may see."""
    _others[name] = paths


def n_parts(total: int) -> int:
    """How many parts so many publications take."""
    return max(1, -(-total // _PER_PART))


@kept()
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All parts; publications are numbered from the oldest row, so that a full part never changes its members."""
    collecting.note("sitemap:index")
    names = [f"/sitemap-publications-{number}.xml" for number in range(1, n_parts(visibility.total()) + 1)] + [
        "/sitemap-pages.xml"
    ]
    rows = "".join(f"<sitemap><loc>{escape(settings.PUBLIC_URL + name)}</loc></sitemap>\n" for name in names)
    return _xml(f'<sitemapindex xmlns="{_NAMESPACE}">\n{rows}</sitemapindex>\n')


@kept()
@require_safe
def publications(request: HttpRequest, number: int) -> HttpResponse:
    """One part of the visible publications."""
    if number < 1:
        raise Http404
    collecting.note("sitemap:publications")
    start = (number - 1) * _PER_PART
    rows = visibility.publications().order_by("listed_at", "id")
    found = rows.values_list("slug", "series__slug", "last_published_at")[start : start + _PER_PART]
    entries = [(recording.publication_path(slug, series), changed) for slug, series, changed in found]
    if not entries and number > 1:
        raise Http404
    return _urlset(entries)


@kept()
@require_safe
def pages(request: HttpRequest) -> HttpResponse:
    """Home, pages proper, indexes, series, people and categories, and what other folders have."""
    collecting.note("sitemap:pages")
    paths: list[str] = ["/", "/publications/", "/people/", "/categories/", "/series/"]
    home = visibility.pages().filter(depth=2).first()
    if home:
        below = visibility.pages().filter(depth__gt=2).values_list("url_path", flat=True)
        paths += ["/" + path.removeprefix(home.url_path) for path in below]
    paths += [row.path for row, _ in queries.series_with_counts()]
    paths += [row.path for row in visibility.people()]
    paths += [row.path for row in visibility.categories()]
    paths += [path for others in _others.values() for path in others()]
    return _urlset((path, None) for path in paths)


def _urlset(entries: Iterable[tuple[str, datetime | date | None]]) -> HttpResponse:
    rows = "".join(
        f"<url><loc>{escape(context.absolute(path))}</loc>"
        + (f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" if isinstance(changed, datetime) else "")
        + "</url>\n"
        for path, changed in entries
    )
    return _xml(f'<urlset xmlns="{_NAMESPACE}">\n{rows}</urlset>\n')


def _xml(content: str) -> HttpResponse:
    return HttpResponse(f'<?xml version="1.0" encoding="UTF-8"?>\n{content}', content_type="application/xml")


@kept()
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may fetch: everything public, but no forms and not the endless combinations of a search."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /search/",
        "Disallow: /chronology/report/",
        "",
        f"Sitemap: {settings.PUBLIC_URL}/sitemap.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
