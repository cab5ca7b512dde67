"""The list of publications: quick at 10,000 rows, drafts found by title and people, released pieces by every word."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, StatusTagColumn, TitleColumn
from wagtail.snippets.views.snippets import IndexView

from isthmus.publications import finding
from isthmus.publications.editing.filters import STATES, PublicationFilters, named, state_of
from isthmus.publications.editing.permissions import policy, scheduled_ids
from isthmus.publications.models import Publication

# A body word may be in thousands of pieces; an editor who wants more than these narrows the list by a filter.
_MAX_FOUND = 1000
# SQLite's LIKE runs once over the table for each word.
_MAX_WORDS = 8


def searched(rows: QuerySet[Publication], query: str) -> QuerySet[Publication]:
    """The rows whose title or people contain every word, and released ones that the index finds by their text."""
    by_name = Q()
    for word in query.split()[:_MAX_WORDS]:
        by_name &= Q(draft_title__icontains=word) | Q(title__icontains=word) | Q(named(word))
    return rows.filter(by_name | Q(pk__in=finding.find(query, limit=_MAX_FOUND), live=True))


def _names(piece: Publication) -> str:
    names = [line.name for line in piece.bylines.all()]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _kind_label(piece: Publication) -> str:
    kind = settings.ISTHMUS.kinds.get(piece.kind)
    return kind.label if kind else piece.kind


class PublicationIndex(IndexView):
    """Newest edited first, then what was moved in, by date."""

    filterset_class = PublicationFilters
    default_ordering = None
    search_fields = ("draft_title",)
    any_permission_required = ("add", "change", "view")

    @cached_property
    def scheduled(self) -> set[int]:
        """The pieces of which a version waits for its minute."""
        return set(scheduled_ids())

    def get_base_queryset(self) -> QuerySet[Publication]:
        """What the user may see, with what a row of the list shows; bodies stay in the database."""
        rows = policy.instances_user_has_any_permission_for(self.request.user, {"view"})
        return (
            rows.select_related("series")
            .prefetch_related("bylines__person")
            .defer("body", "details", "summary", "author_note", "disclaimer", "photo_credit", "excerpt")
            .defer("go_live_zone", "expire_zone")
        )

    def order_queryset(self, queryset: QuerySet[Publication]) -> QuerySet[Publication]:
        """Revision numbers grow with time, so the newest revision tells who was edited last without a join."""
        if self.ordering:
            return queryset.order_by(self.ordering, "-pk")
        return queryset.order_by(F("latest_revision_id").desc(nulls_last=True), "-listed_at", "-pk")

    def search_queryset(self, queryset: QuerySet[Publication]) -> QuerySet[Publication]:
        """By title, people and, for released pieces, every word."""
        return searched(queryset, self.search_query) if self.is_searching else queryset

    @cached_property
    def columns(self) -> list[Any]:
        """What an editor tells pieces apart by."""
        title = self._get_title_column_class(TitleColumn)
        return [
            BulkActionsCheckboxColumn("bulk_actions", obj_type="snippet"),
            title(
                "draft_title", label="Title", sort_key="draft_title", get_url=self.get_edit_url,
                accessor=lambda piece: piece.draft_title or piece.title,
                get_title_id=lambda piece: f"snippet_{piece.pk}_title",
            ),
            Column("kind", label="Kind", accessor=_kind_label, sort_key="kind"),
            Column("series", label="Series", accessor="series"),
            Column("people", label="People", accessor=_names),
            StatusTagColumn(
                "state", label="State", accessor=lambda piece: STATES[state_of(piece, self.scheduled)],
                primary=lambda piece: piece.live, classname="isthmus-state",
            ),
            Column("published_on", label="Published", sort_key="listed_at", accessor=_printed_date),
        ]  # fmt: skip

    def get_edit_url(self, instance: Publication) -> str | None:
        """The form where the user may change the piece, else its public page."""
        if policy.user_has_permission_for_instance(self.request.user, "change", instance):
            return reverse(self.edit_url_name, args=(instance.pk,))
        return instance.path if instance.live else None

    def get_copy_url(self, instance: Publication) -> str | None:
        """Copying reads the newest draft, so it takes the right to change it."""
        may = policy.user_has_permission_for_instance(self.request.user, "change", instance)
        return reverse(self.copy_url_name, args=(instance.pk,)) if may else None

    def get_delete_url(self, instance: Publication) -> str | None:
        """Where the user may delete the piece."""
        may = policy.user_has_permission_for_instance(self.request.user, "delete", instance)
        return reverse(self.delete_url_name, args=(instance.pk,)) if may else None

    def get_list_more_buttons(self, instance: Publication) -> list[Any]:
        """Wagtail's, and "View live"."""
        buttons = super().get_list_more_buttons(instance)
        if instance.live:
            buttons.append(MenuItem("View live", url=instance.path, icon_name="view", priority=15))
        return buttons


def _printed_date(piece: Publication) -> str:
    return date_format(piece.published_on, "M j, Y") if piece.published_on else ""


def filtered(rows: QuerySet[Publication], parameters: Any) -> QuerySet[Publication]:
    """The rows that a list with these parameters of its address shows; for bulk actions on all of them."""
    filters = PublicationFilters(data=parameters, queryset=rows)
    if filters.form.is_valid():
        rows = filters.filter_queryset(rows)
    query = str(parameters.get("q", "")).strip()
    return searched(rows, query) if query else rows
