"""An archive read and cleaned in a throw-away process, item by item: hostile input never meets the database.

The child is told what is known already, so that a second run costs reading and hashing only. When it dies of one
item, a new child goes on behind that item, which is named as skipped.
"""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from isthmus.importers import judgement, roots, sources, wanting
from isthmus.importers.archive import Archive
from isthmus.importers.cleaned import Cleaned, from_plain
from isthmus.importers.source_item import Skipped, SourceItem, SourceMedia, content_hash
from isthmus.kit import child
from isthmus.kit.errors import IsthmusError, UsageError

# Items that travel together: fewer cost a write and a wake-up each, more keep the other process waiting.
_BATCH = 50
# A batch of long items is cut short, so that no reply grows beyond the memory of a few bodies.
_BATCH_MAX_CHARS = 4_000_000
_MEMORY_BYTES = 512 * child.MIB


@dataclass(frozen=True, slots=True)
class Known:
    """An item that is as it was at the last import; nothing of it was cleaned."""

    id: str
    source: str
    where: str


def read_cleaned(
    files: Mapping[Path, str],
    house: judgement.House,
    *,
    known: Mapping[tuple[str, str], str],
    root: Path | None = None,
    media: Mapping[str, tuple[str, int, str]] | None = None,
) -> Iterator[Cleaned | Known | Skipped]:
    """Every item of the files (path to name of its source) in order, cleaned; those whose hash is known as Known.

    known: (source, id) to the content hash of the last import. root: the file or folder that was named.
    Raises: IsthmusError where a file cannot be read on.
    """
    n_done, deadly, careful_until = 0, set[int](), 0
    paths = [(str(path), name) for path, name in files.items()]
    while True:
        batch = 1 if n_done < careful_until else _BATCH
        # One child for all files: a thousand pages would start a thousand children, a tenth of a second each.
        stream = child.stream_limited(
            clean_files, paths, astuple(house), dict(known), n_done, careful_until, sorted(deadly), str(root or ""),
            dict(media or {}), memory_bytes=_MEMORY_BYTES,
        )  # fmt: skip
        try:
            for values in stream:
                for value in values:
                    n_done += 1
                    yield _received(value)
            return
        except child.ChildFailed as failure:
            if failure.reason == "error" or n_done in deadly:
                raise IsthmusError(
                    f"{', '.join(name for name, _ in paths[:3])} cannot be read beyond item {n_done}: "
                    f"{failure.detail or failure.reason}; repair or split it there and import it again."
                ) from failure
            # Somewhere in the batch under way: once more, one by one; then the item that kills is known.
            if batch == 1:
                deadly.add(n_done)
            careful_until = n_done + _BATCH + 1


def first_source(files: Mapping[Path, str], *, root: Path) -> str:
    """What the first item calls its source; empty where there is none, or none that can be read."""
    paths = [(str(path), name) for path, name in files.items()]
    try:
        return str(child.run_limited(_first_source, paths, str(root), memory_bytes=_MEMORY_BYTES))
    except child.ChildFailed:
        # Whatever it is, reading the archive meets it again and names it.
        return ""


def _first_source(paths: list[tuple[str, str]], root: str) -> str:
    roots.begin(Path(root))
    return next((item.source for item in _items(paths) if isinstance(item, SourceItem)), "")


def _received(value: Any) -> Cleaned | Known | Skipped:
    kind, *rest = value
    if kind == "skipped":
        return Skipped(*rest)
    return Known(*rest) if kind == "known" else from_plain(rest[0])


def clean_files(  # noqa: PLR0917 -- crosses to the child, which takes positions only
    paths: list[tuple[str, str]],
    house: tuple[Any, ...],
    known: dict[tuple[str, str], str],
    start: int,
    careful_until: int,
    deadly: list[int],
    root: str = "",
    media: dict[str, tuple[str, int, str]] | None = None,
) -> Iterator[list[Any]]:
    """Runs in the child: batches of plain values from item `start` on; items in `deadly` are not looked at."""
    # Nothing here makes circles of references, and looking for them was a tenth of the time.
    gc.disable()
    if root:
        roots.begin(Path(root))
    rules, archive = judgement.House(*house), Archive(found=media or {})
    yield from _survey(paths, archive)
    batch: list[Any] = []
    n_chars = 0
    for number, item in enumerate(_items(paths)):
        if number < start:
            continue
        if number in deadly:
            where = item.where
            batch.append(("skipped", item.id, where, "reading it took more memory or time than one item may"))
        else:
            value = _value_of(item, rules, known, archive)
            batch.append(value)
            n_chars += len(value[1][_BODY_AT]) if value[0] == "cleaned" else 0
        if len(batch) >= _BATCH or n_chars > _BATCH_MAX_CHARS or number < careful_until:
            yield batch
            batch, n_chars = [], 0
    yield batch


_BODY_AT = 9


def _items(paths: list[tuple[str, str]]) -> Iterator[SourceItem | Skipped]:
    for path, name in paths:
        try:
            yield from sources.SOURCES[name].read(Path(path))
        except OSError as error:
            yield Skipped("", Path(path).name, f"cannot be read on ({error.strerror or error})")
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            # What no test foresaw costs the rest of this file, and not the archive.
            yield Skipped("", Path(path).name, f"cannot be read on ({type(error).__name__}: {error})"[:500])


def _survey(paths: list[tuple[str, str]], archive: Archive) -> Iterator[list[Any]]:
    """Gather what the files share; yields nothing but signs of life, each of which is granted its own time.

    A file that cannot be read is named when its items are asked for.
    """
    for path, name in paths:
        source = sources.SOURCES[name]
        if isinstance(source, sources.Surveying):
            with contextlib.suppress(OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
                for number, part in enumerate(source.survey(Path(path))):
                    archive.add(part)
                    if number % _BATCH == 0:
                        yield []


def wanted_media(
    files: Mapping[Path, str], *, known: Mapping[tuple[str, str], str], placing: str, root: Path
) -> Iterator[tuple[str, SourceMedia]]:
    """(item id, picture or file) of all that items new or changed show or offer.

    An item that cannot be looked at ends the search quietly: cleaning meets it again, and names it.
    """
    paths = [(str(path), name) for path, name in files.items()]
    stream = child.stream_limited(
        media_of_files, paths, dict(known), placing, str(root), memory_bytes=_MEMORY_BYTES
    )  # fmt: skip
    with contextlib.suppress(child.ChildFailed):
        for values in stream:
            for item_id, fields in values:
                yield item_id, SourceMedia(*fields)


def media_of_files(
    paths: list[tuple[str, str]], known: dict[tuple[str, str], str], placing: str, root: str
) -> Iterator[list[Any]]:
    """Runs in the child: batches of (item id, fields of a SourceMedia)."""
    roots.begin(Path(root))
    archive = Archive()
    yield from _survey(paths, archive)
    batch: list[Any] = []
    for item in _items(paths):
        if isinstance(item, Skipped) or known.get((item.source, item.id)) == content_hash(item, placing=placing):
            continue
        batch += [(item.id, astuple(medium)) for medium in wanting.wanted_by(item, archive)]
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    yield batch


def _value_of(
    item: SourceItem | Skipped, rules: judgement.House, known: dict[tuple[str, str], str], archive: Archive
) -> tuple[Any, ...]:
    if isinstance(item, Skipped):
        return ("skipped", item.id, item.where, item.reason)
    was = known.get((item.source, item.id))
    if was is not None and was == content_hash(item, placing=rules.placing):
        return ("known", item.id, item.source, item.where)
    try:
        return ("cleaned", judgement.clean(item, rules, archive).plain())
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        # What no test foresaw costs this item, and not the archive.
        return ("skipped", item.id, item.where, f"cannot be taken over ({type(error).__name__}: {error})"[:500])


def files_of(path: Path, *, source: str | None) -> tuple[dict[Path, str], list[Skipped]]:
    """The files of a path with the source that reads each, and those that none reads.

    source: the name of one source to read everything with. Raises: UsageError in a sentence for a path that cannot be
    read, an unknown source, or a single file in no known format.
    """
    if source is not None and source not in sources.SOURCES:
        raise UsageError(f"There is no source {source}: write one of {', '.join(sources.SOURCES)}.")
    if path.is_dir():
        return _files_below(path, source)
    name = source or _recognised(path)
    if name is None:
        raise UsageError(
            f"{path} is in no format we read ({', '.join(sources.SOURCES)}): "
            "name one with --source, or export the archive again."
        )
    _readable(path)
    return {path: name}, []


def _files_below(folder: Path, source: str | None) -> tuple[dict[Path, str], list[Skipped]]:
    paths, left = _walked(folder)
    files, unknown = {}, [Skipped("", _shown(path, folder), reason) for path, reason in left]
    for path in paths:
        where = str(path.relative_to(folder))
        if not _is_text(where):
            unknown.append(Skipped("", _shown(path, folder), "its name is not in UTF-8: give it another one"))
            continue
        if path.is_symlink():
            # Where it leads is not for an archive to say.
            unknown.append(Skipped("", where, "a link to another file, which is not followed"))
            continue
        is_medium = path.suffix.lower() in wanting.PICTURES
        try:
            name = None if is_medium else source or sources.source_for(path)
        except OSError as error:
            unknown.append(Skipped("", where, f"cannot be read ({error.strerror or error})"))
            continue
        if name is not None:
            files[path] = name
        elif path.suffix.lower() not in _COMES_WITH_PIECES:
            unknown.append(Skipped("", where, "in no format we read"))
    if source is None and _HAS_FILES_OF_ITS_OWN & set(files.values()):
        # A PDF beside an export is a file that pieces offer; in a folder of nothing but PDFs each is a piece.
        files = {path: name for path, name in files.items() if name != "pdf"}
    return files, unknown


_HAS_FILES_OF_ITS_OWN = frozenset({"wordpress", "ghost", "markdown", "records"})


# Pictures and files are no items: they come in with the pieces that show or offer them.
_COMES_WITH_PIECES = wanting.PICTURES | wanting.FILES


_OF_THE_SITE = "a folder of the old site's machinery, no text of its own"
# What generators and package managers keep beside the text; a built copy of the site doubles it.
_MACHINERY = frozenset({"node_modules", "bower_components", "_layouts", "_includes", "_sass", "_site", "archetypes"})
_MACHINERY_OF_HUGO = frozenset({"themes", "layouts", "public", "resources"})


def _walked(folder: Path) -> tuple[list[Path], list[tuple[Path, str]]]:
    """The files below a folder in order, links among them but none behind a linked folder; hidden ones not.

    Beside them what nobody looked into, each with the reason.
    """
    paths, left = list[Path](), list[tuple[Path, str]]()

    def note(error: OSError) -> None:
        left.append((Path(error.filename), f"a folder that cannot be read ({error.strerror})"))

    try:
        list(folder.iterdir())
        for parent, below, names in os.walk(folder, onerror=note):
            machinery = {name for name in below if _is_machinery(name, names, below)}
            left += [
                (Path(parent, name), "a folder of the old site's machinery, no text of its own") for name in machinery
            ]
            linked = [name for name in below if Path(parent, name).is_symlink()]
            below[:] = [name for name in below if name not in machinery]
            for path in (Path(parent, name) for name in (*names, *linked) if not name.startswith(".")):
                if path.is_file() or path.is_symlink():
                    paths.append(path)
                else:
                    left.append((path, "no file, but a pipe, a socket or a device"))
    except OSError as error:
        raise UsageError(f"{folder} cannot be read ({error.strerror}): check the path and its permissions.") from error
    if not paths:
        raise IsthmusError(f"{folder} holds no file: name the file or the folder that the archive was saved to.")
    return sorted(paths), sorted(left)


def _shown(path: Path, folder: Path) -> str:
    """The path below the folder as text that can be written anywhere."""
    return str(path.relative_to(folder)).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _is_machinery(name: str, files: list[str], folders: list[str]) -> bool:
    is_hugo = "content" in folders and any(file.startswith(("hugo.", "config.")) for file in files)
    return name in _MACHINERY or (is_hugo and name in _MACHINERY_OF_HUGO)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _recognised(path: Path) -> str | None:
    _readable(path)
    return sources.source_for(path)


def _readable(path: Path) -> None:
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read ({error.strerror}): check the path and its permissions, then import it again."
        ) from error
