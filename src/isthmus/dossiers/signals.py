"""Marks the vocabulary as changed whichever door a change comes through: bulk deletion in the admin asks no model.

The site's own pages, which lead to open dossiers, hear of it the same way.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import Signal

from isthmus.dossiers import changes, links, vocabulary
from isthmus.dossiers.models import Alias, NamedDate, Ruling, Subject, SubjectTitle, ToneWord
from isthmus.publications import context

subject_merged = Signal()
"""Sent with the numbers `gone` and `into`, in the transaction in which the first goes up in the other."""


def connect() -> None:
    """Called once, when the folder starts."""
    for model in (Subject, Alias, SubjectTitle, NamedDate, ToneWord):
        for signal in (post_save, post_delete):
            signal.connect(_changed, sender=model, dispatch_uid=f"isthmus_vocabulary_{model.__name__}_{id(signal)}")
    for signal in (post_save, post_delete):
        signal.connect(_ruled, sender=Ruling, dispatch_uid=f"isthmus_ruled_{id(signal)}")
    links.add()


def _changed(sender: type, instance: Any, **_: Any) -> None:
    """In the transaction of the change, so that who sees the mark sees the change."""
    with transaction.atomic():
        vocabulary.touch()
        # Pieces show the name of a subject, and the pages of dossiers all the rest.
        named = [changes.NAMES, f"subject:{instance.pk}"] if sender is Subject else []
        changes.append([changes.EVERY_PAGE, *named])
    # Whether any dossier is open is kept with the site's settings.
    context.forget()


def _ruled(**_: Any) -> None:
    """A ruling may be about an entry on any page, and may give it to another subject."""
    with transaction.atomic():
        changes.append([changes.EVERY_PAGE])
