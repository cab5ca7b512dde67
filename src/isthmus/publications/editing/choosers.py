"""The small windows in which editors pick a piece, a person, a series or a category: a search by name, 25 a page."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views import chooser

from isthmus.publications import naming
from isthmus.publications.editing.listing import searched
from isthmus.publications.editing.permissions import policy
from isthmus.publications.models import Person, Publication


class _NameForm(BaseFilterForm):
    """One search field; every word must stand in the name."""

    q = forms.CharField(
        label="Search", required=False, max_length=200, widget=forms.TextInput(attrs={"placeholder": "Search"})
    )
    fields_searched: ClassVar[tuple[str, ...]] = ()

    def filter(self, objects: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that fit."""
        self.search_query = self.cleaned_data.get("q", "").strip()
        self.is_searching = bool(self.search_query)
        return self.matching(objects, self.search_query) if self.is_searching else objects

    def matching(self, objects: QuerySet[Any], query: str) -> QuerySet[Any]:
        """Rows with every word in one of the fields."""
        for word in query.split()[:8]:
            anywhere = Q()
            for name in self.fields_searched:
                anywhere |= Q(**{f"{name}__icontains": word})
            objects = objects.filter(anywhere)
        return objects


class _PersonForm(_NameForm):
    """People are found whatever the accents: the folded key is searched as well."""

    fields_searched = ("name", "affiliation")

    def matching(self, objects: QuerySet[Any], query: str) -> QuerySet[Any]:
        """By name with or without accents, or by affiliation."""
        return objects.filter(
            Q(pk__in=super().matching(objects, query).values("pk")) | Q(name_key__contains=naming.name_key(query))
        )


class _SeriesForm(_NameForm):
    fields_searched = ("title",)


class _CategoryForm(_NameForm):
    fields_searched = ("label", "axis__label")


class _PieceForm(_NameForm):
    """Pieces are found as in their list."""

    def matching(self, objects: QuerySet[Any], query: str) -> QuerySet[Any]:
        """By title, people and, where released, every word."""
        return searched(objects, query)


class _NewPerson(forms.ModelForm):
    """A person added without leaving the piece."""

    class Meta:
        model = Person
        fields = ("name", "title", "affiliation")


def _views(form: type[_NameForm], columns: list[Column], mixin: type) -> dict[str, Any]:
    """Wagtail's five views with this search form, these columns and this mixin in front."""

    class _Choose:
        filter_form_class = form

        @property
        def columns(self) -> list[Column]:
            """The title, and what these rows are told apart by."""
            return [self.title_column, *columns]  # type: ignore[attr-defined]

    bases = {
        "choose_view_class": (mixin, _Choose, chooser.ChooseView),
        "choose_results_view_class": (mixin, _Choose, chooser.ChooseResultsView),
        "chosen_view_class": (mixin, chooser.SnippetChosenView),
        "chosen_multiple_view_class": (mixin, chooser.SnippetChosenMultipleView),
    }
    return {name: type(f"Isthmus{parents[-1].__name__}", parents, {}) for name, parents in bases.items()}


class _Anybody:
    """Whoever may enter the admin may choose."""


class _Readable:
    """Only pieces whose rows the user may read, in the list and when one of them is named by its number."""

    def get_object_list(self) -> QuerySet[Publication]:
        """What may be chosen."""
        rows = policy.instances_user_has_any_permission_for(self.request.user, {"view"})  # type: ignore[attr-defined]
        return rows.select_related("series").defer("body", "details")

    def get_object(self, pk: Any) -> Publication:
        """The chosen piece. Raises: Publication.DoesNotExist, which Wagtail answers with 404."""
        return self.get_object_list().get(pk=pk)

    def get_objects(self, pks: Any) -> QuerySet[Publication]:
        """The chosen pieces."""
        return self.get_object_list().filter(pk__in=pks)


class PersonChooser(chooser.SnippetChooserViewSet):
    """People; who may add people may do so here."""

    locals().update(_views(_PersonForm, [Column("affiliation", label="Affiliation", accessor="affiliation")], _Anybody))
    creation_form_class = _NewPerson
    creation_tab_label = "New person"
    create_action_label = "Add"


class SeriesChooser(chooser.SnippetChooserViewSet):
    """Series."""

    locals().update(_views(_SeriesForm, [], _Anybody))


class CategoryChooser(chooser.SnippetChooserViewSet):
    """Categories of every axis."""

    locals().update(_views(_CategoryForm, [Column("axis", label="Axis", accessor="axis")], _Anybody))


class PublicationChooser(chooser.SnippetChooserViewSet):
    """Pieces."""

    locals().update(
        _views(
            _PieceForm,
            [
                Column("series", label="Series", accessor="series"),
                Column("published_on", label="Published", accessor="published_on"),
                Column("state", label="State", accessor=lambda piece: "Live" if piece.live else "Not public"),
            ],
            _Readable,
        )
    )
