"""Readership in the admin: charts and tables of a period, of one piece, and the same as a file."""

from __future__ import annotations

import csv
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from isthmus.edition.readership import charts, queries
from isthmus.edition.readership.queries import Period
from isthmus.kit import clock, text
from isthmus.publications.models import Publication

SEE = "isthmus_readership.view_reading"
# What a period may be, in days.
PERIODS = {7: "7 days", 30: "30 days", 90: "90 days", 365: "year"}
_USUAL = 30


@require_safe
def readership(request: HttpRequest) -> HttpResponse:
    """What was read in the last days: by day, piece, series and author. Raises: PermissionDenied."""
    _require(request)
    n_days = _n_days(request)
    period = Period.until(localdate(clock.now()), n_days=n_days)
    days = queries.by_day(period)
    n = sum(count for _, count in days)
    values = _about(n_days, days) | {
        "n": n,
        "compared": charts.compared(n, queries.n_read(period.before), period=PERIODS[n_days]),
        "pieces": queries.pieces(period),
        "series": queries.series(period),
        "authors": queries.authors(period),
        "since": queries.since(),
    }
    return render(request, "isthmus/admin/readership/readership.html", values)


@require_safe
def piece(request: HttpRequest, pk: int) -> HttpResponse:
    """How often one piece was read. Raises: PermissionDenied, Http404."""
    _require(request)
    row = get_object_or_404(Publication.objects.select_related("series"), pk=pk)
    n_days = _n_days(request)
    period = Period.until(localdate(clock.now()), n_days=n_days)
    days = queries.by_day(period, piece=pk)
    n = sum(count for _, count in days)
    n_before = sum(count for _, count in queries.by_day(period.before, piece=pk))
    values = _about(n_days, days) | {
        "piece": row,
        "n": n,
        "compared": charts.compared(n, n_before, period=PERIODS[n_days]),
    }
    return render(request, "isthmus/admin/readership/piece.html", values)


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """Every piece that was read in the period, as CSV. Raises: PermissionDenied."""
    _require(request)
    period = Period.until(localdate(clock.now()), n_days=_n_days(request))
    name = f"readership-{period.first_on}-{period.last_on}.csv"
    response = HttpResponse(
        content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
    writer = csv.writer(response)
    writer.writerow(["Title", "Address", "Series", "Published", "Readings"])
    for line in queries.pieces(period, limit=None):
        row = line.what
        cells = [row.title, row.path, row.series.title if row.series else "", str(row.published_on or ""), str(line.n)]
        writer.writerow([text.cell(cell) for cell in cells])
    return response


urlpatterns = [
    path("", readership, name="isthmus_readership"),
    path("pieces.csv", table, name="isthmus_readership_csv"),
    path("<int:pk>/", piece, name="isthmus_readership_piece"),
]


def _require(request: HttpRequest) -> None:
    if not request.user.has_perm(SEE):
        raise PermissionDenied


def _n_days(request: HttpRequest) -> int:
    """The period asked for; the usual one where it is none of ours."""
    asked = request.GET.get("days", "")
    return int(asked) if asked in map(str, PERIODS) else _USUAL


def _about(n_days: int, days: list[Any]) -> dict[str, Any]:
    return {"n_days": n_days, "periods": PERIODS, "chart": charts.readings(days), "days": days[::-1]}
