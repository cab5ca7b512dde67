"""The audit log in the admin, under Reports, for administrators: filters, and a table to take away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from wagtail import hooks
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.reports import ReportView
from wagtail.permission_policies import ModelPermissionPolicy

from isthmus.kit import clock, text
from isthmus.publications.audit.kinds import LABELS
from isthmus.publications.audit.models import Entry
from isthmus.publications.editing.places import PermittedItem

SEE = "isthmus_audit.view_entry"


class _Filters(WagtailFilterSet):
    what = django_filters.MultipleChoiceFilter(label="What", choices=sorted(LABELS.items(), key=lambda item: item[1]))
    who = django_filters.CharFilter(label="Who", lookup_expr="icontains")
    at = django_filters.DateFromToRangeFilter(label="When", widget=DateRangePickerWidget)
    subject = django_filters.CharFilter(label="What it was done to", lookup_expr="iexact", help_text="Such as pub:17")
    said = django_filters.CharFilter(label="Words", lookup_expr="icontains")
    network = django_filters.CharFilter(label="From", lookup_expr="istartswith")

    class Meta:
        model = Entry
        fields: list[str] = []


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


class AuditView(ReportView):
    """Who did what, the newest first. Permission: `SEE`, which administrators have."""

    model = Entry
    permission_policy = ModelPermissionPolicy(Entry)
    permission_required = "view"
    page_title = "Audit log"
    header_icon = "history"
    index_url_name = "isthmus_audit"
    index_results_url_name = "isthmus_audit_results"
    filterset_class = _Filters
    default_ordering = ("-pk",)
    no_results_message = "Nothing of the kind is in the log."
    columns = [
        Column("at", label="When (UTC)", accessor=lambda entry: _instant(entry.at), width="14%"),
        Column("what", label="What", accessor="label", width="16%"),
        Column("who", label="Who", width="18%"),
        Column("subject", label="Done to", width="12%"),
        Column("said", label="In words"),
        Column("network", label="From", width="10%"),
    ]
    list_export = ["at", "what", "who", "subject", "said", "network"]
    export_headings = {"at": "When (UTC)", "what": "What", "who": "Who", "subject": "Done to", "said": "In words",
                       "network": "From"}  # fmt: skip

    def get_filename(self) -> str:
        """With the day, since logs are kept side by side."""
        return f"audit-log-{clock.now():%Y-%m-%d}"

    def get_queryset(self) -> QuerySet[Entry]:
        """All there are, the newest first."""
        return Entry.objects.order_by(*self.default_ordering)

    def to_row_dict(self, item: Entry) -> dict[str, str]:
        """One line of the export; what somebody typed can be no formula of whoever opens it."""
        row = {name: text.cell(getattr(item, name)) for name in ("what", "who", "subject", "said", "network")}
        return {"at": _instant(item.at), **row}


@hooks.register("register_admin_urls")
def _addresses() -> list[Any]:
    return [
        path("reports/audit/", AuditView.as_view(), name="isthmus_audit"),
        path("reports/audit/results/", AuditView.as_view(results_only=True), name="isthmus_audit_results"),
    ]


@hooks.register("register_reports_menu_item")
def _menu_item() -> MenuItem:
    return PermittedItem("Audit log", "isthmus_audit", SEE, name="audit-log", icon_name="history", order=1200)
