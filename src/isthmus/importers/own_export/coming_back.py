"""An export read back: what is not here comes in, what is here stays as it is, all of it in one transaction.

No ordinary source: pieces keep their history, their ids of blocks and their addresses, so that a second export is equal
to the first, byte for byte. A killed import has done nothing but copied files, which the next one finds.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import transaction

from isthmus.dossiers import vocabulary
from isthmus.importers.models import ImportedItem, ImportRun
from isthmus.importers.own_export import media, pages, pieces, reading, shapes, subscribers
from isthmus.importers.own_export.names import Names
from isthmus.importers.own_export.tables import AFTER_PIECES, BEFORE_PIECES, Row, Table, values_of
from isthmus.importers.own_export.writing import FORMAT, MANIFEST
from isthmus.importers.report import Report
from isthmus.kit import child, clock, text
from isthmus.kit.errors import IsthmusError
from isthmus.mailing.addresses import AddressInvalid
from isthmus.publications import actions as publications
from isthmus.publications import journal
from isthmus.publications.models import Attachment, Byline, Publication
from isthmus.publications.recording import publication_path
from isthmus.publications.reserved import is_reserved

_BATCH = 300
# Of a row that travels alone: a file of two gigabytes is hashed in it.
_CPU_S, _WALL_S = 60, 600
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
    with closing(_from_child(folder)) as stream:
        rows = _Rows(stream)
        manifest = next(rows.of("manifest"))
        made_with = manifest.get("isthmus_export")
        if not isinstance(made_with, int) or made_with > FORMAT:
            raise IsthmusError(f"{folder} is an export of a newer Isthmus ({made_with!r}): upgrade this one first.")
        _bring_whole(folder, rows, run, report, tick, is_dry=is_dry)
    if manifest.get("has_keys"):
        report.said.append(
            f"{folder / 'secrets'} has the old institute's keys: put them into data/secrets before the first start of "
            "a new institute, so that links in old mails work and nobody who was suppressed is written to."
        )


class _Rows:
    """The rows of an export, section by section, in the order in which they come."""

    def __init__(self, stream: Iterator[tuple[str, Row]]) -> None:
        self._stream = stream
        self._next = next(stream, None)

    def of(self, section: str) -> Iterator[Row]:
        """The rows of the section that comes next; none where it has none."""
        while self._next is not None and self._next[0] == section:
            row = self._next[1]
            self._next = next(self._stream, None)
            yield row


def _from_child(folder: Path) -> Generator[tuple[str, Row]]:
    """(section, row) as a throw-away process read and checked them. Raises: IsthmusError."""
    options = settings.ISTHMUS
    stream = child.stream_limited(
        reading.rows_of, str(folder.resolve()), shapes.sections(), list(options.embed_hosts), options.image_max_pixels,
        list(settings.WAGTAILDOCS_EXTENSIONS), cpu_s_each=_CPU_S, wall_s_each=_WALL_S,
    )  # fmt: skip
    try:
        for batch in stream:
            for section, row in batch:
                if section == "refused":
                    raise IsthmusError(f"{folder} {row}: it is damaged, or was not made here. Copy the export again.")
                yield section, row
    except child.ChildFailed as failure:
        said = failure.detail or failure.reason
        raise IsthmusError(f"{folder} cannot be read as an export ({said}): copy the whole export again.") from failure


def _bring_whole(folder: Path, rows: _Rows, run: ImportRun, report: Report, tick: Tick, *, is_dry: bool) -> None:
    try:
        with transaction.atomic():
            _bring_all(folder, rows, run, report, tick, is_dry=is_dry)
            if is_dry:
                raise _Tried
    except _Tried:
        pass
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, DatabaseError) as error:
        raise IsthmusError(f"{folder} is damaged ({error!r}): copy the whole export again.") from error


def _bring_all(folder: Path, rows: _Rows, run: ImportRun, report: Report, tick: Tick, *, is_dry: bool) -> None:
    if is_dry:
        run.save()
    if not Publication.objects.exists():
        # A new institute is what the export says, and not what `init` wrote for a start.
        pages.clear()
    names, made = Names(), Counter[str]()
    for row in rows.of("media"):
        made["pictures and files"] += media.bring_in(row, folder / "files", names)
    for table in BEFORE_PIECES:
        made[table.file.replace("-", " ")] = _bring_table(rows, table, names)
    new = _bring_pieces(rows, run, report, names, tick)
    made["pages"] = sum(pages.bring_in(row, names) for row in rows.of("pages"))
    _link_bodies(new, names)
    for table in AFTER_PIECES:
        made[table.file.replace("-", " ")] = _bring_table(rows, table, names)
    for row in rows.of("site"):
        pages.bring_site_in(row, names)
    made["subscribers"] = _bring_people(rows, report, names)
    vocabulary.touch()
    run.state, run.finished_at, run.report = ImportRun.State.RELEASED, clock.now(), report.as_json()
    run.save()
    said = ", ".join(f"{n} {what}" for what, n in made.items() if n)
    if said:
        report.said.append(f"Besides publications there came in: {said}.")


def _bring_table(rows: _Rows, table: Table, names: Names) -> int:
    """Make the rows that are not here; returns how many."""
    n_made, parents, above = 0, {}, dict[str, str]()
    for row in rows.of(table.file):
        values = values_of(row, table, names)
        if _is_here(table, values):
            continue
        if table.kind == "series" and is_reserved(row["slug"]):
            raise ValueError(f"the series {row['slug']} has an address of the site itself")
        obj = table.model(**values)
        obj.save()
        n_made += 1
        if table.kind:
            names.add(table.kind, obj.pk, _name(table, row))
        if row.get("parent"):
            parents[obj.pk] = above[_name(table, row)] = row["parent"]
    _check_rooted(above)
    for pk, parent in parents.items():
        # A branch may stand before the one it grows from.
        table.model._default_manager.filter(pk=pk).update(parent_id=names.number("category", parent))
    return n_made


def _check_rooted(above: Mapping[str, str]) -> None:
    """Raises: ValueError where a branch grows from itself."""
    rooted = set[str]()
    for name in above:
        line = list[str]()
        while name in above and name not in rooted:
            if name in line:
                raise ValueError(f"the category {name} stands below itself")
            line.append(name)
            name = above[name]
        rooted.update(line)


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


def _bring_pieces(rows: _Rows, run: ImportRun, report: Report, names: Names, tick: Tick) -> dict[int, Row]:
    """Make the pieces that are not here, released as they were; returns their rows by number."""
    new: dict[int, Row] = {}
    batch: list[Row] = []
    for row in rows.of("publications"):
        address = publication_path(row["slug"], row["series"] or None)
        tick(1)
        if names.number("publication", address) is None:
            batch.append(row)
            report.count("created")
        else:
            report.count("unchanged")
        if len(batch) >= _BATCH:
            new |= _made(batch, run, report, names)
            batch = []
    return new | _made(batch, run, report, names)


def _made(rows: list[Row], run: ImportRun, report: Report, names: Names) -> dict[int, Row]:
    for row in rows:
        for kind, name in _named_in_vain(row, names):
            address = publication_path(row["slug"], row["series"] or None)
            report.warn(address, "missing reference", f"the {kind} {text.shorten(name, 200)} is not in the export")
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


def _named_in_vain(row: Row, names: Names) -> Iterator[tuple[str, str]]:
    """What a piece refers to, as (kind, name), and nobody has."""
    referred = [("series", row["series"]), ("image", row["lead_image"])]
    referred += [("category", name) for name in row["categories"]]
    referred += [("person", line["person"]) for line in row["bylines"]]
    referred += [("document", one["document"]) for one in row["attachments"]]
    return ((kind, name) for kind, name in referred if name and names.number(kind, name) is None)


def _staged(row: Row, names: Names) -> publications.StagedPiece:
    values = pieces.columns_of(row, (*pieces.CONTENT, *pieces.HISTORY), names)
    values |= {"live": False, "body": json.dumps(names.inward(row["body"])), "identity": row["identity"]}
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
            columns["body"] = json.dumps(names.inward(row["body"]))
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
        piece.body = json.dumps(names.inward(draft["body"]))
        piece.lead_image_id = names.number("image", draft["lead_image"]) if draft["lead_image"] else None
        piece.bylines.set(_bylines(draft, names))
        piece.attachments.set(_attachments(draft, names))
        piece.categories.set([n for name in draft["categories"] if (n := names.number("category", name))])
        publications.save_draft(piece)


def _bring_people(rows: _Rows, report: Report, names: Names) -> int:
    n_made = 0
    for line, row in enumerate(rows.of("subscribers"), start=1):
        try:
            outcome = subscribers.bring_in(row, names)
        except AddressInvalid as error:
            outcome = str(error)
        if outcome == "created":
            n_made += 1
        elif outcome != "unchanged":
            report.warn("", "subscriber", f"line {line}: {text.shorten(outcome, 200)}")
    return n_made
