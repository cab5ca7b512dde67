"""The public pages: parse the address, ask one query, render. Every one starts from the gate; none knows a session."""

from __future__ import annotations

import itertools
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import resolve
from django.utils.encoding import iri_to_uri
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override
from django.views.decorators.http import require_safe
from wagtail.rich_text import expand_db_html

from isthmus.kit import clock, collecting
from isthmus.publications import (
    cards,
    citations,
    context,
    further,
    listed,
    pages_of,
    pictures,
    queries,
    rendering,
    visibility,
)
from isthmus.publications.kept_views import kept
from isthmus.publications.models import Category, HomePage, Person, Publication, Series, StandardPage

# Higher page numbers are no page of ours and would only make the database count.
_MAX_PAGE_DIGITS = 7
_N_LATEST = 12
# As importers.judgement writes them.
_NUMBERED = re.compile(r"(?:p|page_id)=[0-9]{1,20}")


@kept("p", "page_id")
@require_safe
def home(request: HttpRequest, page: HomePage | None = None) -> HttpResponse:
    """The front page: featured piece, latest work, series, coming events, categories; or where `/?p=17` leads now."""
    collecting.note("home")
    collecting.reads("p", "page_id")
    numbered = _numbered_path(request)
    answer = _moved_or_gone(request, numbered) if numbered else None
    if answer is not None:
        return answer
    page = page or HomePage.objects.live().first()
    latest = queries.newest(visibility.publications(), limit=_N_LATEST + 1)
    featured = _featured(page, latest)
    shown = [cards.card(row) for row in latest if featured is None or row.pk != featured.pk][:_N_LATEST]
    return render(
        request,
        "isthmus/publications/home.html",
        {
            "page": {
                "title": page.title if page else context.current_site().name,
                "intro_html": _rich(page.introduction if page else ""),
            },
            "featured": cards.card(featured) if featured else None,
            "latest": shown,
            "series": _series_entries(),
            "upcoming": [cards.card(row) for row in queries.upcoming_events(clock.now())],
            "categories": _category_axes(limit=8),
            "feed_url": "/feed/",
        },
    )


def _numbered_path(request: HttpRequest) -> str:
    """`/?p=17`, the way older systems name a piece by its number; empty for any other address of the front page."""
    asked = request.META.get("QUERY_STRING", "")
    return f"/?{asked}" if _NUMBERED.fullmatch(asked) else ""


def _featured(page: HomePage | None, latest: list[Publication]) -> Publication | None:
    if page and page.featured_id:
        chosen = queries.newest(visibility.publications().filter(pk=page.featured_id), limit=1)
        if chosen:
            return chosen[0]
    return next((row for row in latest if row.lead_image), latest[0] if latest else None)


@kept("page")
@require_safe
def all_publications(request: HttpRequest) -> HttpResponse:
    """Every publication, newest first."""
    return _listing(request, name="all", path="/publications/", heading="All publications")


@kept()
@require_safe
def piece_without_series(request: HttpRequest, slug: str) -> HttpResponse:
    """A publication that belongs to no series."""
    row = queries.piece_at(None, slug)
    return _shown_piece(request, row) if row else elsewhere(request)


def _shown_piece(request: HttpRequest, row: Publication) -> HttpResponse:
    with override(row.language):
        page = pages_of.piece_page(row)
        return render(request, "isthmus/publications/publication.html", {"piece": page, "feed_url": _feed_of(row)})


def _feed_of(row: Publication) -> str:
    return f"{iri_to_uri(row.series.path)}feed/" if row.series else "/feed/"


@kept()
@require_safe
def citation(request: HttpRequest, series_slug: str | None, slug: str, form: str) -> HttpResponse:
    """The citation of a piece as a file for reference programs; form: `bib` or `ris`."""
    row = listed.cited_at(None if series_slug == "publications" else series_slug, slug)
    if row is None:
        return elsewhere(request)
    make, kind = {
        "bib": (citations.bibtex, "application/x-bibtex"),
        "ris": (citations.ris, "application/x-research-info-systems"),
    }[form]
    response = HttpResponse(make(row), content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="cite-{row.pk}.{form}"'
    return response


@kept()
@require_safe
def series_index(request: HttpRequest) -> HttpResponse:
    """Every public series with its count."""
    return render(request, "isthmus/publications/series_index.html", {"series": _series_entries()})


def _series_entries() -> list[dict[str, Any]]:
    return [
        {"title": row.title, "url": iri_to_uri(row.path), "summary": _rich(row.summary), "count": n}
        for row, n in queries.series_with_counts()
    ]


@kept()
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Every public person, by the first letter of the sorting name."""
    rows = queries.people_with_counts()
    groups = [
        {"letter": letter, "people": [_person_entry(row, n) for row, n in group]}
        for letter, group in itertools.groupby(rows, key=lambda pair: _letter(pair[0]))
    ]
    return render(request, "isthmus/publications/people.html", {"groups": groups})


def _letter(person: Person) -> str:
    from isthmus.kit import text

    return (text.fold(person.sort_name)[:1] or "#").upper()


def _person_entry(row: Person, n: int) -> dict[str, Any]:
    photo = pictures.picture(row.photo, sizes="6rem") if row.photo else None
    return {"name": row.name, "url": iri_to_uri(row.path), "title": row.title, "count": n, "photo": photo}


@kept("page")
@require_safe
def person(request: HttpRequest, slug: str) -> HttpResponse:
    """A person's page: who they are and everything they had a part in."""
    row = listed.person_at(slug)
    if row is None:
        return elsewhere(request)
    shown = {
        "name": row.name,
        "title": row.title,
        "affiliation": row.affiliation,
        "bio_html": _rich(row.bio),
        "photo": pictures.picture(row.photo, sizes="10rem") if row.photo else None,
        "email": row.email,
        "further": further.of_person(row.pk),
    }
    more = {"person": shown}
    return _listing(request, name=row.subject, path=row.path, heading=row.name, kicker="Person", more=more)


@kept()
@require_safe
def categories(request: HttpRequest) -> HttpResponse:
    """Every public category, axis by axis."""
    return render(request, "isthmus/publications/categories.html", {"axes": _category_axes()})


def _category_axes(limit: int | None = None) -> list[dict[str, Any]]:
    """Axes with their trees; with a limit, only the fullest of each axis, as the front page shows them."""
    collecting.note("counts:categories")
    counts = queries.category_counts()
    rows = sorted(visibility.categories(), key=lambda row: (row.axis.position, row.axis.label, row.label))
    axes = []
    for axis, group in itertools.groupby(rows, key=lambda row: row.axis):
        branches = list(group)
        tops = [row for row in branches if row.parent_id is None]
        tops = sorted(tops, key=lambda row: -counts.get(row.pk, 0))[:limit] if limit else tops
        items = [_category_entry(row, branches, counts) for row in tops]
        axes.append({"label": axis.label, "axis_label": axis.label, "items": items})
    return axes


def _category_entry(row: Category, branches: list[Category], counts: dict[int, int]) -> dict[str, Any]:
    children = [_category_entry(child, branches, counts) for child in branches if child.parent_id == row.pk]
    return {"label": row.label, "url": iri_to_uri(row.path), "count": counts.get(row.pk, 0), "children": children}


@kept("page")
@require_safe
def category(request: HttpRequest, axis: str, slug: str) -> HttpResponse:
    """A category's page: what is in it and below it."""
    row = listed.category_at(axis, slug)
    if row is None:
        return elsewhere(request)
    collecting.note("tree:categories", f"counts:{row.subject}")
    below = listed.categories_below(row)
    counts = queries.category_counts() if below else {}
    more = {
        "children": [_category_entry(child, [], counts) for child in below],
        "parents": [{"label": row.parent.label, "url": iri_to_uri(row.parent.path)}] if row.parent else [],
    }
    shown = {"heading": row.label, "kicker": row.axis.label, "summary_html": _rich(row.summary)}
    return _listing(request, name=row.subject, path=row.path, more=more, **shown)


@kept("page")
@require_safe
def first_segment(request: HttpRequest, slug: str) -> HttpResponse:
    """A series, or a page proper, or an address of old."""
    row = visibility.series().filter(slug=slug).first()
    if row is None:
        return other_page(request, path=f"{slug}/")
    return _series(request, row)


def _series(request: HttpRequest, row: Series) -> HttpResponse:
    summary = _rich(row.summary)
    shown = {"heading": row.title, "kicker": "Series", "summary_html": summary}
    return _listing(request, name=row.subject, path=row.path, **shown)


@kept()
@require_safe
def two_segments(request: HttpRequest, series_slug: str, slug: str) -> HttpResponse:
    """A publication in a series, or a page below a page proper, or an address of old."""
    row = queries.piece_at(series_slug, slug)
    return _shown_piece(request, row) if row else other_page(request, path=f"{series_slug}/{slug}/")


@kept()
@require_safe
def other_page(request: HttpRequest, path: str) -> HttpResponse:
    """A page proper such as About, or an address of old; one typed without its last slash leads to the one with it."""
    if path and not path.endswith("/"):
        return _with_slash(request, path)
    page = queries.standard_page(path) if path else None
    return standard_page(request, page) if page else elsewhere(request)


def _with_slash(request: HttpRequest, path: str) -> HttpResponse:
    # The admin's views need what is set up below /admin/ only; all others are asked whether the public may see them.
    if path != "admin":
        view = resolve(f"/{path}/")
        answer: HttpResponse = view.func(request, *view.args, **view.kwargs)
        if answer.status_code != HTTPStatus.OK:
            return answer
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(iri_to_uri(quote(f"/{path}/")) + (f"?{query}" if query else ""))


def standard_page(request: HttpRequest, page: StandardPage) -> HttpResponse:
    """A page proper as readers see it."""
    shown = {"title": page.title, "summary": page.summary, "body_html": rendering.render_body(page.body.raw_data).html}
    return render(request, "isthmus/publications/page.html", {"page": shown})


def elsewhere(request: HttpRequest) -> HttpResponse:
    """What an address without a visible page answers: where it is now (301), that it is gone (410), or 404.

    Raises: Http404 for an address that never was public, with the same bytes as one that does not exist.
    """
    path = request.path if request.path.endswith("/") else f"{request.path}/"
    answer = _moved_or_gone(request, path)
    if answer is None:
        raise Http404
    return answer


def _moved_or_gone(request: HttpRequest, path: str) -> HttpResponse | None:
    target = queries.visible_target_of(path)
    if target and target != request.path:
        return HttpResponsePermanentRedirect(iri_to_uri(target))
    gone = queries.withdrawal_at(path)
    if gone is None:
        return None
    withdrawal = {"title": gone.title, "published_on": gone.published_on, "withdrawn_on": gone.withdrawn_at.date()}
    return render(request, "isthmus/410.html", {"withdrawal": withdrawal}, status=410)


def _listing(request: HttpRequest, *, more: dict[str, Any] | None = None, **shown: Any) -> HttpResponse:
    page = pages_of.listing(number=_page_number(request), **shown)
    if page is None:
        raise Http404
    at_newest = page.page.number == page.page.n_pages
    canonical = page.url if at_newest else f"{page.url}?page={page.page.number}"
    found = {"listing": page, "feed_url": page.feed_url, "canonical_url": context.current_site().public_url + canonical}
    return render(request, "isthmus/publications/listing.html", {**found, **(more or {})})


def _page_number(request: HttpRequest) -> int | None:
    """The page a visitor asked for, None for the newest; anything that is not a number is no page."""
    collecting.reads("page")
    wanted = request.GET.get("page")
    if wanted is None:
        return None
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= _MAX_PAGE_DIGITS):
        raise Http404
    return int(wanted)


def _rich(value: str) -> SafeString:
    return mark_safe(expand_db_html(value) if value else "")  # noqa: S308  (rich text, cleaned when it was saved)


@kept()
@require_safe
def stylesheet(request: HttpRequest) -> HttpResponse:
    """The institute's colours as CSS variables; its address holds the hash of what it says."""
    response = HttpResponse(context.current_site().stylesheet, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
