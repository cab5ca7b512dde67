"""The files of content/ as plain values, with every reference between them checked; knows nothing of Django."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from isthmus.demo.entries import (
    AliasEntry,
    AxisEntry,
    BylineEntry,
    CategoryEntry,
    Content,
    FileEntry,
    Institute,
    Link,
    NamedDateEntry,
    PageEntry,
    PersonEntry,
    PictureEntry,
    PieceEntry,
    PinEntry,
    SeriesEntry,
    SubjectEntry,
    SynonymsEntry,
    TitleEntry,
)
from isthmus.demo.toml_table import ContentError, TomlTable

CONTENT = Path(__file__).parent / "content"
SUBJECT_KINDS = ("person", "organisation", "place", "thing")
ROLES = ("author", "editor", "translator", "interviewee", "speaker")

_FRONT_MATTER = re.compile(r"\+\+\+\n(.*?)\n\+\+\+\n(.*)", re.DOTALL)
_PIECE_LINK = re.compile(r"\]\(pub:([^)\s]+)\)")
_PICTURE = re.compile(r"^!\[[^\]]*\]\(([^)\s]+)\)$", re.MULTILINE)


def read(folder: Path = CONTENT) -> Content:
    """All content files, each reference between them checked.

    Raises: ContentError that names the file and what is wrong in it.
    """
    axes, categories = _categories(folder)
    synonyms, pins = _search(folder)
    subjects, named_dates = _dossiers(folder)
    pieces = [_piece(path) for path in sorted((folder / "pieces").glob("*.md"))]
    scheduled = [piece for piece in pieces if piece.release_in_s is not None]
    if len(scheduled) != 1:
        raise ContentError(f"{folder / 'pieces'} has {len(scheduled)} pieces with release_in_seconds: write it in one.")
    content = Content(
        institute=_institute(folder),
        people=tuple(_person(row) for row in _rows(folder / "people.toml", "person")),
        series=tuple(_series(row) for row in _rows(folder / "series.toml", "series")),
        axes=axes,
        categories=categories,
        pictures={entry.path.name: entry for entry in _pictures(folder)},
        files={entry.path.name: entry for entry in _files(folder)},
        synonyms=synonyms,
        pins=pins,
        subjects=subjects,
        named_dates=named_dates,
        pages=tuple(_page(path) for path in sorted((folder / "pages").glob("*.md"))),
        pieces=tuple(sorted((piece for piece in pieces if piece.published_at), key=_released)),
        scheduled=scheduled[0],
    )
    _check(content)
    return content


def piece_links(markdown: str) -> list[str]:
    """The slugs of the pieces a text links to, in order."""
    return _PIECE_LINK.findall(markdown)


def _released(piece: PieceEntry) -> datetime:
    assert piece.published_at is not None
    return piece.published_at


# --- one function for each kind of file -----------------------------------------------------------


def _institute(folder: Path) -> Institute:
    table = _toml(folder / "institute.toml")
    institute = Institute(
        **{
            name: table.text(name)
            for name in (
                "name", "short_name", "tagline", "description", "disclaimer", "licence_note", "accent", "accent_dark",
                "address", "email", "time_zone", "logo",
            )
        },
        menu=_links(table, "menu"),
        footer=_links(table, "footer"),
        social=_links(table, "social"),
    )  # fmt: skip
    table.finish()
    return institute


def _links(table: TomlTable, name: str) -> tuple[Link, ...]:
    return tuple(_finished(row, Link(row.text("label"), row.text("url"))) for row in table.rows(name))


def _person(row: TomlTable) -> PersonEntry:
    # How a name is printed elsewhere is written for whoever reads the file; pieces say it themselves.
    row.texts("aliases")
    person = PersonEntry(
        slug=row.text("slug"),
        name=row.text("name"),
        sort_name=row.text("sort_name"),
        title=row.text("title"),
        affiliation=row.text("affiliation"),
        bio=row.text("bio"),
        note=row.text("note"),
        disclaimer=row.text("disclaimer", ""),
        email=row.text("email", ""),
        photo=row.text("photo", ""),
        is_staff=row.flag("is_staff"),
    )
    return _finished(row, person)


def _series(row: TomlTable) -> SeriesEntry:
    series = SeriesEntry(row.text("slug"), row.text("title"), row.text("summary"), row.text("disclaimer", ""))
    return _finished(row, series)


def _categories(folder: Path) -> tuple[tuple[AxisEntry, ...], tuple[CategoryEntry, ...]]:
    table = _toml(folder / "categories.toml")
    axes = tuple(_finished(row, AxisEntry(row.text("slug"), row.text("label"))) for row in table.rows("axis"))
    categories = tuple(_category(row) for row in table.rows("category"))
    table.finish()
    return axes, categories


def _category(row: TomlTable) -> CategoryEntry:
    category = CategoryEntry(
        row.text("axis"), row.text("slug"), row.text("label"), row.text("parent", ""), row.text("summary", "")
    )
    return _finished(row, category)


def _pictures(folder: Path) -> Iterable[PictureEntry]:
    for row in _rows(folder / "images.toml", "image"):
        picture = PictureEntry(
            path=_existing(folder / "images", row),
            title=row.text("title"),
            alt=row.text("alt"),
            creator=row.text("creator"),
            source_url=row.text("source_url", ""),
            licence=row.text("licence"),
            licence_version=row.text("licence_version", ""),
            licence_url=row.text("licence_url", ""),
        )
        yield _finished(row, picture)


def _files(folder: Path) -> Iterable[FileEntry]:
    for row in _rows(folder / "documents.toml", "document"):
        yield _finished(row, FileEntry(_existing(folder / "files", row), row.text("title")))


def _search(folder: Path) -> tuple[tuple[SynonymsEntry, ...], tuple[PinEntry, ...]]:
    table = _toml(folder / "search.toml")
    sets = [_finished(row, SynonymsEntry(row.texts("terms"), row.flag("is_one_way"))) for row in table.rows("synonyms")]
    pins = [_finished(row, PinEntry(row.text("question"), row.texts("pieces"))) for row in table.rows("pin")]
    table.finish()
    return tuple(sets), tuple(pins)


def _dossiers(folder: Path) -> tuple[tuple[SubjectEntry, ...], tuple[NamedDateEntry, ...]]:
    table = _toml(folder / "dossiers.toml")
    subjects = tuple(_subject(row) for row in table.rows("subject"))
    named_dates = tuple(_named_date(row) for row in table.rows("named_date"))
    table.finish()
    return subjects, named_dates


def _subject(row: TomlTable) -> SubjectEntry:
    subject = SubjectEntry(
        name=row.text("name"),
        kind=row.text("kind"),
        note=row.text("note"),
        is_open=row.flag("is_open"),
        aliases=tuple(_alias(alias) for alias in row.rows("aliases")),
        titles=tuple(_title(title) for title in row.rows("titles")),
    )
    if subject.kind not in SUBJECT_KINDS:
        raise row.error(f"has the kind {subject.kind}: write one of {', '.join(SUBJECT_KINDS)}")
    return _finished(row, subject)


def _alias(row: TomlTable) -> AliasEntry:
    return _finished(row, AliasEntry(row.text("text"), row.text("companion", ""), row.flag("is_ambiguous")))


def _title(row: TomlTable) -> TitleEntry:
    return _finished(row, TitleEntry(row.text("text"), row.day("from"), row.day("to")))


def _named_date(row: TomlTable) -> NamedDateEntry:
    name, first_on, last_on = row.text("name"), row.day("first_on"), row.day("last_on")
    if first_on is None or last_on is None or last_on < first_on:
        raise row.error("needs first_on and last_on, in this order")
    return _finished(row, NamedDateEntry(name, first_on, last_on))


def _existing(folder: Path, row: TomlTable) -> Path:
    path = folder / row.text("file")
    if not path.is_file():
        raise row.error(f"names {path.name}, which is not in {folder}: put it there or remove the entry")
    return path


def _page(path: Path) -> PageEntry:
    table, body = _with_front_matter(path)
    table.whole_number("menu_order")
    page = PageEntry(str(path), table.text("title"), table.text("slug"), table.text("summary"), body)
    return _finished(table, page)


def _piece(path: Path) -> PieceEntry:
    table, body = _with_front_matter(path)
    piece = PieceEntry(
        where=str(path),
        title=table.text("title"),
        slug=table.text("slug"),
        published_at=table.instant("published"),
        release_in_s=table.whole_number("release_in_seconds"),
        kind=table.text("kind"),
        series=table.text("series", ""),
        language=table.text("lang"),
        summary=table.text("summary"),
        byline=tuple(_byline(row) for row in table.rows("byline")),
        categories=table.texts("categories"),
        image=table.text("image", ""),
        image_caption=table.text("image_caption", ""),
        photo_credit=table.text("photo_credit", ""),
        disclaimer=table.text("disclaimer", ""),
        attachments=table.texts("attachments"),
        details=table.table("details"),
        body=body,
    )
    if (piece.published_at is None) == (piece.release_in_s is None):
        raise table.error("needs one of published and release_in_seconds, not both")
    return _finished(table, piece)


def _byline(row: TomlTable) -> BylineEntry:
    line = BylineEntry(
        row.text("person"), row.text("role"), row.text("printed", ""), row.text("affiliation", ""), row.text("note", "")
    )
    if line.role not in ROLES:
        raise row.error(f"has the role {line.role}: write one of {', '.join(ROLES)}")
    return _finished(row, line)


def _rows(path: Path, name: str) -> list[TomlTable]:
    table = _toml(path)
    rows = table.rows(name)
    table.finish()
    return rows


def _toml(path: Path, text: str | None = None) -> TomlTable:
    try:
        return TomlTable(tomllib.loads(path.read_text(encoding="utf-8") if text is None else text), str(path))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ContentError(f"{path} cannot be read as TOML: {error}; correct that place.") from error


def _with_front_matter(path: Path) -> tuple[TomlTable, str]:
    found = _FRONT_MATTER.fullmatch(path.read_text(encoding="utf-8"))
    if found is None:
        raise ContentError(f"{path} has no front matter: begin it with TOML between two lines of +++.")
    return _toml(path, found[1]), found[2].strip()


def _finished(table: TomlTable, entry: Any) -> Any:
    table.finish()
    return entry


# --- what names what ------------------------------------------------------------------------------


def _check(content: Content) -> None:
    """Raises: ContentError for a name that names nothing, or names two things."""
    pieces = [*content.pieces, content.scheduled]
    slugs = _unique("pieces", (piece.slug for piece in pieces))
    people = _unique("people.toml", (person.slug for person in content.people))
    series = _unique("series.toml", (row.slug for row in content.series))
    categories = _unique("categories.toml", (row.key for row in content.categories))
    for piece in pieces:
        _known(piece.where, "person", (line.person for line in piece.byline), people)
        _known(piece.where, "series", filter(None, [piece.series]), series)
        _known(piece.where, "category", piece.categories, categories)
        _known(piece.where, "picture", [*filter(None, [piece.image]), *_PICTURE.findall(piece.body)], content.pictures)
        _known(piece.where, "file", [*piece.attachments, *filter(None, [piece.details.get("pdf")])], content.files)
        _known(piece.where, "piece", piece_links(piece.body), slugs - {content.scheduled.slug})
    for page in content.pages:
        _known(page.where, "piece", piece_links(page.body), slugs - {content.scheduled.slug})
    _unique("dossiers.toml", (subject.name for subject in content.subjects))
    for pin in content.pins:
        _known("search.toml", "piece", pin.pieces, slugs - {content.scheduled.slug})
    _check_few(content, categories)


def _check_few(content: Content, categories: set[str]) -> None:
    _known("people.toml", "picture", (row.photo for row in content.people if row.photo), content.pictures)
    _known("institute.toml", "picture", filter(None, [content.institute.logo]), content.pictures)
    _known("categories.toml", "axis", (row.axis for row in content.categories), {axis.slug for axis in content.axes})
    parents = (f"{row.axis}/{row.parent}" for row in content.categories if row.parent)
    _known("categories.toml", "category", parents, categories)


def _unique(where: str, names: Iterable[str]) -> set[str]:
    counts = Counter(names)
    twice = [name for name, n_times in counts.items() if n_times > 1]
    if twice:
        raise ContentError(f"{where} has {twice[0]} twice: give each its own slug.")
    return set(counts)


def _known(where: str, what: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            raise ContentError(f"{where} names the {what} {name}, which does not exist: correct it or add the {what}.")
