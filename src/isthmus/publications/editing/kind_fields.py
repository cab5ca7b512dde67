"""The fields of each kind, which are data in the options, as fields of a form and back into `Publication.details`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.dateparse import parse_datetime
from django.utils.timezone import get_current_timezone, is_naive, make_aware
from wagtail.admin.widgets import AdminAutoHeightTextInput, AdminDateTimeInput
from wagtail.documents.widgets import AdminDocumentChooser

from isthmus.kit.publication_kinds import Kind, KindField
from isthmus.publications.models import Document

_MAX_CHARS, _MAX_TRANSCRIPT_CHARS = 500, 400_000
_DURATION = RegexValidator(r"^(\d{1,3}:)?\d{1,3}:[0-5]\d$", "Write minutes and seconds, 42:10, or hours too, 1:02:10.")
_HELP = {
    "url": "The whole address, beginning with https://.",
    "duration": "Minutes and seconds, 42:10, or hours too, 1:02:10.",
    "datetime": "In the time zone of the institute.",
}


class _Moment(forms.DateTimeField):
    """An instant, kept as text in UTC, so that details of events can be compared in the database as they stand."""

    def prepare_value(self, value: Any) -> Any:
        at = parse_datetime(value) if isinstance(value, str) else value
        if not isinstance(at, datetime):
            return value
        return at if is_naive(at) else at.astimezone(get_current_timezone()).replace(tzinfo=None)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


def field_name(kind: str, name: str) -> str:
    """The name in the form: kinds may have fields of the same name."""
    return f"details__{kind}__{name}"


def form_fields(details: dict[str, Any]) -> dict[str, forms.Field]:
    """A form field for each field of each kind, none of them required, filled from the stored details."""
    made = {}
    for kind in settings.ISTHMUS.kinds.values():
        for declared in kind.fields:
            made[field_name(kind.name, declared.name)] = _form_field(declared, details.get(declared.name))
    return made


def _form_field(declared: KindField, value: Any) -> forms.Field:
    common = {"label": declared.label, "required": False, "initial": value, "help_text": _HELP.get(declared.type, "")}
    if declared.type == "textarea":
        return forms.CharField(max_length=_MAX_TRANSCRIPT_CHARS, widget=AdminAutoHeightTextInput(), **common)
    if declared.type == "url":
        return forms.URLField(max_length=1000, **common)
    if declared.type == "datetime":
        return _Moment(widget=AdminDateTimeInput(), **common)
    if declared.type == "duration":
        return forms.CharField(max_length=12, validators=[_DURATION], **common)
    if declared.type == "number":
        return forms.FloatField(**common)
    if declared.type == "document":
        return forms.ModelChoiceField(Document.objects.all(), widget=AdminDocumentChooser(), **common)
    return forms.CharField(max_length=_MAX_CHARS, **common)


def details_from(cleaned: dict[str, Any], *, kind: str, stored: dict[str, Any]) -> dict[str, Any]:
    """What to store: the fields of the chosen kind, and whatever no kind declares (imports may bring more).

    Raises: ValidationError, by form field, for an event that ends before it starts.
    """
    kinds: dict[str, Kind] = settings.ISTHMUS.kinds
    declared_anywhere = {field.name for each in kinds.values() for field in each.fields}
    kept = {name: value for name, value in stored.items() if name not in declared_anywhere}
    for declared in kinds[kind].fields if kind in kinds else ():
        value = cleaned.get(field_name(kind, declared.name))
        if value not in (None, ""):
            kept[declared.name] = _stored(value)
    if kept.get("start") and kept.get("end") and str(kept["end"]) < str(kept["start"]):
        raise ValidationError({field_name(kind, "end"): "The end is before the start."})
    return kept


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        aware = make_aware(value) if is_naive(value) else value
        return aware.astimezone(UTC).isoformat()
    if isinstance(value, Document):
        return value.pk
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return value.isoformat() if isinstance(value, date) else value


def shown_lines(details: dict[str, Any], kind: str) -> str:
    """The details as text, a line each, for comparing two versions."""
    declared = settings.ISTHMUS.kinds.get(kind)
    labels = {field.name: field.label for field in declared.fields} if declared else {}
    return "\n".join(f"{labels.get(name, name)}: {value}" for name, value in sorted(details.items()))
