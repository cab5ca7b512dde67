"""The one door through which publications change state: admin, importers, API and command line all come here.

Wagtail's own admin writes arrive through `Publication.save()`, where the journal stands as well.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from wagtail.actions.base import BaseAction
from wagtail.actions.publish_revision import PublishRevisionAction
from wagtail.models import Page, Revision

from isthmus.kit import clock
from isthmus.kit.bulk import insert_many
from isthmus.publications import body, journal, preparation, queries, recording
from isthmus.publications.audit import actions as audit
from isthmus.publications.audit.kinds import Act
from isthmus.publications.models import Attachment, Byline, Category, FormerAddress, MediaUse, Publication, Withdrawal
from isthmus.publications.staged import staged_by

# Rows in one INSERT or one IN list; SQLite allows 32,766 variables and a publication has some 45.
_BATCH = 400


def save_draft(piece: Publication, *, user: Any = None) -> Revision:
    """Save the piece as a draft: the row where it is new, a revision always; nothing becomes public.

    A piece that never had a revision (as imports have none) first gets one of what its row holds, so that the
    version moved in stays in the history.
    """
    with transaction.atomic():
        _keep_row(piece)
        return piece.save_revision(user=user, log_action=True)


def _keep_row(piece: Publication) -> None:
    """Make a new piece a row, and what the row of a known one holds its first revision."""
    if piece.pk is None:
        piece.live = False
        piece.save()
    else:
        keep_first_revision(piece)


def keep_first_revision(piece: Publication) -> None:
    """Save what the row holds now as its first revision, unless it has one.

    Of a live piece it is the live one as well: without one, Wagtail takes a piece whose next version is scheduled out
    of the public's sight until then, and the draft's title stands on the page that says so.
    """
    if piece.latest_revision_id is None:
        row = Publication.objects.get(pk=piece.pk)
        had_changes = row.has_unpublished_changes
        first = row.save_revision(changed=False, clean=False)
        piece.latest_revision, piece.has_unpublished_changes = first, had_changes
        if row.live:
            Publication.objects.filter(pk=row.pk).update(live_revision=first)
            piece.live_revision = first


def release(piece: Publication, *, user: Any = None) -> Publication:
    """Make the newest draft of the piece public now, even if it was scheduled for later; returns the saved piece."""
    with transaction.atomic():
        newest = piece.get_latest_revision_as_object()
        newest.go_live_at, newest.go_live_zone = None, ""
        _keep_row(newest)
        with queries.page_relations_held(newest):
            # The release itself is what the history of changes names: an entry for the draft would say it twice.
            revision = newest.save_revision(user=user)
            _ReleaseOfSaved(newest, revision, user=user).execute(skip_permission_checks=True)
    return Publication.objects.get(pk=newest.pk)


class _ReleaseOfSaved(PublishRevisionAction):
    """Wagtail's publishing, of the very object the revision was just made from.

    Building it anew from the revision's JSON asked for each row it refers to, 3 of the 44 ms of a release.
    """

    def __init__(self, piece: Publication, revision: Revision, *, user: Any) -> None:
        BaseAction.__init__(self, piece, user=user)
        self.object, self.revision = piece, revision
        self.changed = self.log_action = True
        self.previous_revision = None


def schedule(piece: Publication, at: datetime, *, zone: str = "", user: Any = None) -> None:
    """Have the newest draft become public at an instant; one in the past is released with the next round of work.

    zone: the IANA name of the zone the instant was meant in, which the admin shows it in; the institute's where empty.
    """
    meant_in = zone or settings.TIME_ZONE
    with transaction.atomic():
        newest = piece.get_latest_revision_as_object()
        newest.go_live_at, newest.go_live_zone = at, meant_in
        revision = save_draft(newest, user=user)
        Publication.objects.filter(pk=newest.pk).update(go_live_at=at, go_live_zone=meant_in)
        newest.revisions.exclude(pk=revision.pk).update(approved_go_live_at=None)
        Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=at)
        audit.note(Act.SCHEDULED, subject=piece.subject, said=f"{piece.title}, for {at:%Y-%m-%d %H:%M %Z}")


def withdraw(piece: Publication, *, user: Any = None) -> None:
    """Take the piece out of the public's sight; its address answers 410 with title and date from now on."""
    piece.unpublish(user=user)


def categorise(
    piece: Publication, *, add: Collection[Category] = (), remove: Collection[Category] = (), user: Any = None
) -> None:
    """Put the piece into categories and take it out of others; for readers at once where it is live.

    Other changes of a draft stay unreleased: row and draft get the categories each for themselves.
    """
    with transaction.atomic():
        row = Publication.objects.get(pk=piece.pk)
        newest = row.get_latest_revision_as_object()
        if not _recategorise(newest, add, remove):
            return
        revision = save_draft(newest, user=user)
        if row.live and not row.has_unpublished_changes:
            revision.publish(user=user, skip_permission_checks=True)
        elif _recategorise(fresh := Publication.objects.get(pk=piece.pk), add, remove):
            fresh.save()


def _recategorise(piece: Publication, add: Collection[Category], remove: Collection[Category]) -> bool:
    """Whether that changed anything."""
    before = set(piece.categories.all())
    after = (before | set(add)) - set(remove)
    piece.categories.set(sorted(after, key=lambda category: category.pk))
    return after != before


def release_due(now: datetime) -> int:
    """Release and withdraw what is due, pages too, each in a transaction of its own; returns how many changed.

    Safe to run in several processes: the row is looked at again inside the transaction, under its lock.
    """
    overdue = [
        (model, pk)
        for model in (Publication, Page)
        for pk in model.objects.filter(live=True, expire_at__lte=now).order_by("expire_at").values_list("pk", flat=True)
    ]
    due = list(
        Revision.objects.filter(approved_go_live_at__lte=now)
        .order_by("approved_go_live_at")
        .values_list("pk", flat=True)
    )
    return sum(_expire(model, pk, now=now) for model, pk in overdue) + sum(_go_live(pk, now=now) for pk in due)


def _locked(rows: Any) -> Any:
    return rows.select_for_update(skip_locked=True) if connection.features.has_select_for_update_skip_locked else rows


def _expire(model: type[Publication] | type[Page], pk: int, *, now: datetime) -> int:
    with transaction.atomic():
        found = _locked(model.objects.filter(pk=pk, live=True, expire_at__lte=now)).first()
        if found is None:
            return 0
        # As the class it is: a bare Page would leave no journal row.
        found = found.specific if isinstance(found, Page) else found
        found.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
        return 1


def _go_live(revision_pk: int, *, now: datetime) -> int:
    with transaction.atomic():
        revision = _locked(Revision.objects.filter(pk=revision_pk, approved_go_live_at__lte=now)).first()
        if revision is None:
            return 0
        # Its minute has come by our clock, and Wagtail would compare once more with the system's.
        revision.content |= {"go_live_at": None, "go_live_zone": ""}
        revision.publish(log_action="wagtail.publish.scheduled", skip_permission_checks=True)
        return 1


@dataclass(slots=True)
class StagedPiece:
    """A piece on its way in, with the rows that belong to it; `piece.pk` is None until it is staged."""

    piece: Publication
    bylines: list[Byline] = field(default_factory=list)
    category_ids: list[int] = field(default_factory=list)
    former_paths: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


def stage_many(staged: Sequence[StagedPiece], *, run: str) -> None:
    """Save pieces in bulk, out of the public's sight, in one transaction; slugs are the caller's to choose.

    run: names the import, so that `release_staged` finds them again. Some 1,500 pieces a second.
    """
    with transaction.atomic():
        for item in staged:
            _complete(item, run=run)
        insert_many([item.piece for item in staged])
        _write_children(staged)


def _complete(item: StagedPiece, *, run: str) -> None:
    piece = item.piece
    piece.live, piece.staged_in = False, run
    piece.draft_title = piece.title
    piece.listed_at = piece.published_at or piece.listed_at
    piece.excerpt = preparation.excerpt(piece)
    piece.fingerprint = preparation.fingerprint_of(piece, item.bylines, item.category_ids, item.attachments)


def _write_children(staged: Sequence[StagedPiece]) -> None:
    through = Publication.categories.through
    bylines, branches, uses, attachments, addresses = [], [], [], [], {}
    for item in staged:
        pk = item.piece.pk
        for order, line in enumerate(item.bylines):
            line.publication_id, line.sort_order = pk, order
            bylines.append(line)
        branches += [through(publication_id=pk, category_id=number) for number in dict.fromkeys(item.category_ids)]
        for order, attachment in enumerate(item.attachments):
            attachment.publication_id, attachment.sort_order = pk, order
            attachments.append(attachment)
        media = body.media_ids(item.piece.body.raw_data) | _media_beside(item)
        uses += [MediaUse(user=item.piece.subject, **{f"{kind}_id": number}) for kind, number in sorted(media)]
        addresses.update({path: FormerAddress(path=path, publication_id=pk) for path in item.former_paths})
    for rows in (bylines, branches, uses, attachments):
        insert_many(rows)
    # An address that leads somewhere already goes on leading there.
    insert_many(list(addresses.values()), keeps_old=True)


def _media_beside(item: StagedPiece) -> set[tuple[str, int]]:
    """The picture above the piece and the files below it."""
    found = {("document", attachment.document_id) for attachment in item.attachments}
    return found | ({("image", item.piece.lead_image_id)} if item.piece.lead_image_id else set())


def release_staged(publication_ids: Iterable[int], *, run: str) -> int:
    """Release these pieces of a run in the caller's transaction, with their journal rows; returns how many.

    Pieces moved in are not news. Called inside one transaction for the whole run, so that readers see the run
    as a whole or not at all.
    """
    ids, now, n_released = sorted(publication_ids), clock.now(), 0
    for start in range(0, len(ids), _BATCH):
        batch = staged_by(run).filter(pk__in=ids[start : start + _BATCH], live=False)
        rows = list(batch.values_list("pk", "slug", "series__slug"))
        paths = [recording.publication_path(slug, series) for _, slug, series in rows]
        Withdrawal.objects.filter(path__in=paths).delete()
        batch.update(
            live=True, staged_in="", released_at=now, first_published_at=now, last_published_at=now, is_backdated=True
        )
        journal.append_many(journal.Change(f"pub:{pk}", journal.What.RELEASED) for pk, _, _ in rows)
        n_released += len(rows)
    return n_released
