"""Runs of imports in the admin: what came in, what did not and why; and the release of one that is held."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from isthmus.importers import actions, queries
from isthmus.importers.models import ImportRun
from isthmus.kit.errors import IsthmusError

# Reports name drafts of everybody, so they are for those who may read them all.
SEE = "isthmus_publications.edit_any_publication"
RELEASE = "isthmus_publications.publish_publication"
# A page with more lines than this is no help; the file has them all.
_MAX_SHOWN = 200


@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """Every run, the newest first. Raises: PermissionDenied."""
    _require(request, SEE)
    rows = [{"run": run, "counts": run.report.get("counts", {})} for run in queries.runs()]
    return render(request, "isthmus/admin/imports/runs.html", {"rows": rows})


@require_safe
def report(request: HttpRequest, run_id: str) -> HttpResponse:
    """What one run brought, and every loss by its reason. Raises: PermissionDenied, Http404."""
    _require(request, SEE)
    run = get_object_or_404(ImportRun, pk=run_id)
    values = {
        "run": run,
        "counts": run.report.get("counts", {}),
        "skipped": _grouped(run.report.get("skipped", []), "reason"),
        "warnings": _grouped(run.report.get("warnings", []), "kind"),
        "may_release": run.state == ImportRun.State.STAGED and request.user.has_perm(RELEASE),
    }
    return render(request, "isthmus/admin/imports/run.html", values)


@require_safe
def as_file(request: HttpRequest, run_id: str) -> HttpResponse:
    """The whole report as JSON, as `--report` writes it. Raises: PermissionDenied, Http404."""
    _require(request, SEE)
    run = get_object_or_404(ImportRun, pk=run_id)
    words = json.dumps(run.report, ensure_ascii=False, indent=1)
    disposition = f'attachment; filename="import-{run.pk}.json"'
    return HttpResponse(words, content_type="application/json", headers={"Content-Disposition": disposition})


@require_POST
def release(request: HttpRequest, run_id: str) -> HttpResponse:
    """Make a held run public. Raises: PermissionDenied, Http404."""
    _require(request, RELEASE)
    run = get_object_or_404(ImportRun, pk=run_id)
    try:
        said = actions.release_held(run.pk)
    except IsthmusError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("isthmus_import", run_id=run.pk)


def _grouped(rows: list[dict[str, str]], name: str) -> list[dict[str, Any]]:
    """The rows by reason or kind, the most frequent first, each group with as many as a page can show."""
    ordered = sorted(rows, key=lambda row: row[name])
    groups = [(said, list(group)) for said, group in groupby(ordered, key=lambda row: row[name])]
    return [
        {"said": said, "n": len(group), "rows": group[:_MAX_SHOWN], "n_more": max(0, len(group) - _MAX_SHOWN)}
        for said, group in sorted(groups, key=lambda pair: -len(pair[1]))
    ]


def _require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


urlpatterns = [
    path("", runs, name="isthmus_imports"),
    path("<slug:run_id>/", report, name="isthmus_import"),
    path("<slug:run_id>/report.json", as_file, name="isthmus_import_file"),
    path("<slug:run_id>/release/", release, name="isthmus_import_release"),
]
