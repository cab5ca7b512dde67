"""A page as bytes off the wire, taken apart with the standard library: elements, their classes, their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_UNREAD = {"script", "style", "title", "head"}


@dataclass
class Element:
    """One element with what is inside it."""

    tag: str
    attributes: dict[str, str]
    inside: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words a reader meets inside it, blanks as one."""
        return " ".join("".join(self._words()).split())

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def walk(self) -> Iterator[Element]:
        """This element and everything below it, in the order of the page."""
        yield self
        for child in self.inside:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, tag: str = "", *, cls: str = "", **attributes: str) -> list[Element]:
        """Every element below with this tag, class and attributes."""
        return [
            found
            for found in self.walk()
            if (not tag or found.tag == tag)
            and (not cls or cls in found.classes)
            and all(found.attributes.get(name) == value for name, value in attributes.items())
        ]

    def one(self, tag: str = "", *, cls: str = "", **attributes: str) -> Element:
        """The only such element."""
        found = self.all(tag, cls=cls, **attributes)
        assert len(found) == 1, f"{len(found)} elements for {tag} .{cls} {attributes}"
        return found[0]

    def link(self, words: str) -> str:
        """The one address to which links with these words lead."""
        found = {link.attributes["href"] for link in self.all("a") if link.text == words}
        assert len(found) == 1, f"{len(found)} addresses for {words!r}"
        return found.pop()

    def _words(self) -> Iterator[str]:
        if self.tag in _UNREAD:
            return
        for child in self.inside:
            if isinstance(child, str):
                yield child
            else:
                # A block parts words even where no blank stands in the source.
                yield from (" ", *child._words(), " ") if child.tag not in _INLINE else child._words()


_INLINE = {"a", "b", "strong", "em", "i", "span", "mark", "q", "code", "sup", "sub", "time", "small"}


class Page(Element):
    """A whole page."""

    def __init__(self, html: str) -> None:
        super().__init__("page", {})
        _Reader(self).feed(html)

    @cached_property
    def ids(self) -> set[str]:
        return {found.attributes["id"] for found in self.walk() if "id" in found.attributes}

    @property
    def total_index(self) -> int:
        """The number in the header."""
        said = self.one(cls="total-index").text
        found = re.fullmatch(r"Total Index: (\d+) publications?\.", said)
        assert found, said
        return int(found[1])

    def links(self) -> Iterator[tuple[str, str]]:
        """Everything the page refers to: the kind of reference, and its address as written."""
        for found in self.walk():
            for name in ("href", "src", "action"):
                if name in found.attributes:
                    yield f"{found.tag} {name}", found.attributes[name]
            for candidate in filter(None, found.attributes.get("srcset", "").split(",")):
                yield f"{found.tag} srcset", candidate.split()[0]

    def rel(self, name: str) -> str | None:
        """The address of the link with this relation inside the page's body, if there is one."""
        found = self.all("a", rel=name)
        return found[0].attributes["href"] if found else None


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = [page]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        new = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].inside.append(new)
        if tag not in _VOID:
            self._open.append(new)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self._open) - 1, 0, -1):
            if self._open[at].tag == tag:
                del self._open[at:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].inside.append(data)
