"""Saved text pages: what a reader gets by marking a page of an institute's site and saving it as plain text.

The page's own words say where each part begins (labels, a name and "is a …", "Photo from …"); the patterns for them are
in `sources.text_marks`. What is not there stays empty.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from isthmus.importers import dates
from isthmus.importers.bylines import is_same_name
from isthmus.importers.source_item import Skipped, SourceAuthor, SourceItem
from isthmus.importers.sources import text_marks as marks
from isthmus.kit import html, text

_PAGE_MAX_BYTES = 20 * 1024 * 1024
# Labels stand near the top; further down a line such as "Author: the state" is prose.
_HEAD_LINES = 30
_TAIL_PARAGRAPHS = 12


@dataclass(slots=True)
class _Page:
    """A page while it is taken apart. paragraphs: groups of lines between empty lines, body only, once all is found."""

    labels: dict[str, str] = field(default_factory=dict)
    title: str = ""
    series: str = ""
    before_title: list[str] = field(default_factory=list)
    address: str = ""
    paragraphs: list[list[str]] = field(default_factory=list)
    byline: list[str] = field(default_factory=list)
    author_note: str = ""
    disclaimer: str = ""
    photo_credit: str = ""


def recognises(path: Path, head: bytes) -> bool:
    """Plain text by its name, and nothing in it that only other formats have."""
    if path.suffix.lower() not in (".txt", ".text"):
        return False
    return b"\x00" not in head and not head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"<", b"{", b"%PDF"))


def read(path: Path) -> Iterator[SourceItem | Skipped]:
    """The one publication a page holds, or why it holds none. Raises: OSError."""
    with path.open("rb") as file:
        raw = file.read(_PAGE_MAX_BYTES + 1)
    if len(raw) > _PAGE_MAX_BYTES:
        yield Skipped("", path.name, f"longer than {_PAGE_MAX_BYTES // 1024**2} MB, so no saved page")
        return
    try:
        words = raw.decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError as error:
        yield Skipped("", path.name, f"not UTF-8 at byte {error.start}; convert it first, with iconv for example")
        return
    yield _item_of(words, path)


def _item_of(words: str, path: Path) -> SourceItem | Skipped:
    groups = _groups(words)
    n_entries = marks.n_listing_entries([line for group in groups for line in group])
    if n_entries >= marks.LISTING_MIN_ENTRIES:
        return Skipped("", path.name, f"a listing of some {n_entries} pieces, not a publication")
    page = _Page()
    _take_tail_boilerplate(groups, page)
    _take_head(groups, page)
    if not page.title:
        return Skipped("", path.name, "empty but for the site's own words" if words.strip() else "empty")
    _take_byline(page)
    _take_notes(page)
    published = page.labels.get("published", "") or _date_in_name(path.stem)
    return SourceItem(
        id=page.address or _identity(page.title, published),
        source="text",
        where=f"{path.name}:1",
        title=page.title,
        published=published,
        authors=_authors(page),
        categories=marks.listed(page.labels.get("category", "")),
        tags=marks.listed(page.labels.get("tags", "")),
        series=page.labels.get("series", "") or page.series,
        language="ko" if marks.is_mostly_hangul(words) else "",
        html=_body_html(page.paragraphs),
        author_note=page.author_note,
        disclaimer=page.disclaimer,
        photo_credit=page.photo_credit,
        source_url=page.address,
        extra={"before_title": page.before_title} if page.before_title else {},
    )


def _groups(words: str) -> list[list[str]]:
    """Lines that stand together; empty lines and the site's own words part them."""
    groups: list[list[str]] = [[]]
    for line in words.splitlines():
        if text.collapse(line):
            groups[-1].append(line.replace("\xa0", " ").replace("\u3000", " ").rstrip())
        elif groups[-1]:
            groups.append([])
    return [group for group in groups if group]


def _take_tail_boilerplate(groups: list[list[str]], page: _Page) -> None:
    """Drop what follows every page, from the end up; "Return to the Peninsula" names the series on its way."""
    while groups:
        group = groups[-1]
        while group and marks.is_tail_boilerplate(text.collapse(group[-1])):
            page.series = page.series or marks.series_returned_to(text.collapse(group.pop()))
        if group:
            return
        groups.pop()


def _take_head(groups: list[list[str]], page: _Page) -> None:
    """Title, series and labels; what remains of the groups is the body."""
    groups[:] = [[line for line in group if not marks.is_head_boilerplate(text.collapse(line))] for group in groups]
    groups[:] = [group for group in groups if group]
    lines = [(at, line) for at, group in enumerate(groups) for line in group][:_HEAD_LINES]
    labelled = [n for n, (_, line) in enumerate(lines) if marks.labels_of(line)]
    if labelled and labelled[0] <= _HEAD_LINES:
        n_body = _take_labels(lines, labelled, page)
    else:
        n_body = _take_first_lines(lines, page)
    page.title = page.labels.pop("title", "") or page.title
    page.address = page.labels.get("address", "")
    page.paragraphs = _from_line(groups, n_body)


def _take_labels(lines: list[tuple[int, str]], labelled: list[int], page: _Page) -> int:
    """Labels that stand together and the lines before them; returns the number of the body's first line."""
    first = at = labelled[0]
    while at < len(lines) and (found := marks.labels_of(lines[at][1])):
        for name, value in found.items():
            page.labels.setdefault(name, value)
        at += 1
    before = [text.collapse(line) for _, line in lines[:first]]
    if before:
        page.title = before.pop()
    if before and marks.may_be_series(before[-1]):
        page.series = before.pop()
    page.before_title = before
    if not page.title and at < len(lines) and "title" not in page.labels:
        page.title = text.collapse(lines[at][1])
        at += 1
    return at


def _take_first_lines(lines: list[tuple[int, str]], page: _Page) -> int:
    """A page without labels: its first line is the title; a date alone on the next one is the date."""
    if not lines:
        return 0
    page.title = text.collapse(lines[0][1])
    for at, (_, line) in enumerate(lines[1:3], start=1):
        alone = text.collapse(line).strip("-–—() ")
        if dates.read_date(alone, zone="UTC"):
            page.labels["published"] = alone
            return at + 1
    return 1


def _from_line(groups: list[list[str]], n_lines: int) -> list[list[str]]:
    left = []
    for group in groups:
        taken = min(n_lines, len(group))
        n_lines -= taken
        if group[taken:]:
            left.append(group[taken:])
    return left


def _take_byline(page: _Page) -> None:
    """ "By Robert R. King" alone before the text."""
    if not page.paragraphs:
        return
    names = marks.byline_names(text.collapse(page.paragraphs[0][0]))
    if not names:
        return
    listed = _listed_authors(page)
    if listed and (len(listed) != len(names) or not all(map(is_same_name, names, listed))):
        return
    page.byline = names
    page.paragraphs[0].pop(0)
    if not page.paragraphs[0]:
        page.paragraphs.pop(0)


def _listed_authors(page: _Page) -> list[str]:
    return marks.names_in(page.labels.get("authors", ""))


def _authors(page: _Page) -> tuple[SourceAuthor, ...]:
    listed = _listed_authors(page)
    if not listed:
        return tuple(SourceAuthor(name) for name in page.byline)
    printed = page.byline or listed
    return tuple(SourceAuthor(name, printed=as_printed) for name, as_printed in zip(listed, printed, strict=True))


def _take_notes(page: _Page) -> None:
    """Author note, disclaimer and photo credit, from the end of the body up."""
    names = [*page.byline, *_listed_authors(page)]
    notes: list[str] = []
    for _ in range(_TAIL_PARAGRAPHS):
        # The whole of a page may not be notes: then its one paragraph is its text.
        if len(page.paragraphs) < 2:
            break
        words = text.collapse(" ".join(page.paragraphs[-1]))
        if marks.is_photo_credit(words) and not page.photo_credit:
            page.photo_credit = words
        elif marks.is_author_note(words, names):
            notes.insert(0, words)
        elif marks.is_disclaimer(words) and not page.disclaimer:
            page.disclaimer = words
        else:
            break
        page.paragraphs.pop()
    _split_notes(notes, page)


def _split_notes(notes: list[str], page: _Page) -> None:
    """The views that are "his own" end the note and are a disclaimer."""
    kept = []
    for note in notes:
        own, disclaimer = marks.without_disclaimer(note)
        kept.append(own)
        page.disclaimer = page.disclaimer or disclaimer
    page.author_note = " ".join(note for note in kept if note)


def _date_in_name(stem: str) -> str:
    found = marks.DATE_IN_NAME.match(stem)
    return " ".join(part for part in found.groups() if part) if found else ""


def _identity(title: str, published: str) -> str:
    printed = dates.read_date(published, zone="UTC")
    key = f"{text.fold(text.collapse(title))}\n{printed.on.isoformat() if printed else ''}"
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:24]


def _body_html(paragraphs: list[list[str]]) -> str:
    units = [unit for group in paragraphs for unit in _units(group)]
    return "\n".join(_unit_html(unit, units[at + 1] if at + 1 < len(units) else None) for at, unit in enumerate(units))


@dataclass(frozen=True, slots=True)
class _Unit:
    """A paragraph or the items of a list. is_alone: nothing but empty lines around it."""

    lines: list[str]
    list_tag: str = ""
    is_alone: bool = False


def _units(group: list[str]) -> Iterator[_Unit]:
    list_tag = marks.list_tag(group)
    if list_tag:
        yield _Unit([marks.without_bullet(line) for line in group], list_tag)
    elif marks.is_wrapped(group):
        yield _Unit([" ".join(group)], is_alone=True)
    else:
        yield from (_Unit([line], is_alone=len(group) == 1) for line in group)


def _unit_html(unit: _Unit, after: _Unit | None) -> str:
    lines = [html.escape(text.collapse(line)) for line in unit.lines]
    if unit.list_tag:
        return f"<{unit.list_tag}>{''.join(f'<li>{line}</li>' for line in lines)}</{unit.list_tag}>"
    is_heading = unit.is_alone and after is not None and marks.is_heading(unit.lines[0], text.collapse(after.lines[0]))
    return f"<h2>{lines[0]}</h2>" if is_heading else f"<p>{lines[0]}</p>"
