"""`--undo`: what a run brought goes again, what it changed goes back; what was edited here since stays and is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from isthmus.importers import fields, media, pages, releasing
from isthmus.importers.models import ImportedItem, ImportRun
from isthmus.kit import clock, text
from isthmus.publications import actions as publications
from isthmus.publications import journal
from isthmus.publications.audit import actions as audit
from isthmus.publications.audit.kinds import Act
from isthmus.publications.models import FormerAddress, Publication, Withdrawal

_BATCH = 200


@dataclass(slots=True)
class Undone:
    """What became of a run's pieces. kept: titles of those edited here since."""

    run: str
    n_removed: int = 0
    n_restored: int = 0
    kept: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """One sentence or two for the terminal."""
        if not (self.n_removed or self.n_restored or self.kept):
            return f"Run {self.run} had changed nothing, so there was nothing to take back."
        removed = text.plural(self.n_removed, "piece", "pieces")
        restored = text.plural(self.n_restored, "piece", "pieces")
        said = f"Run {self.run} is undone: {removed} removed, {restored} put back as before."
        if self.kept:
            said += f" Edited here since, so kept: {'; '.join(self.kept)}."
        return said


def undo_run(run: ImportRun) -> Undone:
    """Take the run back: out of the public's sight in one transaction, then out of the database in batches."""
    undone = Undone(run.pk)
    with transaction.atomic():
        _put_back(run, undone)
        _withdraw(run, undone)
        n_gone, n_back, kept = pages.undo(run)
        undone.n_removed, undone.n_restored, undone.kept = (
            undone.n_removed + n_gone, undone.n_restored + n_back, [*undone.kept, *kept],
        )  # fmt: skip
        run.state, run.finished_at = ImportRun.State.UNDONE, clock.now()
        run.save()
        audit.note(Act.IMPORT_UNDONE, subject=f"run:{run.pk}", said=f"{run.path}: {undone.summary()}")
    delete_staged(run)
    media.forget(run)
    return undone


def delete_staged(run: ImportRun) -> None:
    """Delete the run's pieces that are not public and wait for nothing; stopped half-way, the next call goes on."""
    run.updates.filter(before={}).delete()
    pages.delete_staged(run)
    while ids := list(Publication.objects.filter(staged_in=run.pk, live=False).values_list("pk", flat=True)[:_BATCH]):
        with transaction.atomic():
            Publication.objects.filter(pk__in=ids).delete()


def _put_back(run: ImportRun, undone: Undone) -> None:
    """Values an update brought make way for those before it, unless they were edited since."""
    for update in run.updates.select_related("item__publication").exclude(before={}).order_by("-pk"):
        item, piece = update.item, update.item.publication
        here = fields.hashes_of(fields.present_values(piece))
        came = fields.hashes_of(update.fields)
        back = {name: old for name, old in update.before["fields"].items() if here[name] == came[name]}
        if len(back) < len(update.before["fields"]):
            undone.kept.append(piece.title)
        if update.before.get("was_hidden") and piece.live:
            publications.withdraw(piece)
            item.status = "draft"
        elif not back:
            continue
        releasing.change_piece(Publication.objects.get(pk=piece.pk), back)
        item.field_hashes = item.field_hashes | {name: update.before["hashes"].get(name, "") for name in back}
        item.content_hash = update.before["content_hash"]
        item.save()
        undone.n_restored += 1


def _withdraw(run: ImportRun, undone: Undone) -> None:
    """Mark everything the run created for deletion; what was public leaves title and date at its address."""
    for items in _batches(ImportedItem.objects.filter(run=run).order_by("pk").values_list("pk", flat=True)):
        rows = ImportedItem.objects.filter(pk__in=items).select_related("publication__series")
        gone = []
        for item in rows.prefetch_related("publication__bylines", "publication__categories"):
            if _is_edited(item):
                undone.kept.append(item.publication.title)
            else:
                gone.append(item.publication)
        _out_of_sight(gone, run)
        undone.n_removed += len(gone)


def _is_edited(item: ImportedItem) -> bool:
    piece = item.publication
    if item.status == "release" and piece.has_unpublished_changes:
        return True
    present = fields.present_values(piece.get_latest_revision_as_object() if item.status != "release" else piece)
    return any(fields.recorded(item.field_hashes, name) != here for name, here in fields.hashes_of(present).items())


def _out_of_sight(pieces: Sequence[Publication], run: ImportRun) -> None:
    seen = {piece.pk: piece for piece in pieces if piece.live}
    addresses = {piece.path: piece for piece in seen.values()}
    formerly = FormerAddress.objects.filter(publication__in=seen)
    # The old site's own addresses too: links to them are the ones that are out in the world.
    addresses |= {path: seen[pk] for path, pk in formerly.values_list("path", "publication_id")}
    Withdrawal.objects.filter(path__in=addresses).delete()
    Withdrawal.objects.bulk_create(_withdrawal(path, piece) for path, piece in addresses.items())
    journal.append_many(journal.Change(piece.subject, journal.What.WITHDRAWN) for piece in seen.values())
    Publication.objects.filter(pk__in=[piece.pk for piece in pieces]).update(live=False, staged_in=run.pk)


def _withdrawal(path: str, piece: Publication) -> Withdrawal:
    return Withdrawal(
        path=path,
        title=piece.title,
        published_on=piece.published_on,
        withdrawn_at=clock.now(),
        identity=piece.identity,
    )


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    everything = list(ids)
    for start in range(0, len(everything), _BATCH):
        yield everything[start : start + _BATCH]
