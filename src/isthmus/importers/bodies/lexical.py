"""Lexical, the documents of Ghost 5 and later: a tree of nodes in JSON, as HTML.

Source: what each node holds, from Ghost's own renderer (TryGhost/Koenig, kg-lexical-html-renderer).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from isthmus.importers.bodies.ghost_cards import card_html, said
from isthmus.kit.html import escape

_MAX_DEPTH = 60
# The bits of a text's `format`, the outermost tag first.
_FORMATS = ((1, "strong"), (2, "em"), (4, "s"), (8, "u"), (16, "code"), (32, "sub"), (64, "sup"), (128, "mark"))
_BLOCKS = {
    "paragraph": "p", "quote": "blockquote", "extended-quote": "blockquote", "aside": "blockquote", "listitem": "li",
    "table": "table", "tablerow": "tr", "tablecell": "td",
}  # fmt: skip
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])

Warn = Callable[[str, str], None]


def to_html(document: str, *, warn: Warn) -> str:
    """The document as HTML. Never fails: what is no Lexical is empty and said.

    warn: told of the kind and words of what could not be taken over.
    """
    try:
        root = json.loads(document).get("root")
    except (ValueError, AttributeError, RecursionError):
        root = None
    if not isinstance(root, Mapping):
        warn("broken body", "the Lexical document cannot be read; the piece stays without a body")
        return ""
    return _inside(root, warn, 0)


def _inside(node: Mapping[str, Any], warn: Warn, depth: int) -> str:
    children = node.get("children")
    if not isinstance(children, list) or depth > _MAX_DEPTH:
        return ""
    shown = [child for child in children if isinstance(child, Mapping) and not _is_for_members(child.get("visibility"))]
    if len(shown) < sum(isinstance(child, Mapping) for child in children):
        warn("not public", "cards that the old site showed to members or in mails only are left out")
    return "".join(_node(child, warn, depth + 1) for child in shown)


def _node(node: Mapping[str, Any], warn: Warn, depth: int) -> str:
    kind = said(node, "type")
    match kind:
        case "text" | "extended-text":
            return _text(node)
        case "linebreak" | "tab":
            return "<br>" if kind == "linebreak" else " "
        case "link" | "autolink" | "at-link":
            return f'<a href="{escape(said(node, "url"))}">{_inside(node, warn, depth)}</a>'
        case "heading" | "extended-heading":
            return _element(_one_of(_HEADINGS, said(node, "tag"), "h2"), _inside(node, warn, depth))
        case "list":
            return _list(node, warn, depth)
    if kind in _BLOCKS:
        return _element(_BLOCKS[kind], _inside(node, warn, depth))
    made = card_html(kind, node)
    if made is None:
        warn("unknown card", kind or "a node without a type")
        return _inside(node, warn, depth)
    return made


def _is_for_members(visibility: Any) -> bool:
    """Whether a card was kept from strangers on the web, as Ghost 5 and as Ghost 6 say it."""
    if not isinstance(visibility, Mapping):
        return False
    web = visibility.get("web")
    is_open = web.get("nonMember", True) if isinstance(web, Mapping) else visibility.get("showOnWeb", True)
    return is_open is not True


def _one_of(names: frozenset[str], name: str, otherwise: str) -> str:
    return name if name in names else otherwise


def _element(tag: str, inside: str) -> str:
    return f"<{tag}>{inside}</{tag}>" if inside else ""


def _text(node: Mapping[str, Any]) -> str:
    words = escape(said(node, "text"))
    bits = node.get("format")
    for bit, tag in reversed(_FORMATS):
        if isinstance(bits, int) and bits & bit:
            words = f"<{tag}>{words}</{tag}>"
    return words


def _list(node: Mapping[str, Any], warn: Warn, depth: int) -> str:
    is_numbered = said(node, "listType") == "number" or said(node, "tag") == "ol"
    start = node.get("start")
    first = f' start="{start}"' if is_numbered and isinstance(start, int) and start > 1 else ""
    tag = "ol" if is_numbered else "ul"
    return f"<{tag}{first}>{_inside(node, warn, depth)}</{tag}>"
