"""What each start of the demo makes anew: the piece that goes live while one watches, and the editor's password."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from isthmus.demo import loading
from isthmus.demo.entries import PieceEntry
from isthmus.publications import actions, roles
from isthmus.publications.models import Publication, User, Withdrawal

EDITOR_EMAIL = "editor@merrow.example"

# No letters or digits that look alike: four groups of four out of 24 are 73 bits.
_LETTERS = "abcdefghijkmnpqrstuvwxyz"


def renew_scheduled(entry: PieceEntry, *, now: datetime) -> datetime:
    """Schedule the piece for its number of seconds after `now`, and leave no trace of its last appearance.

    Returns the instant it is due. Readers who met the former one would be told "withdrawn" by its address, so that
    mark is removed as well; the journal tells the index to drop it.
    """
    assert entry.release_in_s is not None
    due_at = now + timedelta(seconds=entry.release_in_s)
    with transaction.atomic():
        for former in Publication.objects.filter(slug=entry.slug, series__slug=entry.series):
            former.delete()
        piece = loading.save_unreleased(entry)
        Withdrawal.objects.filter(path=piece.path).delete()
        actions.schedule(piece, due_at)
    return due_at


def renew_editor() -> str:
    """A new password for the demo's editor, who may do everything; returns it."""
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    with transaction.atomic():
        user = User.objects.filter(email=EDITOR_EMAIL).first() or User(email=EDITOR_EMAIL)
        user.first_name, user.last_name, user.is_active = "Alice", "of the Merrow Institute", True
        user.set_password(password)
        user.save()
        roles.assign(user, "administrator")
    return password


def flagship_path() -> str:
    """The address of the piece to read first; the front page where an editor has removed it."""
    piece = Publication.objects.filter(slug=loading.FLAGSHIP, live=True).first()
    return piece.path if piece else "/"
