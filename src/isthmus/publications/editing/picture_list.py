"""The list of pictures, with what their credit lacks: a filter, a column, a word on each small picture."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property
from wagtail.admin.ui.tables import Column
from wagtail.images.views.images import ImagesFilterSet, IndexView

from isthmus.publications.models import Image

# As Image.missing_credit_parts has it, for the database.
_LACKS_CREDIT = (
    Q(creator="") | Q(licence="") | (Q(licence__istartswith="CC BY") & (Q(licence_version="") | Q(source_url="")))
)


class PictureFilters(ImagesFilterSet):
    """Wagtail's filters, and whether the credit is complete."""

    credit = django_filters.ChoiceFilter(
        label="Credit", choices=[("missing", "Missing in part"), ("complete", "Complete")], method="with_credit"
    )

    def with_credit(self, rows: QuerySet[Image], name: str, value: str) -> QuerySet[Image]:
        """The rows in which the credit is so."""
        return rows.filter(_LACKS_CREDIT) if value == "missing" else rows.exclude(_LACKS_CREDIT)

    class Meta(ImagesFilterSet.Meta):
        model = Image


class PictureIndex(IndexView):
    """Wagtail's list of pictures."""

    filterset_class = PictureFilters

    @cached_property
    def columns(self) -> list[Any]:
        """Wagtail's columns, and what the credit does not say."""
        shown = list(super().columns)
        return shown and [*shown, Column("credit", label="Credit lacks", accessor=_lacks)]


def _lacks(picture: Image) -> str:
    return ", ".join(picture.missing_credit_parts)
