"""Looks back at imports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from isthmus.importers.models import ImportedItem, ImportedUpdate, ImportRun


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
    return known, outcomes
