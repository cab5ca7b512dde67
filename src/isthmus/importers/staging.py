"""Items taken one by one and saved batch by batch, each batch a transaction; or, on a dry run, saved and taken back."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.db import transaction

from isthmus.importers import linked, linking, mapping, reading
from isthmus.importers.cleaned import Cleaned
from isthmus.importers.models import ImportRun
from isthmus.importers.placing import Placing
from isthmus.importers.report import Report
from isthmus.importers.source_item import Skipped
from isthmus.importers.writer import ID_MAX_CHARS, SOURCE_MAX_CHARS, Writer
from isthmus.kit import files, text
from isthmus.kit.garbage import batch_done
from isthmus.search.ahead import Ahead

# One transaction; a kill loses at most this much work, and none of it was public.
_BATCH = 300
_BATCH_MAX_CHARS = 16_000_000


Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is remembered of an item: where it stood, and hashes of title and date; 0 for one that was known already."""

    where: str
    title: int = 0
    published_at: int = 0


def _seen(item: Cleaned | reading.Known) -> _Seen:
    if isinstance(item, Cleaned):
        return _Seen(item.where, hash(item.title), hash(item.published_at))
    return _Seen(item.where)


def _file_of(where: str) -> str:
    return where.partition(":")[0]


def _id_in_file(item: Cleaned) -> str:
    return f"{item.id}@{_file_of(item.where)}"


class Keeper(Protocol):
    """What becomes of a batch."""

    def keep(self, batch: Sequence[Cleaned]) -> list[int]:
        """Take a batch in; returns the numbers of pieces that the release will make public."""
        ...


class Saver:
    """Keeps batches for good, out of the public's sight."""

    def __init__(self, run: ImportRun, report: Report, writer: Writer) -> None:
        self._run, self._report, self._writer = run, report, writer
        self._sources = set(run.options.get("sources", []))

    def keep(self, batch: Sequence[Cleaned]) -> list[int]:
        """Save a batch, with the warnings it gave rise to and the sources it is from."""
        self._sources |= {item.source for item in batch}
        self._run.options["sources"] = sorted(self._sources)[:1000]
        with transaction.atomic():
            to_be_released = self._writer.save(batch, self._report)
            # The warnings of a batch stand or fall with it, so that a continued run reports them once.
            ImportRun.objects.filter(pk=self._run.pk).update(report=self._report.as_json(), options=self._run.options)
        return to_be_released


class Draft:
    """A dry run: every batch is saved, so that it says what the real one would, and taken back at once."""

    def __init__(self, run: ImportRun, report: Report, placing: Placing, map_file: Path | None) -> None:
        self._run, self._report, self._placing = run, report, placing
        self._map_file = map_file if map_file is not None and not map_file.exists() else None
        self._labels = mapping.Draft()
        self._paths: set[str] = set()
        self._links: list[tuple[bool, str, list[str]]] = []

    def keep(self, batch: Sequence[Cleaned]) -> list[int]:
        """Save a batch and take it back; what it would hold of labels, paths and links is remembered."""
        for item in batch:
            self._labels.note(item)
            self._paths.update(item.former_paths)
            if item.links:
                self._links.append((item.type == "page", item.id, item.links))
        with transaction.atomic():
            self._run.save()
            # A new one each time: what the last one knows was taken back with its batch.
            writer = Writer(self._run, label_map=self._placing.rules, series=self._placing.series)
            writer.save(batch, self._report)
            transaction.set_rollback(True)
        return []

    def finish(self) -> None:
        """Name the links that would lead nowhere, and write the draft of a map where one was asked for."""
        find = linked.Finder(link for *_, links in self._links for link in links)
        # Pieces before pages, as the real run names them.
        for _, source_id, links in sorted(self._links, key=lambda row: row[0]):
            open_links = [link for link in links if find(link) is None and not self._comes(link)]
            linked.report_open(source_id, open_links, self._report)
        if self._map_file is not None:
            files.write_durably(self._map_file, self._labels.as_toml().encode("utf-8", "replace"))
            self._report.said.append(
                f"A draft of the map is in {self._map_file}: edit it, then import with --map {self._map_file}."
            )

    def _comes(self, link: str) -> bool:
        return any(path in self._paths for path in linking.spellings(linking.path_of(link)))


class Stage:
    """Takes items one by one and hands them on batch by batch. outcomes: of items that a killed run had saved.

    known: (source, id) of everything that came in before.
    """

    def __init__(
        self, report: Report, keeper: Keeper, outcomes: Mapping[Key, str], *,
        known: Container[Key], run: str, index: Ahead | None,
    ) -> None:  # fmt: skip
        self._known = known
        self._report, self._keeper, self._outcomes = report, keeper, outcomes
        self._run, self._index = run, index
        self._seen: dict[Key, _Seen] = {}
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
        if isinstance(item, Cleaned) and self._is_another(item):
            # Two files of one site may count apart; the second piece gets a number that says which file it is from.
            item.id = _id_in_file(item)
        key = (item.source, item.id)
        if key in self._seen:
            self._report.skip(item.id, item.where, f"the same id as {self._seen[key].where}")
            return
        self._seen[key] = _seen(item)
        if isinstance(item, reading.Known):
            self._report.count(self._outcomes.get(key, "unchanged"))
        elif len(item.id) > ID_MAX_CHARS or len(item.source) > SOURCE_MAX_CHARS:
            self._report.skip(text.shorten(item.id, 80), item.where, f"the id is longer than {ID_MAX_CHARS} characters")
        else:
            self._batch.append(item)
            self._n_chars += len(item.body)

    def _is_another(self, item: Cleaned) -> bool:
        """Whether another file has another piece under this id; a newer version of one piece keeps its date."""
        first = self._seen.get((item.source, item.id))
        if first is None or _file_of(first.where) == _file_of(item.where):
            return False
        if (item.source, _id_in_file(item)) in self._known:
            return True
        again = _seen(item)
        return bool(first.title) and first.title != again.title and first.published_at != again.published_at

    def _save(self) -> None:
        batch, self._batch, self._n_chars = self._batch, [], 0
        if not batch:
            return
        to_be_released = self._keeper.keep(batch)
        if self._index is not None:
            self._index.add(to_be_released, run=self._run)
        del batch
        batch_done()
