"""A date and time as an editor reads it off the wall: in her zone, and safe in the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import get_current_timezone
from wagtail.admin.widgets import AdminDateTimeInput

from isthmus.kit import clock

_SHOWN = "%Y-%m-%d %H:%M"


class WallTimeInput(AdminDateTimeInput):
    """Wagtail's picker, which leaves alone what was typed: it would cut off an offset when the field is left."""

    def get_config(self) -> dict[str, Any]:
        """The picker's options."""
        return {**super().get_config(), "validateOnBlur": False}


class WallTimeField(forms.DateTimeField):
    """An instant, typed and shown in the current zone.

    A time that clocks skip is refused with the nearest ones that exist; of a time that comes twice the field asks
    which is meant, by its offset. Django's own field refuses both in one sentence and takes neither.
    """

    widget = WallTimeInput

    @classmethod
    def like(cls, other: forms.Field) -> WallTimeField:
        """The same field of a form, typed this way; a picker in a dialogue stays in it."""
        shared = {name: getattr(other, name) for name in ("required", "label", "initial", "help_text", "disabled")}
        attrs, parent = other.widget.attrs, getattr(other.widget, "js_overlay_parent_selector", "body")
        return cls(widget=WallTimeInput(attrs=attrs, js_overlay_parent_selector=parent), **shared)

    def to_python(self, value: Any) -> datetime | None:
        """The instant. Raises: ValidationError, with what to write instead."""
        wall = _typed(value)
        if wall is None or wall.tzinfo is not None:
            return wall or super().to_python(value)
        zone = get_current_timezone()
        found = clock.instants_of(wall, zone)
        if len(found) == 1:
            return found[0]
        raise ValidationError(_which(found, zone) if found else _skipped(wall, zone), code="ambiguous_timezone")

    def prepare_value(self, value: Any) -> Any:
        """As the wall shows it, with the offset where the wall shows it twice."""
        if not isinstance(value, datetime) or value.tzinfo is None:
            return value
        zone = get_current_timezone()
        wall = value.astimezone(zone).replace(tzinfo=None)
        return wall if len(clock.instants_of(wall, zone)) == 1 else _with_offset(value, zone)


def shown_in(at: datetime, zone: str) -> str:
    """An instant as somebody in a zone meant it: "9 March 2027, 09:00 (Asia/Seoul)".

    zone: an IANA name; in UTC, and saying so, where it is empty or the system no longer knows it.
    """
    try:
        wall = clock.in_zone(at, zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return f"{shown_in(at, 'UTC')}, meant in {zone}"
    return f"{date_format(wall, 'j F Y, H:i')} ({zone or 'UTC'})"


def _typed(value: Any) -> datetime | None:
    """What is a date with a time in ISO's order; None for all else, which Django's field reads."""
    if isinstance(value, datetime):
        return value
    try:
        return parse_datetime(value.strip()) if isinstance(value, str) else None
    except ValueError:
        return None


def _skipped(wall: datetime, zone: tzinfo) -> str:
    later, earlier = (
        f"{wall.replace(tzinfo=zone, fold=fold).astimezone(UTC).astimezone(zone):{_SHOWN}}" for fold in (0, 1)
    )
    return (
        f"Clocks in {zone} are put forward over {wall:{_SHOWN}}, so that time never comes: "
        f"write {later}, or {earlier} for before the change."
    )


def _which(found: tuple[datetime, ...], zone: tzinfo) -> str:
    first, second = (_with_offset(at, zone) for at in found)
    wall = found[0].astimezone(zone)
    return (
        f"Clocks in {zone} are put back over {wall:{_SHOWN}}, so that time comes twice: "
        f"write {first} for the first, {second} for the second."
    )


def _with_offset(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).isoformat(" ", "seconds" if at.second else "minutes")
