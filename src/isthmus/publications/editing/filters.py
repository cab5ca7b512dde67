"""The filters of the list of publications, and what the state of a piece is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import ExtractYear
from wagtail.admin.filters import WagtailFilterSet

from isthmus.kit import text
from isthmus.publications import naming, queries
from isthmus.publications.editing.forms import category_choices
from isthmus.publications.editing.permissions import scheduled_ids
from isthmus.publications.models import Byline, Publication, Series

STATES = {
    "draft": "Draft",
    "scheduled": "Scheduled",
    "live": "Live",
    "changed": "Live + draft",
    "withdrawn": "Withdrawn",
}


def state_of(piece: Publication, scheduled: set[int]) -> str:
    """A key of STATES; a live piece whose next version is scheduled counts as scheduled."""
    if piece.pk in scheduled:
        return "scheduled"
    if piece.live:
        return "changed" if piece.has_unpublished_changes else "live"
    return "withdrawn" if piece.released_at else "draft"


def _in_state(rows: QuerySet[Publication], state: str) -> QuerySet[Publication]:
    if state == "scheduled":
        return rows.filter(pk__in=scheduled_ids())
    conditions = {
        "draft": Q(live=False, released_at=None),
        "withdrawn": Q(live=False, released_at__isnull=False),
        "live": Q(live=True, has_unpublished_changes=False),
        "changed": Q(live=True, has_unpublished_changes=True),
    }
    return rows.filter(conditions[state]).exclude(pk__in=scheduled_ids())


def named(person: str) -> Exists:
    """Pieces that name somebody whose name, as recorded or as printed, contains these words."""
    lines = Byline.objects.filter(publication=OuterRef("pk"))
    return Exists(
        lines.filter(Q(person__name_key__contains=naming.name_key(person)) | Q(printed_name__icontains=person))
    )


def _years() -> list[tuple[int, int]]:
    years = Publication.objects.filter(published_on__isnull=False).order_by()
    found = years.annotate(year=ExtractYear("published_on")).values_list("year", flat=True).distinct()
    return [(year, year) for year in sorted(found, reverse=True)]


class _LazyChoiceFilter(django_filters.ChoiceFilter):
    """A choice whose values stand in the database: read when a list is opened, not when Python starts."""

    def __init__(self, *, read: Callable[[], list[Any]], **kwargs: Any) -> None:
        super().__init__(choices=[], **kwargs)
        self._read = read

    @property
    def field(self) -> Any:
        """The form's field, with the choices as they are now."""
        if not hasattr(self, "_field"):
            self.extra["choices"] = self._read()
        return super().field


class PublicationFilters(WagtailFilterSet):
    """By state, kind, series, year, category with all below it, and person."""

    state = django_filters.ChoiceFilter(
        label="State", choices=list(STATES.items()), method="filter_state", empty_label="All"
    )
    kind = _LazyChoiceFilter(
        label="Kind", empty_label="All",
        read=lambda: [(kind.name, kind.label) for kind in settings.ISTHMUS.kinds.values()],
    )  # fmt: skip
    series = django_filters.ModelChoiceFilter(label="Series", queryset=Series.objects.all(), empty_label="All")
    year = _LazyChoiceFilter(label="Year", empty_label="All", read=_years, method="filter_year")
    category = _LazyChoiceFilter(label="Category", empty_label="All", read=category_choices, method="filter_category")
    person = django_filters.CharFilter(label="Person", method="filter_person", max_length=200)

    class Meta:
        model = Publication
        fields: list[str] = []

    def filter_state(self, rows: QuerySet[Publication], name: str, value: str) -> QuerySet[Publication]:
        """By what is public of the piece."""
        return _in_state(rows, value)

    def filter_year(self, rows: QuerySet[Publication], name: str, value: str) -> QuerySet[Publication]:
        """By the date as printed."""
        return rows.filter(published_on__year=int(value))

    def filter_category(self, rows: QuerySet[Publication], name: str, value: str) -> QuerySet[Publication]:
        """In the category or anywhere below it."""
        through = Publication.categories.through.objects
        return rows.filter(
            pk__in=through.filter(category_id__in=queries.branch_ids(int(value))).values("publication_id")
        )

    def filter_person(self, rows: QuerySet[Publication], name: str, value: str) -> QuerySet[Publication]:
        """Named on the piece, in whatever role."""
        return rows.filter(named(text.collapse(value)))
