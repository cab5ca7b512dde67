"""JSON lines: one publication a line, plain or gzipped. The fields are those of docs/reference/records.md."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any, cast

from isthmus.importers.source_item import Skipped, SourceAuthor, SourceItem, Status

# A line is one publication; the longest body ever met had 1 MB, and 64 MB in one line is an attack or a mistake.
_LINE_MAX_BYTES = 64 * 1024 * 1024
_ENDINGS = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
_GZIP = b"\x1f\x8b"
# JSON of other formats is one object from the first line to the last.
_OTHERS = re.compile(rb'\{\s*"(?:db|meta|data|isthmus_export)"\s*:')
_KNOWN = frozenset(
    """
    id source title published date authors author_roles categories tags series kind lang language summary html markdown
    text author_note disclaimer photo_credit aliases source_url guid external_url status
    """.split()  # noqa: SIM905 -- quotes would hide the names
)


def recognises(path: Path, head: bytes) -> bool:
    """By name, or a first line that starts a JSON object."""
    if path.name.lower().endswith(_ENDINGS):
        return True
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _OTHERS.match(start) or b"jsonfeed.org/version" in start:
        return False
    return start.startswith(b'{"') or (start.startswith(b"{") and b'"id"' in start)


def read(path: Path) -> Iterator[SourceItem | Skipped]:
    """Every line as an item or a named loss; empty lines do not count. Raises: OSError."""
    with _opened(path) as lines:
        number = 0
        while True:
            number += 1
            try:
                line = lines.readline(_LINE_MAX_BYTES)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                yield Skipped("", f"{path.name}:{number}", f"line {number}: the packed file breaks off here ({error})")
                return
            if not line:
                return
            where = f"{path.name}:{number}"
            if len(line) == _LINE_MAX_BYTES:
                _skip_rest_of_line(lines)
                yield Skipped("", where, f"line {number}: longer than {_LINE_MAX_BYTES // 1024**2} MB")
            elif line.strip():
                yield _item_of(line, number=number, where=where, default_source=path.name.split(".")[0])


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    # A GzipFile reads as any file of bytes does, but is declared apart from them.
    return cast(IO[bytes], gzip.open(path, "rb")) if packed else path.open("rb")


def _skip_rest_of_line(lines: IO[bytes]) -> None:
    while (part := lines.readline(_LINE_MAX_BYTES)) and not part.endswith(b"\n"):
        pass


def _item_of(line: bytes, *, number: int, where: str, default_source: str) -> SourceItem | Skipped:
    try:
        record = json.loads(line.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except UnicodeDecodeError as error:
        return Skipped("", where, f"line {number}: not UTF-8 at byte {error.start}")
    except RecursionError:
        return Skipped("", where, f"line {number}: not JSON we read: nested too deeply")
    except json.JSONDecodeError as error:
        return Skipped("", where, f"line {number}: not JSON: {error.msg} at character {error.pos + 1}")
    except ValueError as error:
        return Skipped("", where, f"line {number}: not JSON: {error}")
    if not isinstance(record, dict):
        return Skipped("", where, f"line {number}: a {_KINDS[type(record)]}, where one object is expected")
    return _from_record(record, number=number, where=where, default_source=default_source)


_KINDS: dict[type, str] = {
    list: "list", str: "text", int: "number", float: "number", bool: "true or false", type(None): "null",
}  # fmt: skip


def _from_record(record: dict[str, Any], *, number: int, where: str, default_source: str) -> SourceItem | Skipped:
    identity = _text(record.get("id"))
    if not identity:
        return Skipped("", where, f"line {number}: no id, so a second run could not know it again")
    wrong = next((name for name in _TEXTS if isinstance(record.get(name), dict | list)), None)
    if wrong:
        return Skipped(identity, where, f"line {number}: {wrong} is not a text")
    texts: dict[str, Any] = {name: _text(record.get(name)) for name in _PLAIN_TEXTS}
    return SourceItem(
        id=identity,
        source=_text(record.get("source")) or default_source,
        where=where,
        published=_text(record.get("published") or record.get("date")),
        authors=_authors(record),
        language=_text(record.get("lang") or record.get("language")),
        status=_status(record),
        extra={name: value for name, value in record.items() if name not in _KNOWN},
        **texts,
        categories=_texts(record.get("categories")),
        tags=_texts(record.get("tags")),
        aliases=_texts(record.get("aliases")),
    )


def _status(record: dict[str, Any]) -> Status:
    """What the old site did not show, however it says so, stays a draft."""
    is_draft = record.get("draft") is True or record.get("published") is False or record.get("public") is False
    said = _text(record.get("status")).lower() or "release"
    is_public = said in ("release", "released", "published", "publish", "public", "live")
    return "release" if is_public and not is_draft else "draft"


_PLAIN_TEXTS = (
    "title", "series", "kind", "summary", "html", "markdown", "text", "author_note", "disclaimer", "photo_credit",
    "source_url", "guid", "external_url",
)  # fmt: skip
_TEXTS = ("id", "source", "published", "date", "lang", "language", "status", *_PLAIN_TEXTS)


def _authors(record: dict[str, Any]) -> tuple[SourceAuthor, ...]:
    given = record.get("authors")
    listed = [row.get("name") if isinstance(row, dict) else row for row in given] if isinstance(given, list) else given
    names, roles = _texts(listed), _texts(record.get("author_roles"), keep_empty=True)
    pairs = zip_longest(names, roles[: len(names)], fillvalue="")
    return tuple(SourceAuthor(name, affiliation=role) for name, role in pairs)


def _text(value: Any) -> str:
    """The value as text without what no database stores: NUL and half surrogate pairs."""
    if value is None or isinstance(value, bool | dict | list):
        return ""
    text = value if isinstance(value, str) else str(value)
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8").strip()


def _texts(value: Any, *, keep_empty: bool = False) -> tuple[str, ...]:
    """A list of texts; one text is a list of one, and what is no text in it is left out."""
    values = value if isinstance(value, list) else [value]
    texts = (_text(item) for item in values)
    return tuple(texts) if keep_empty else tuple(item for item in texts if item)
