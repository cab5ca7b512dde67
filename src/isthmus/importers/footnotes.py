"""Notes and their references, linked both ways in the old HTML: found by those links, whoever's names they bear.

`_ftn` and `_ftnref` of Word, `fn-1` and `fnref-1` of Markdown, `#note1` and `#back1`: what makes a footnote is that
the reference links to the note and the note links back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from isthmus.importers.html_tree import Element, words_of

_NOTE_TAGS = frozenset({"li", "p", "div", "dd", "td"})
_MARKS = re.compile(r"[\[\]()*.\s]+")
_LABEL = re.compile(r"[^\]\s<>]{1,40}")
_TARGET = re.compile(r"[^\w\-]+")


@dataclass(slots=True)
class Footnote:
    """One note: the label its references bear in the text, and what it says."""

    label: str
    element: Element


@dataclass(slots=True)
class _Anchors:
    """Where each id stands and which element holds each, in the order of the text."""

    parents: dict[int, Element] = field(default_factory=dict)
    by_id: dict[str, Element] = field(default_factory=dict)
    links: list[Element] = field(default_factory=list)
    order: dict[int, int] = field(default_factory=dict)


def take_out(root: Element) -> list[Footnote]:
    """Remove the notes from the tree and put [^label] where they were referred to; in the order of the references."""
    anchors = _anchors(root)
    notes: dict[str, Element] = {}
    for link in anchors.links:
        target = link.get("href")[1:]
        note = _note_element(anchors, target)
        if note is not None and anchors.order[id(note)] > anchors.order[id(link)] and _links_back(note, link, anchors):
            notes[target] = note
    labels = _labels(anchors, notes)
    for link in anchors.links:
        target = link.get("href")[1:]
        if target in notes and not _is_inside(link, notes[target], anchors):
            _put_reference(link, labels[target], anchors)
    return [Footnote(labels[target], _without_backlinks(notes[target], target, anchors)) for target in notes]


def _anchors(root: Element) -> _Anchors:
    anchors = _Anchors()
    for element in [root, *root.descendants()]:
        anchors.order[id(element)] = len(anchors.order)
        for child in element.children:
            if isinstance(child, Element):
                anchors.parents[id(child)] = element
        if not element.attributes:
            continue
        for name in ("id", "name"):
            if value := element.get(name):
                anchors.by_id.setdefault(value, element)
        if element.tag == "a" and element.get("href").startswith("#"):
            anchors.links.append(element)
    return anchors


def _note_element(anchors: _Anchors, target: str) -> Element | None:
    element = anchors.by_id.get(target)
    while element is not None and element.tag not in _NOTE_TAGS:
        element = anchors.parents.get(id(element))
    return element


def _links_back(note: Element, link: Element, anchors: _Anchors) -> bool:
    own_ids = {link.get("id"), link.get("name")}
    wrapper = anchors.parents.get(id(link))
    if wrapper is not None and wrapper.tag in ("sup", "span"):
        own_ids |= {wrapper.get("id")}
    own_ids.discard("")
    return any(other.tag == "a" and other.get("href")[1:] in own_ids for other in note.descendants())


def _labels(anchors: _Anchors, notes: dict[str, Element]) -> dict[str, str]:
    labels: dict[str, str] = {}
    for link in anchors.links:
        target = link.get("href")[1:]
        if target not in notes or target in labels:
            continue
        shown = _MARKS.sub("", words_of(link))
        if not _LABEL.fullmatch(shown) or shown in labels.values():
            shown = _TARGET.sub("-", target)[:40] or str(len(labels) + 1)
        labels[target] = shown
    return labels


def _is_inside(link: Element, note: Element, anchors: _Anchors) -> bool:
    above: Element | None = link
    while above is not None:
        if above is note:
            return True
        above = anchors.parents.get(id(above))
    return False


def _put_reference(link: Element, label: str, anchors: _Anchors) -> None:
    place = link
    parent = anchors.parents[id(link)]
    while parent.tag in ("sup", "span") and words_of(parent) == words_of(link):
        place, parent = parent, anchors.parents[id(parent)]
    at = next(n for n, child in enumerate(parent.children) if child is place)
    parent.children[at] = f"[^{label}]"


def _without_backlinks(note: Element, target: str, anchors: _Anchors) -> Element:
    """What the note says, taken out of the tree; a list or section that is empty then goes as well."""
    for element in [note, *note.descendants()]:
        element.children = [child for child in element.children if not _is_backlink(child, target)]
    parent = anchors.parents.get(id(note))
    taken = note
    while parent is not None:
        parent.children = [child for child in parent.children if child is not taken]
        if not parent.tag or words_of(parent):
            break
        taken, parent = parent, anchors.parents.get(id(parent))
    return Element("", "", note.children if note.tag in ("li", "div", "dd", "td") else [note])


def _is_backlink(child: Element | str, target: str) -> bool:
    if isinstance(child, str):
        return False
    if child.tag in ("sup", "span") and child.children:
        return all(
            _is_backlink(inner, target) or (isinstance(inner, str) and not inner.strip()) for inner in child.children
        )
    return child.tag == "a" and (child.get("href").startswith("#") or target in (child.get("id"), child.get("name")))
