"""WordPress's export format as records: a file is cut into its items, and each item is parsed alone.

So a file of any size needs the memory of one item, an item that is not well-formed costs that item at most, and no
document type is ever parsed: entities of a file's own, and what they might lead to, do not exist here.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.entities import html5
from pathlib import Path
from typing import IO
from xml.parsers import expat

from isthmus.importers import opening

# The longest real item met had 952 kB; what is longer than this is an attack or a mistake.
ITEM_MAX_CHARS = 32_000_000
_HEADER_MAX_CHARS = 64_000_000
_CHUNK_CHARS = 1 << 20
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding=[\"']([A-Za-z0-9._\-]{1,40})[\"']")
# Never past another tag: 400,000 beginnings without an end took minutes to be seen as none.
_ITEM_START = re.compile(r"<item(?:\s[^<>]*)?>")
_ITEM_END = "</item>"
_CDATA, _CDATA_END = "<![CDATA[", "]]>"
_ENTITY = re.compile(r"&(?:(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});|)")
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_NOT_UTF8 = re.compile("[\udc80-\udcff]+")
_NAMESPACE = re.compile(r"""\sxmlns:([A-Za-z_][\w.\-]*)\s*=\s*["']([^"']{1,200})["']""")
# What the rest of this source calls the elements of each namespace, whatever the file calls them.
_PREFIXES = (
    (re.compile(r"https?://(?:www\.)?wordpress\.org/export/[\d.]+/excerpt/?"), "excerpt"),
    (re.compile(r"https?://(?:www\.)?wordpress\.org/export/[\d.]+/?"), "wp"),
    (re.compile(r"https?://purl\.org/rss/1\.0/modules/content/?"), "content"),
    (re.compile(r"https?://purl\.org/dc/elements/1\.1/?"), "dc"),
)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class Element:
    """One element of an item: its own words, and the elements in it."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def first(self, *names: str) -> str:
        """The words of the first child that bears one of these names and has any, without the space around them."""
        for name in names:
            for child in self.children:
                if child.name == name and child.text.strip():
                    return child.text.strip()
        return ""

    def all(self, name: str) -> list[Element]:
        """The children of a name, in order."""
        return [child for child in self.children if child.name == name]


@dataclass(slots=True)
class Part:
    """A piece of the file that was cut out of it. number: of the item, from 1; 0 for the channel's own head.

    element: what it says; None where it could not be read, for the reason given. is_repaired: read although broken.
    is_misencoded: it has bytes that the file's encoding does not have; they were read as Windows would.
    """

    number: int
    line: int
    element: Element | None
    reason: str = ""
    is_repaired: bool = False
    is_misencoded: bool = False


def parts_of(path: Path) -> Iterator[Part]:
    """The head of the channel and then every item, streaming. Raises: OSError."""
    with opening.opened(path) as file:
        yield from _parsed(_cut(_characters(file)))


def _characters(file: IO[bytes]) -> Iterator[str]:
    """The file's text in chunks, in the encoding it declares; bytes that are no UTF-8 wait as lone surrogates."""
    head = file.read(_CHUNK_CHARS)
    name = _encoding(head)
    decode = codecs.getincrementaldecoder(name)(errors="surrogateescape" if name == "utf-8-sig" else "replace")
    while head:
        yield decode.decode(head)
        head = file.read(_CHUNK_CHARS)
    yield decode.decode(b"", final=True)


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    declared = _DECLARED.search(head[:400])
    try:
        name = codecs.lookup(declared[1].decode("ascii")).name if declared else "utf-8"
    except LookupError:
        return "utf-8-sig"
    return "utf-8-sig" if name == "utf-8" or not name.startswith(("iso", "cp", "utf", "koi", "euc", "mac")) else name


@dataclass(slots=True)
class _Cut:
    """The text of one part. is_too_long: only its beginning."""

    number: int
    line: int
    text: str
    is_too_long: bool = False


def _cut(chunks: Iterator[str]) -> Iterator[_Cut]:
    """Head and items as text; what is between items is passed over."""
    buffer, line, number = "", 1, 0
    is_head = True
    for chunk in chunks:
        buffer += chunk
        at = 0
        while (start := _start_of_item(buffer, at)) is not None:
            if is_head:
                yield _Cut(0, 1, buffer[: start.start()])
                is_head = False
            end = _end_of_item(buffer, start.end())
            if end < 0:
                break
            line += buffer.count("\n", at, start.start())
            number += 1
            yield _Cut(number, line, buffer[start.start() : end])
            line += buffer.count("\n", start.start(), end)
            at = end
        buffer = buffer[at:]
        if len(buffer) > (_HEADER_MAX_CHARS if is_head else ITEM_MAX_CHARS):
            number += 1
            yield _Cut(number, line, buffer[:1000], is_too_long=True)
            # Somewhere further on another item begins; what lies between belonged to this one.
            line += buffer.count("\n")
            buffer, is_head = "", False
    if is_head:
        yield _Cut(0, 1, buffer)
    elif start := _start_of_item(buffer):
        yield _Cut(number + 1, line + buffer.count("\n", 0, start.start()), buffer[start.start() :])


def _start_of_item(buffer: str, at: int = 0) -> re.Match[str] | None:
    """Where the next item from `at` on begins; None for none, and for one in a comment that has no end yet."""
    while start := _ITEM_START.search(buffer, at):
        opened = buffer.rfind("<!--", at, start.start())
        if opened < 0 or (closed := buffer.find("-->", opened)) in range(start.start()):
            return start
        if closed < 0:
            return None
        at = closed
    return None


def _end_of_item(buffer: str, start: int) -> int:
    """Where the item that begins before `start` ends; -1 where its end has not been read yet.

    An end inside a CDATA section is words of the body, unless another CDATA section opens before this one closes: then
    the section was never closed, and the item ends here all the same.
    """
    at = start
    while (at := buffer.find(_ITEM_END, at)) >= 0:
        end = at + len(_ITEM_END)
        opened = buffer.rfind(_CDATA, start, at)
        if opened < 0 or buffer.find(_CDATA_END, opened, at) >= 0:
            return end
        closes, reopens = buffer.find(_CDATA_END, end), buffer.find(_CDATA, end)
        if 0 <= reopens < closes or (closes < 0 and reopens >= 0):
            return end
        if closes < 0:
            return -1
        # Every other end before it stands in the same section.
        at = closes
    return -1


def _parsed(cuts: Iterator[_Cut]) -> Iterator[Part]:
    renamed: dict[str, str] = {}
    for cut in cuts:
        is_misencoded = not _is_text(cut.text)
        if is_misencoded:
            cut.text = _NOT_UTF8.sub(_as_windows, cut.text)
        if cut.number == 0:
            renamed = _renamed_prefixes(cut.text)
        if renamed:
            cut.text = _with_our_prefixes(cut.text, renamed)
        part = _part(cut)
        part.is_misencoded = is_misencoded
        yield part


def _is_text(words: str) -> bool:
    # Encoding costs a tenth of what looking for each sign does.
    try:
        return words.isascii() or bool(words.encode())
    except UnicodeEncodeError:
        return False


def _as_windows(found: re.Match[str]) -> str:
    """Bytes that are no UTF-8 as the signs that Windows has for them: what such a file was written in."""
    return found[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace")


def _renamed_prefixes(head: str) -> dict[str, str]:
    """The file's own prefixes that differ from the usual ones, with what they are called here."""
    found = {}
    for prefix, address in _NAMESPACE.findall(head):
        ours = next((name for pattern, name in _PREFIXES if pattern.fullmatch(address)), prefix)
        if ours != prefix:
            found[prefix] = ours
    return found


def _with_our_prefixes(xml: str, renamed: dict[str, str]) -> str:
    """Outside of CDATA, elements by the usual names."""
    tag = re.compile(rf"(</?)({'|'.join(map(re.escape, renamed))}):")
    pieces = xml.split(_CDATA)
    changed = [tag.sub(lambda found: f"{found[1]}{renamed[found[2]]}:", pieces[0])]
    for piece in pieces[1:]:
        inside, end, outside = piece.partition(_CDATA_END)
        changed.append(f"{_CDATA}{inside}{end}{tag.sub(lambda found: f'{found[1]}{renamed[found[2]]}:', outside)}")
    return "".join(changed)


def _part(cut: _Cut) -> Part:
    if cut.is_too_long:
        return Part(cut.number, cut.line, None, f"longer than {ITEM_MAX_CHARS // 1_000_000} million characters")
    return Part(0, 1, _head(cut.text)) if cut.number == 0 else _item(cut)


def _item(cut: _Cut) -> Part:
    try:
        return Part(cut.number, cut.line, _tree(_mended(cut.text)))
    except expat.ExpatError as error:
        if not cut.text.endswith(_ITEM_END):
            return Part(cut.number, cut.line, None, "the file breaks off inside this item")
        found = _by_pattern(cut.text)
        if found.first("title", "wp:post_id", "content:encoded"):
            return Part(cut.number, cut.line, found, expat.ErrorString(error.code), is_repaired=True)
        return Part(cut.number, cut.line, None, f"not well-formed XML ({expat.ErrorString(error.code)})")


def _tree(xml: str) -> Element:
    """Raises: ExpatError for what is not well-formed."""
    root = Element("")
    path = [root]
    words: list[list[str]] = [[]]

    def start(name: str, attributes: dict[str, str]) -> None:
        element = Element(name, attributes)
        path[-1].children.append(element)
        path.append(element)
        words.append([])

    def add(more: str) -> None:
        words[-1].append(more)

    def end(_: str) -> None:
        path.pop().text = "".join(words.pop())

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = add
    parser.Parse(xml, True)
    return root.children[0]


def _mended(xml: str) -> str:
    """Outside of CDATA: entities of HTML as the signs they mean, a lone ampersand as one; signs XML forbids go."""
    pieces = xml.split(_CDATA)
    mended = [_mended_outside(pieces[0])]
    for piece in pieces[1:]:
        inside, end, outside = piece.partition(_CDATA_END)
        mended.append(f"{_CDATA}{inside}{end}{_mended_outside(outside)}")
    return _NOT_XML.sub("", "".join(mended))


def _mended_outside(xml: str) -> str:
    return _ENTITY.sub(_entity, xml) if "&" in xml else xml


def _entity(found: re.Match[str]) -> str:
    name = found[1]
    if name is None:
        return "&amp;"
    if name in _XML_ENTITIES:
        return found[0]
    signs = html.unescape(found[0]) if name.startswith("#") or f"{name};" in html5 else ""
    return html.escape(signs) if signs else f"&amp;{name};"


_PATTERN_TAGS = (
    "title", "link", "pubDate", "dc:creator", "guid", "content:encoded", "excerpt:encoded", "wp:post_id",
    "wp:post_date", "wp:post_date_gmt", "wp:post_modified", "wp:post_modified_gmt", "wp:post_name", "wp:status",
    "wp:post_parent", "wp:post_type", "wp:post_password", "wp:attachment_url", "category", "wp:postmeta",
    "wp:meta_key", "wp:meta_value", "wp:author", "wp:author_login", "wp:author_display_name", "wp:author_email",
    "wp:author_first_name", "wp:author_last_name", "wp:author_id", "wp:base_site_url", "wp:base_blog_url",
    "language", "wp:comment", "wp:category", "wp:category_nicename", "wp:category_parent",
)  # fmt: skip
_NESTING = {"wp:postmeta": "wp:meta_", "wp:author": "wp:author_", "wp:category": "wp:category_"}
_BY_PATTERN = {tag: re.compile(rf"<{tag}(?:\s[^<>]*)?>(?P<words>.*?)</{tag}>", re.DOTALL) for tag in _PATTERN_TAGS}
_ATTRIBUTE = re.compile(r"([\w:]+)=\"([^\"]*)\"")


def _by_pattern(xml: str) -> Element:
    """An item that is no XML, read tag by tag as WordPress's own importer reads it where it must."""
    found = Element("item")
    inner = {"wp:meta_key", "wp:meta_value"}
    for tag in _PATTERN_TAGS:
        if tag in inner:
            continue
        for match in _BY_PATTERN[tag].finditer(xml):
            attributes = dict(_ATTRIBUTE.findall(match[0].partition(">")[0]))
            element = Element(tag, attributes, _unwrapped(match["words"]))
            if tag in _NESTING:
                element = _by_pattern_inside(tag, match["words"])
            found.children.append(element)
    return found


def _by_pattern_inside(tag: str, xml: str) -> Element:
    names = [name for name in _PATTERN_TAGS if name.startswith(_NESTING[tag])]
    children = [
        Element(name, {}, _unwrapped(match["words"])) for name in names for match in _BY_PATTERN[name].finditer(xml)
    ]
    return Element(tag, {}, "", children)


def _unwrapped(words: str) -> str:
    """Words without the one CDATA section around them; what looks like another inside it is theirs."""
    plain = words.strip()
    if plain.startswith(_CDATA) and plain.endswith(_CDATA_END):
        return plain[len(_CDATA) : -len(_CDATA_END)]
    return html.unescape(words.replace(_CDATA, "").replace(_CDATA_END, ""))


def _head(xml: str) -> Element:
    """What stands before the first item: the site, and its authors one by one, so that a broken one costs itself."""
    head = Element("channel")
    for tag in ("title", "link", "language", "wp:base_site_url", "wp:base_blog_url"):
        if match := _BY_PATTERN[tag].search(xml):
            head.children.append(Element(tag, {}, _unwrapped(match["words"])))
    for tag in ("wp:author", "wp:category"):
        for match in _BY_PATTERN[tag].finditer(xml):
            head.children.append(_by_pattern_inside(tag, match["words"]))
    return head
