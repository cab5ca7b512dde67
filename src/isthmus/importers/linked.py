"""Links between pieces of the old site made links between ours, once a run is staged; what leads nowhere is named.

A link may lead to a piece that comes later in the archive: what is open is kept with each item until all are staged,
and afterwards for the next change of its source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce

from isthmus.importers import fields, judgement, linking, pages, queries
from isthmus.importers.models import ImportedItem, ImportRun
from isthmus.importers.report import Report
from isthmus.kit.bulk import update_many
from isthmus.kit.garbage import batch_done
from isthmus.publications.models import Publication

_BATCH = 200
_REWRITTEN = ("pk", "links", "field_hashes", "publication_id", "publication__body")


class Finder:
    """What old addresses lead to, asked for all at once."""

    def __init__(self, links: Iterable[str]) -> None:
        self._paths = {link: list(linking.spellings(linking.path_of(link))) for link in links}
        self._targets = queries.targets_of(path for paths in self._paths.values() for path in paths)

    def __call__(self, link: str) -> linking.Target:
        """What a link leads to; None for nothing that came in."""
        return next((found for path in self._paths.get(link, ()) if (found := self._targets.get(path))), None)


def link_run(run: ImportRun, report: Report) -> None:
    """Rewrite what the run staged, and name the links that lead to nothing here; in batches, for there may be many."""
    for rows in _batches(run):
        find = Finder(link for _, links, _ in rows for link in links)
        with transaction.atomic():
            _rewrite([pk for pk, links, _ in rows if any(find(link) for link in links)], find, run)
        for _, links, source_id in rows:
            report_open(source_id, [link for link in links if find(link) is None], report)
        batch_done()
    staged = list(run.pages.exclude(links=[]).select_related("page"))
    find_for_pages = Finder(link for row in staged for link in row.links)
    with transaction.atomic():
        pages.link(staged, find_for_pages)
    for row in staged:
        report_open(row.source_id, [link for link in row.links if find_for_pages(link) is None], report)


def _batches(run: ImportRun) -> Iterator[list[tuple[int, list[str], str]]]:
    """Number, links and source id of the run's items that have links, by number."""
    items, last = ImportedItem.objects.filter(run=run).exclude(links=[]).order_by("pk"), 0
    while rows := list(items.filter(pk__gt=last).values_list("pk", "links", "source_id")[:_BATCH]):
        last = rows[-1][0]
        yield rows


def _rewrite(item_ids: Sequence[int], find: Finder, run: ImportRun) -> None:
    # What is public already is changed by releases only; its open links are kept for the next change of its source.
    # As `staged_by`: otherwise SQLite goes through all that is staged.
    items = ImportedItem.objects.alias(in_run=Coalesce("publication__staged_in", Value("")))
    rows = items.filter(pk__in=item_ids, in_run=run.pk)
    bodies, said = [], []
    # Columns and no models: to make a publication of each row took longer than to rewrite it.
    for pk, links, hashes, publication_id, body in rows.values_list(*_REWRITTEN):
        blocks = linking.rewritten(list(body.raw_data), links, find)
        bodies.append((publication_id, linking.as_json(blocks)))
        hashes |= fields.hashes_of({"body": judgement.body_hash(blocks)})
        said.append((pk, [link for link in links if find(link) is None], hashes))
    update_many(Publication, ["body"], bodies)
    update_many(ImportedItem, ["links", "field_hashes"], said)


def report_open(source_id: str, links: Sequence[str], report: Report) -> None:
    """Name the links of one item that lead to nothing here."""
    if links:
        more = f" and {len(links) - 5} more" if len(links) > 5 else ""
        report.warn(source_id, "unmapped link", ", ".join(links[:5]) + more)
