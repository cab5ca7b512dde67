"""Who wrote it: names freed of what stands around them, and the byline that archives repeat as the first paragraph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from isthmus.importers.cleaned import CleanedByline
from isthmus.importers.source_item import SourceAuthor
from isthmus.kit import html, text
from isthmus.publications import naming

_BY = re.compile(r"(?:by|par|von|por)\s+", re.IGNORECASE)
_STRAY = " \t,;:.|·•*_-–—"
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d|esq|usn|ret)\.?", re.IGNORECASE)
_FIRST_PARAGRAPH = re.compile(r"<p>((?:(?!</?p>).){1,600})</p>", re.DOTALL)
# An affiliation after the name is a few words; a sentence that happens to begin with the name is not one.
_AFFILIATION_MAX_WORDS = 14


@dataclass(frozen=True, slots=True)
class Recognised:
    """Bylines after a look at the first paragraph; html is what remains of the first block."""

    bylines: list[CleanedByline]
    html: str


def bylines_of(authors: Sequence[SourceAuthor]) -> list[CleanedByline]:
    """One byline a person and role, in order; a comma after a name opens an affiliation, never a second author."""
    lines: list[CleanedByline] = []
    seen: set[tuple[str, str]] = set()
    for author in authors:
        name, after = _name_and_rest(_plain(author.name))
        key = (text.fold(name).replace(".", ""), author.role)
        if not name or key in seen:
            continue
        seen.add(key)
        affiliation = text.shorten(_plain(author.affiliation) or after, 300)
        printed = _plain(author.printed)
        lines.append(CleanedByline(name[:200], author.role, printed[:300] if printed != name else "", affiliation))
    return lines


def _plain(name: str) -> str:
    words = text.collapse(html.text_of(name))
    stripped = words.strip(_STRAY)
    return stripped + "." if words.startswith(stripped + ".") and _SUFFIX.search(stripped[-5:]) else stripped


def _name_and_rest(name: str) -> tuple[str, str]:
    head, comma, rest = name.partition(",")
    if not comma or _SUFFIX.fullmatch(rest.strip()) or " " not in head.strip() or naming.is_office(head):
        return name, ""
    return head.strip(), rest.strip()


def without_repeated(bylines: list[CleanedByline], first_html: str) -> Recognised:
    """Take out a first paragraph that only repeats the byline; the name as printed there, and the role, are kept.

    "By Robert R. King" for Robert King; "Antony J. Blinken, Secretary of State" for Antony J. Blinken.
    """
    found = _FIRST_PARAGRAPH.match(first_html)
    if not found or not bylines:
        return Recognised(bylines, first_html)
    words = text.collapse(html.text_of(found[1]))
    changed = _all_named(bylines, words) or _one_named(bylines, words)
    if changed is None:
        return Recognised(bylines, first_html)
    return Recognised(changed, first_html[found.end() :].lstrip())


def _one_named(bylines: list[CleanedByline], words: str) -> list[CleanedByline] | None:
    after_by = _BY.match(words)
    plain = words[after_by.end() :] if after_by else words
    for at, line in enumerate(bylines[:1]):
        if len(plain) < len(line.name) // 2:
            return None
        if line.affiliation and text.fold(plain) == text.fold(f"{line.name}, {line.affiliation}"):
            return bylines
        name, _, rest = plain.partition(",")
        name, rest = name.strip(), rest.strip()
        if name == line.name and rest and text.fold(line.affiliation).startswith(text.fold(rest) + ","):
            # Other people's names had run into the role; the paragraph says where it ends.
            return [CleanedByline(line.name, line.role, line.printed_name, rest), *bylines[1:]]
        if not is_same_name(name, line.name) or not _may_be_affiliation(rest, line):
            continue
        changed = list(bylines)
        printed = name if name != line.name else line.printed_name
        changed[at] = CleanedByline(line.name, line.role, printed, line.affiliation or text.shorten(rest, 300))
        return changed
    return None


def _may_be_affiliation(rest: str, line: CleanedByline) -> bool:
    if not rest:
        return True
    if line.affiliation:
        return text.fold(rest) == text.fold(line.affiliation)
    is_sentence = rest.endswith((".", "!", "?")) and not _SUFFIX.search(rest[-6:])
    return rest[:1].isupper() and len(rest.split()) <= _AFFILIATION_MAX_WORDS and not is_sentence


def _all_named(bylines: list[CleanedByline], words: str) -> list[CleanedByline] | None:
    """Several people in one line, "By A, B and C": nothing but their names and the words between them."""
    if len(bylines) < 2:
        return None
    after_by = _BY.match(words)
    names = [part.strip() for part in re.split(r",|;|&|\band\b|\s및\s", words[after_by.end() :] if after_by else words)]
    names = [name for name in names if name]
    if len(names) != len(bylines):
        return None
    if not all(is_same_name(name, line.name) for name, line in zip(names, bylines, strict=True)):
        return None
    return [
        CleanedByline(line.name, line.role, name if name != line.name else line.printed_name, line.affiliation)
        for name, line in zip(names, bylines, strict=True)
    ]


def is_same_name(printed: str, name: str) -> bool:
    """Whether both can name one person: equal when folded, or equal but for middle names and initials."""
    ours, theirs = _words(name), _words(printed)
    if ours == theirs:
        return bool(ours)
    if len(ours) < 2 or len(theirs) < 2 or len(theirs) > len(ours) + 3:
        return False
    if (ours[0], ours[-1]) != (theirs[0], theirs[-1]):
        return False
    return len(ours) == 2 or len(theirs) == 2


def _words(name: str) -> list[str]:
    return text.fold(name).replace(".", " ").split()
