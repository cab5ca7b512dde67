"""A changed picture or file: what shows it in public has changed for readers, and the journal says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isthmus.publications import journal, visibility

if TYPE_CHECKING:
    from isthmus.publications.models.media import Document, Image


def shown_by(medium: Image | Document, fields: tuple[str, ...]) -> tuple[str, ...] | None:
    """The given fields as the database holds them now; None for a new row."""
    return type(medium).objects.filter(pk=medium.pk).values_list(*fields).first() if medium.pk else None


def record(medium: Image | Document, before: tuple[str, ...] | None, fields: tuple[str, ...]) -> None:
    """Journal a revision of everything public that shows the picture or file, in the transaction that saved it.

    Pages proper and settings stand in the journal as `site`, as their own changes do. A letter was sent: its web copy
    is made when it is asked for, so nobody has to be told.
    """
    if before is not None and before != shown_by(medium, fields):
        append_users(medium)


def append_users(medium: Image | Document) -> None:
    """Journal a revision of everything public that shows the picture or file, in the caller's transaction."""
    users = sorted(user for user in visibility.public_users_of(medium) if not user.startswith("campaign:"))
    subjects = dict.fromkeys("site" if user.startswith("page:") else user for user in users)
    journal.append_many(journal.Change(subject, journal.What.REVISED) for subject in subjects)
