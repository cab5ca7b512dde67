"""The one door of imports: run, release what was held, undo.

Items are staged in batches, each a transaction, out of the public's sight; the release at the end is one transaction. A
run that was killed is continued by importing the same path in the same way again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from isthmus.importers import mapping, queries, reading, releasing, undoing
from isthmus.importers.cleaned import Cleaned
from isthmus.importers.judgement import House
from isthmus.importers.models import ImportRun
from isthmus.importers.report import Report, report_from
from isthmus.importers.source_item import Skipped
from isthmus.importers.writer import ID_MAX_CHARS, SOURCE_MAX_CHARS, Writer
from isthmus.kit import clock, files, locks, text
from isthmus.kit.errors import IsthmusError, UsageError
from isthmus.kit.garbage import rare_collections
from isthmus.publications.audit import actions as audit
from isthmus.publications.audit.kinds import Act
from isthmus.search.ahead import Ahead

# One transaction; a kill loses at most this much work, and none of it was public.
_BATCH = 300
_BATCH_MAX_CHARS = 16_000_000


def run_import(
    path: Path | None,
    *,
    source: str | None = None,
    series: str = "",
    map_file: Path | None = None,
    hold: bool = False,
    release: bool = False,
    dry_run: bool = False,
    report_file: Path | None = None,
    tick: Callable[[int], None] = lambda n: None,
) -> Report:
    """Bring an archive in and release it in one moment; with `hold` it waits for `release`.

    path: a file or a folder; None with `release` means the newest held run. series: puts every piece in one series.
    tick: called with the number of items done, for a progress bar.
    Raises: UsageError, IsthmusError in a sentence; LockHeld while another import runs.
    """
    if hold and release:
        raise UsageError("--hold and --release say opposite things: choose one.")
    if report_file is not None:
        _check_report(report_file)
    with locks.file_lock(settings.DATA / "import.lock"):
        if path is None:
            report = _release_held(None) if release else _nothing_named()
        else:
            report = _import(
                path,
                source=source,
                series=series,
                map_file=map_file,
                hold=hold,
                release=release,
                dry_run=dry_run,
                tick=tick,
            )
    if report_file is not None:
        files.write_durably(report_file, json.dumps(report.as_json(), ensure_ascii=False, indent=1).encode())
    return report


def _check_report(path: Path) -> None:
    """Before anything is read: a report that cannot be written must not be found out after the release."""
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise UsageError(f"The report {path} cannot be written: name a file in a directory that is there and yours.")


def undo(run_id: str) -> undoing.Undone:
    """Take a run back. Raises: IsthmusError for a run that is not there or was undone before."""
    with locks.file_lock(settings.DATA / "import.lock"):
        run = ImportRun.objects.filter(pk=run_id).first()
        if run is None:
            raise UsageError(f"There is no run {run_id}: `isthmus import --runs` lists them.")
        if run.state in (ImportRun.State.UNDONE, ImportRun.State.FAILED):
            undoing.delete_staged(run)
            raise IsthmusError(f"Run {run_id} is {run.get_state_display()} already; there is nothing left to undo.")
        return undoing.undo_run(run)


def _nothing_named() -> Report:
    raise UsageError("Nothing to import: name a file or a folder, or --release for what is held.")


def _release_held(path: Path | None, *, but: str = "") -> Report:
    held = [run for run in queries.held_runs(path) if run.pk != but]
    if not held:
        raise UsageError("No run is held: `isthmus import --runs` lists what there is.")
    report = Report("", "")
    for run in held:
        report = report_from(run.report)
        releasing.release_run(run, report)
        report.said.append(f"Run {run.pk} is released: what it staged is public now.")
    return report


def _import(
    path: Path, *, source: str | None, series: str, map_file: Path | None, hold: bool, release: bool, dry_run: bool,
    tick: Callable[[int], None],
) -> Report:  # fmt: skip
    paths, unknown = reading.files_of(path, source=source)
    options = settings.ISTHMUS
    label_map = mapping.read_mapping(map_file, kinds=options.kinds)
    asked = {"source": source, "series": series, "map": _hash_of(map_file)}
    house = House(
        settings.TIME_ZONE, options.language, tuple(options.kinds), tuple(options.embed_hosts), _placing(asked)
    )
    if not dry_run:
        _clear_unfinished(path, asked)
    run = _dry_run(path) if dry_run else _run_for(path, asked)
    report = report_from(run.report) if run.report else Report(run.pk, str(path))
    known, outcomes = queries.known_hashes(None if dry_run else run)
    if run.report:
        report.said.append(f"Run {run.pk} goes on where it was stopped.")
        report.skipped, report.counts = [], type(report.counts)()
    for loss in unknown:
        report.skip(loss.id, loss.where, loss.reason)
    items = reading.read_cleaned(paths, house, known=known, root=path)
    with rare_collections(), Ahead() as index:
        writer = Writer(run, label_map=label_map, series=series)
        stage = _Stage(run, report, writer, outcomes, known, index=None if hold or dry_run else index, is_dry=dry_run)
        stage.take_all(items, tick)
        if not dry_run:
            _finish(run, report, index, hold=hold)
            _say_what_is_held(path, run, report, release=release)
    return report


def _hash_of(map_file: Path | None) -> str:
    try:
        return hashlib.sha256(map_file.read_bytes()).hexdigest() if map_file else ""
    except OSError as error:
        raise UsageError(f"The map {map_file} cannot be read ({error.strerror}): check the path.") from error


def _placing(asked: dict[str, Any]) -> str:
    """What tells two ways of placing the same archive apart; empty for neither a series nor a map."""
    return json.dumps([asked["series"], asked["map"]]) if asked["series"] or asked["map"] else ""


def _clear_unfinished(path: Path, asked: dict[str, Any]) -> None:
    """Drop what killed runs of other paths or options staged, and what a killed undo left; none of it was public."""
    for run in ImportRun.objects.exclude(state__in=[ImportRun.State.RELEASED, ImportRun.State.STAGED]):
        if run.state == ImportRun.State.STAGING:
            if run.path == str(path.resolve()) and run.options == asked:
                continue
            ImportRun.objects.filter(pk=run.pk).update(state=ImportRun.State.FAILED, finished_at=clock.now())
        undoing.delete_staged(run)


def _dry_run(path: Path) -> ImportRun:
    return ImportRun(pk="dry-run", path=str(path.resolve()), started_at=clock.now())


def _run_for(path: Path, asked: dict[str, Any]) -> ImportRun:
    """The unfinished run of this path, or a new one."""
    unfinished = ImportRun.objects.filter(state=ImportRun.State.STAGING, path=str(path.resolve())).first()
    if unfinished is not None:
        return unfinished
    today = clock.now().strftime("%Y%m%d")
    numbers = [
        int(pk.rpartition("-")[2]) for pk in ImportRun.objects.filter(pk__startswith=today).values_list("pk", flat=True)
    ]
    run_id = f"{today}-{max(numbers, default=0) + 1}"
    return ImportRun.objects.create(pk=run_id, path=str(path.resolve()), options=asked, started_at=clock.now())


class _Stage:
    """Takes items one by one and saves them batch by batch."""

    def __init__(
        self, run: ImportRun, report: Report, writer: Writer, outcomes: dict[tuple[str, str], str],
        known: dict[tuple[str, str], str], *, index: Ahead | None, is_dry: bool,
    ) -> None:  # fmt: skip
        self._index = index
        self._run, self._report, self._writer = run, report, writer
        self._outcomes, self._known, self._is_dry = outcomes, known, is_dry
        self._seen: dict[tuple[str, str], str] = {}
        self._batch: list[Cleaned] = []
        self._n_chars = 0

    def take_all(self, items: Iterable[Cleaned | reading.Known | Skipped], tick: Callable[[int], None]) -> None:
        """Take them all, in batches; the last batch is saved too."""
        for item in items:
            self._take(item)
            tick(1)
            if len(self._batch) >= _BATCH or self._n_chars > _BATCH_MAX_CHARS:
                self._save()
        self._save()

    def _take(self, item: Cleaned | reading.Known | Skipped) -> None:
        if isinstance(item, Skipped):
            self._report.skip(item.id, item.where, item.reason)
            return
        key = (item.source, item.id)
        if key in self._seen:
            self._report.skip(item.id, item.where, f"the same id as {self._seen[key]}")
            return
        self._seen[key] = item.where
        if isinstance(item, reading.Known):
            self._report.count(self._outcomes.get(key, "unchanged"))
        elif len(item.id) > ID_MAX_CHARS or len(item.source) > SOURCE_MAX_CHARS:
            self._report.skip(text.shorten(item.id, 80), item.where, f"the id is longer than {ID_MAX_CHARS} characters")
        else:
            self._batch.append(item)
            self._n_chars += len(item.body)

    def _save(self) -> None:
        batch, self._batch, self._n_chars = self._batch, [], 0
        if not batch:
            return
        if self._is_dry:
            for item in batch:
                self._report.count("updated" if (item.source, item.id) in self._known else "created")
                for kind, words in item.warnings:
                    self._report.warn(item.id, kind, words)
            return
        with transaction.atomic():
            to_be_released = self._writer.save(batch, self._report)
            # The warnings of a batch stand or fall with it, so that a continued run reports them once.
            ImportRun.objects.filter(pk=self._run.pk).update(report=self._report.as_json())
        if self._index is not None:
            self._index.add(to_be_released, run=self._run.pk)


def _finish(run: ImportRun, report: Report, index: Ahead, *, hold: bool) -> None:
    if not hold:
        with index.released():
            releasing.release_run(run, report)
        return
    has_work = report.counts["created"] + report.counts["updated"] > 0
    run.state = ImportRun.State.STAGED if has_work else ImportRun.State.RELEASED
    run.report, run.finished_at = report.as_json(), clock.now()
    with transaction.atomic():
        run.save()
        audit.note(Act.IMPORT_STAGED, subject=f"run:{run.pk}", said=f"{run.path}: {report.summary()}")


def _say_what_is_held(path: Path, run: ImportRun, report: Report, *, release: bool) -> None:
    if run.state == ImportRun.State.STAGED:
        n_held = report.counts["created"] + report.counts["updated"]
        report.said.append(
            f"{text.plural(n_held, 'piece is', 'pieces are')} held in run {run.pk}: "
            "`isthmus import --release` makes them public."
        )
    older = [held for held in queries.held_runs(path) if held.pk != run.pk]
    if older and release:
        report.said += _release_held(path, but=run.pk).said
    elif older:
        names = ", ".join(held.pk for held in older)
        report.said.append(f"Still held: {names}; `isthmus import {path} --release` makes it public.")
    elif release:
        report.said.append(f"Run {run.pk} is released: what it staged is public now.")
