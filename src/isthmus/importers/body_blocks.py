"""Cleaned HTML as the blocks an editor works with: headed text where a rich-text editor can hold it, HTML where not.

Notes linked both ways become footnotes. A picture that came in becomes a block of its own; any other is named and
linked, since a broken picture must never stand on a public page.
"""

from __future__ import annotations

import html as _stdlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from isthmus.importers import footnotes, offered_files
from isthmus.importers.html_tree import Element, blocks_of, html_of, tree_of, words_of

Block = dict[str, Any]

# An editor opens one block at a time; a text of this many characters still opens at once, one of a megabyte does not.
_TEXT_MAX_CHARS = 30_000
_INLINE = {
    "b": "b", "strong": "b", "i": "i", "em": "i", "cite": "i", "var": "i", "dfn": "i", "code": "code", "kbd": "code",
    "samp": "code", "sup": "sup", "sub": "sub", "a": "a", "br": "br",
}  # fmt: skip
# Their text stays, the tag says nothing a rich-text editor could keep.
_UNWRAPPED = frozenset(
    ["span", "u", "small", "abbr", "mark", "time", "bdi", "bdo", "wbr", "q", "ruby", "rb", "rt", "rp", "font"]
)
_HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
_CONTAINERS = frozenset(
    ["div", "section", "article", "header", "footer", "address", "figcaption", "p", "aside", "figure"]
)
# Phrases too, but of a kind that only HTML keeps.
_RICH = frozenset({"s", "del", "ins"})
_PHRASES = frozenset(_INLINE) | _UNWRAPPED | _RICH
_PHRASE_TAG = re.compile(r"<(/?)([a-z]+)([^>]*)>")
_HREF = re.compile(r'\shref="([^"]*)"')
_ANCHOR = re.compile(r'\s(?:id|name)="([^"]*)"')
_EMPTY_PHRASE = re.compile(r"<(a|b|i|code|sup|sub)(?: [^>]*)?>\s*</\1>")
# A single plain space is what most of them are, and stays as it is.
_SPACE = re.compile(r"[^\S ]\s*| \s+")
# Longer ones are never empty; looking costs as much as all else about a short paragraph.
_EMPTY_MAX_CHARS = 200
_EMPTY = re.compile(r"(?:\s|&nbsp;|<br/>|<(?:b|i|code|sup|sub)></(?:b|i|code|sup|sub)>)*")
_IN_PAGE = re.compile(r'\shref="#([^"]+)"')
_ANCHORED = re.compile(r'<(?:a|sup|span)\b[^>]*\s(?:id|name)="')
# The sanitizer writes one space and small letters: a pattern that begins with plain signs is found six times as fast.
_RELATIVE = re.compile(r' href="(?!(?i:https?:|mailto:|tel:|#))')
_TEMPLATE = re.compile(r"(?:\{\{|%7B%7B)\s*(?:%20)*site\.baseurl(?:%20)*\s*(?:\}\}|%7D%7D)/?", re.IGNORECASE)


# How a picture that came in stands in the tree, until it is a block.
PICTURE = "isthmuspicture"
_NO_MEDIA: Mapping[str, tuple[str, int, str]] = {}


class _TooRich(Exception):
    """Something here is more than a rich-text editor keeps."""


@dataclass(slots=True)
class Body:
    """Blocks as the body field stores them, and what could not be taken over: (kind, text) of each warning."""

    blocks: list[Block] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Builder:
    body: Body
    linked_ids: frozenset[str]
    text: list[str] = field(default_factory=list)
    n_chars: int = 0

    def add_text(self, html: str) -> None:
        """Go on with the text block under way; a long one is ended first."""
        if self.n_chars > _TEXT_MAX_CHARS:
            self.close_text()
        self.text.append(html)
        self.n_chars += len(html)

    def add_html(self, html: str) -> None:
        """Put this into an HTML block, the one before it where that is the last."""
        self.close_text()
        last = self.body.blocks[-1] if self.body.blocks else None
        if last and last["type"] == "html":
            last["value"] += "\n" + html
        else:
            self.body.blocks.append({"type": "html", "value": html})

    def add_kept(self, element: Element) -> None:
        """What only HTML keeps, as it is; pictures in it follow it, since in HTML they would not be public."""
        pictures = _pictures_in(element) if f"<{PICTURE}" in (html := html_of(element)) else []
        for each in [element, *element.descendants()] if pictures else []:
            each.children = [child for child in each.children if child not in pictures]
        self.add_html(html_of(element) if pictures else html)
        for picture in pictures:
            self.add_picture(picture, "")

    def add_picture(self, picture: Element, caption: str) -> None:
        """A picture that came in, as a block of its own."""
        self.close_text()
        words = " ".join(picture.get("alt").split())[:500]
        value = {"image": int(picture.get("id")), "alt": words, "caption": caption[:500]}
        self.body.blocks.append({"type": "image", "value": value})

    def close_text(self) -> None:
        """End the text block under way, if there is one."""
        if self.text:
            self.body.blocks.append({"type": "text", "value": "".join(self.text)})
        self.text, self.n_chars = [], 0


def body_of(cleaned_html: str, *, base_url: str = "", media: Mapping[str, tuple[str, int, str]] = _NO_MEDIA) -> Body:
    """The blocks of a body that the sanitizer has been over.

    base_url: where the piece stood; relative links are completed with it, so that they still lead somewhere.
    media: pictures and files that came in, as `Archive.found` has them.
    """
    body = Body()
    if not cleaned_html.strip():
        return body
    has_anchors = 'href="#' in cleaned_html
    has_notes = has_anchors and bool(_ANCHORED.search(cleaned_html))
    has_relative = bool(_RELATIVE.search(cleaned_html))
    is_plain = not has_notes and not has_relative and "<img" not in cleaned_html
    root = blocks_of(cleaned_html) if is_plain else tree_of(cleaned_html)
    if "<img" in cleaned_html:
        _replace_pictures(root, body, base_url=base_url, media=media)
    if has_relative:
        _complete_links(root, base_url=base_url)
    notes = footnotes.take_out(root) if has_notes else []
    linked = frozenset(map(_stdlib.unescape, _IN_PAGE.findall(cleaned_html) if has_anchors else ()))
    builder = _Builder(body, linked)
    _add_all(root, builder)
    builder.close_text()
    if media:
        offered_files.link(body.blocks, media, base_url)
    if notes:
        body.blocks.append({"type": "footnotes", "value": [_note(note, linked) for note in notes]})
    return body


def _note(note: footnotes.Footnote, linked: frozenset[str]) -> Block:
    builder = _Builder(Body(), linked)
    _add_all(note.element, builder)
    builder.close_text()
    texts = "".join(block["value"] for block in builder.body.blocks)
    return {"type": "item", "value": {"label": note.label, "text": texts}}


def _replace_pictures(root: Element, body: Body, *, base_url: str, media: Mapping[str, tuple[str, int, str]]) -> None:
    for element in [root, *root.descendants()]:
        for at, child in enumerate(element.children):
            if isinstance(child, Element) and child.tag == "img":
                kind, number, _ = media.get(_complete(child.get("src"), base_url), ("", 0, ""))
                if kind == "image":
                    # No tag of HTML's own, so that it is none of the phrases and stands as a block.
                    child.tag = PICTURE
                    child.put("id", str(number))
                    continue
                element.children[at] = _instead_of(child, body, base_url=base_url, is_in_link=element.tag == "a")


def _instead_of(picture: Element, body: Body, *, base_url: str, is_in_link: bool) -> Element | str:
    """A link to the picture, named by its text for people who do not see it; that text alone where nothing is there."""
    source, words = picture.get("src"), " ".join((picture.get("alt") or picture.get("title")).split())
    body.warnings.append(("missing image", source or words or "a picture without an address"))
    address = _complete(source, base_url)
    if is_in_link or not address.startswith(("http://", "https://")) or not words:
        return _stdlib.escape(words)
    return Element("a", f' href="{_stdlib.escape(address)}"', [_stdlib.escape(words)])


def _complete_links(root: Element, *, base_url: str) -> None:
    for element in root.descendants():
        if element.tag == "a" and _RELATIVE.search(element.attributes):
            element.put("href", _complete(element.get("href"), base_url))


def _complete(address: str, base_url: str) -> str:
    plain = _TEMPLATE.sub("/", address.strip())
    try:
        return urljoin(base_url, plain) if base_url else plain
    except ValueError:
        return plain


def site_of(address: str) -> str:
    """Scheme and host of an address, for completing links; empty where it has none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in ("http", "https") and parts.hostname else ""


def _add_all(parent: Element, builder: _Builder) -> None:
    """Add the children in order; words that stand between blocks become paragraphs."""
    loose: list[Element | str] = []
    for child in parent.children:
        if isinstance(child, str) or child.tag in _PHRASES:
            if loose or not isinstance(child, str) or not child.isspace():
                loose.append(child)
            continue
        if loose:
            _add_paragraph(loose, builder)
            loose = []
        _add(child, builder)
    _add_paragraph(loose, builder)


def _add_paragraph(nodes: list[Element | str], builder: _Builder) -> None:
    if nodes:
        _add_rich("p", Element("p", "", nodes), builder)


def _add(element: Element, builder: _Builder) -> None:
    tag = element.tag
    if tag == "p":
        _add_rich("p", element, builder)
    elif tag in _HEADINGS:
        _add_rich(_HEADINGS[tag], element, builder)
    elif tag in ("ul", "ol", "blockquote"):
        _add_or_keep(element, builder)
    elif tag == "hr":
        builder.add_text("<hr/>")
    elif tag == PICTURE:
        builder.add_picture(element, "")
    elif tag == "figure" and _pictures_in(element):
        _add_figure(element, builder)
    elif tag in _CONTAINERS:
        _add_all(element, builder)
    else:
        builder.add_kept(element)


def _pictures_in(element: Element) -> list[Element]:
    return [each for each in element.descendants() if each.tag == PICTURE]


def _add_figure(element: Element, builder: _Builder) -> None:
    """Pictures with their caption, which stands under the last of them; what else is in the figure follows."""
    pictures = _pictures_in(element)
    captions = [each for each in element.descendants() if each.tag == "figcaption"]
    for picture in pictures[:-1]:
        builder.add_picture(picture, "")
    builder.add_picture(pictures[-1], " ".join(filter(None, map(words_of, captions))))
    for each in [element, *element.descendants()]:
        each.children = [child for child in each.children if child not in captions and child not in pictures]
    if words_of(element):
        _add_all(element, builder)


def _add_rich(tag: str, element: Element, builder: _Builder) -> None:
    """A paragraph or a heading as rich text; whole, as HTML, where it holds more than that."""
    try:
        inside = _inline(element, builder.linked_ids)
    except _TooRich:
        if _has_blocks(element):
            _add_all(Element("", "", list(_out_of_wrappers(element))), builder)
        else:
            builder.add_kept(element)
        return
    if len(inside) < _EMPTY_MAX_CHARS and _EMPTY.fullmatch(inside):
        return
    own = element.get("id") if element.attributes else ""
    anchor = f' id="{_stdlib.escape(own)}"' if own and tag != "p" and own in builder.linked_ids else ""
    builder.add_text(f"<{tag}{anchor}>{inside.strip()}</{tag}>")


def _has_blocks(element: Element) -> bool:
    return any(child.tag not in _PHRASES for child in element.descendants())


def _out_of_wrappers(element: Element) -> Iterator[Element | str]:
    """The children, blocks freed of the <span> or <b> that an old editor put around them."""
    for child in element.children:
        if isinstance(child, Element) and child.tag in _PHRASES and _has_blocks(child):
            yield from _out_of_wrappers(child)
        else:
            yield child


def _add_or_keep(element: Element, builder: _Builder) -> None:
    try:
        if element.tag == "blockquote":
            builder.add_text(f"<blockquote>{_only_words(element, builder.linked_ids)}</blockquote>")
        else:
            builder.add_text(_list(element, builder.linked_ids))
    except _TooRich:
        builder.add_kept(element)


def _only_words(element: Element, linked: frozenset[str]) -> str:
    """The inside of a quotation or list item that is words, or one paragraph of them. Raises: _TooRich."""
    inside = [child for child in element.children if not (isinstance(child, str) and not child.strip())]
    if len(inside) == 1 and isinstance(inside[0], Element) and inside[0].tag == "p":
        return _inline(inside[0], linked).strip()
    return _inline(element, linked).strip()


def _list(element: Element, linked: frozenset[str], *, depth: int = 0) -> str:
    # Draftail nests lists five deep.
    if depth > 4 or element.get("start") or element.get("type"):
        raise _TooRich
    items = []
    for child in element.children:
        if isinstance(child, str) and not child.strip():
            continue
        if isinstance(child, str) or child.tag != "li":
            raise _TooRich
        items.append(_list_item(child, linked, depth=depth))
    return f"<{element.tag}>{''.join(items)}</{element.tag}>"


def _list_item(item: Element, linked: frozenset[str], *, depth: int) -> str:
    lists = [child for child in item.children if isinstance(child, Element) and child.tag in ("ul", "ol")]
    words = Element("li", item.attributes, [child for child in item.children if child not in lists]) if lists else item
    nested = "".join(_list(child, linked, depth=depth + 1) for child in lists)
    return f"<li>{_only_words(words, linked)}{nested}</li>"


def _inline(element: Element, linked: frozenset[str]) -> str:
    """The inside as rich text with only the tags a rich-text editor keeps. Raises: _TooRich."""
    if linked and element.attributes and _is_linked(element, linked) and element.tag not in _HEADINGS:
        raise _TooRich
    parts = []
    for child in element.children:
        if isinstance(child, str):
            parts.append(_words(child, linked) if "<" in child or "\n" in child or "  " in child else child)
        else:
            parts.append(_inline_element(child, linked))
    return "".join(parts)


def _words(words: str, linked: frozenset[str]) -> str:
    """Words with the tags of phrases in them, as rich text. Raises: _TooRich."""
    plain = _SPACE.sub(" ", words)
    if "<" not in plain:
        return plain
    open_links: list[bool] = []

    def kept(found: re.Match[str]) -> str:
        is_end, tag, attributes = found.groups()
        if linked and attributes and any(_stdlib.unescape(own) in linked for own in _ANCHOR.findall(attributes)):
            raise _TooRich
        if tag == "a":
            return _link_tag(is_end, attributes, open_links)
        if tag == "q":
            return "”" if is_end else "“"
        name = _INLINE.get(tag)
        return "<br/>" if name == "br" else f"<{is_end}{name}>" if name else ""

    rich = _PHRASE_TAG.sub(kept, plain)
    return _EMPTY_PHRASE.sub("", rich) if "></" in rich or "> </" in rich else rich


def _link_tag(is_end: str, attributes: str, open_links: list[bool]) -> str:
    if is_end:
        return "</a>" if open_links and open_links.pop() else ""
    address = _HREF.search(attributes)
    open_links.append(bool(address and address[1]))
    return f'<a href="{address[1]}">' if address and address[1] else ""


def _inline_element(child: Element, linked: frozenset[str]) -> str:
    kept = _INLINE.get(child.tag)
    if kept is None and child.tag not in _UNWRAPPED:
        raise _TooRich
    if kept == "br":
        return "<br/>"
    inside = _inline(child, linked)
    if kept is None:
        return f"“{inside}”" if child.tag == "q" else inside
    if kept == "a":
        address = child.get("href")
        return f'<a href="{_stdlib.escape(address)}">{inside}</a>' if address and inside.strip() else inside
    return f"<{kept}>{inside}</{kept}>" if inside else ""


def _is_linked(element: Element, linked: frozenset[str]) -> bool:
    return element.get("id") in linked or (element.tag == "a" and element.get("name") in linked)
