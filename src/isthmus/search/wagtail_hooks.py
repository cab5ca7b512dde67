"""What editors have of the search in Wagtail's admin: synonyms, pinned results, and what readers searched."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column, NumberColumn
from wagtail.admin.views.reports import ReportView
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import CreateView, IndexView, SnippetViewSet

from isthmus.kit import text
from isthmus.publications.editing.places import NoChooser, PermittedItem
from isthmus.publications.models import Publication
from isthmus.search.models import Pin, SearchedWords, SynonymSet

SEE = "isthmus_search.view_searchedwords"
_SYNONYMS, _PINS = "wagtailsnippets_isthmus_search_synonymset", "wagtailsnippets_isthmus_search_pin"


class _CreateSynonyms(CreateView):
    def get_initial_form_instance(self) -> SynonymSet:
        """With the word that the editor came from, and a comma that waits for the next."""
        words = self.request.GET.get("words", "")[:80].replace(",", " ").strip()
        return SynonymSet(terms=f"{words}, " if words else "")


class _CreatePin(CreateView):
    def get_initial_form_instance(self) -> Pin:
        """With the question that the editor came from."""
        return Pin(question=self.request.GET.get("words", "")[:100].strip())


class SynonymViewSet(SnippetViewSet):
    """Words that mean the same to the search."""

    model = SynonymSet
    icon = "link"
    menu_label = "Synonyms"
    menu_order = 20
    menu_hook = "register_search_menu_item"
    add_to_admin_menu = True
    base_url_path = "search/synonyms"
    copy_view_enabled = False
    list_per_page = 50
    list_display = ["terms", BooleanColumn("is_one_way", label="Only from the first")]
    search_fields = ["terms"]
    add_view_class = _CreateSynonyms
    chooser_viewset_class = NoChooser
    edit_handler = ObjectList([FieldPanel("terms", heading="Words and phrases"), FieldPanel("is_one_way")])


class _PinIndex(IndexView):
    def get_base_queryset(self) -> QuerySet[Pin]:
        """With the titles of the pieces, in the same query."""
        rows: QuerySet[Pin] = super().get_base_queryset().select_related("first", "second", "third")
        return rows


def _pinned_titles(pin: Pin) -> str:
    pieces = [piece for piece in (pin.first, pin.second, pin.third) if piece is not None]
    return " · ".join(_title(piece) for piece in pieces) or "Nothing any more"


def _title(piece: Publication) -> str:
    return piece.title if piece.live else f"{piece.title} (not public)"


class PinViewSet(SnippetViewSet):
    """Results that come first."""

    model = Pin
    icon = "pick"
    menu_label = "Pinned results"
    menu_order = 30
    menu_hook = "register_search_menu_item"
    add_to_admin_menu = True
    base_url_path = "search/pins"
    copy_view_enabled = False
    list_per_page = 50
    list_display = ["question", Column("pieces", label="Pieces", accessor=_pinned_titles)]
    search_fields = ["question"]
    index_view_class = _PinIndex
    add_view_class = _CreatePin
    chooser_viewset_class = NoChooser
    edit_handler = ObjectList(
        [
            FieldPanel("question", heading="When readers ask"),
            MultiFieldPanel(
                [FieldPanel("first"), FieldPanel("second"), FieldPanel("third")],
                heading="Show these first",
                help_text="Marked “Chosen by the editors”, on the first page, as long as the public may see them.",
            ),
        ]
    )


def _months() -> list[tuple[date, str]]:
    months = SearchedWords.objects.order_by("-month").values_list("month", flat=True).distinct()
    return [(month, f"{month:%B %Y}") for month in months]


def _unfound_only(rows: QuerySet[SearchedWords], _: str, value: str) -> QuerySet[SearchedWords]:
    return rows.filter(n_unfound__gt=0).order_by("-month", "-n_unfound", "words") if value == "unfound" else rows


class _SearchesFilter(WagtailFilterSet):
    month = django_filters.ChoiceFilter(label="Month", choices=_months)
    found = django_filters.ChoiceFilter(
        label="Found",
        choices=[("unfound", "Searched and not found")],
        method=_unfound_only,
        empty_label="Most searched",
    )

    class Meta:
        model = SearchedWords
        fields: list[str] = []


def _link(url: str, label: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, label)


def _searched(row: SearchedWords) -> SafeString:
    return _link(f"/search/?{urlencode({'q': row.words})}", row.words)


def _remedies(row: SearchedWords) -> SafeString:
    words = urlencode({"words": row.words})
    synonym = _link(f"{reverse(f'{_SYNONYMS}:add')}?{words}", "Make a synonym")
    return format_html("{} · {}", synonym, _link(f"{reverse(f'{_PINS}:add')}?{words}", "Pin a result"))


class SearchesView(ReportView):
    """What readers searched, by month: the most asked first, or what was not found. Permission: `SEE`."""

    model = SearchedWords
    permission_policy = ModelPermissionPolicy(SearchedWords)
    permission_required = "view"
    page_title = "Searches"
    header_icon = "search"
    index_url_name = "isthmus_searches"
    index_results_url_name = "isthmus_searches_results"
    filterset_class = _SearchesFilter
    default_ordering = ("-month", "-n_asked", "words")
    no_results_message = "Nothing was searched yet; what is searched stands here a minute later."
    columns = [
        Column("words", label="Words", accessor=_searched),
        Column("month", label="Month", accessor=lambda row: f"{row.month:%B %Y}"),
        NumberColumn("n_asked", label="Times searched", width="12%"),
        NumberColumn("n_unfound", label="Found nothing", width="12%"),
        Column("remedies", label="What to do", accessor=_remedies),
    ]
    list_export = ["month", "words", "n_asked", "n_unfound"]
    export_headings = {"n_asked": "Times searched", "n_unfound": "Found nothing"}
    # What a reader typed may begin like a formula.
    custom_field_preprocess = {"words": {"csv": text.cell, "xlsx": text.cell}}
    export_filename = "searches"

    def get_queryset(self) -> QuerySet[SearchedWords]:
        """All months, the newest first."""
        return SearchedWords.objects.order_by(*self.default_ordering)


SEARCH_MENU = Menu(register_hook_name="register_search_menu_item", construct_hook_name="construct_search_menu")


@hooks.register("register_admin_menu_item")
def _search() -> MenuItem:
    return SubmenuMenuItem("Site search", SEARCH_MENU, name="site-search", icon_name="search", order=150)


@hooks.register("register_search_menu_item")
def _searches_item() -> MenuItem:
    return PermittedItem("Searches", "isthmus_searches", SEE, icon_name="history", order=10)


@hooks.register("register_admin_urls")
def _addresses() -> list[Any]:
    return [
        path("search/searches/", SearchesView.as_view(), name="isthmus_searches"),
        path("search/searches/results/", SearchesView.as_view(results_only=True), name="isthmus_searches_results"),
    ]


register_snippet(SynonymViewSet)
register_snippet(PinViewSet)
