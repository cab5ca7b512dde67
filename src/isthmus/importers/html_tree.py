"""A tree of cleaned HTML, light enough for tens of megabytes: what the sanitizer wrote, and nothing else, is read."""

from __future__ import annotations

import html as _stdlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_PHRASES = "a|abbr|b|bdi|bdo|br|cite|code|dfn|em|i|kbd|mark|q|samp|small|span|strong|sub|sup|time|u|var|wbr"
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)([^>]*)>")
_BLOCK_TAG = re.compile(rf"<(/?)(?!(?:{_PHRASES})[ >])([a-z][a-z0-9]*)([^>]*)>")
_PHRASE_END = re.compile(r"<(/?)([a-z]+)")
_VOID = frozenset({"br", "hr", "img", "col", "wbr"})
_ATTRIBUTE = re.compile(r' ([a-z\-]+)="([^"]*)"')
# Deeper markup is flattened, so that no walk over it meets Python's own limit on recursion.
_MAX_DEPTH = 60


@dataclass(slots=True)
class Element:
    """A tag with what is inside: elements and escaped text in order. attributes: as written, escaped."""

    tag: str
    attributes: str = ""
    children: list[Element | str] = field(default_factory=list)

    def get(self, name: str) -> str:
        """An attribute's value, unescaped; empty where there is none."""
        if name not in self.attributes:
            return ""
        return _stdlib.unescape(dict(_ATTRIBUTE.findall(self.attributes)).get(name, ""))

    def put(self, name: str, value: str) -> None:
        """Set an attribute."""
        kept = [(key, old) for key, old in _ATTRIBUTE.findall(self.attributes) if key != name]
        kept.append((name, _stdlib.escape(value)))
        self.attributes = "".join(f' {key}="{old}"' for key, old in kept)

    def descendants(self) -> Iterator[Element]:
        """Every element inside, outermost and first ones first."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.descendants()


def blocks_of(cleaned_html: str) -> Element:
    """As `tree_of`, but words keep the tags of phrases (<b>, <a>, <br> …) as they are written: half the time.

    Where such a tag goes round a block, the whole is read as `tree_of` reads it.
    """
    parts = _BLOCK_TAG.split(cleaned_html)
    texts = parts[::4]
    if all("<" not in text or _is_balanced(text) for text in texts):
        return _built(parts)
    return tree_of(cleaned_html)


def _is_balanced(text: str) -> bool:
    depth = 0
    for is_end, tag in _PHRASE_END.findall(text):
        if tag not in _VOID:
            depth += -1 if is_end else 1
        if depth < 0:
            return False
    return depth == 0


def tree_of(cleaned_html: str) -> Element:
    """The root, without a tag, of HTML that `kit.html.clean_html` returned."""
    return _built(_TAG.split(cleaned_html))


def _built(parts: list[str]) -> Element:
    root = Element("")
    open_elements, n_flat = [root], 0
    if parts[0]:
        root.children.append(parts[0])
    for at in range(1, len(parts), 4):
        is_end, tag, attributes, text = parts[at : at + 4]
        if is_end:
            if n_flat:
                n_flat -= 1
            elif len(open_elements) > 1 and open_elements[-1].tag == tag:
                open_elements.pop()
        elif tag in _VOID:
            open_elements[-1].children.append(Element(tag, attributes))
        elif len(open_elements) > _MAX_DEPTH:
            n_flat += 1
        else:
            element = Element(tag, attributes)
            open_elements[-1].children.append(element)
            open_elements.append(element)
        if text:
            open_elements[-1].children.append(text)
    return root


def html_of(node: Element | str) -> str:
    """The node as HTML again, exactly as it was read."""
    if isinstance(node, str):
        return node
    inside = "".join([html_of(child) for child in node.children])
    if not node.tag:
        return inside
    if node.tag in _VOID:
        return f"<{node.tag}{node.attributes}>"
    return f"<{node.tag}{node.attributes}>{inside}</{node.tag}>"


def words_of(node: Element | str) -> str:
    """The words inside, unescaped, on one line."""
    return " ".join(_stdlib.unescape("".join(_texts(node))).split())


def _texts(node: Element | str) -> Iterator[str]:
    if isinstance(node, str):
        yield node
        return
    for child in node.children:
        yield from _texts(child)
    if node.tag in ("br", "p", "li", "td"):
        yield " "
