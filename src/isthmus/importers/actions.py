"""The one door of imports: run, release what was held, undo.

Items are staged in batches, each a transaction, out of the public's sight; the release at the end is one transaction. A
run that was killed is continued by importing the same path in the same way again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from isthmus.importers import linked, queries, reading, releasing, undoing
from isthmus.importers.judgement import House
from isthmus.importers.media import Library, Shelf
from isthmus.importers.models import ImportRun
from isthmus.importers.opening import unpacked
from isthmus.importers.own_export import coming_back
from isthmus.importers.placing import Placing, placing_asked_for, placing_of
from isthmus.importers.report import Report, report_from
from isthmus.importers.source_item import SourceMedia
from isthmus.importers.staging import Draft, Saver, Stage
from isthmus.importers.writer import Writer
from isthmus.kit import clock, files, locks, text
from isthmus.kit.errors import IsthmusError, UsageError
from isthmus.kit.garbage import all_done, rare_collections
from isthmus.publications.audit import actions as audit
from isthmus.publications.audit.kinds import Act
from isthmus.search.ahead import Ahead

# Of an archive, from which on memory counts for more than speed.
_LARGE_BYTES = 200_000_000


def run_import(
    path: Path | None,
    *,
    source: str | None = None,
    series: str | None = None,
    map_file: Path | None = None,
    hold: bool = False,
    release: bool = False,
    dry_run: bool = False,
    fetch_media: bool = False,
    report_file: Path | None = None,
    tick: Callable[[int], None] = lambda n: None,
) -> Report:
    """Bring an archive in and release it in one moment; with `hold` it waits for `release`.

    path: a file or a folder; None with `release` means the newest held run. series: puts every piece in one series.
    Without `series` and `map_file` a source known already is placed as it was the last time.
    fetch_media: fetch pictures and files that pieces refer to and that do not stand beside the archive.
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
                fetch_media=fetch_media,
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


def release_held(run_id: str) -> str:
    """Release one held run; returns what to say of it. Raises: IsthmusError for one that is not held; LockHeld."""
    with locks.file_lock(settings.DATA / "import.lock"):
        run = ImportRun.objects.filter(pk=run_id, state=ImportRun.State.STAGED).first()
        if run is None:
            raise IsthmusError(f"Run {run_id} is not held, so there is nothing to release: look at its state.")
        releasing.release_run(run, report_from(run.report))
        return f"Run {run.pk} is released: what it staged is public now."


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
    path: Path, *, source: str | None, series: str | None, map_file: Path | None, hold: bool, release: bool,
    dry_run: bool, fetch_media: bool, tick: Callable[[int], None],
) -> Report:  # fmt: skip
    with unpacked(path) as archive:
        if source == "isthmus" or coming_back.is_own_export(archive.root):
            is_told = bool(series or map_file or hold)
            return _bring_back(path, archive.root, is_told=is_told, dry_run=dry_run, tick=tick)
        paths, unknown = reading.files_of(archive.root, source=source)
        placing = _placing_for(paths, archive.root, series=series, map_file=map_file, dry_run=dry_run)
        asked = {"source": source, **placing.asked()}
        if not dry_run:
            _clear_unfinished(path, asked)
        run = _dry_run(path) if dry_run else _run_for(path, asked)
        report = _report_of(run, path)
        report.said += placing.said
        known, outcomes = queries.known_hashes(None if dry_run else run)
        for loss in [*archive.left_out, *unknown]:
            report.skip(loss.id, loss.where, loss.reason)
        shelf = Shelf(archive.root, is_unpacked=archive.root != path)
        library = Library(run, report, shelf, is_fetching=fetch_media, is_dry=dry_run)
        if library.is_needed:
            wanted = reading.wanted_media(paths, known=known, placing=placing.name(), root=archive.root)
            _bring_in(library, wanted, archive.root, report, set(paths), tick=tick)
        if dry_run and fetch_media:
            report.said.append("A dry run fetches nothing: pictures and files it names as missing may be there.")
        items = reading.read_cleaned(paths, _house(placing), known=known, root=archive.root, media=library.found)
        with rare_collections(), Ahead(is_large=_is_large(paths)) as index:
            if dry_run:
                draft = Draft(run, report, placing, map_file)
                Stage(report, draft, outcomes, known=known, run=run.pk, index=None).take_all(items, tick)
                draft.finish()
                return report
            ahead = None if hold else index
            Stage(report, _saver(run, report, placing), outcomes, known=known, run=run.pk, index=ahead).take_all(
                items, tick
            )
            # Whoever staged knew all items and addresses, which nobody needs any more.
            all_done()
            linked.link_run(run, report)
            _finish(run, report, index, hold=hold)
    _say_what_is_held(path, run, report, release=release)
    return report


def _is_large(paths: Iterable[Path]) -> bool:
    """Whether memory counts for more than speed."""
    return sum(path.stat().st_size for path in paths if path.exists()) > _LARGE_BYTES


def _saver(run: ImportRun, report: Report, placing: Placing) -> Saver:
    return Saver(run, report, Writer(run, label_map=placing.rules, series=placing.series))


def _bring_in(
    library: Library, wanted: Iterable[tuple[str, SourceMedia]], root: Path, report: Report, read: Collection[Path], *,
    tick: Callable[[int], None],
) -> None:  # fmt: skip
    """Bring pictures and files in, or look at them; those that nothing uses are named."""
    library.bring_in(wanted, tick)
    if root.is_dir():
        for path in library.unused():
            if path not in read:
                report.skip("", str(path.relative_to(root)), "a picture or file that no piece shows or offers")


def _bring_back(path: Path, root: Path, *, is_told: bool, dry_run: bool, tick: Callable[[int], None]) -> Report:
    """An export of Isthmus itself, which comes back as it was."""
    if not coming_back.is_own_export(root):
        raise UsageError(f"{path} is no export of Isthmus: leave --source away, and it is read as what it is.")
    if is_told:
        raise UsageError("An export of Isthmus comes back as it was: leave --series, --map and --hold away.")
    run = _dry_run(path) if dry_run else _run_for(path, {"source": "isthmus"})
    report = Report(run.pk, str(path))
    coming_back.bring_back(root, run=run, report=report, is_dry=dry_run, tick=tick)
    return report


def _house(placing: Placing) -> House:
    options = settings.ISTHMUS
    return House(settings.TIME_ZONE, options.language, tuple(options.kinds), tuple(options.embed_hosts), placing.name())


def _report_of(run: ImportRun, path: Path) -> Report:
    """A new report, or that of the run that goes on: its warnings stand, its items are counted anew."""
    if not run.report:
        return Report(run.pk, str(path))
    report = report_from(run.report)
    report.said.append(f"Run {run.pk} goes on where it was stopped.")
    report.skipped, report.counts = [], type(report.counts)()
    return report


def _placing_for(
    paths: Mapping[Path, str], root: Path, *, series: str | None, map_file: Path | None, dry_run: bool
) -> Placing:
    kinds = settings.ISTHMUS.kinds
    if series is not None or map_file is not None:
        return placing_asked_for(series or "", map_file, kinds=kinds, is_draft=dry_run)
    return placing_of(queries.last_run_of(reading.first_source(paths, root=root)))


def _clear_unfinished(path: Path, asked: dict[str, Any]) -> None:
    """Drop what killed runs of other paths or options staged, and what a killed undo left; none of it was public."""
    for run in ImportRun.objects.exclude(state__in=[ImportRun.State.RELEASED, ImportRun.State.STAGED]):
        if run.state == ImportRun.State.STAGING:
            if run.path == str(path.resolve()) and _was_asked(run, asked):
                continue
            ImportRun.objects.filter(pk=run.pk).update(state=ImportRun.State.FAILED, finished_at=clock.now())
        undoing.delete_staged(run)


def _was_asked(run: ImportRun, asked: dict[str, Any]) -> bool:
    return all(run.options.get(name) == value for name, value in asked.items())


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
