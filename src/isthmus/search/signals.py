"""Marks synonyms and pins as changed whichever door a change comes through: Wagtail's bulk deletion asks no model."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from isthmus.search.editors import THE_MARK
from isthmus.search.models import EditorsMark, Pin, SynonymSet


@receiver([post_save, post_delete], sender=SynonymSet, dispatch_uid="isthmus_synonyms_changed")
@receiver([post_save, post_delete], sender=Pin, dispatch_uid="isthmus_pins_changed")
def _changed(**_: Any) -> None:
    """In the transaction of the change, so that who sees the mark sees the change."""
    EditorsMark.objects.update_or_create(pk=THE_MARK, defaults={"mark": token_hex(8)})
