"""Bodies in the dialects of other systems, turned into plain HTML before anything is judged or cleaned.

Each dialect is one pure module here; `unclean_html` knows which of them a body goes through. What a dialect cannot
take over it keeps as text and names in `Surroundings.warn`; only `kit.html` makes what comes out safe to show.
"""

from __future__ import annotations

import re

from isthmus.importers.bodies import (
    blocks_gutenberg,
    lexical,
    media_tags,
    mobiledoc,
    shortcodes,
    word_paste,
    wordpress_paragraphs,
)
from isthmus.importers.bodies.surroundings import Surroundings
from isthmus.importers.source_item import SourceItem
from isthmus.kit import html, markdown, text

__all__ = ["Surroundings", "unclean_html"]

# A table's words below it, as WordPress and others print them: a figure of ours holds a picture.
_CAPTIONED_TABLE = re.compile(
    r"<figure\b[^<>]*>\s*(<table\b[^<>]*>)((?:(?!</?(?:figure|table)\b).)*</table>)\s*"
    r"<figcaption\b[^<>]*>((?:(?!</?fig).)*)</figcaption>\s*</figure>",
    re.IGNORECASE | re.DOTALL,
)
_PARAGRAPHS = re.compile(r"\n\s*\n")


def unclean_html(item: SourceItem, around: Surroundings) -> str:
    """The item's body as HTML, whatever dialect it was written in; empty for an item without one."""
    raw = _in_html(item, around)
    plain = media_tags.without_players(word_paste.without_office(raw))
    return _CAPTIONED_TABLE.sub(r"\1<caption>\3</caption>\2", plain) if "<figcaption" in plain else plain


def _in_html(item: SourceItem, around: Surroundings) -> str:
    match item.body_format:
        case "html":
            return item.html
        case "markdown":
            return markdown.to_html(item.markdown)
        case "text":
            return _paragraphs(item.text)
        case "mobiledoc":
            return mobiledoc.to_html(item.mobiledoc, warn=around.warn)
        case "lexical":
            return lexical.to_html(item.lexical, warn=around.warn)
        case "wordpress":
            return _from_wordpress(item, around)
    return ""


def _from_wordpress(item: SourceItem, around: Surroundings) -> str:
    body = item.wordpress
    if blocks_gutenberg.has_blocks(body):
        # Shortcodes work in blocks too; line ends mean nothing there.
        blocks = blocks_gutenberg.to_html(body, around, footnotes=str(item.extra.get("footnotes", "")))
        return shortcodes.to_html(blocks, around)
    return wordpress_paragraphs.paragraphs(shortcodes.to_html(body, around))


def _paragraphs(words: str) -> str:
    parts = (html.escape(text.collapse(part)) for part in _PARAGRAPHS.split(words))
    return "".join(f"<p>{part}</p>" for part in parts if part)
