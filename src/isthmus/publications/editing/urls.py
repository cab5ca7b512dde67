"""Addresses that stand before Wagtail's own, because Wagtail's ask too little: `server.urls` includes them first."""

from __future__ import annotations

import mimetypes
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_safe
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.reports.audit_logging import LogEntriesView

from isthmus.publications.editing.permissions import may_read_all


class _SiteHistory(LogEntriesView):  # type: ignore[misc]  # Wagtail is untyped
    """What everybody did to everything; it names drafts, so it is for those who may read all of them."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Raises: PermissionDenied for authors, whom Wagtail would let in."""
        if not may_read_all(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[no-any-return]


_PICTURES = ("images/", "original_images/")


def _picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture for the admin's own pages, whether it is public or not. Raises: Http404."""
    if not name.startswith(_PICTURES) or ".." in name.split("/"):
        raise Http404
    try:
        response = FileResponse(default_storage.open(name), content_type=mimetypes.guess_type(name)[0])
    except (FileNotFoundError, IsADirectoryError, SuspiciousFileOperation) as error:
        raise Http404 from error
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


urlpatterns = [
    path("media/<path:name>", require_admin_access(require_safe(_picture))),
    path("reports/site-history/", require_admin_access(_SiteHistory.as_view())),
    path("reports/site-history/results/", require_admin_access(_SiteHistory.as_view(results_only=True))),
]
