"""Pictures and files of the old site come in: from a folder beside the export, or fetched when asked for.

Each is looked at in a throw-away process, becomes an Image or a Document once, and is remembered by the old address.
It is public only while something public uses it, as every picture and file here is.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.files import File
from django.db import transaction

from isthmus.importers import judgement, media_check, wanting
from isthmus.importers.models import ImportedMedium, ImportRun
from isthmus.importers.report import Report
from isthmus.importers.source_item import SourceMedia
from isthmus.kit import child, fetch, text
from isthmus.publications.models import Document, Image

# (kind, number, file name): what an address became.
Found = tuple[str, int, str]

_BESIDE = ("uploads", "wp-content", "content", "media", "images", "files", "assets", "static", "public", "img")
_MAX_LOCAL_FILES = 200_000
_SIZE_IN_NAME = re.compile(r"-(?:\d{2,5}x\d{2,5}|scaled|e\d{10,})(?=\.\w+$)")
_BATCH = 50
_CHECK_MEMORY_BYTES = 1024 * child.MIB


@dataclass(slots=True)
class _Candidate:
    """A medium with the file that may be it. error: why there is none."""

    medium: SourceMedia
    path: Path | None = None
    error: str = ""


class Shelf:
    """The media files that came with an archive, found by the end of an address."""

    def __init__(self, root: Path, *, is_unpacked: bool) -> None:
        self._root = root
        self._by_name: dict[str, list[Path]] = {}
        endings = wanting.PICTURES | wanting.FILES
        for n_files, path in enumerate(_files_beside(root, is_unpacked=is_unpacked)):
            if n_files >= _MAX_LOCAL_FILES:
                break
            if path.suffix.lower() in endings:
                self._by_name.setdefault(path.name.lower(), []).append(path)

    def __bool__(self) -> bool:
        return bool(self._by_name)

    def paths(self) -> list[Path]:
        """All of them, in order."""
        return sorted(path for paths in self._by_name.values() for path in paths)

    def find(self, medium: SourceMedia) -> Path | None:
        """The file whose path ends as the address does, the original before a scaled copy; None for none."""
        if medium.local:
            path = (self._root / medium.local).resolve()
            if path.is_relative_to(self._root.resolve()) and path.is_file():
                return path
        try:
            parts = [part.lower() for part in unquote(urlsplit(medium.address).path).split("/") if part]
        except ValueError:
            return None
        if not parts:
            return None
        original = _SIZE_IN_NAME.sub("", parts[-1])
        return self._best([*parts[:-1], original]) or self._best(parts)

    def _best(self, parts: list[str]) -> Path | None:
        """The one that shares most folders with the address; of two that share as many, none."""
        rated = sorted(((_n_shared(path, parts), path) for path in self._by_name.get(parts[-1], ())), reverse=True)
        if not rated or (len(rated) > 1 and rated[0][0] == rated[1][0]):
            return None
        return rated[0][1]


def _names_of(address: str) -> set[str]:
    """The file's name in small letters, as it stands and without its size."""
    name = unquote(address.partition("?")[0].rpartition("/")[2]).lower()
    return {name, _SIZE_IN_NAME.sub("", name)}


def _n_shared(path: Path, parts: list[str]) -> int:
    n_shared = 0
    for ours, theirs in zip(reversed(path.parts), reversed(parts), strict=False):
        if ours.lower() != theirs:
            break
        n_shared += 1
    return n_shared


def _files_beside(root: Path, *, is_unpacked: bool) -> Iterator[Path]:
    """The archive's own folder; beside a single file, the folders that exports keep pictures in."""
    if root.is_dir():
        folders = [root]
    elif is_unpacked:
        folders = []
    else:
        folders = [root.parent / name for name in (*_BESIDE, root.stem, f"{root.stem}_files")]
    for folder in folders:
        if folder.is_dir() and not folder.is_symlink():
            yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


class Library:
    """Brings the media of one run in, and knows what each address became, in earlier runs too.

    is_dry: look at the files beside the archive as if they came in, so that a dry run names what the real one would;
    fetch and keep nothing.
    """

    def __init__(
        self, run: ImportRun, report: Report, shelf: Shelf, *, is_fetching: bool, is_dry: bool = False
    ) -> None:
        self._run, self._report, self._shelf = run, report, shelf
        self._is_fetching, self._is_dry = is_fetching and not is_dry, is_dry
        # The number each file would get, by its hash: below zero, where no row is.
        self._pretended: dict[str, int] = {}
        self.found: dict[str, Found] = {}
        self._names: set[str] = set()
        for row in ImportedMedium.objects.select_related("image", "document"):
            self.found[row.address] = _found(row)
            self._names |= _names_of(row.address)

    @property
    def is_needed(self) -> bool:
        """Whether looking for media can find any."""
        return self._is_fetching or bool(self._shelf)

    def bring_in(self, media: Iterable[tuple[str, SourceMedia]], tick: Callable[[int], None]) -> None:
        """Bring in what (item id, medium) pairs name and is not here yet; failures are named with the item."""
        seen, batch = set(self.found), list[tuple[str, SourceMedia]]()
        with tempfile.TemporaryDirectory(prefix="media-", dir=settings.DATA, ignore_cleanup_errors=True) as folder:
            for item_id, medium in media:
                self._names |= _names_of(medium.address)
                if medium.address in seen:
                    continue
                seen.add(medium.address)
                batch.append((item_id, medium))
                if len(batch) >= _BATCH:
                    self._take(batch, Path(folder), tick)
                    batch = []
            self._take(batch, Path(folder), tick)

    def unused(self) -> Iterator[Path]:
        """Files of the archive that no piece shows or offers, by name; a scaled copy is used with its original."""
        return (path for path in self._shelf.paths() if not _names_of(path.name) & self._names)

    def _take(self, batch: Sequence[tuple[str, SourceMedia]], folder: Path, tick: Callable[[int], None]) -> None:
        candidates = [(item_id, self._candidate(medium, folder, n)) for n, (item_id, medium) in enumerate(batch)]
        there = [candidate for _, candidate in candidates if candidate.path]
        verdicts = _verdicts([str(candidate.path) for candidate in there])
        for candidate, (kind, said, file_hash) in zip(there, verdicts, strict=True):
            if kind == "refused":
                candidate.error = said
            elif self._is_dry:
                self._pretend(candidate, kind, said, file_hash)
            else:
                self._keep(candidate, kind, said, file_hash)
        for item_id, candidate in candidates:
            if candidate.error:
                self._report.warn(item_id, "missing media", f"{candidate.medium.address}: {candidate.error}")
            elif candidate.path and candidate.path.is_relative_to(folder):
                candidate.path.unlink(missing_ok=True)
        tick(0)

    def _candidate(self, medium: SourceMedia, folder: Path, number: int) -> _Candidate:
        path = self._shelf.find(medium)
        if path is not None and path.stat().st_size > settings.ISTHMUS.upload_max_bytes:
            return _Candidate(medium, error="larger than upload_max_bytes allows")
        if path is not None or not self._is_fetching or not medium.address.startswith(("http://", "https://")):
            return _Candidate(medium, path)
        try:
            got = fetch.fetch(medium.address.replace(" ", "%20"), max_bytes=settings.ISTHMUS.upload_max_bytes)
        except fetch.FetchRefused as refusal:
            return _Candidate(medium, error=refusal.reason)
        target = folder / f"{number}{wanting.ending_of(medium.address)[:10]}"
        target.write_bytes(got.body)
        return _Candidate(medium, target)

    def _pretend(self, candidate: _Candidate, kind: str, ending: str, file_hash: str) -> None:
        known = (Image if kind == "image" else Document).objects.filter(file_hash=file_hash).first()
        number = known.pk if known else self._pretended.setdefault(file_hash, -1 - len(self._pretended))
        name = "" if kind == "image" else _name_of(candidate.medium, ending)
        self.found[candidate.medium.address] = (kind, number, name)

    def _keep(self, candidate: _Candidate, kind: str, ending: str, file_hash: str) -> None:
        medium, path = candidate.medium, candidate.path
        assert path is not None
        with transaction.atomic():
            known = (Image if kind == "image" else Document).objects.filter(file_hash=file_hash).first()
            made = known or (_image if kind == "image" else _document)(medium, path, ending, file_hash)
            row = ImportedMedium(address=medium.address, run=self._run, is_made_here=known is None)
            setattr(row, kind, made)
            row.save()
        self.found[medium.address] = _found(row)


def _found(row: ImportedMedium) -> Found:
    if row.image is not None:
        return "image", row.image.pk, ""
    assert row.document is not None
    return "document", row.document.pk, row.document.filename


def _verdicts(paths: list[str]) -> list[tuple[str, str, str]]:
    """One for each file; one that kills the process is refused, and the others are looked at all the same."""
    verdicts: list[tuple[str, str, str]] = []
    while len(verdicts) < len(paths):
        try:
            stream = child.stream_limited(
                media_check.looked_at, paths, settings.ISTHMUS.image_max_pixels, len(verdicts),
                memory_bytes=_CHECK_MEMORY_BYTES,
            )  # fmt: skip
            verdicts.extend((kind, said, file_hash) for kind, said, file_hash in stream)
        except child.ChildFailed as failure:
            verdicts.append(("refused", f"looking at it took too much ({failure.reason})", ""))
    return verdicts


def _name_of(medium: SourceMedia, ending: str) -> str:
    stem = unquote(urlsplit(medium.address).path.rpartition("/")[2]).rpartition(".")[0]
    return f"{text.slug(stem or medium.title or 'file', 60)}{ending}"


def _image(medium: SourceMedia, path: Path, ending: str, file_hash: str) -> Image:
    name = _name_of(medium, ending)
    with path.open("rb") as file:
        image = Image(
            title=judgement.plain(medium.title)[:255] or name,
            file=File(file, name=name),
            alt_text=judgement.plain(medium.alt)[:500],
            credit_line=judgement.plain(medium.credit)[:500],
            file_hash=file_hash,
            file_size=path.stat().st_size,
        )
        image.save()
    return image


def _document(medium: SourceMedia, path: Path, ending: str, file_hash: str) -> Document:
    name = _name_of(medium, ending)
    with path.open("rb") as file:
        document = Document(
            title=judgement.plain(medium.title)[:255] or name,
            file=File(file, name=name),
            file_hash=file_hash,
            file_size=path.stat().st_size,
        )
        document.save()
    return document


def forget(run: ImportRun) -> None:
    """Delete the pictures and files that an undone run brought and nothing uses any more."""
    for row in ImportedMedium.objects.filter(run=run).select_related("image", "document"):
        medium = row.image or row.document
        assert medium is not None
        if row.is_made_here and not medium.uses.exists():
            medium.delete()
        else:
            row.delete()
