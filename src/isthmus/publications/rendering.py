"""A stored body as readers see it: block templates, section anchors, footnotes linked both ways; and as plain text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from wagtail.rich_text import expand_db_html

from isthmus.kit import html, text
from isthmus.publications import pictures
from isthmus.publications.models import Document

_HEADING = re.compile(r"<h([23])\b([^>]*)>(.*?)</h\1>", re.DOTALL)
_ID = re.compile(r'\bid="([^"]+)"')
# A reference is [^label]; one inside code is left as it stands, so code is matched first. Code that never ends runs to
# the end: looking for an end that is not there once for each beginning took minutes on 100 kB of plain "<code ".
_REFERENCE = re.compile(r"(<(?:pre|code)\b.*?(?:</(?:pre|code)>|\Z))|\[\^([^\]\s<>]{1,40})\]", re.DOTALL)
# Fewer sections than this need no contents list.
_MIN_SECTIONS = 3


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the second level and the anchor it can be linked by."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class RenderedBody:
    """A body as HTML; contents is empty for a body with fewer than three sections."""

    html: SafeString
    contents: tuple[Section, ...]
    image_ids: tuple[int, ...]


@dataclass
class _Notes:
    """The footnotes of one body while it is rendered: order of first reference decides the numbers."""

    texts: dict[str, str]
    numbers: dict[str, int] = field(default_factory=dict)
    n_references: dict[str, int] = field(default_factory=dict)

    def link(self, match: re.Match[str]) -> str:
        """The superscript for one reference; text that names no note stays as it was."""
        code, label = match[1], match[2]
        if code is not None or label not in self.texts:
            return match[0]
        number = self.numbers.setdefault(label, len(self.numbers) + 1)
        nth = self.n_references[label] = self.n_references.get(label, 0) + 1
        back = _backlink_id(label, nth)
        return format_html(
            '<sup class="fnref"><a id="{}" href="#{}" aria-label="Footnote {}">{}</a></sup>',
            back, note_id(label), number, number,
        )  # fmt: skip

    def in_order(self) -> list[dict[str, Any]]:
        """What the footnotes template shows; notes that nothing refers to come last."""
        ordered = sorted(self.texts, key=lambda label: self.numbers.get(label, len(self.texts) + 1))
        return [
            {
                "label": label,
                "id": note_id(label),
                "number": number,
                "html": mark_safe(self.texts[label]),  # noqa: S308  (expanded from cleaned rich text)
                "backlinks": [_backlink_id(label, n + 1) for n in range(self.n_references.get(label, 0))],
            }
            for number, label in enumerate(ordered, start=1)
        ]


def note_id(label: str) -> str:
    """The anchor of a footnote."""
    return f"fn-{text.slug(label)}"


def _backlink_id(label: str, nth: int) -> str:
    return f"fnref-{text.slug(label)}" + (f"-{nth}" if nth > 1 else "")


def render_body(raw_blocks: Iterable[Mapping[str, Any]]) -> RenderedBody:
    """The body as HTML from block templates, with stable section anchors and footnotes linked both ways."""
    blocks = list(raw_blocks)
    notes = _Notes(_note_texts(blocks))
    shown = pictures.shown_images(_image_ids(blocks))
    parts = [_render_block(block, notes, shown) for block in blocks if block["type"] != "footnotes"]
    joined, sections = _with_anchors("\n".join(parts))
    if notes.texts:
        joined += render_to_string("isthmus/blocks/footnotes.html", {"footnotes": notes.in_order()})
    contents = tuple(sections) if len(sections) >= _MIN_SECTIONS else ()
    return RenderedBody(mark_safe(joined), contents, tuple(shown))  # noqa: S308  (templates and cleaned HTML only)


def _render_block(block: Mapping[str, Any], notes: _Notes, shown: Mapping[int, pictures.Picture]) -> str:
    kind, value = block["type"], block["value"]
    make = _CONTEXTS.get(kind)
    if make is None:
        return ""
    context = make(value, notes, shown)
    return render_to_string(f"isthmus/blocks/{kind}.html", context) if context else ""


def _text(value: str, notes: _Notes, shown: Any) -> dict[str, Any]:
    return {"value_html": mark_safe(_REFERENCE.sub(notes.link, expand_db_html(value)))}  # noqa: S308  (cleaned rich text)


def _html(value: str, notes: _Notes, shown: Any) -> dict[str, Any]:
    return {"html": mark_safe(_scrolling(_REFERENCE.sub(notes.link, value)))}  # noqa: S308  (cleaned when saved)


_TABLE_TAG = re.compile(r"<(/?)table\b[^>]*>")
_SCROLL = '<div class="scroll" tabindex="0" role="region" aria-label="Table">'


def _scrolling(cleaned: str) -> str:
    """The HTML with each table, of nested ones the outermost, in a frame that scrolls where the screen is narrow."""
    if "<table" not in cleaned:
        return cleaned
    depth = 0

    def framed(tag: re.Match[str]) -> str:
        nonlocal depth
        is_outermost = depth == (1 if tag[1] else 0)
        depth += -1 if tag[1] else 1
        if not is_outermost:
            return tag[0]
        return f"{tag[0]}</div>" if tag[1] else f"{_SCROLL}{tag[0]}"

    return _TABLE_TAG.sub(framed, cleaned)


def _image(value: Mapping[str, Any], notes: _Notes, shown: Mapping[int, pictures.Picture]) -> dict[str, Any] | None:
    picture = shown.get(value.get("image") or 0)
    if picture is None:
        return None
    return {"image": picture.captioned(value.get("caption") or "", alt=value.get("alt") or "")}


def _quote(value: Mapping[str, Any], notes: _Notes, shown: Any) -> dict[str, Any]:
    return {"text": value.get("text", ""), "source": value.get("source", "")}


def _table(value: Mapping[str, Any], notes: _Notes, shown: Any) -> dict[str, Any]:
    rows = [
        [mark_safe(_REFERENCE.sub(notes.link, escape(cell or ""))) for cell in row]  # noqa: S308  (escaped here)
        for row in value.get("data") or []
    ]
    has_header = bool(value.get("first_row_is_table_header")) or value.get("table_header_choice") in ("row", "both")
    return {
        "caption": value.get("table_caption") or "",
        "header": rows[0] if has_header and rows else [],
        "rows": rows[1:] if has_header else rows,
        "first_column_is_header": bool(value.get("first_col_is_header")),
    }


def _embed(value: Mapping[str, Any], notes: _Notes, shown: Any) -> dict[str, Any]:
    host = re.sub(r"^https?://(www\.)?", "", value.get("url", "")).split("/")[0]
    return {"host": host, "url": value.get("url", ""), "title": value.get("title", "")}


def _file(value: Mapping[str, Any], notes: _Notes, shown: Any) -> dict[str, Any] | None:
    document = Document.objects.filter(pk=value.get("document")).first()
    return {"file": pictures.shown_file(document, title=value.get("title") or "")} if document else None


_CONTEXTS: dict[str, Callable[..., dict[str, Any] | None]] = {
    "text": _text, "html": _html, "image": _image, "quote": _quote, "table": _table, "embed": _embed, "file": _file,
}  # fmt: skip


def _note_texts(blocks: list[Mapping[str, Any]]) -> dict[str, str]:
    """Label to expanded HTML of every footnote, in the order they are written."""
    texts: dict[str, str] = {}
    for block in blocks:
        if block["type"] == "footnotes":
            for item in block["value"]:
                note = item.get("value", item)
                texts.setdefault(note["label"], expand_db_html(note["text"]))
    return texts


def _image_ids(blocks: list[Mapping[str, Any]]) -> list[int]:
    return [block["value"]["image"] for block in blocks if block["type"] == "image" and block["value"].get("image")]


def _with_anchors(body_html: str) -> tuple[str, list[Section]]:
    """Headings with an anchor each, and the sections of the second level; the same text gives the same anchor."""
    used: set[str] = set()
    sections: list[Section] = []

    def anchor(match: re.Match[str]) -> str:
        level, attributes, inside = match[1], match[2], match[3]
        words = text.collapse(html.text_of(_REFERENCE.sub("", inside)))
        if not words:
            return match[0]
        own = _ID.search(attributes)
        wanted = own[1] if own else text.slug(words)
        name, number = wanted, 1
        while name in used:
            number += 1
            name = f"{wanted}-{number}"
        used.add(name)
        if level == "2":
            sections.append(Section(name, words))
        kept = _ID.sub("", attributes).rstrip() if own else attributes
        return f'<h{level}{kept} id="{escape(name)}">{inside}</h{level}>'

    return _HEADING.sub(anchor, body_html), sections


def opening(raw_blocks: Iterable[Mapping[str, Any]], *, n_chars: int) -> str:
    """About the first `n_chars` characters of the body's prose, headings left out; empty for a body without any."""
    found = ""
    for block in raw_blocks:
        if block["type"] in ("text", "html") and len(found) < n_chars:
            # Markup takes room as well: four times the wanted length has always held enough prose.
            prose = _HEADING.sub("", block["value"][: n_chars * 4].rpartition("<")[0] or block["value"][:n_chars])
            found += " " + html.text_of(prose)
    return text.collapse(_REFERENCE.sub(lambda match: match[1] or "", found))[:n_chars]


def beginning(raw_blocks: Iterable[Mapping[str, Any]], *, n_chars: int) -> str:
    """The same from the whole paragraphs at the start of the first prose; less than `n_chars`: ask for `opening`.

    It looks at a quarter of the markup, and is enough for nearly every piece.
    """
    prose = next((block["value"] for block in raw_blocks if block["type"] in ("text", "html")), "")[: n_chars * 4]
    found = html.text_of(_HEADING.sub("", prose[: max(0, prose.rfind("</p>"))]))
    return text.collapse(_REFERENCE.sub(lambda match: match[1] or "", found))[:n_chars]


def plain_text(raw_blocks: Iterable[Mapping[str, Any]]) -> str:
    """The body as plain text, one paragraph a line, with captions where the pictures stand and footnotes last."""
    parts: list[str] = []
    notes: list[str] = []
    for block in raw_blocks:
        kind, value = block["type"], block["value"]
        if kind in ("text", "html"):
            parts.append(html.text_of(value))
        elif kind == "footnotes":
            notes += [html.text_of(item.get("value", item)["text"]) for item in value]
        elif kind == "table":
            parts += [value.get("table_caption") or ""]
            parts += [" ".join(cell for cell in row if cell) for row in value.get("data") or []]
        else:
            parts += [value.get(name) or "" for name in ("text", "source", "caption", "title") if value.get(name)]
    joined = "\n".join(part for part in parts + notes if part)
    # Looking for references costs as much as all the rest, and few bodies have any.
    return _REFERENCE.sub(lambda match: match[1] or "", joined) if "[^" in joined else joined
