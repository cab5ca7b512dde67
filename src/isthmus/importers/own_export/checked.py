"""Nothing that runs comes in with an export that somebody forged: rich text has its own few tags, all else is cleaned.

What an editor of Isthmus wrote passes as it is, so that an honest export comes back equal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from typing import Any

from isthmus.kit import html

_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)((?:\s+[\w-]+=\"[^\"<>]*\")*)\s*/?>")
_ATTRIBUTE = re.compile(r"\s([\w-]+)=\"([^\"]*)\"")
_TAGS = frozenset(
    ["p", "h2", "h3", "h4", "b", "i", "strong", "em", "ol", "ul", "li", "hr", "a", "br", "sup", "sub", "blockquote",
     "code", "embed"]
)  # fmt: skip
_ATTRIBUTES = frozenset(["id", "linktype", "embedtype", "href", "alt", "format", "data-block-key"])
_SCHEME = re.compile(r"(?:https?:|mailto:|tel:|[^:]*\Z|[/?#])", re.IGNORECASE)


def safe_body(blocks: Any, *, embed_hosts: Sequence[str] = ()) -> list[Any]:
    """Blocks of a body, each text in them safe to show; what is no block is left out."""
    return [
        _safe_block(block, tuple(embed_hosts))
        for block in blocks
        if isinstance(block, dict) and "type" in block and "value" in block
    ]


def _safe_block(block: dict[str, Any], embed_hosts: tuple[str, ...]) -> dict[str, Any]:
    kind, value = block["type"], block["value"]
    if kind == "text":
        return {**block, "value": safe_rich(str(value))}
    if kind == "html":
        return {**block, "value": html.clean_html(str(value), embed_hosts=embed_hosts)}
    if kind == "footnotes" and isinstance(value, list):
        return {**block, "value": [_safe_note(note) for note in value]}
    if kind == "embed" and isinstance(value, dict):
        return {**block, "value": {**value, "url": safe_address(str(value.get("url", "")))}}
    return block


def _safe_note(note: Any) -> Any:
    inside = note.get("value") if isinstance(note, dict) else None
    if not isinstance(inside, dict):
        return note
    return {**note, "value": {**inside, "text": safe_rich(str(inside.get("text", "")))}}


def safe_rich(rich: str) -> str:
    """Rich text as an editor stores it; anything else is cleaned, and loses its links by number."""
    return rich if _is_plain_rich(rich) else html.clean_html(rich)


def _is_plain_rich(rich: str) -> bool:
    left = _TAG.sub("", rich)
    if "<" in left:
        return False
    for _, tag, attributes in _TAG.findall(rich):
        if tag not in _TAGS:
            return False
        for name, value in _ATTRIBUTE.findall(attributes):
            if name not in _ATTRIBUTES or (name == "href" and not safe_address(unescape(value))):
                return False
    return True


def safe_address(address: str) -> str:
    """The address where a link to it harms nobody, else nothing."""
    plain = re.sub(r"[\x00-\x20]", "", address)
    return address if _SCHEME.match(plain) else ""
