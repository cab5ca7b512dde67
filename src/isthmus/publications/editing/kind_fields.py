"""The fields of each kind, which are data in the options, as fields of a form and back into `Publication.details`.

A field of the type `document` has none here: files are attached under "Files", where readers are shown them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.dateparse import parse_datetime
from django.utils.timezone import get_current_timezone, is_naive, make_aware
from wagtail.admin.widgets import AdminAutoHeightTextInput

from isthmus.kit.publication_kinds import Kind, KindField
from isthmus.publications.editing.wall_time import WallTimeField

# How the names of these fields begin in the form.
PREFIX = "details__"
_MAX_CHARS, _MAX_TRANSCRIPT_CHARS = 500, 400_000
_DURATION = RegexValidator(r"^(\d{1,3}:)?\d{1,3}:[0-5]\d$", "Write minutes and seconds, 42:10, or hours too, 1:02:10.")
_HELP = {
    "url": "The whole address, beginning with https://.",
    "duration": "Minutes and seconds, 42:10, or hours too, 1:02:10.",
    "datetime": "In the time zone of the institute.",
}


class _Moment(WallTimeField):
    """An instant, stored as text with its offset; shown and read in the institute's zone."""

    def prepare_value(self, value: Any) -> Any:
        """The stored text as the wall shows it."""
        at = parse_datetime(value) if isinstance(value, str) else value
        return super().prepare_value(at if isinstance(at, datetime) else value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another instant was typed; another way of writing the same is none."""
        return super().has_changed(self.prepare_value(initial), data)


def field_name(kind: str, name: str) -> str:
    """The name in the form: kinds may have fields of the same name."""
    return f"{PREFIX}{kind}__{name}"


def editable_fields(kind: Kind) -> Iterator[KindField]:
    """The fields of a kind that are edited as its own."""
    return (field for field in kind.fields if field.type != "document")


def form_fields(details: dict[str, Any]) -> dict[str, forms.Field]:
    """A form field for each field of each kind, none of them required, filled from the stored details."""
    return {
        field_name(kind.name, declared.name): _form_field(declared, details.get(declared.name))
        for kind in settings.ISTHMUS.kinds.values()
        for declared in editable_fields(kind)
    }


def _form_field(declared: KindField, value: Any) -> forms.Field:
    common = {"label": declared.label, "required": False, "initial": value, "help_text": _HELP.get(declared.type, "")}
    if declared.type == "textarea":
        return forms.CharField(max_length=_MAX_TRANSCRIPT_CHARS, widget=AdminAutoHeightTextInput(), **common)
    if declared.type == "url":
        return forms.URLField(max_length=1000, **common)
    if declared.type == "datetime":
        return _Moment(**common)
    if declared.type == "duration":
        return forms.CharField(max_length=12, validators=[_DURATION], **common)
    if declared.type == "number":
        return forms.FloatField(**common)
    return forms.CharField(max_length=_MAX_CHARS, **common)


def details_from(cleaned: dict[str, Any], *, kind: str, stored: dict[str, Any]) -> dict[str, Any]:
    """What to store: the fields of the chosen kind, and whatever no form field stands for (imports bring more).

    Raises: ValidationError, by form field, for an event that ends before it starts.
    """
    kinds: dict[str, Kind] = settings.ISTHMUS.kinds
    edited_anywhere = {field.name for each in kinds.values() for field in editable_fields(each)}
    kept = {name: value for name, value in stored.items() if name not in edited_anywhere}
    own = list(editable_fields(kinds[kind])) if kind in kinds else []
    values = {field.name: cleaned.get(field_name(kind, field.name)) for field in own}
    _check_order(values, kind=kind)
    for name, value in values.items():
        if value not in (None, ""):
            kept[name] = _stored(value, before=stored.get(name))
    return kept


def _check_order(values: dict[str, Any], *, kind: str) -> None:
    start, end = values.get("start"), values.get("end")
    if isinstance(start, datetime) and isinstance(end, datetime) and end < start:
        raise ValidationError({field_name(kind, "end"): "The end is before the start."})


def _stored(value: Any, *, before: Any) -> Any:
    """As JSON; an instant that was not changed keeps the offset it came with."""
    if isinstance(value, datetime):
        aware = make_aware(value) if is_naive(value) else value.astimezone(get_current_timezone())
        known = parse_datetime(before) if isinstance(before, str) else None
        return before if known and not is_naive(known) and known == aware else aware.isoformat()
    return int(value) if isinstance(value, float) and value.is_integer() else value


def shown_lines(details: dict[str, Any], kind: str) -> str:
    """The details as text, a line each, for comparing two versions."""
    declared = settings.ISTHMUS.kinds.get(kind)
    labels = {field.name: field.label for field in declared.fields} if declared else {}
    return "\n".join(f"{labels.get(name, name)}: {value}" for name, value in sorted(details.items()))
