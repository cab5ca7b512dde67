"""The places of the admin's menu where editors keep publications, series, people and categories."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet, SnippetViewSetGroup

from isthmus.publications import naming
from isthmus.publications.editing import choosers, panels, views
from isthmus.publications.editing.listing import PublicationIndex
from isthmus.publications.models import Category, CategoryAxis, Person, Publication, Series


class PublicationViewSet(SnippetViewSet):
    """Publications, the first place of the menu."""

    model = Publication
    icon = "doc-full-inverse"
    menu_label = "Publications"
    menu_order = 100
    add_to_admin_menu = True
    base_url_path = "publications"
    # A row costs 5 ms of CPU, nearly all of it in the templates of Wagtail's table.
    list_per_page = 20
    index_view_class = PublicationIndex
    add_view_class = views.Create
    copy_view_class = views.Copy
    edit_view_class = views.Edit
    delete_view_class = views.Delete
    usage_view_class = views.Usage
    history_view_class = views.History
    preview_on_edit_view_class = views.Preview
    revisions_view_class = views.PreviewVersion
    revisions_compare_view_class = views.Compare
    revisions_unschedule_view_class = views.Unschedule
    unpublish_view_class = views.Withdraw
    lock_view_class = views.Lock
    unlock_view_class = views.Unlock
    workflow_action_view_class = views.WorkflowAction
    collect_workflow_action_data_view_class = views.WorkflowActionData
    confirm_workflow_cancellation_view_class = views.WorkflowCancellation
    workflow_preview_view_class = views.WorkflowPreview
    workflow_history_view_class = views.WorkflowHistory
    workflow_history_detail_view_class = views.WorkflowHistoryDetail
    chooser_viewset_class = choosers.PublicationChooser
    edit_handler = panels.PUBLICATION
    delete_template_name = "isthmus/admin/confirm_delete.html"


def _n_pieces(relation: str) -> Count:
    return Count(relation, filter=Q(**{f"{relation}__live": True}), distinct=True)


class _CountedIndex(IndexView):
    """A list with the number of released pieces of each row, found by the words of its name."""

    relation = "publications"
    related: tuple[str, ...] = ()

    def get_base_queryset(self) -> QuerySet[Any]:
        """The rows, counted in the same query."""
        rows = super().get_base_queryset().select_related(*self.related)
        return rows.annotate(n_released=_n_pieces(self.relation))


class _PersonIndex(_CountedIndex):
    relation = "bylines__publication"

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """By name, with or without accents."""
        if not self.is_searching:
            return queryset
        return queryset.filter(
            Q(name__icontains=self.search_query) | Q(name_key__contains=naming.name_key(self.search_query))
        )


class _CategoryIndex(_CountedIndex):
    related = ("axis", "parent")


_RELEASED = Column("n_released", label="Released pieces", accessor="n_released", sort_key="n_released")


class SeriesViewSet(SnippetViewSet):
    """Series."""

    model = Series
    icon = "list-ul"
    menu_label = "Series"
    menu_order = 110
    add_to_admin_menu = True
    base_url_path = "series"
    copy_view_enabled = False
    index_view_class = _CountedIndex
    list_display = ["title", "position", _RELEASED]
    search_fields = ["title"]
    chooser_viewset_class = choosers.SeriesChooser
    edit_handler = panels.SERIES


class PersonViewSet(SnippetViewSet):
    """People."""

    model = Person
    icon = "group"
    menu_label = "People"
    menu_order = 120
    add_to_admin_menu = True
    base_url_path = "people"
    copy_view_enabled = False
    list_per_page = 50
    index_view_class = _PersonIndex
    list_display = ["name", "affiliation", _RELEASED]
    search_fields = ["name"]
    chooser_viewset_class = choosers.PersonChooser
    edit_handler = panels.PERSON


class CategoryViewSet(SnippetViewSet):
    """Categories of every axis."""

    model = Category
    icon = "tag"
    menu_label = "Categories"
    menu_order = 10
    base_url_path = "categories"
    copy_view_enabled = False
    list_per_page = 50
    index_view_class = _CategoryIndex
    list_display = ["label", "axis", "parent", _RELEASED]
    list_filter = ["axis"]
    search_fields = ["label"]
    chooser_viewset_class = choosers.CategoryChooser
    edit_handler = panels.CATEGORY


class AxisViewSet(SnippetViewSet):
    """The axes."""

    model = CategoryAxis
    icon = "folder-open-inverse"
    menu_label = "Axes"
    menu_order = 20
    base_url_path = "axes"
    copy_view_enabled = False
    list_display = ["label", "position"]
    search_fields = ["label"]
    edit_handler = panels.AXIS


class CategoryGroup(SnippetViewSetGroup):
    """Categories and their axes in one place of the menu."""

    items = (CategoryViewSet, AxisViewSet)
    menu_label = "Categories"
    menu_icon = "tag"
    menu_order = 130
    add_to_admin_menu = True


VIEWSETS = (PublicationViewSet, SeriesViewSet, PersonViewSet, CategoryGroup)
