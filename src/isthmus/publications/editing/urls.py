"""Addresses that stand before Wagtail's own, because Wagtail's ask too little: `server.urls` includes them first."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.reports.audit_logging import LogEntriesView

from isthmus.kit import text
from isthmus.publications.editing import pictures_inside
from isthmus.publications.editing.permissions import may_read_all
from isthmus.publications.editing.picture_list import PictureIndex


class _SiteHistory(LogEntriesView):
    """What everybody did to everything; it names drafts, so it is for those who may read all of them."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Raises: PermissionDenied for authors, whom Wagtail would let in."""
        if not may_read_all(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def to_row_dict(self, item: Any) -> dict[str, Any]:
        """One line of the export; no title can be a formula of whoever opens it."""
        row: dict[str, Any] = super().to_row_dict(item)
        return {name: text.cell(value) if isinstance(value, str) else value for name, value in row.items()}


urlpatterns = [
    path("media/<path:name>", require_admin_access(pictures_inside.stored)),
    path(
        "pictures/<int:pk>/<str:version>/<int:width>.<str:form>", require_admin_access(pictures_inside.as_on_the_page)
    ),
    path("images/", require_admin_access(PictureIndex.as_view())),
    path("images/results/", require_admin_access(PictureIndex.as_view(results_only=True))),
    path("reports/site-history/", require_admin_access(_SiteHistory.as_view())),
    path("reports/site-history/results/", require_admin_access(_SiteHistory.as_view(results_only=True))),
]
