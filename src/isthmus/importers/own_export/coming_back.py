"""An export read back: what is not here comes in, what is here stays as it is, all of it in one transaction.

No ordinary source: pieces keep their history, their ids of blocks and their addresses, so that a second export is equal
to the first, byte for byte. A killed import has done nothing but copied files, which the next one finds.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from isthmus.dossiers import vocabulary
from isthmus.importers.models import ImportedItem, ImportRun
from isthmus.importers.own_export import media, pages, pieces, subscribers
from isthmus.importers.own_export.checked import safe_body
from isthmus.importers.own_export.names import Names
from isthmus.importers.own_export.tables import AFTER_PIECES, BEFORE_PIECES, Row, Table, values_of
from isthmus.importers.own_export.writing import FORMAT, MANIFEST
from isthmus.importers.report import Report
from isthmus.kit import clock, text
from isthmus.kit.errors import IsthmusError
from isthmus.mailing.addresses import AddressInvalid
from isthmus.publications import actions as publications
from isthmus.publications import journal
from isthmus.publications.models import Attachment, Byline, Publication
from isthmus.publications.recording import publication_path

_LINE_MAX_BYTES = 64 * 1024 * 1024
_BATCH = 300
Tick = Callable[[int], None]


class _Tried(Exception):
    """The end of a dry run: everything is rolled back."""


def is_own_export(path: Path) -> bool:
    """Whether this directory is an export of Isthmus."""
    return path.is_dir() and (path / MANIFEST).is_file()


def bring_back(folder: Path, *, run: ImportRun, report: Report, is_dry: bool, tick: Tick = lambda n: None) -> None:
    """Bring in what is not here. The report counts publications; the rest it says in sentences.

    Raises: IsthmusError for an export that is newer than this program, damaged, or none; nothing has come in then.
    """
    manifest = _read_json(folder / MANIFEST)
    made_with = manifest.get("isthmus_export") if isinstance(manifest, dict) else None
    if not isinstance(made_with, int) or made_with > FORMAT:
        raise IsthmusError(f"{folder} is an export of a newer Isthmus (format {made_with}): upgrade this one first.")
    try:
        with transaction.atomic():
            _bring_all(folder, run, report, tick, is_dry=is_dry)
            if is_dry:
                raise _Tried
    except _Tried:
        pass
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise IsthmusError(f"{folder} is damaged ({error!r}): copy the whole export again.") from error
    if manifest.get("has_keys"):
        report.said.append(
            f"{folder / 'secrets'} has the old institute's keys: put them into data/secrets before the first start of "
            "a new institute, so that links in old mails work and nobody who was suppressed is written to."
        )


def _bring_all(folder: Path, run: ImportRun, report: Report, tick: Tick, *, is_dry: bool) -> None:
    if is_dry:
        run.save()
    if not Publication.objects.exists():
        # A new institute is what the export says, and not what `init` wrote for a start.
        pages.clear()
    names, made = Names(), Counter[str]()
    for row in _rows(folder / "media.jsonl"):
        made["pictures and files"] += media.bring_in(row, folder / "files", names)
    for table in BEFORE_PIECES:
        made[table.file.replace("-", " ")] = _bring_table(folder, table, names)
    new = _bring_pieces(folder, run, report, names, tick)
    made["pages"] = sum(pages.bring_in(row, names) for row in _rows(folder / "pages.jsonl"))
    _link_bodies(new, names)
    for table in AFTER_PIECES:
        made[table.file.replace("-", " ")] = _bring_table(folder, table, names)
    for row in _rows(folder / "site.jsonl"):
        pages.bring_site_in(row, names)
    made["subscribers"] = _bring_people(folder, report, names)
    vocabulary.touch()
    run.state, run.finished_at, run.report = ImportRun.State.RELEASED, clock.now(), report.as_json()
    run.save()
    said = ", ".join(f"{n} {what}" for what, n in made.items() if n)
    if said:
        report.said.append(f"Besides publications there came in: {said}.")


def _rows(path: Path) -> Iterator[Row]:
    if not path.is_file():
        return
    with path.open("rb") as file:
        while line := file.readline(_LINE_MAX_BYTES):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise IsthmusError(f"{path} is damaged ({error}): copy the whole export again.") from error
            if not isinstance(row, dict):
                raise IsthmusError(f"{path} is damaged: a line of it is no row. Copy the whole export again.")
            yield row


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise IsthmusError(f"{path} cannot be read ({error}): copy the whole export again.") from error


def _bring_table(folder: Path, table: Table, names: Names) -> int:
    """Make the rows that are not here; returns how many."""
    n_made, parents = 0, {}
    for row in _rows(folder / f"{table.file}.jsonl"):
        values = values_of(row, table, names)
        if _is_here(table, values):
            continue
        obj = table.model(**values)
        obj.save()
        n_made += 1
        if table.kind:
            names.add(table.kind, obj.pk, _name(table, row))
        if row.get("parent"):
            parents[obj.pk] = row["parent"]
    for pk, parent in parents.items():
        # A branch may stand before the one it grows from.
        table.model._default_manager.filter(pk=pk).update(parent_id=names.number("category", parent))
    return n_made


def _name(table: Table, row: Row) -> str:
    return "/".join(str(row[name]) for name in table.key)


def _is_here(table: Table, values: Mapping[str, Any]) -> bool:
    """Whether there is a row of the same key; in a table without one, a row that says the same."""
    attnames = {spec.name: spec.attname for spec in table.fields()}
    wanted = {attnames[name]: values.get(attnames[name]) for name in table.key} if table.key else dict(values)
    wanted = {
        f"{name}__isnull" if value is None else name: True if value is None else value for name, value in wanted.items()
    }
    return bool(table.model._default_manager.filter(**wanted).exists())


def _bring_pieces(folder: Path, run: ImportRun, report: Report, names: Names, tick: Tick) -> dict[int, Row]:
    """Make the pieces that are not here, released as they were; returns their rows by number."""
    new: dict[int, Row] = {}
    batch: list[Row] = []
    for path in sorted((folder / "publications").glob("*/*.json")):
        row = _read_json(path)
        address = publication_path(row["slug"], row["series"] or None)
        tick(1)
        if names.number("publication", address) is None:
            batch.append(row)
            report.count("created")
        else:
            report.count("unchanged")
        if len(batch) >= _BATCH:
            new |= _made(batch, run, names)
            batch = []
    return new | _made(batch, run, names)


def _made(rows: list[Row], run: ImportRun, names: Names) -> dict[int, Row]:
    staged = [_staged(row, names) for row in rows]
    publications.stage_many(staged, run=run.pk)
    by_number: dict[int, Row] = {}
    for item, row in zip(staged, rows, strict=True):
        piece = item.piece
        by_number[piece.pk] = row
        names.add("publication", piece.pk, publication_path(piece.slug, row["series"] or None))
        ImportedItem.objects.create(
            source="isthmus", source_id=f"{run.pk}{piece.path}"[:500], publication=piece, run=run, content_hash="",
            status="release" if row["live"] else "draft",
        )  # fmt: skip
    return by_number


def _staged(row: Row, names: Names) -> publications.StagedPiece:
    values = pieces.columns_of(row, (*pieces.CONTENT, *pieces.HISTORY), names)
    values |= {"live": False, "body": json.dumps(names.inward(safe_body(row["body"]))), "identity": row["identity"]}
    piece = Publication(
        **values,
        series_id=names.number("series", row["series"]) if row["series"] else None,
        lead_image_id=names.number("image", row["lead_image"]) if row["lead_image"] else None,
    )
    return publications.StagedPiece(
        piece,
        bylines=_bylines(row, names),
        category_ids=[number for name in row["categories"] if (number := names.number("category", name))],
        attachments=_attachments(row, names),
    )


def _bylines(row: Row, names: Names) -> list[Byline]:
    return [
        Byline(person_id=number, **{name: line[name] for name in ("role", "printed_name", "affiliation", "note")})
        for line in row["bylines"]
        if (number := names.number("person", line["person"]))
    ]


def _attachments(row: Row, names: Names) -> list[Attachment]:
    return [
        Attachment(document_id=number, title=one["title"])
        for one in row["attachments"]
        if (number := names.number("document", one["document"]))
    ]


def _link_bodies(new: Mapping[int, Row], names: Names) -> None:
    """Links between pieces, now that each has a number; then each is released, scheduled or left a draft as it was."""
    released = []
    for number, row in new.items():
        history = pieces.columns_of(row, pieces.HISTORY, names)
        columns: dict[str, Any] = {**history, "staged_in": "", "has_unpublished_changes": not row["live"]}
        if "linktype=" in json.dumps(row["body"]):
            columns["body"] = json.dumps(names.inward(safe_body(row["body"])))
        Publication.objects.filter(pk=number).update(**columns)
        if row["live"]:
            released.append(journal.Change(f"pub:{number}", journal.What.RELEASED))
    journal.append_many(released)
    for number, row in new.items():
        if row.get("is_scheduled") or row.get("draft"):
            _bring_draft(number, row, names)


def _bring_draft(number: int, row: Row, names: Names) -> None:
    piece = Publication.objects.get(pk=number)
    if row.get("is_scheduled") and piece.go_live_at and piece.go_live_at > clock.now():
        publications.schedule(piece, piece.go_live_at, zone=piece.go_live_zone)
    elif row.get("draft"):
        draft = row["draft"]
        for name, value in pieces.columns_of(draft, pieces.CONTENT, names).items():
            setattr(piece, name, value)
        piece.body = json.dumps(names.inward(safe_body(draft["body"])))
        piece.lead_image_id = names.number("image", draft["lead_image"]) if draft["lead_image"] else None
        piece.bylines.set(_bylines(draft, names))
        piece.attachments.set(_attachments(draft, names))
        piece.categories.set([n for name in draft["categories"] if (n := names.number("category", name))])
        publications.save_draft(piece)


def _bring_people(folder: Path, report: Report, names: Names) -> int:
    n_made = 0
    for line, row in enumerate(_rows(folder / "subscribers.jsonl"), start=1):
        try:
            outcome = subscribers.bring_in(row, names)
        except AddressInvalid as error:
            outcome = str(error)
        if outcome == "created":
            n_made += 1
        elif outcome != "unchanged":
            report.warn("", "subscriber", f"line {line}: {text.shorten(outcome, 200)}")
    return n_made
