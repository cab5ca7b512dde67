"""A staged run becomes public in one moment: new pieces, new versions and the run's own state in one transaction."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from isthmus.importers import fields, pages
from isthmus.importers.models import ImportedItem, ImportedUpdate, ImportRun
from isthmus.importers.report import Report
from isthmus.kit import clock
from isthmus.publications import actions as publications
from isthmus.publications import naming
from isthmus.publications.audit import actions as audit
from isthmus.publications.audit.kinds import Act
from isthmus.publications.models import Publication

# Among the fields of an update: the source shows now what it hid when it came in.
SHOWN = "is shown"


def release_run(run: ImportRun, report: Report) -> None:
    """Release what the run staged, schedule what is dated later, publish its new versions: all of it or nothing."""
    now = clock.now()
    with transaction.atomic():
        staged = ImportedItem.objects.filter(run=run, publication__staged_in=run.pk)
        _schedule([*staged.filter(status="schedule").values_list("publication_id", flat=True)], now=now)
        drafts = staged.filter(status="draft").values_list("publication_id", flat=True)
        Publication.objects.filter(pk__in=[*drafts]).update(staged_in="", has_unpublished_changes=True)
        publications.release_staged([*staged.values_list("publication_id", flat=True)], run=run.pk)
        pages.release(run)
        for update in run.updates.select_related("item__publication").order_by("pk").iterator(chunk_size=100):
            _apply(update, report)
        run.state, run.finished_at, run.report = ImportRun.State.RELEASED, now, report.as_json()
        run.save()
        audit.note(Act.IMPORT_RELEASED, subject=f"run:{run.pk}", said=f"{run.path}: {report.summary()}")


def _schedule(publication_ids: list[int], *, now: datetime) -> None:
    """Later pieces go live by the worker; one whose moment passed while the run was held is released with the rest."""
    for piece in Publication.objects.filter(pk__in=publication_ids, published_at__gt=now).iterator(chunk_size=100):
        piece.staged_in = ""
        Publication.objects.filter(pk=piece.pk).update(staged_in="")
        publications.schedule(piece, piece.published_at)


def _apply(update: ImportedUpdate, report: Report) -> None:
    item, piece = update.item, update.item.publication
    is_shown = bool(update.fields.pop(SHOWN, False))
    before = fields.present_values(piece, with_body=True)
    edited = [name for name in update.fields if _is_edited(item, name, before, update)]
    for name in edited:
        report.warn(item.source_id, "edited here", f"{name} was edited here and stays; the source changed it as well")
    taken = {name: value for name, value in update.fields.items() if name not in edited}
    update.before = {
        "fields": {name: before[name] for name in taken},
        "hashes": dict(item.field_hashes),
        "content_hash": item.content_hash,
        "was_hidden": is_shown,
    }
    update.fields = taken
    update.save()
    change_piece(piece, taken)
    item.field_hashes |= fields.hashes_of(taken)
    item.content_hash = update.content_hash
    if is_shown and not edited:
        item.status = "release"
        _show(Publication.objects.get(pk=piece.pk))
    item.save()


def _show(piece: Publication) -> None:
    newest = piece.get_latest_revision_as_object()
    if newest.published_at and newest.published_at > clock.now():
        publications.schedule(piece, newest.published_at)
    else:
        publications.release(piece)


def _is_edited(item: ImportedItem, name: str, before: fields.Values, update: ImportedUpdate) -> bool:
    here = fields.hashes_of({name: before[name]})[name]
    there = fields.hashes_of({name: update.fields[name]})[name]
    return here not in (fields.recorded(item.field_hashes, name), there)


def change_piece(piece: Publication, values: fields.Values) -> None:
    """Put new values onto a piece, be it public, drafted, scheduled or staged; old versions stay in its history."""
    if not values:
        return
    if piece.staged_in:
        _put(piece, values)
        piece.save()
    elif piece.live:
        _change_live(piece, values)
    else:
        _change_draft(piece, values)


def _change_live(piece: Publication, values: fields.Values) -> None:
    """A new public version; an unpublished draft goes on, with the new values where it had not changed them."""
    draft = piece.get_latest_revision_as_object() if piece.has_unpublished_changes else None
    before = fields.hashes_of(fields.present_values(piece))
    publications.keep_first_revision(piece)
    _put(piece, values)
    piece.go_live_at = None
    publications.save_draft(piece).publish(skip_permission_checks=True)
    if draft is not None:
        in_draft = fields.hashes_of(fields.present_values(draft))
        fields.put(draft, {name: value for name, value in values.items() if in_draft[name] == before[name]})
        publications.save_draft(draft)


def _change_draft(piece: Publication, values: fields.Values) -> None:
    newest = piece.get_latest_revision_as_object()
    was_at, goes_live_at = newest.published_at, piece.go_live_at
    _put(newest, values)
    if goes_live_at is None:
        publications.save_draft(newest)
        return
    publications.keep_first_revision(newest)
    newest.save_revision(log_action=True)
    # A moment an editor chose stays; one that came from the date follows the date.
    at = newest.published_at if goes_live_at == was_at and newest.published_at else goes_live_at
    publications.schedule(Publication.objects.get(pk=newest.pk), at)


def _put(piece: Publication, values: fields.Values) -> None:
    fields.put(piece, values)
    others = Publication.objects.filter(series_id=piece.series_id).exclude(pk=piece.pk)
    if "series_id" in values and others.filter(slug=piece.slug).exists():
        piece.slug = naming.next_free(piece.slug, lambda slug: others.filter(slug=slug).exists())
