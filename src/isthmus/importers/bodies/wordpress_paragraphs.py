"""WordPress's line breaks as paragraphs: what its themes show for a body that holds none of its own.

The rules are WordPress's (wpautop): an empty line ends a paragraph, a line end is a break, and neither holds inside
code, between the tags of lists and tables, or beside a block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BLOCKS = (
    "table|thead|tfoot|caption|col|colgroup|tbody|tr|td|th|div|dl|dd|dt|ul|ol|li|pre|form|map|area|blockquote|address|"
    "style|p|h[1-6]|hr|fieldset|legend|section|article|aside|hgroup|header|footer|nav|figure|figcaption|details|menu|"
    "summary|object|iframe|video|audio|script|svg|option|select|textarea|noscript"
)
# Whole, with all that is inside: line ends there are the author's own.
_KEPT_WHOLE = re.compile(r"<(pre|script|style|textarea|svg|object|select|noscript)\b[^>]*>.*?</\1\s*>", re.I | re.S)
_BLOCK_TAG = re.compile(rf"<(/?)({_BLOCKS})(?=[\s/>])(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_MORE = re.compile(r"<!--\s*(?:more.*?|nextpage|noteaser)\s*-->", re.IGNORECASE)
_TWO_BREAKS = re.compile(r"<br\s*/?>[^\S\n]*(?:\n[^\S\n]*)?<br\s*/?>", re.IGNORECASE)
_EMPTY_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_TAG_OR_COMMENT = re.compile(r"<!--.*?-->|<[^<>]*>", re.DOTALL)
_LINE_END = re.compile(r"(<br\s*/?>)?[^\S\n]*\n\s*", re.IGNORECASE)
_ONLY_COMMENTS = re.compile(r"(?:\s|<!--.*?-->)*", re.DOTALL)
# Between these tags white space means nothing, and words stand in paragraphs only where empty lines part them.
_NO_PARAGRAPHS = frozenset({"ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr", "colgroup", "menu", "map"})
_OWN_WORDS = frozenset(
    "li td th dd dt h1 h2 h3 h4 h5 h6 p figure figcaption caption summary legend address".split()  # noqa: SIM905
)
_VOID = frozenset({"hr", "col", "area"})


def paragraphs(html: str) -> str:
    """The body with its paragraphs written out; one that has them already comes back much as it was."""
    plain = html.replace("\r\n", "\n").replace("\r", "\n")
    plain = _TWO_BREAKS.sub("\n\n", _MORE.sub("\n\n", plain))
    around: list[str] = []
    written = []
    for is_block, piece in _pieces(plain):
        if not is_block:
            written.append(_text(piece, around[-1] if around else ""))
            continue
        _step(piece, around)
        written.append(piece)
    return "".join(written).strip()


def _pieces(html: str) -> Iterator[tuple[bool, str]]:
    """Block tags, code with all that is in it, and the text between them."""
    at = 0
    for whole in _KEPT_WHOLE.finditer(html):
        yield from _split_at_tags(html[at : whole.start()])
        yield True, whole[0]
        at = whole.end()
    yield from _split_at_tags(html[at:])


def _split_at_tags(html: str) -> Iterator[tuple[bool, str]]:
    at = 0
    for tag in _BLOCK_TAG.finditer(html):
        yield False, html[at : tag.start()]
        yield True, tag[0]
        at = tag.end()
    yield False, html[at:]


def _step(piece: str, around: list[str]) -> None:
    """Keep account of the blocks that are open. A paragraph ends by itself where another block begins."""
    tag = _BLOCK_TAG.match(piece)
    if tag is None or _KEPT_WHOLE.fullmatch(piece):
        return
    name = tag[2].lower()
    if tag[1]:
        if name in around:
            while around.pop() != name:
                pass
        return
    if around and around[-1] == "p":
        around.pop()
    if name not in _VOID and not piece.endswith("/>"):
        around.append(name)


def _text(piece: str, inside: str) -> str:
    """The words between two block tags, as paragraphs where they are some."""
    parts = [part.strip("\n") for part in _EMPTY_LINES.split(piece.strip())]
    parts = [part for part in parts if part.strip()]
    if not parts or inside in _NO_PARAGRAPHS:
        return "".join(parts)
    if inside in _OWN_WORDS and len(parts) == 1:
        return _with_breaks(parts[0])
    if inside == "p":
        return "</p>\n<p>".join(map(_with_breaks, parts))
    return "\n".join(part if _ONLY_COMMENTS.fullmatch(part) else f"<p>{_with_breaks(part)}</p>" for part in parts)


def _with_breaks(words: str) -> str:
    """Line ends as breaks, except inside tags and after a break that is there."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\x00{len(kept) - 1}\x00"

    # A tag may hold line ends of its own; breaks are no tag here, since they decide what a line end is.
    held = _TAG_OR_COMMENT.sub(lambda tag: tag[0] if tag[0][:3].lower() == "<br" else keep(tag), words.strip())
    broken = _LINE_END.sub("<br />\n", held)
    return re.sub("\x00(\\d+)\x00", lambda number: kept[int(number[1])], broken)
