"""The text part of a mail, from its HTML: paragraphs of 72 columns, links in angle brackets, footnotes kept. Pure.

Made from the same HTML, so that the two parts never say different things. Wide letters, as Hangul, are two columns.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from html.parser import HTMLParser

COLUMNS = 72
_UNREAD = frozenset({"head", "style", "script", "title", "svg", "template"})
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "source", "col", "wbr", "area", "base", "embed"})
_BLOCKS = frozenset(
    {
        "p", "div", "section", "header", "footer", "figure", "figcaption", "h1", "h2", "h3", "h4", "ul", "ol", "li",
        "blockquote", "pre", "table", "tr", "caption", "details", "summary", "dl", "dt", "dd", "article", "aside",
    }
)  # fmt: skip
_LINES_UNDER = {"h1": "-", "h2": "-"}


def text_of(html: str) -> str:
    """The words of a mail's HTML as people read it in a program without HTML; ends with one line end.

    An element with `data-text="no"` is left out, such as the words that only a list of mails shows; of a link with
    `data-text="words"` only the words are kept.
    """
    writer = _Writer()
    writer.feed(html)
    writer.close()
    writer.end_block()
    return "\n".join(_joined(writer.blocks)).strip("\n") + "\n"


def wrapped(words: str, *, first: str = "", rest: str = "", columns: int = COLUMNS) -> list[str]:
    """The words in lines of at most `columns`, but for a word that is longer, as an address of a page may be.

    first, rest: what stands before the first line and before the others.
    """
    lines: list[str] = []
    line, width = first, _columns(first)
    for word in words.split():
        wide = _columns(word)
        is_begun = line not in (first, rest) or (bool(lines) and line != rest)
        if is_begun and width + 1 + wide > columns:
            lines.append(line.rstrip())
            line, width, is_begun = rest, _columns(rest), False
        line, width = (f"{line} {word}", width + 1 + wide) if is_begun else (line + word, width + wide)
    return [*lines, line.rstrip()]


def _columns(words: str) -> int:
    if words.isascii():
        return len(words)
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in words)


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that belong together; an item of a list or row of a table follows the one before without an empty line."""

    lines: list[str]
    is_item: bool


def _joined(blocks: list[_Block]) -> list[str]:
    lines: list[str] = []
    for n, block in enumerate(blocks):
        if n and not (block.is_item and blocks[n - 1].is_item):
            lines.append("")
        lines += block.lines
    return lines


@dataclass(slots=True)
class _Open:
    """An element that is open. before: what it puts before each line; counted: the number of the next item."""

    name: str
    attributes: dict[str, str]
    before: str = ""
    counted: int = 1
    words_at: int = 0


@dataclass
class _State:
    """What the writer has read of the block it is in."""

    words: list[str] = field(default_factory=list)
    marker: str = ""


class _Writer(HTMLParser):
    """Reads our own HTML, whose elements are closed; what is closed too often is ignored."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[_Block] = []
        self._open: list[_Open] = []
        self._state = _State()
        self._n_unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element; a void one is done with at once."""
        attributes = {name: value or "" for name, value in attrs}
        if tag in _VOID:
            self._void(tag, attributes)
            return
        if tag in _BLOCKS:
            self.end_block()
        element = _Open(tag, attributes, before=_before(tag), words_at=len(self._state.words))
        if tag == "ol" and attributes.get("start", "").isdigit():
            element.counted = int(attributes["start"])
        if tag == "li":
            self._begin_item(element)
        self._open.append(element)
        self._n_unread += self._is_unread(element)

    def handle_endtag(self, tag: str) -> None:
        """Close an element, and those inside it that nobody closed."""
        if not any(element.name == tag for element in self._open):
            return
        while self._open:
            element = self._open[-1]
            self._close(element)
            self._open.pop()
            self._n_unread -= self._is_unread(element)
            if element.name == tag:
                return

    def handle_data(self, data: str) -> None:
        """Words, outside of what is not read."""
        if not self._n_unread:
            self._state.words.append(data)

    def end_block(self) -> None:
        """Write what was read as lines, with what stands before them."""
        words, state = "".join(self._state.words), self._state
        self._state = _State()
        if not words.strip():
            self._state.marker = state.marker
            return
        before = "".join(element.before for element in self._open)
        first = before[: -len(state.marker)] + state.marker if state.marker else before
        is_item = any(element.name in ("li", "tr") for element in self._open)
        self.blocks.append(_Block(self._lines(words, first, before), is_item))

    def _lines(self, words: str, first: str, rest: str) -> list[str]:
        if any(element.name == "pre" for element in self._open):
            return [rest + line for line in words.strip("\n").split("\n")]
        lines = [line for part in words.split("\v") for line in wrapped(part, first=first, rest=rest)]
        under = next((_LINES_UNDER[element.name] for element in self._open if element.name in _LINES_UNDER), "")
        return [*lines, under * min(COLUMNS, max(_columns(line) for line in lines))] if under else lines

    def _begin_item(self, element: _Open) -> None:
        around = next((one for one in reversed(self._open) if one.name in ("ul", "ol")), None)
        number = element.attributes.get("value", "")
        if around is not None and around.name == "ol":
            shown = int(number) if number.isdigit() else around.counted
            around.counted = shown + 1
            is_note = any(one.attributes.get("class") == "footnotes" for one in self._open)
            element.before = self._state.marker = f"[{shown}] " if is_note else f"{shown}. "
            element.before = " " * len(element.before)
        else:
            element.before, self._state.marker = "  ", "- "

    def _close(self, element: _Open) -> None:
        if self._n_unread:
            return
        if element.name == "a":
            self._end_link(element)
        elif element.name in ("td", "th") and self._is_in_data_table():
            self._state.words.append(" | ")
        elif element.name == "tr" and self._is_in_data_table():
            self._state.words = ["".join(self._state.words).rstrip(" |\n")]
        if element.name in _BLOCKS or (element.name == "td" and not self._is_in_data_table()):
            self.end_block()

    def _end_link(self, element: _Open) -> None:
        """The address after the words it lies under, once; a footnote's number in brackets, as its note has it."""
        href, said = element.attributes.get("href", ""), "".join(self._state.words[element.words_at :])
        if any(one.attributes.get("class") == "fnref" for one in self._open):
            self._state.words[element.words_at :] = [f"[{said.strip()}]"]
        elif element.attributes.get("class") == "back":
            del self._state.words[element.words_at :]
        elif element.attributes.get("data-text") == "words":
            return
        elif href and not href.startswith("#") and href.removeprefix("mailto:") != said.strip():
            self._state.words.append(f" <{href.removeprefix('mailto:')}>")

    def _void(self, tag: str, attributes: dict[str, str]) -> None:
        if self._n_unread or attributes.get("data-text") == "no":
            return
        if tag == "br":
            self._state.words.append("\v")
        elif tag == "hr":
            self.end_block()
            self.blocks.append(_Block(["* * *"], is_item=False))
        elif tag == "img" and attributes.get("alt"):
            self._state.words.append(f"[Picture: {attributes['alt']}] ")

    def _is_in_data_table(self) -> bool:
        tables = [element for element in self._open if element.name == "table"]
        return bool(tables) and tables[-1].attributes.get("role") != "presentation"

    def _is_unread(self, element: _Open) -> bool:
        return element.name in _UNREAD or element.attributes.get("data-text") == "no"


def _before(tag: str) -> str:
    return {"blockquote": "> ", "pre": "    "}.get(tag, "")
