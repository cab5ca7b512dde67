"""PDFs: each file a piece with its text and the file attached; a CSV beside them says what the files do not.

Where no CSV says it, what a program left in the file is believed with care: a title that is one, an author whose name
the first pages print.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from isthmus.importers import roots
from isthmus.importers.source_item import Skipped, SourceAuthor, SourceItem, SourceMedia
from isthmus.importers.sources.markdown_site import date_in_name
from isthmus.kit import text
from isthmus.publications import pdf_text

_FILE_COLUMNS = ("file", "filename", "file_name", "pdf", "path")
_TABLE_MAX_BYTES = 20 * 1024 * 1024
# What programs write into the title of a file.
_NO_TITLE = re.compile(
    r"microsoft|powerpoint|untitled|slide ?\d|document ?\d*\Z|\.(?:docx?|indd|qxd|pptx?|pdf|rtf|pages|xlsx?)\b"
    r"|\A[\W\d_]*\Z",
    re.IGNORECASE,
)
_PROGRAM = re.compile(r"\AMicrosoft (?:Word|PowerPoint) - |\s+- Google (?:Docs|Slides)\Z")
_FIRST_PAGES_CHARS = 6000
_BETWEEN = re.compile(r"\s*;\s*|\s+(?:and|&)\s+")
# Hyphens between figures are a date or a number.
_SPACES = re.compile(r"[_\s]+|(?<!\d)-+|-+(?!\d)")


def recognises(path: Path, head: bytes) -> bool:
    """A PDF by its first bytes, and the table that says what the PDFs beside it are."""
    if path.suffix.lower() == ".csv":
        names = _columns(head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").partition("\n")[0])
        return any(name in _FILE_COLUMNS for name in names) and b".pdf" in head.lower()
    return b"%PDF-" in head[:1024]


def read(path: Path) -> Iterator[SourceItem | Skipped]:
    """The piece a PDF is, or why it is none; of a table the rows whose file is not there. Raises: OSError."""
    root = roots.root_of(path)
    name = path.relative_to(root).as_posix()
    if path.suffix.lower() == ".csv":
        for line, row in enumerate(_rows(path), start=2):
            file = _first(row, *_FILE_COLUMNS)
            if not (path.parent / file).is_file():
                yield Skipped(file, f"{name}:{line}", f"the table names {file}, which is not there")
        return
    try:
        found, said = pdf_text.pdf_text_here(path)
    except pdf_text.PdfRefused as refused:
        yield Skipped(name, name, f"not read: {refused}")
        return
    if not found.n_pages:
        yield Skipped(name, name, "a PDF without a page")
        return
    yield _item(name, path, found, said, _row_of(path, root))


def _item(
    name: str, path: Path, found: pdf_text.PdfText, said: Mapping[str, str], row: Mapping[str, str]
) -> SourceItem:
    doubts: list[tuple[str, str]] = []
    printed = found.text[:_FIRST_PAGES_CHARS]
    title = _title(path, said, row, printed, doubts)
    if not found.text:
        doubts.append(("no text", "the file holds pictures of pages and no text, as scans do"))
    elif found.n_pages_read < found.n_pages:
        doubts.append(("text cut", f"{found.n_pages_read} of {found.n_pages} pages were read"))
    published = _first(row, "date", "published", "published_on") or date_in_name(path)
    if not published and said.get("made_at"):
        doubts.append(("no date", f"the file says only when it was made ({said['made_at'][2:10]}), not when published"))
    return SourceItem(
        id=name,
        source="pdf",
        where=f"{name}:1",
        title=title,
        published=published,
        authors=_authors(said, row, printed, doubts),
        categories=_listed(row, "categories", "category"),
        tags=_listed(row, "tags", "keywords"),
        series=_first(row, "series"),
        kind=_first(row, "kind", "type"),
        language=_first(row, "language", "lang") or said.get("language", ""),
        summary=_first(row, "summary", "abstract", "description"),
        text="\n\n".join(found.text.splitlines()),
        source_url=_first(row, "address", "url", "source_url"),
        aliases=_listed(row, "aliases", "redirects"),
        status="draft" if _first(row, "status").lower() == "draft" else "release",
        attachments=(SourceMedia(name, title=title, type="application/pdf", local=name),),
        doubts=tuple(doubts),
    )


def _title(
    path: Path, said: Mapping[str, str], row: Mapping[str, str], printed: str, doubts: list[tuple[str, str]]
) -> str:
    given = _first(row, "title")
    if given:
        return given
    own = _PROGRAM.sub("", text.collapse(said.get("title", "")))
    if " " in own and not _NO_TITLE.search(own) and len(own) <= 300:
        if not _is_printed(own, printed):
            doubts.append(("doubtful title", f"the file calls itself “{text.shorten(own, 100)}” and prints it nowhere"))
        return own
    words = _SPACES.sub(" ", re.sub(r"\A\d{4}-\d\d-\d\d-", "", path.stem)).strip()
    doubts.append(("title from file name", f"“{text.shorten(words, 100)}”; a CSV beside the files can say better"))
    return words[:1].upper() + words[1:]


def _authors(
    said: Mapping[str, str], row: Mapping[str, str], printed: str, doubts: list[tuple[str, str]]
) -> tuple[SourceAuthor, ...]:
    given = _first(row, "authors", "author")
    if given:
        return tuple(SourceAuthor(name) for name in filter(None, _BETWEEN.split(given)))
    own = [name for name in _BETWEEN.split(said.get("author", "")) if name]
    if own and all(" " in name and _is_printed(name, printed) for name in own):
        return tuple(SourceAuthor(name) for name in own)
    if own:
        doubts.append(("doubtful author", f"the file names “{text.shorten(said['author'], 100)}”; left out"))
    return ()


def _is_printed(words: str, printed: str) -> bool:
    """Whether the first pages say these words, however they are spaced."""
    return re.sub(r"\W+", "", text.fold(words)) in re.sub(r"\W+", "", text.fold(printed))


def _row_of(path: Path, root: Path) -> Mapping[str, str]:
    """What a table in the file's folder, or in one above it, says of the file."""
    folder = path.parent
    while True:
        for table in sorted(folder.glob("*.csv")):
            row = _tables(table).get(path.relative_to(folder).as_posix())
            if row is not None:
                return row
        if folder == root:
            return {}
        folder = folder.parent


@lru_cache(maxsize=100)
def _tables(path: Path) -> dict[str, Mapping[str, str]]:
    return {_first(row, *_FILE_COLUMNS): row for row in _rows(path)}


def _rows(path: Path) -> list[dict[str, str]]:
    raw = path.read_bytes()[:_TABLE_MAX_BYTES]
    try:
        words = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        words = raw.decode("cp1252", "replace")
    lines = words.replace("\x00", "").splitlines(keepends=True)
    names, delimiter = _columns(lines[0] if lines else ""), _delimiter(lines[0] if lines else "")
    try:
        cells = list(csv.reader(lines[1:], delimiter=delimiter))
    except csv.Error:
        return []
    return [dict(zip(names, map(str.strip, row), strict=False)) for row in cells if any(map(str.strip, row))]


def _columns(line: str) -> list[str]:
    return [name.strip().strip("\"'").lower().replace(" ", "_") for name in line.split(_delimiter(line))]


def _delimiter(line: str) -> str:
    return max(",;\t", key=line.count)


def _first(row: Mapping[str, str], *names: str) -> str:
    return next((row[name] for name in names if row.get(name)), "")


def _listed(row: Mapping[str, str], *names: str) -> tuple[str, ...]:
    value = _first(row, *names)
    between = r"\s*[;|]\s*" if ";" in value or "|" in value else r"\s*,\s*"
    return tuple(filter(None, re.split(between, value)))
