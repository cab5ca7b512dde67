"""Bodies in the dialects of other systems, turned into plain HTML before anything is judged or cleaned.

Each dialect is one pure module here; `unclean_html` knows which of them a body goes through. What a dialect cannot
take over it keeps as text and names in `Surroundings.warn`; only `kit.html` makes what comes out safe to show.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from isthmus.importers.bodies import lexical, mobiledoc
from isthmus.importers.source_item import SourceItem, SourceMedia
from isthmus.kit import html, markdown, text

_PARAGRAPHS = re.compile(r"\n\s*\n")


@dataclass(slots=True)
class Surroundings:
    """What a body may refer to outside of itself, and the list of what could not be taken over.

    media: the archive's pictures and files by the number bodies name them with. attached: the item's own, in order,
    which a [gallery] without numbers means. warnings: (kind, words), as they stand in the report.
    """

    media: Mapping[str, SourceMedia] = field(default_factory=dict)
    attached: tuple[SourceMedia, ...] = ()
    warnings: list[tuple[str, str]] = field(default_factory=list)

    def warn(self, kind: str, words: str) -> None:
        """Name something of the body that did not come over as it stood."""
        self.warnings.append((kind, words))


def unclean_html(item: SourceItem, around: Surroundings) -> str:
    """The item's body as HTML, whatever dialect it was written in; empty for an item without one."""
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
            return item.wordpress
    return ""


def _paragraphs(words: str) -> str:
    parts = (html.escape(text.collapse(part)) for part in _PARAGRAPHS.split(words))
    return "".join(f"<p>{part}</p>" for part in parts if part)
