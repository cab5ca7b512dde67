"""The letters the institute sent, for anybody to read: each from the moment it started, with nothing of a person."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db.models import F, Min, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from isthmus.kit import clock
from isthmus.mailing import campaigns, letter_views, letters
from isthmus.mailing.models import Campaign
from isthmus.publications import context


def public() -> QuerySet[Campaign]:
    """Letters that people have, the newest first; `sent_at`: when the first turn began."""
    first = Min("mailings__starts_at", filter=Q(mailings__in=campaigns.begun()))
    rows = Campaign.objects.filter(web_slug__isnull=False).annotate(sent_at=first)
    return rows.filter(sent_at__isnull=False).order_by(F("sent_at").desc(), "-pk")


def paths() -> Iterable[str]:
    """Their addresses, for the sitemap; the list itself is there as soon as it has something in it."""
    slugs = list(public().values_list("web_slug", flat=True))
    return ["/mail/", *(f"/mail/{slug}/" for slug in slugs)] if slugs else []


@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """Every letter by its day, the newest first."""
    lines = [(_day(row), row.title, f"/mail/{row.web_slug}/") for row in public().only("pk", "title", "web_slug")]
    years = [(year, list(group)) for year, group in itertools.groupby(lines, key=lambda line: line[0].year)]
    return render(request, "isthmus/mailing/letters.html", {"years": years})


@require_safe
def letter(request: HttpRequest, slug: str) -> HttpResponse:
    """One letter as it was sent, but for pieces that were withdrawn since: those are gone from it.

    Made anew each time from the campaign, which cannot be changed once it has begun, so that the gate is asked each
    time. Raises: Http404 for one that has not begun, as for one that does not exist.
    """
    row = public().filter(web_slug=slug).first()
    if row is None:
        raise Http404
    site = context.current_site()
    line = f"{site.name}, {date_format(_day(row), 'j F Y')}"
    page = letter_views.web_page(
        letters.campaign(row), public_url=site.public_url, path=campaigns.web_path(row), line=line
    )
    response = HttpResponse(page.html)
    response["Content-Security-Policy"] = page.policy
    return response


def _day(row: Campaign) -> date:
    return clock.local_date(row.sent_at, settings.TIME_ZONE)
