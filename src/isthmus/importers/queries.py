"""Looks back at imports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from isthmus.importers import linking, pages
from isthmus.importers.models import ImportedItem, ImportedUpdate, ImportRun
from isthmus.publications.models import FormerAddress

_BATCH = 500


def runs() -> Sequence[ImportRun]:
    """Every run, the newest first."""
    return list(ImportRun.objects.order_by("-started_at", "-id"))


def held_runs(path: Path | None) -> Sequence[ImportRun]:
    """Runs that wait for their release: those of a path, or the newest one for no path."""
    held = ImportRun.objects.filter(state=ImportRun.State.STAGED)
    if path is not None:
        return list(held.filter(path=str(path.resolve())).order_by("started_at"))
    return list(held.order_by("-started_at", "-id")[:1])


def known_hashes(run: ImportRun | None) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
    """(source, id) to content hash of all that came in before; and how the items of an unfinished run came in."""
    known, outcomes = {}, {}
    rows = ImportedItem.objects.values_list("source", "source_id", "content_hash", "run_id")
    for source, source_id, content_hash, run_id in rows:
        known[source, source_id] = content_hash
        if run is not None and run_id == run.pk:
            outcomes[source, source_id] = "created"
    updates = ImportedUpdate.objects.filter(run=run) if run is not None else ImportedUpdate.objects.none()
    for source, source_id, content_hash in updates.values_list("item__source", "item__source_id", "content_hash"):
        known[source, source_id] = content_hash
        outcomes[source, source_id] = "updated"
    known_pages, outcomes_of_pages = pages.known_hashes(run)
    return known | known_pages, outcomes | outcomes_of_pages


def targets_of(paths: Iterable[str]) -> dict[str, linking.Target]:
    """What came in, or stands here, under these old paths."""
    wanted, found = sorted(set(paths)), dict[str, linking.Target]()
    for start in range(0, len(wanted), _BATCH):
        rows = FormerAddress.objects.filter(path__in=wanted[start : start + _BATCH])
        for path, piece, page in rows.values_list("path", "publication_id", "page_id"):
            if piece or page:
                found[path] = ("publication", piece) if piece else ("page", page)
    return found


def last_run_of(source: str) -> ImportRun | None:
    """The run that last looked at items of a source, undone ones apart; None for a source not known yet."""
    runs = ImportRun.objects.exclude(state__in=[ImportRun.State.UNDONE, ImportRun.State.FAILED])
    # In Python: SQLite cannot ask what is in a list, and there are some dozens of runs at most.
    rows = runs.order_by("-started_at", "-id").iterator(chunk_size=50)
    return next((run for run in rows if source in run.options.get("sources", ())), None) if source else None
