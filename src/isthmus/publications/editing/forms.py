"""The form of a publication: its own columns, its kind's fields as data, categories grouped by axis."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.timezone import get_current_timezone_name
from wagtail.admin.forms import WagtailAdminModelForm

from isthmus.publications.editing import kind_fields
from isthmus.publications.editing.wall_time import WallTimeField, shown_in
from isthmus.publications.models import Category

# The zone each time of a schedule was typed in.
_ZONE_OF = {"go_live_at": "go_live_zone", "expire_at": "expire_zone"}


class CategoryCheckboxes(forms.CheckboxSelectMultiple):
    """Boxes in one group for each axis, branches below their parents; a small script adds a filter to long groups."""

    template_name = "isthmus/admin/category_checkboxes.html"


def category_choices() -> list[tuple[str, list[tuple[int, str]]]]:
    """Every category, in one query: axes in their order, branches indented below their parents."""
    rows = list(Category.objects.select_related("axis").order_by("axis__position", "axis__label", "label"))
    children: dict[int | None, list[Category]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    groups: dict[str, list[tuple[int, str]]] = {}
    for row, depth in _walk(children, None, 0):
        groups.setdefault(row.axis.label, []).append((row.pk, "\u2014 " * depth + row.label))
    return list(groups.items())


def _walk(children: dict[int | None, list[Category]], parent: int | None, depth: int) -> Iterator[tuple[Category, int]]:
    for row in children.get(parent, []):
        yield row, depth
        yield from _walk(children, row.pk, depth + 1)


def kind_choices(current: str) -> list[tuple[str, str]]:
    """The kinds of the options; one that is no longer declared stays possible for a piece that has it."""
    choices = [(kind.name, kind.label) for kind in settings.ISTHMUS.kinds.values()]
    known = {name for name, _ in choices}
    return choices if not current or current in known else [*choices, (current, current)]


def _zone_help(at: datetime | None, zone: str) -> str:
    """Which clock the field shows, and what was meant where that is another."""
    here = get_current_timezone_name()
    meant = f" It was meant as {shown_in(at, zone)}." if at and zone not in ("", here) else ""
    return f"By the clocks of {here}.{meant}"


class PublicationForm(WagtailAdminModelForm):
    """What the editor saves; who it belongs to and what the system knows about it are not in it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            self.fields["kind"] = forms.ChoiceField(
                choices=kind_choices(self.instance.kind), help_text=self.fields["kind"].help_text
            )
            self.fields.update(kind_fields.form_fields(self.instance.details or {}))
        if "categories" in self.fields:
            # The function and not its result: a form that is only read (a POST) asks for no list.
            self.fields["categories"].choices = category_choices
        if "title" in self.fields:
            # Wagtail shows a title without label or frame: empty, it would be invisible.
            self.fields["title"].widget.attrs["placeholder"] = "Title"
        if "slug" in self.fields:
            self.fields["slug"].required = False
        for name in self.fields.keys() & _ZONE_OF.keys():
            self.fields[name] = WallTimeField.like(self.fields[name])
            self.fields[name].help_text = _zone_help(getattr(self.instance, name), self._zone_of(name))
        if "language" in self.fields and not self.instance.pk:
            self.initial["language"] = settings.ISTHMUS.language

    def clean(self) -> dict[str, Any]:
        """Gather the kind's fields into `details`."""
        cleaned: dict[str, Any] = super().clean()
        self._keep_zones(cleaned)
        if "kind" in cleaned:
            try:
                self.instance.details = kind_fields.details_from(
                    cleaned, kind=cleaned["kind"], stored=self.instance.details or {}
                )
            except ValidationError as error:
                self.add_error(None, error)
        return cleaned

    def _zone_of(self, name: str) -> str:
        return getattr(self.instance, _ZONE_OF[name])

    def _keep_zones(self, cleaned: dict[str, Any]) -> None:
        """A time that was typed is meant in the zone it was typed in; one that was left alone keeps its own."""
        for name in cleaned.keys() & _ZONE_OF.keys():
            if not cleaned[name]:
                setattr(self.instance, _ZONE_OF[name], "")
            elif name in self.changed_data or not self._zone_of(name):
                setattr(self.instance, _ZONE_OF[name], get_current_timezone_name())
