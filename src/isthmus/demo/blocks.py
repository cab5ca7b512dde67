"""Markdown of the content files as the blocks an editor would have written; pure, knows no database.

Links to pieces and pages are left as `/.pub/slug` until `with_links` is told the numbers, because a piece may link
to one that is loaded after it.
"""

from __future__ import annotations

import html as stdlib_html
import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from isthmus.kit import html, markdown

Block = dict[str, Any]

_NOTE = re.compile(r"^\[\^([^\]\s]+)\]:[ \t]*(.*(?:\n[ \t]+\S.*)*)\n?", re.MULTILINE)
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
_TABLE_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_TABLE_CELL = re.compile(r"<t([hd])\b[^>]*>(.*?)</t[hd]>", re.DOTALL)
_QUOTE_MARK = re.compile(r"^> ?", re.MULTILINE)
_CAPTION = "Table: "
_SOURCE = "— "

# The sanitizer keeps relative addresses and drops schemes it does not know, so `pub:` travels as a path.
_MARKED_LINK = re.compile(r'<a href="/\.pub/([^"]+)"[^>]*>')
_OWN_PAGE_LINK = re.compile(r'<a href="/([a-z-]+)/">')


def body_blocks(text: str, *, image_ids: Mapping[str, int]) -> list[Block]:
    """The stream of a body. image_ids: number of every picture by its file; links are unresolved as yet."""
    notes = [{"label": label, "text": rich_text(_unwrapped(note))} for label, note in _NOTE.findall(text)]
    parts = list(_with_captions(re.split(r"\n\s*\n", _NOTE.sub("", text).strip())))
    blocks: list[Block] = []
    for is_text, run in groupby(parts, key=lambda part: _kind(part) == "text"):
        if is_text:
            blocks.append(_block("text", rich_text("\n\n".join(run))))
        else:
            blocks += [_MAKERS[_kind(part)](part, image_ids) for part in run]
    if notes:
        blocks.append(_block("footnotes", [{"type": "item", "value": note} for note in notes]))
    return blocks


def rich_text(text: str) -> str:
    """Markdown as Wagtail stores rich text: clean, footnote marks as they were, links unresolved."""
    as_paths = markdown.to_html(text).replace('href="pub:', 'href="/.pub/')
    # What the editor writes has no rel; the theme and the gate add what a link needs when it is shown.
    return html.clean_html(as_paths).replace(' rel="noopener"', "").strip()


def with_links(value: Any, *, publication_ids: Mapping[str, int], page_ids: Mapping[str, int]) -> Any:
    """The same blocks or text, with links that name the numbers of pieces and pages.

    A piece that has no number yet is named without a link.
    """
    if isinstance(value, str):
        return _resolved(value, publication_ids, page_ids)
    if isinstance(value, dict):
        return {
            key: with_links(part, publication_ids=publication_ids, page_ids=page_ids) for key, part in value.items()
        }
    if isinstance(value, list):
        return [with_links(part, publication_ids=publication_ids, page_ids=page_ids) for part in value]
    return value


def _resolved(text: str, publication_ids: Mapping[str, int], page_ids: Mapping[str, int]) -> str:
    for slug in set(_MARKED_LINK.findall(text)) - publication_ids.keys():
        text = re.sub(rf'<a href="/\.pub/{re.escape(slug)}"[^>]*>(.*?)</a>', r"\1", text, flags=re.DOTALL)
    text = _MARKED_LINK.sub(lambda link: f'<a linktype="publication" id="{publication_ids[link[1]]}">', text)
    return _OWN_PAGE_LINK.sub(
        lambda link: f'<a linktype="page" id="{page_ids[link[1]]}">' if link[1] in page_ids else link[0], text
    )


def _block(kind: str, value: Any) -> Block:
    return {"type": kind, "value": value}


def _unwrapped(note: str) -> str:
    return re.sub(r"\n[ \t]+", "\n", note).strip()


def _with_captions(parts: list[str]) -> Iterator[str]:
    """The parts between blank lines, with the line "Table: …" joined to the table below it."""
    caption = ""
    for part in parts:
        if part.startswith(_CAPTION) and "\n" not in part:
            caption = f"{part}\n\n"
        else:
            yield caption + part
            caption = ""


def _kind(part: str) -> str:
    if _PICTURE.fullmatch(part):
        return "image"
    if part.startswith((_CAPTION, "|")):
        return "table"
    last = part.rsplit("\n", 1)[-1]
    return "quote" if part.startswith(">") and last.startswith(f"> {_SOURCE}") else "text"


def _image(part: str, image_ids: Mapping[str, int]) -> Block:
    found = _PICTURE.fullmatch(part)
    assert found is not None
    return _block("image", {"image": image_ids[found[2]], "alt": "", "caption": found[1]})


def _quote(part: str, image_ids: Mapping[str, int]) -> Block:
    lines = _QUOTE_MARK.sub("", part)
    said, _, source = lines.rpartition(f"\n{_SOURCE}")
    return _block("quote", {"text": _plain(said), "source": _plain(source)})


def _plain(text: str) -> str:
    return html.text_of(markdown.to_html(text))


def _table(part: str, image_ids: Mapping[str, int]) -> Block:
    """A table of plain cells as an editor's table; one with links or emphasis as HTML, which the former cannot hold."""
    caption, _, rows_text = part.partition("\n\n") if part.startswith(_CAPTION) else ("", "", part)
    caption = _plain(caption.removeprefix(_CAPTION))
    made = markdown.to_html(rows_text)
    rows = [[cell for _, cell in _TABLE_CELL.findall(row)] for row in _TABLE_ROW.findall(made)]
    if any("<" in cell for row in rows for cell in row):
        heading = f"<caption>{html.escape(caption)}</caption>" if caption else ""
        linked = made.replace("<table>", f"<table>{heading}").replace('href="pub:', 'href="/.pub/')
        return _block("html", html.clean_html(linked))
    return _block("table", _table_value([[stdlib_html.unescape(cell) for cell in row] for row in rows], caption))


def _table_value(rows: list[list[str]], caption: str) -> dict[str, Any]:
    names = [row[0] for row in rows[1:]]
    # A first column of names without a gap or a repetition heads its rows.
    names_rows = all(names) and len(set(names)) == len(names)
    return {
        "data": rows,
        "cell": [],
        "mergeCells": [],
        "first_row_is_table_header": True,
        "first_col_is_header": names_rows,
        "table_header_choice": "both" if names_rows else "row",
        "table_caption": caption,
    }


_MAKERS = {"image": _image, "quote": _quote, "table": _table}
