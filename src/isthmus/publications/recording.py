"""Compares what the public could see before and after a save, and writes journal rows, old addresses and media uses.

Runs inside `save()` and `pre_delete`, in the transaction of the change. Never in Wagtail's signals: those were
measured to fire outside the transaction and for pieces that are merely scheduled, and bulk actions skip them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from wagtail import signal_handlers

from isthmus.kit import clock
from isthmus.publications import journal
from isthmus.publications.audit import actions as audit
from isthmus.publications.audit.kinds import Act
from isthmus.publications.models.addresses import FormerAddress, Withdrawal
from isthmus.publications.models.media import MediaUse

if TYPE_CHECKING:
    from isthmus.publications.journaled import Journaled
    from isthmus.publications.models.publication import Publication


@dataclass(frozen=True, slots=True)
class PublicState:
    """What the public sees of a publication: whether, where, a hash of everything on its page, and since when.

    published_at: of the newest release, which feeds and sitemap tell, also where nothing else is new.
    """

    is_visible: bool
    path: str
    fingerprint: str
    published_at: datetime | None = None


NOWHERE = PublicState(is_visible=False, path="", fingerprint="")


def public_row(row: "Journaled") -> "Journaled | None":
    """The row as the database holds it now; None for a new one."""
    return type(row)._default_manager.filter(pk=row.pk).first() if row.pk else None


def record_row(row: "Journaled", before: "Journaled | None") -> None:
    """Journal a changed person, series, category or site; keep the old address alive."""
    if shows_media(row):
        rewrite_media_uses(row.subject, row.media_ids())
    if before is None:
        if getattr(row, "is_public", True):
            journal.append(row.subject, journal.What.REVISED)
        return
    if all(getattr(before, name) == getattr(row, name) for name in row.public_fields):
        return
    old_path, new_path = getattr(before, "path", None), getattr(row, "path", None)
    if old_path and old_path != new_path:
        keep_former_address(old_path, **{row.journal_kind: row})
    subjects = [row.subject, *row.also_changed(before)]
    journal.append_many(journal.Change(subject, journal.What.REVISED) for subject in subjects)


def shows_media(row: "Journaled") -> bool:
    """Whether media uses are recorded under the row's name.

    A category axis shows none, and shares the name `site` with the settings, whose logo it must not take away.
    """
    from isthmus.publications.journaled import Journaled

    return type(row).media_ids is not Journaled.media_ids


def state_of(pk: int | None) -> PublicState:
    """The public state of a publication as the database holds it now; one query, none for a new row."""
    from isthmus.publications.models.publication import Publication

    if pk is None:
        return NOWHERE
    row = Publication.objects.filter(pk=pk).values_list(*_STATE).first()
    if row is None:
        return NOWHERE
    live, fingerprint, published_at, slug, series_slug = row
    return PublicState(live, publication_path(slug, series_slug), fingerprint, published_at)


_STATE = ("live", "fingerprint", "last_published_at", "slug", "series__slug")


def publication_path(slug: str, series_slug: str | None) -> str:
    """The address of a publication, root-relative."""
    return f"/{series_slug or 'publications'}/{slug}/"


def record_publication(piece: "Publication", before: PublicState, *, is_first_release: bool) -> None:
    """Journal a released, revised or withdrawn publication, in the transaction that saved it."""
    after = PublicState(piece.live, piece.path, piece.fingerprint, piece.last_published_at)
    if after.is_visible and not before.is_visible:
        Withdrawal.objects.filter(path=after.path).delete()
        journal.append(piece.subject, journal.What.RELEASED, is_news=is_first_release and not piece.is_backdated)
        audit.note(Act.RELEASED, subject=piece.subject, said=piece.title)
    elif before.is_visible and not after.is_visible:
        withdraw_address(piece, path=before.path, keep_link=True)
        journal.append(piece.subject, journal.What.WITHDRAWN)
        audit.note(Act.WITHDRAWN, subject=piece.subject, said=piece.title)
    elif after.is_visible and after != before:
        journal.append(piece.subject, journal.What.REVISED)
    if piece.released_at and before.path and before.path != after.path:
        keep_former_address(before.path, publication=piece)


@contextmanager
def one_reference_update(piece: "Publication") -> Iterator[None]:
    """Have Wagtail's index of references read the piece anew once, and not once more for each byline and file."""
    with signal_handlers.disable_reference_index_auto_update():
        yield
    signal_handlers.update_reference_index_on_save(piece)


def withdraw_address(piece: "Publication", *, path: str, keep_link: bool) -> None:
    """Leave title and date where the piece stood, so that its address answers 410 and not 404.

    keep_link: False while the piece is being deleted, when Django has already gathered the rows to unlink.
    """
    Withdrawal.objects.update_or_create(
        path=path,
        defaults={
            "title": piece.title,
            "published_on": piece.published_on,
            "withdrawn_at": clock.now(),
            "identity": piece.identity,
            "publication": piece if keep_link else None,
        },
    )


def keep_former_address(path: str, **target: Any) -> None:
    """Make an old address lead to its target; an address in use again stops being a former one."""
    FormerAddress.objects.update_or_create(
        path=path,
        defaults={"publication": None, "person": None, "series": None, "category": None, "page": None, **target},
    )


def rewrite_media_uses(user: str, media: set[tuple[str, int]]) -> None:
    """Make the recorded uses of `user` exactly these pictures and files; no write where nothing changed."""
    known = {
        ("image", use.image_id) if use.image_id else ("document", use.document_id): use.pk
        for use in MediaUse.objects.filter(user=user)
    }
    gone = [pk for medium, pk in known.items() if medium not in media]
    if gone:
        MediaUse.objects.filter(pk__in=gone).delete()
    MediaUse.objects.bulk_create(
        [MediaUse(user=user, **{f"{kind}_id": pk}) for kind, pk in sorted(media - known.keys())]
    )
