"""Answers that belong to no part of the site: health, forged forms, and pages for what went wrong."""

import sys
from typing import Any

from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from isthmus.server import health
from isthmus.server.storage_trouble import Trouble, trouble_in

_RETRY_AFTER_S = 30


def healthz(request: HttpRequest) -> JsonResponse:
    """Whether database, index and worker are well: 200, or 503 with what is wrong in sentences."""
    found = health.report()
    response = JsonResponse(found.as_json(), status=503 if found.wrong else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def forged_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form below /admin/ without its token: 403, with what an editor can do."""
    return _page(request, "isthmus/server/forged_form.html", 403)


def refused_post(request: HttpRequest) -> HttpResponse:
    """A form sent here by another site: 403."""
    return _page(request, "isthmus/403.html", 403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that makes no sense: 400."""
    return _page(request, "isthmus/server/bad_request.html", 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Not open to this visitor: 403."""
    return _page(request, "isthmus/403.html", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing there, or nothing the public may know of: 404, the same bytes for both."""
    return _page(request, "isthmus/404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours: 500; a full disk 507, a busy database 503, a row in use 409, each with what to do."""
    error = sys.exc_info()[1]
    if isinstance(error, ProtectedError):
        # Here and not in one view: rows are deleted from lists, forms and in bulk.
        return _page(request, "isthmus/server/in_use.html", 409)
    trouble = trouble_in(error)
    if trouble is Trouble.FULL:
        return _page(request, "isthmus/server/disk_full.html", 507)
    if trouble is Trouble.BUSY:
        response = _page(request, "isthmus/server/busy.html", 503)
        response.headers["Retry-After"] = str(_RETRY_AFTER_S)
        return response
    return _page(request, "isthmus/500.html", 500)


def _page(request: HttpRequest, template: str, status: int) -> HttpResponse:
    # Pages that stand alone must not ask a database that is down, so they get no context processors.
    needs_site = template in ("isthmus/403.html", "isthmus/404.html")
    context: dict[str, Any] = {}
    text = render_to_string(template, context, request=request if needs_site else None)
    return HttpResponse(text, status=status, headers={"Cache-Control": "no-store"})
