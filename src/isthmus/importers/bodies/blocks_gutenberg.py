"""WordPress's blocks as plain HTML: the comments that mark them go, and those that made HTML only when shown are made.

A body of blocks has its paragraphs already and must not get any by line ends.
"""

from __future__ import annotations

import html as _stdlib
import json
import re
from typing import Any

from isthmus.importers.bodies import shortcodes
from isthmus.importers.bodies.footnote_forms import Notes
from isthmus.importers.bodies.media_tags import player
from isthmus.importers.bodies.surroundings import Surroundings

_MARK = re.compile(
    r"<!--\s+(?P<end>/)?wp:(?P<name>[a-z][a-z0-9_/\-]*)\s+(?P<said>\{.*?\}\s+)?(?P<void>/)?-->", re.DOTALL
)
_EMBEDS = re.compile(r"(?:core-embed/.*|embed)")
# They show what the site has at the moment, or what its theme does; the piece says nothing in them.
_FURNITURE = re.compile(
    r"(?:post|query|comments?|site|latest|page|navigation|social|template|term|avatar|archives|categories|tag|calendar|"
    r"search|loginout|rss|read|home|pattern|widget|legacy|spacer|nextpage|more|block-?directory)(?:-.*)?"
)
_FOOTNOTE_REFERENCE = re.compile(r'<sup\b[^>]*data-fn="([^"]+)"[^>]*>.*?</sup>', re.DOTALL)
_FILE_LINK = re.compile(r"<a\b[^>]*\bwp-block-file__button[^>]*>.*?</a>", re.DOTALL)
_FIGCAPTION = re.compile(r"<figcaption[^>]*>.*?</figcaption>", re.DOTALL)
_MARKER_COMMENT = re.compile(r"<!--\s*(?:more.*?|nextpage|noteaser)\s*-->", re.IGNORECASE)


def has_blocks(html: str) -> bool:
    """Whether WordPress would take this body for one of blocks."""
    return "<!-- wp:" in html


def to_html(html: str, around: Surroundings, *, footnotes: str = "") -> str:
    """The body as readers saw it. footnotes: the notes as WordPress keeps them beside the body, in JSON."""
    reader = _Blocks(around)
    plain = _MARKER_COMMENT.sub("", reader.read(html))
    if reader.left_out:
        around.warn("block left out", ", ".join(dict.fromkeys(reader.left_out)))
    return _with_notes(plain, footnotes, around)


class _Blocks:
    """Reads a body's marks in order; left_out names blocks of which nothing could be kept."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self.left_out: list[str] = []
        self._inside: list[str] = []

    def read(self, html: str) -> str:
        """The HTML between the marks, with what each mark itself stands for."""
        stack: list[tuple[str, dict[str, Any], list[str]]] = [("", {}, [])]
        at = 0
        for mark in _MARK.finditer(html):
            stack[-1][2].append(html[at : mark.start()])
            at = mark.end()
            name = mark["name"].removeprefix("core/")
            if mark["end"]:
                self._close(name, stack)
            elif mark["void"]:
                stack[-1][2].append(self._made(name, _said(mark["said"])))
            else:
                stack.append((name, _said(mark["said"]), []))
        stack[-1][2].append(html[at:])
        while len(stack) > 1:
            *_, inside = stack.pop()
            stack[-1][2].append("".join(inside))
        return "".join(stack[0][2])

    def _close(self, name: str, stack: list[tuple[str, dict[str, Any], list[str]]]) -> None:
        if all(name != open_name for open_name, *_ in stack):
            return
        while True:
            open_name, said, inside = stack.pop()
            stack[-1][2].append(self._shown(open_name, said, "".join(inside)))
            if open_name == name:
                return

    def _shown(self, name: str, said: dict[str, Any], inside: str) -> str:
        """A block that holds HTML."""
        if _EMBEDS.fullmatch(name):
            return _embed(said, inside)
        if name == "shortcode":
            return shortcodes.to_html(inside.strip(), self._around)
        if name == "file":
            return _FILE_LINK.sub("", inside)
        if name == "gallery" and "<img" not in inside:
            return self._gallery(said)
        if name == "spacer":
            return ""
        return inside

    def _made(self, name: str, said: dict[str, Any]) -> str:
        """A block without HTML of its own."""
        if _EMBEDS.fullmatch(name):
            return _embed(said, "")
        if name == "gallery":
            return self._gallery(said)
        if name == "footnotes":
            return ""
        if name == "block":
            return self._reused(str(said.get("ref", "")))
        if not _FURNITURE.fullmatch(name):
            self.left_out.append(name)
            return _words_of(said)
        return ""

    def _reused(self, number: str) -> str:
        """A block that several bodies show; one that shows itself is shown no deeper."""
        body = self._around.blocks.get(number)
        if body is None or number in self._inside:
            self._around.warn("block left out", f"the reusable block {number}")
            return ""
        self._inside.append(number)
        shown = self.read(body)
        self._inside.pop()
        return shown

    def _gallery(self, said: dict[str, Any]) -> str:
        numbers = said.get("ids")
        known = [str(number) for number in numbers] if isinstance(numbers, list) else []
        return "".join(shortcodes.figure(self._around.media[n]) for n in known if n in self._around.media)


def _words_of(said: dict[str, Any]) -> str:
    """The prose among the fields that a block of Advanced Custom Fields keeps in its mark, and nowhere else."""
    fields = said.get("data")
    texts = [
        value
        for name, value in (fields.items() if isinstance(fields, dict) else ())
        if isinstance(value, str) and not name.startswith("_") and len(value.split()) > 2
    ]
    return "".join(value if value.startswith("<") else f"<p>{_stdlib.escape(value)}</p>" for value in texts)


def _said(words: str | None) -> dict[str, Any]:
    try:
        said = json.loads(words) if words else {}
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _embed(said: dict[str, Any], inside: str) -> str:
    caption = _FIGCAPTION.search(inside)
    found = str(said.get("url") or "") or next(iter(re.findall(r"https?://[^\s<>\"]+", inside)), "")
    if not found:
        return inside
    return f"<figure>{player(_stdlib.unescape(found))}{caption[0] if caption else ''}</figure>"


def _with_notes(html: str, footnotes: str, around: Surroundings) -> str:
    """References and notes in the one form; the notes stand in a JSON list beside the body."""
    if 'data-fn="' not in html:
        return html
    try:
        listed = json.loads(footnotes) if footnotes else []
    except (ValueError, RecursionError):
        listed = []
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    said = {str(row.get("id", "")): str(row.get("content", "")) for row in rows}
    notes = Notes()

    def refer(found: re.Match[str]) -> str:
        if found[1] not in said:
            around.warn("footnote", f"the text of note {found[1][:40]} is not in the archive")
            return ""
        return notes.reference(said[found[1]], name=found[1])

    return _FOOTNOTE_REFERENCE.sub(refer, html) + notes.as_html()
