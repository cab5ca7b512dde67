"""A publication as Markdown with front matter, for people and for other systems; the JSON beside it is the whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

from isthmus.importers.html_tree import Element, html_of, tree_of
from isthmus.kit import html as kit_html

_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>#])")
_LINE_START = re.compile(r"^(\s*)(\d+[.)]|[-+])(\s)", re.MULTILINE)
_NOTE = re.compile(r"\\\[\^([^\]\s]{1,40})\\\]")
_FIELDS = (
    "title", "kind", "series", "language", "published_on", "updated_on", "summary", "photo_credit", "author_note",
    "disclaimer", "external_url", "categories", "lead_image", "lead_image_caption",
)  # fmt: skip


def markdown_of(row: dict[str, Any]) -> str:
    """The piece as one Markdown file. A value in its front matter is JSON, which is YAML too."""
    head = {name: row[name] for name in _FIELDS if row.get(name)}
    head["authors"] = [line["printed_name"] or line["person"] for line in row["bylines"]]
    head["files"] = [one["document"] for one in row["attachments"]]
    if not row["live"]:
        head["draft"] = True
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items() if value]
    body = "\n\n".join(filter(None, (_block(block) for block in row["body"])))
    return "\n".join(["---", *lines, "---", "", body, ""])


def _block(block: dict[str, Any]) -> str:
    written = _BLOCKS.get(str(block.get("type")))
    return written(block["value"]) if written else ""


def _text(value: Any) -> str:
    return _blocks(tree_of(kit_html.clean_html(_with_addresses(value))))


def _image(value: Any) -> str:
    caption = f"\n\n*{value['caption']}*" if value.get("caption") else ""
    return f"![{value.get('alt', '')}](/files/{value['image']}){caption}"


def _quote(value: Any) -> str:
    words = "\n".join(f"> {line}" for line in str(value["text"]).splitlines())
    return words + (f"\n>\n> — {value['source']}" if value.get("source") else "")


def _footnotes(value: Any) -> str:
    return "\n\n".join(_footnote(item.get("value", item)) for item in value)


def _file(value: Any) -> str:
    return f"[{value.get('title') or value['document']}](/files/{value['document']})"


def _footnote(note: dict[str, Any]) -> str:
    words = _text(note["text"])
    return f"[^{note['label']}]: " + words.replace("\n", "\n    ")


def _with_addresses(html: str) -> str:
    """Links to rows as links to where these are in the export or on the site."""

    def address(found: re.Match[str]) -> str:
        kind = re.search(r'(?:link|embed)type="(\w+)"', found[0])
        name = re.search(r'\bid="([^"]*)"', found[0])
        if not kind or not name:
            return found[0]
        return f'<a href="{name[1] if kind[1] in ("publication", "page") else "/files/" + name[1]}">'

    return re.sub(r"<a\s[^>]*linktype=[^>]*>", address, html)


def _blocks(parent: Element) -> str:
    parts = []
    for child in parent.children:
        if isinstance(child, str):
            parts.append(_words(child).strip())
        elif child.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            parts.append(f"{'#' * int(child.tag[1])} {_inline(child).strip()}")
        elif child.tag in ("ul", "ol"):
            parts.append(_list(child))
        elif child.tag == "blockquote":
            parts.append("\n".join(f"> {line}" for line in _inline(child).strip().splitlines()))
        elif child.tag == "hr":
            parts.append("---")
        else:
            parts.append(_LINE_START.sub(r"\1\\\2\3", _inline(child).strip()))
    return "\n\n".join(part for part in parts if part)


def _list(element: Element, depth: int = 0) -> str:
    lines = []
    items = [child for child in element.children if isinstance(child, Element) and child.tag == "li"]
    for number, item in enumerate(items, start=1):
        nested = [child for child in item.children if isinstance(child, Element) and child.tag in ("ul", "ol")]
        own = Element("li", "", [child for child in item.children if child not in nested])
        lines.append(f"{'    ' * depth}{f'{number}.' if element.tag == 'ol' else '-'} {_inline(own).strip()}")
        lines += [_list(inner, depth + 1) for inner in nested]
    return "\n".join(lines)


def _inline(element: Element) -> str:
    return "".join(_words(child) if isinstance(child, str) else _phrase(child) for child in element.children)


def _phrase(child: Element) -> str:
    if child.tag == "br":
        return "\\\n"
    if child.tag == "code":
        return f"`{kit_html.text_of(html_of(child))}`"
    inside = _inline(child)
    if child.tag == "a" and child.get("href"):
        return f"[{inside}]({child.get('href')})"
    if child.tag in ("sup", "sub"):
        return f"<{child.tag}>{inside}</{child.tag}>"
    mark = _MARKS.get(child.tag, "")
    stripped = inside.strip()
    return inside.replace(stripped, f"{mark}{stripped}{mark}", 1) if mark and stripped else inside


def _words(escaped: str) -> str:
    """Escaped text as Markdown; a reference to a footnote stays one."""
    return _NOTE.sub(r"[^\1]", _SPECIAL.sub(r"\\\1", unescape(escaped)))


def _table(value: dict[str, Any]) -> str:
    rows = [[str(cell or "").replace("|", "\\|").replace("\n", " ") for cell in row] for row in value.get("data") or []]
    if not rows:
        return ""
    head, *rest = rows
    lines = [head, ["---"] * len(head), *rest]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


_BLOCKS: dict[str, Callable[[Any], str]] = {
    "text": _text,
    "html": str,
    "image": _image,
    "quote": _quote,
    "footnotes": _footnotes,
    "embed": lambda value: f"[{value['title']}]({value['url']})",
    "file": _file,
    "table": _table,
}
