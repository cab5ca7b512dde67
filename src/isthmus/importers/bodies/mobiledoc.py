"""Mobiledoc, the documents of Ghost 1 to 4: sections, markers and cards in JSON, as HTML.

Source: bustle/mobiledoc-kit, the renderer specification of 0.3.2, in which Ghost's 0.3.1 is contained.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from isthmus.importers.bodies.ghost_cards import card_html
from isthmus.kit.html import escape

_MARKUP, _IMAGE, _LIST, _CARD = 1, 2, 3, 10
_TAGS = frozenset(
    ["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "aside", "ul", "ol", "b", "strong", "i", "em", "u", "s",
     "a", "code", "sub", "sup", "del", "mark", "small"]
)  # fmt: skip


@dataclass(slots=True)
class _Document:
    markups: list[Any] = field(default_factory=list)
    atoms: list[Any] = field(default_factory=list)
    cards: list[Any] = field(default_factory=list)
    warn: Callable[[str, str], None] = lambda kind, words: None


def to_html(document: str, *, warn: Callable[[str, str], None]) -> str:
    """The document as HTML. Never fails: what is no mobiledoc is empty and said.

    warn: told of the kind and words of what could not be taken over.
    """
    try:
        parsed = json.loads(document)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, Mapping) or not isinstance(parsed.get("sections"), list):
        warn("broken body", "the mobiledoc cannot be read; the piece stays without a body")
        return ""
    parts = {name: parsed[name] for name in ("markups", "atoms", "cards") if isinstance(parsed.get(name), list)}
    whole = _Document(**parts, warn=warn)
    return "\n".join(_section(section, whole) for section in parsed["sections"])


def _section(section: Any, whole: _Document) -> str:
    match section:
        case [int(kind), str(tag), list(markers)] if kind == _MARKUP:
            return _element(tag, _markers(markers, whole))
        case [int(kind), str(address)] if kind == _IMAGE:
            return f'<img src="{escape(address)}">'
        case [int(kind), str(tag), list(items)] if kind == _LIST:
            inside = "".join(f"<li>{_markers(item, whole)}</li>" for item in items if isinstance(item, list))
            return _element(tag, inside)
        case [int(kind), int(at)] if kind == _CARD:
            return _card(at, whole)
    whole.warn("broken body", "a section of the mobiledoc is none that we know")
    return ""


def _element(tag: str, inside: str) -> str:
    # The editor opens every text with an empty paragraph.
    name = tag.lower() if tag.lower() in _TAGS else "p"
    return f"<{name}>{inside}</{name}>" if inside else ""


def _card(at: int, whole: _Document) -> str:
    match whole.cards[at : at + 1] if at >= 0 else []:
        case [[str(name), data]]:
            made = card_html(name, data if isinstance(data, Mapping) else {})
            if made is not None:
                return made
            whole.warn("unknown card", name)
    return ""


def _markers(markers: list[Any], whole: _Document) -> str:
    parts: list[str] = []
    open_tags: list[str] = []
    for marker in markers:
        match marker:
            case [int(kind), list(opened), int(n_closed), value]:
                for at in opened:
                    tag, attributes = _markup(at, whole)
                    open_tags.append(tag)
                    parts.append(f"<{tag}{attributes}>")
                parts.append(_atom(value, whole) if kind else escape(str(value)))
                for _ in range(min(n_closed, len(open_tags))):
                    parts.append(f"</{open_tags.pop()}>")
    parts += [f"</{tag}>" for tag in reversed(open_tags)]
    return "".join(parts)


def _markup(at: Any, whole: _Document) -> tuple[str, str]:
    match whole.markups[at : at + 1] if isinstance(at, int) and at >= 0 else []:
        case [[str(tag), list(flat)]] if tag.lower() in _TAGS:
            pairs = zip(flat[::2], flat[1::2], strict=False)
            return tag.lower(), "".join(f' {name}="{escape(str(value))}"' for name, value in pairs if name == "href")
        case [[str(tag)]] if tag.lower() in _TAGS:
            return tag.lower(), ""
    return "span", ""


def _atom(at: Any, whole: _Document) -> str:
    match whole.atoms[at : at + 1] if isinstance(at, int) and at >= 0 else []:
        case [["soft-return", *_]]:
            return "<br>"
        case [[_, str(words), *_]]:
            return escape(words)
    return ""
