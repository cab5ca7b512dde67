"""Cleaned items become staged publications, and new versions of known ones wait as updates; nothing here is public."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from isthmus.importers import books, fields, linked, linking, pages, releasing
from isthmus.importers.cleaned import Cleaned
from isthmus.importers.mapping import LabelMap, Placement
from isthmus.importers.models import ImportedItem, ImportedUpdate, ImportRun
from isthmus.importers.report import Report
from isthmus.kit import clock
from isthmus.kit.bulk import insert_many
from isthmus.publications import actions as publications
from isthmus.publications.models import Attachment, Byline, Publication

# Widths of the columns that identify an item.
ID_MAX_CHARS = 500
SOURCE_MAX_CHARS = 120
_IDENTITY_MAX_CHARS = 400


@dataclass(slots=True)
class _Made:
    """A publication in memory, made from one item, with its rows."""

    item: Cleaned
    staged: publications.StagedPiece


class Writer:
    """Saves batches of one run. Every batch is one transaction of the caller."""

    def __init__(self, run: ImportRun, *, label_map: LabelMap, series: str) -> None:
        self._run, self._map, self._series = run, label_map, series
        self._people, self._branches, self._shelf = books.People(), books.Branches(), books.Shelf()
        self._addresses = books.Addresses()
        self._pages = pages.Pages(run, self._addresses, finder=linked.Finder)

    def save(self, items: Sequence[Cleaned], report: Report) -> list[int]:
        """Stage new items and keep changed ones as updates; counts and warnings go to the report.

        Returns the numbers of the new pieces that the run's release will make public.
        """
        self._pages.save([item for item in items if item.type == "page"], report)
        return self._save_pieces([item for item in items if item.type != "page"], report)

    def _save_pieces(self, items: Sequence[Cleaned], report: Report) -> list[int]:
        placements = [self._placement(item) for item in items]
        self._people.add_missing(line.name for item in items for line in item.bylines)
        self._people.fill_in(said for item in items for said in item.people)
        self._branches.add_missing(branch for placement in placements for branch in placement.branches)
        self._addresses.add_shelves(self._shelves(items))
        known = self._known(items)
        made = [self._made(item, placement) for item, placement in zip(items, placements, strict=True)]
        new = [piece for piece in made if (piece.item.source, piece.item.id) not in known]
        self._stage(new, report)
        for piece in made:
            item = known.get((piece.item.source, piece.item.id))
            if item is not None:
                self._keep_update(piece, item, report)
        return [piece.staged.piece.pk for piece in new if _status(piece.item, piece.staged.piece) == "release"]

    def _shelves(self, items: Sequence[Cleaned]) -> Iterator[tuple[str, int]]:
        """Old listings by category and tag, as (path, number of ours)."""
        for table, label, path in dict.fromkeys(shelf for item in items for shelf in item.shelves):
            branch = self._map.branch_of(table, label)
            if branch is not None and self._branches.has(*branch):
                yield path, self._branches.find(*branch)

    def _placement(self, item: Cleaned) -> Placement:
        placement = self._map.place(item)
        placement.series = self._series or placement.series
        return placement

    def _known(self, items: Sequence[Cleaned]) -> dict[tuple[str, str], ImportedItem]:
        rows = ImportedItem.objects.filter(source_id__in=[item.id for item in items]).select_related("publication")
        return {(row.source, row.source_id): row for row in rows}

    def _made(self, item: Cleaned, placement: Placement) -> _Made:
        series = self._shelf.find_or_add(placement.series)
        piece = Publication(
            title=item.title, kind=placement.kind or item.kind, language=item.language, summary=item.summary,
            body=item.body, series=series, photo_credit=item.photo_credit, author_note=item.author_note,
            disclaimer=item.disclaimer, external_url=item.external_url, identity=identity_of(item),
            lead_image_id=item.image_id, lead_image_caption=item.image_caption,
            published_on=date.fromisoformat(item.published_on) if item.published_on else None,
            published_at=datetime.fromisoformat(item.published_at).astimezone(UTC) if item.published_at else None,
            published_offset_min=item.offset_min,
        )  # fmt: skip
        staged = publications.StagedPiece(
            piece,
            bylines=[self._byline(line.name, line.role, line.printed_name, line.affiliation) for line in item.bylines],
            category_ids=[self._branches.find(axis, label) for axis, label in placement.branches],
            attachments=[Attachment(document_id=pk, title=title) for pk, title in item.document_ids],
        )
        return _Made(item, staged)

    def _byline(self, name: str, role: str, printed_name: str, affiliation: str) -> Byline:
        pk, own_name = self._people.find(name)
        printed = printed_name or name
        return Byline(
            person_id=pk, role=role, printed_name="" if printed == own_name else printed, affiliation=affiliation
        )

    def _stage(self, new: Sequence[_Made], report: Report) -> None:
        for made in new:
            piece = made.staged.piece
            series = piece.series.slug if piece.series else None
            piece.slug = self._addresses.take(made.item.slug, series, piece.identity)
            made.staged.former_paths = self._addresses.take_former(made.item.former_paths, piece.identity)
        publications.stage_many([made.staged for made in new], run=self._run.pk)
        insert_many([self._item_row(made) for made in new])
        for made in new:
            report.count("created")
            _warn(made, report)

    def _item_row(self, made: _Made) -> ImportedItem:
        return ImportedItem(
            source=made.item.source, source_id=made.item.id, publication=made.staged.piece, run=self._run,
            content_hash=made.item.content_hash, field_hashes=fields.hashes_of(_values(made)),
            status=_status(made.item, made.staged.piece), links=made.item.links,
        )  # fmt: skip

    def _keep_update(self, made: _Made, item: ImportedItem, report: Report) -> None:
        """Compare field by field: what the source changed and nobody edited here waits for the release."""
        if self._differs_in_sight(made, item, report):
            return
        is_shown_now = made.item.status == "release" and item.status == "draft" and not item.publication.live
        values = _values(made, with_body=True)
        values["body"], links = self._linked(values["body"], made.item.links)
        hashes = fields.hashes_of(values)
        changed = {name for name, said in hashes.items() if fields.recorded(item.field_hashes, name) != said}
        here = fields.hashes_of(fields.present_values(item.publication))
        edited = {
            name for name in changed if here[name] not in (fields.recorded(item.field_hashes, name), hashes[name])
        }
        for name in sorted(edited):
            report.warn(
                item.source_id, "edited here", f"{name} was edited here and stays; the source changed it as well"
            )
        taken = {name: values[name] for name in sorted(changed - edited)}
        if is_shown_now and not self._may_show(item, here, report):
            is_shown_now = False
        if is_shown_now:
            taken[releasing.SHOWN] = True
        if taken:
            row = ImportedUpdate(run=self._run, item=item, content_hash=made.item.content_hash, fields=taken)
            row.save()
            ImportedItem.objects.filter(pk=item.pk).update(links=links)
            report.count("updated")
        else:
            ImportedItem.objects.filter(pk=item.pk).update(content_hash=made.item.content_hash, links=links)
            report.count("unchanged")
        _warn(made, report)

    def _differs_in_sight(self, made: _Made, item: ImportedItem, report: Report) -> bool:
        """Whether the source hides what is public here; then its new words must not become public with an update."""
        source, piece = made.item, item.publication
        if source.status == "release" or not (piece.live or item.status == "release"):
            return False
        report.warn(
            source.id, "hidden at the source", "it is public here and stays as it is: withdraw it if it should go"
        )
        ImportedItem.objects.filter(pk=item.pk).update(content_hash=source.content_hash)
        report.count("unchanged")
        _warn(made, report)
        return True

    def _may_show(self, item: ImportedItem, here: dict[str, str], report: Report) -> bool:
        """Whether a draft that the source has published since may follow it: not if somebody here took it up."""
        piece = item.publication
        is_edited = any(fields.recorded(item.field_hashes, name) != said for name, said in here.items())
        if is_edited or piece.staged_in or piece.go_live_at:
            words = "it was taken up here and stays a draft: release it if you will"
            report.warn(item.source_id, "public at the source", words)
            return False
        return True

    def _linked(self, blocks: list[Any], links: list[str]) -> tuple[list[Any], list[str]]:
        """The body with what is known of its links, and the links that lead nowhere yet."""
        if not links:
            return blocks, []
        find = linked.Finder(links)
        return linking.rewritten(blocks, links, find), [link for link in links if find(link) is None]


def identity_of(item: Cleaned) -> str:
    """What a publication is known by when it comes back after it was deleted."""
    identity = f"{item.source}:{item.id}"
    if len(identity) <= _IDENTITY_MAX_CHARS:
        return identity
    return f"{item.source}:{hashlib.sha256(identity.encode('utf-8', 'replace')).hexdigest()}"


def _values(made: _Made, *, with_body: bool = False) -> fields.Values:
    staged = made.staged
    values = fields.values_of(
        staged.piece, staged.bylines, staged.category_ids, attachments=staged.attachments, with_body=with_body
    )
    if not with_body:
        # The child counted it already; over 80 MB that is a second.
        values["body"] = made.item.body_hash
    return values


def _status(item: Cleaned, piece: Publication) -> str:
    is_later = bool(piece.published_at and piece.published_at > clock.now())
    if item.status == "scheduled":
        # The old site's clock would have shown it by now; here nobody has decided that it may be seen.
        return "schedule" if is_later else "draft"
    if item.status != "release":
        return item.status
    return "schedule" if is_later else "release"


def _warn(made: _Made, report: Report) -> None:
    item = made.item
    if item.status == "scheduled" and _status(item, made.staged.piece) == "draft":
        report.warn(
            item.id, "not public", f"it was to appear on {item.published_on}, which is past; it is a draft here"
        )
    for kind, words in item.warnings:
        report.warn(item.id, kind, words)
