"""Who decided what and when, and what readers reported, in the admin. Editors and above."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from isthmus.dossiers import actions
from isthmus.dossiers.models import ErrorReport, Occurrence, Relation, Ruling
from isthmus.dossiers.review_admin import SEE, require

SEE_REPORTS, SETTLE = "isthmus_dossiers.view_errorreport", "isthmus_dossiers.change_errorreport"
_PER_PAGE = 50
_MAX_DIGITS = 18


@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """Every decision about an entry, the newest first. Raises: PermissionDenied."""
    require(request, SEE)
    rows = Ruling.objects.select_related("by", "publication")
    what = request.GET.get("what", "")
    if what in Ruling.What.values:
        rows = rows.filter(what=what)
    shown, older = _page(request, rows)
    values = {
        "lines": [(row, reverse("isthmus_review_one", args=[row.key]) + _about(row.about)) for row in shown],
        "older": older,
        "what": what,
        "whats": Ruling.What.choices,
    }
    return render(request, "isthmus/admin/dossiers/decisions.html", values)


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """What readers say is wrong, what nobody looked at first. Raises: PermissionDenied."""
    require(request, SEE_REPORTS)
    is_settled = request.GET.get("settled") == "yes"
    rows = ErrorReport.objects.filter(is_settled=is_settled).order_by("-id")
    shown, older = _page(request, rows)
    values = {
        "lines": [(row, _entry_of(row), _about(row.about)) for row in shown],
        "older": older,
        "is_settled": is_settled,
        "n_waiting": ErrorReport.objects.filter(is_settled=False).count(),
        "may_settle": request.user.has_perm(SETTLE),
    }
    return render(request, "isthmus/admin/dossiers/reports.html", values)


@require_POST
def settle(request: HttpRequest, report_id: int) -> HttpResponse:
    """Put a report aside, or take it up again. Raises: PermissionDenied."""
    require(request, SETTLE)
    report = get_object_or_404(ErrorReport, pk=report_id)
    is_settled = request.POST.get("settled") != "no"
    actions.settle_report(report, is_settled=is_settled)
    return redirect(reverse("isthmus_reports") + ("" if is_settled else "?settled=yes"))


def _page(request: HttpRequest, rows: QuerySet[Any]) -> tuple[list[Any], int | None]:
    """The rows of a page and the number below which the next begins."""
    given = request.GET.get("before", "")
    if given.isascii() and given.isdigit() and len(given) <= _MAX_DIGITS:
        rows = rows.filter(pk__lt=int(given))
    shown = list(rows[: _PER_PAGE + 1])
    return shown[:_PER_PAGE], shown[_PER_PAGE - 1].pk if len(shown) > _PER_PAGE else None


def _entry_of(report: ErrorReport) -> Any:
    """The entry it is about, None if its sentence is gone."""
    model: Any = Relation if report.about == Ruling.About.RELATION else Occurrence
    return model.objects.select_related("text__publication").filter(key=report.key).first()


def _about(about: str) -> str:
    return f"?about={about}" if about == Ruling.About.RELATION else ""


urlpatterns = [
    path("decisions/", decisions, name="isthmus_decisions"),
    path("reports/", reports, name="isthmus_reports"),
    path("reports/<int:report_id>/settle/", settle, name="isthmus_report_settle"),
]
