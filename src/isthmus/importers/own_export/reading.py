"""An export read in a throw-away process: files without links, rows of the shape they must have, texts made safe.

Whatever is wrong ends the reading with one sentence; nothing of Django, and nothing that was not asked for, is here.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from PIL import Image, UnidentifiedImageError

from isthmus.importers.own_export.checked import safe_address, safe_body, safe_rich

Row = dict[str, Any]

_LINE_MAX_BYTES = 64 * 1024 * 1024
_BATCH = 200
# A batch of long rows is cut short, so that no reply needs more than a few bodies' memory.
_BATCH_MAX_CHARS = 4_000_000
_MAX_DEPTH = 60
_INT_MAX = 2**63 - 1
_PICTURES = frozenset({"JPEG", "PNG", "GIF", "WEBP", "AVIF"})
_UNSAFE_SLUG = re.compile(r"[\x00-\x20\x7f/\\?#\u2028\u2029\u202a-\u202e\u2066-\u2069]|\A\.{1,2}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MANIFEST = "isthmus-export.json"


class Refused(Exception):
    """What is wrong with the export, as the rest of a sentence that begins with its name."""


def rows_of(
    root: str, sections: list[Any], embed_hosts: list[str], max_pixels: int, document_endings: list[str]
) -> Iterator[list[tuple[str, Any]]]:
    """Runs in the child: batches of (section, row), the manifest first; at a fault ("refused", why), and no more.

    sections: as in `shapes.sections`. document_endings: of files that may be offered here, without the dot.
    """
    reader = _Reader(Path(root), embed_hosts, max_pixels, document_endings)
    batch: list[tuple[str, Any]] = []
    n_chars = 0
    try:
        for section, row, size in reader.rows(sections):
            batch.append((section, row))
            n_chars += size
            # A picture or file took its time: it travels alone.
            if len(batch) >= _BATCH or n_chars > _BATCH_MAX_CHARS or section == "media":
                yield batch
                batch, n_chars = [], 0
    except Refused as refusal:
        batch.append(("refused", str(refusal)))
    yield batch


class _Reader:
    """One export. Its methods raise Refused."""

    def __init__(self, root: Path, embed_hosts: Sequence[str], max_pixels: int, endings: Sequence[str]) -> None:
        self._root, self._hosts, self._endings = root, tuple(embed_hosts), frozenset(endings)
        self._max_pixels = Image.MAX_IMAGE_PIXELS = max_pixels

    def rows(self, sections: list[Any]) -> Iterator[tuple[str, Any, int]]:
        """(section, row, bytes it had) of all sections, in their order."""
        manifest = self._whole(self._root / _MANIFEST)
        yield "manifest", manifest, 0
        promised = manifest.get("counts")
        for name, shape, key, needed in sections:
            n_rows, seen = 0, set[tuple[Any, ...]]()
            for where, raw, size in self._raw_rows(name):
                row = self._checked(raw, shape, where)
                _check_key(row, key, needed, seen, where)
                self._check_place(name, row, where)
                n_rows += 1
                yield name, row, size
            if isinstance(promised, dict) and promised.get(name, n_rows) != n_rows:
                raise Refused(f"has {n_rows} rows of {name}, and {_MANIFEST} says {promised[name]!r}")

    def _raw_rows(self, section: str) -> Iterator[tuple[str, Row, int]]:
        if section == "publications":
            for path in self._pieces():
                yield str(path.relative_to(self._root)), self._whole(path), path.stat().st_size
            return
        path = self._root / f"{section}.jsonl"
        if not path.exists() and not path.is_symlink():
            return
        with _opened(path) as file:
            number = 0
            while line := file.readline(_LINE_MAX_BYTES + 1):
                number += 1
                yield f"{path.name}:{number}", _parsed(line, f"{path.name}:{number}"), len(line)

    def _pieces(self) -> Iterator[Path]:
        folder = self._root / "publications"
        if folder.is_symlink():
            raise Refused("has a link in place of its folder publications")
        for below in sorted(folder.iterdir()) if folder.is_dir() else ():
            if below.is_symlink():
                raise Refused(f"has a link among its folders ({below.name[:100]!r})")
            yield from sorted(path for path in below.glob("*.json")) if below.is_dir() else ()

    def _whole(self, path: Path) -> Row:
        with _opened(path) as file:
            return _parsed(file.read(_LINE_MAX_BYTES + 1), str(path.relative_to(self._root)))

    def _checked(self, row: Mapping[str, Any], shape: Mapping[str, Any], where: str) -> Row:
        """The fields of the shape, each of its kind and safe; others are left behind."""
        return {name: self._value(row[name], spec, f"{where}, {name}") for name, spec in shape.items() if name in row}

    def _value(self, value: Any, spec: Any, where: str) -> Any:
        kind, limit, may_be_null, inside = spec
        if value is None:
            if may_be_null or kind in ("moment", "date", "json"):
                return value
            raise Refused(f"has nothing where {_SAID.get(kind, 'a text')} must be ({where})")
        if not _IS[kind](value):
            raise Refused(f"has something else where {_SAID.get(kind, 'a text')} must be ({where})")
        if limit and isinstance(value, str) and len(value) > limit:
            raise Refused(f"has a text of {len(value):,} characters where {limit:,} are allowed ({where})")
        if kind == "rows":
            return [self._checked(row, inside, where) for row in value]
        if kind == "row":
            return self._checked(value, inside, where)
        return self._safe(kind, value)

    def _safe(self, kind: str, value: Any) -> Any:
        if kind == "body":
            return safe_body(value, embed_hosts=self._hosts)
        if kind == "rich":
            return safe_rich(value)
        if kind == "url":
            return safe_address(value)
        if kind == "links":
            return [link for link in value if _leads_somewhere_safe(link)]
        return value

    def _check_place(self, section: str, row: Row, where: str) -> None:
        if section == "media":
            row |= self._looked_at(row, where)
        elif section == "publications":
            folder = where.split("/")[1]
            if folder != (row["series"] or "_"):
                raise Refused(f"has a piece of the series {row['series'][:100]!r} in the folder {folder[:100]!r}")

    def _looked_at(self, row: Row, where: str) -> Row:
        """Width and height of a picture. The file is there, in the export, unchanged, and what its name says."""
        name, sha256 = row["file"], row["sha256"]
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts or _UNSAFE_SLUG.search(name.replace("/", "")):
            raise Refused(f"names the file {name[:200]!r}, which is outside of it ({where})")
        if row["kind"] not in ("image", "document"):
            raise Refused(f"has a file that is neither picture nor document ({where})")
        if row["kind"] == "document" and PurePosixPath(name).suffix.lower().lstrip(".") not in self._endings:
            raise Refused(f"has a file of a sort that is not offered here ({name[:200]!r})")
        if not sha256:
            return {}
        path = self._root / "files"
        for part in ("", *parts):
            path = path / part
            if path.is_symlink():
                raise Refused(f"has a link in place of the file {name[:200]!r}")
        with _opened(path) as file:
            if not _SHA256.fullmatch(sha256) or hashlib.file_digest(cast(Any, file), "sha256").hexdigest() != sha256:
                raise Refused(f"has another file {name[:200]!r} than when it was made")
            return self._size_of(file, name) if row["kind"] == "image" else {}

    def _size_of(self, file: BinaryIO, name: str) -> Row:
        file.seek(0)
        try:
            with Image.open(file) as picture:
                (width, height), form = picture.size, picture.format
        except (UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, OSError, ValueError) as error:
            raise Refused(f"has no picture in {name[:200]!r} ({type(error).__name__})") from error
        if form not in _PICTURES or width * height > self._max_pixels:
            raise Refused(f"has a picture that is not shown here, by its sort or size ({name[:200]!r})")
        return {"width": width, "height": height}


def _opened(path: Path) -> BinaryIO:
    """A plain file for reading; no link is followed, and nothing that is no file is waited for. Raises: Refused."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        file = os.fdopen(number, "rb")
        if stat.S_ISREG(os.fstat(number).st_mode):
            return file
        file.close()
    except OSError as error:
        raise Refused(f"has no file {path.name[:200]!r} that can be read ({error.strerror})") from error
    raise Refused(f"has something that is no file in the place of {path.name[:200]!r}")


def _parsed(raw: bytes, where: str) -> Row:
    if len(raw) > _LINE_MAX_BYTES:
        raise Refused(f"has a row of more than {_LINE_MAX_BYTES:,} bytes ({where})")
    try:
        row = json.loads(raw.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refused(f"has what is no JSON ({where}: {error})") from error
    if not isinstance(row, dict):
        raise Refused(f"has a row that is none ({where})")
    if not _is_storable(row, _MAX_DEPTH):
        raise Refused(f"has signs, numbers or a depth that no export has ({where})")
    return row


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _is_storable(value: Any, depth: int) -> bool:
    """Whether every text can be stored, every number be counted with, and nothing is nested beyond reason."""
    if isinstance(value, str):
        return "\x00" not in value and (value.isascii() or not re.search("[\ud800-\udfff]", value))
    if isinstance(value, dict):
        return depth > 0 and all(_is_storable(k, 1) and _is_storable(v, depth - 1) for k, v in value.items())
    if isinstance(value, list):
        return depth > 0 and all(_is_storable(part, depth - 1) for part in value)
    return not isinstance(value, int) or abs(value) <= _INT_MAX


def _check_key(row: Row, key: Sequence[str], needed: Sequence[str], seen: set[tuple[Any, ...]], where: str) -> None:
    if missing := [name for name in needed if name not in row]:
        raise Refused(f"has a row without {missing[0]} ({where})")
    if not key:
        return
    named = tuple(json.dumps(row.get(name)) for name in key)
    if named in seen:
        raise Refused(f"has two rows of one name ({where}: {', '.join(named)[:200]})")
    seen.add(named)


def _is_moment(value: Any, kind: type[date]) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return not value or bool(kind.fromisoformat(value))
    except ValueError:
        return False


def _is_path(value: Any) -> bool:
    """Below this site's root, and not out of it again."""
    plain = isinstance(value, str) and value.startswith("/") and not re.search(r"[\x00-\x1f\\]", value)
    return plain and ".." not in value.partition("?")[0].split("/")


def _is_list_of(kind: type, value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, kind) for part in value)


def _is_pair(value: Any) -> bool:
    return _is_list_of(str, value) and len(value) == 2


def _leads_somewhere_safe(link: Any) -> bool:
    inside = link.get("value") if isinstance(link, dict) else None
    return isinstance(link, dict) and bool(
        safe_address(str((inside if isinstance(inside, dict) else {}).get("url", "")))
    )


_IS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "rich": lambda value: isinstance(value, str),
    "url": lambda value: isinstance(value, str),
    "slug": lambda value: isinstance(value, str) and not _UNSAFE_SLUG.search(value),
    "path": _is_path,
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "moment": lambda value: _is_moment(value, datetime),
    "date": lambda value: _is_moment(value, date),
    "json": lambda value: True,
    "body": lambda value: isinstance(value, list),
    "row": lambda value: isinstance(value, dict),
    "rows": lambda value: _is_list_of(dict, value),
    "links": lambda value: isinstance(value, list),
    "texts": lambda value: _is_list_of(str, value),
    "pairs": lambda value: isinstance(value, list) and all(map(_is_pair, value)),
}
_SAID = {
    "slug": "a part of an address", "path": "an address below the root", "bool": "yes or no", "int": "a whole number",
    "number": "a number", "moment": "a moment in ISO 8601", "date": "a date in ISO 8601", "row": "an object",
    "body": "a list of blocks", "rows": "a list of objects", "links": "a list of links", "texts": "a list of texts",
    "pairs": "a list of pairs",
}  # fmt: skip
