"""What a web page says of itself to machines: JSON-LD, Highwire, Dublin Core, Open Graph and plain meta tags."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_WRITINGS = re.compile(r"(?:Article|Report|BlogPosting|Posting|WebPage|Thesis|Chapter|Book|CreativeWork|Document)\Z")
_SAVED_FROM = re.compile(r"saved from url=\(\d+\)(https?://\S+)|\burl:\s*(https?://\S+)")
_BETWEEN = r"\s+[-–—|·:»•/]+\s+"
_MAX_JSON_CHARS = 2_000_000


@dataclass(slots=True)
class Metadata:
    """Tags by their name in small letters, and the parts of the page's JSON-LD that describe a writing, best first."""

    tags: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    writings: list[Mapping[str, Any]] = field(default_factory=list)
    people: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    institutions: dict[str, str] = field(default_factory=dict)

    def first(self, *names: str) -> str:
        """The first value of the first of these tags that says something."""
        return next((value for name in names for value in self.tags.get(name, ()) if value), "")

    def every(self, *names: str) -> list[str]:
        """All values of the first of these tags that is there."""
        return next((values for name in names if (values := self.tags.get(name))), [])

    def said(self, *names: str) -> str:
        """The first text the JSON-LD has under one of these names."""
        for writing in self.writings:
            for name in names:
                if value := _text(writing.get(name)):
                    return value
        return ""

    def listed(self, name: str) -> list[str]:
        """All texts the JSON-LD has under a name; a text of its own is parted at its commas."""
        for writing in self.writings:
            value = writing.get(name)
            parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else ()
            if found := [part.strip() for part in parts if isinstance(part, str) and part.strip()]:
                return found
        return []

    def picture(self) -> Mapping[str, Any]:
        """What the JSON-LD says of the picture above the piece; empty where it is an address or none."""
        for writing in self.writings:
            value = writing.get("image")
            value = value[0] if isinstance(value, list) and value else value
            if isinstance(value, Mapping):
                return value
        return {}


def metadata_of(page: Any) -> Metadata:
    """All that a parsed page says of itself. Never fails."""
    found = Metadata()
    for tag in page.iter("meta"):
        name = tag.get("name") or tag.get("property") or tag.get("itemprop")
        value = " ".join((tag.get("content") or "").split())
        if name and value:
            found.tags[name.strip().lower()].append(value)
            # Highwire names an institution behind the author whose it is.
            if name.strip().lower() == "citation_author_institution" and found.tags.get("citation_author"):
                found.institutions.setdefault(found.tags["citation_author"][-1], value)
    nodes = [node for script in page.iter("script") for node in _linked_data(script)]
    found.people = {str(node["@id"]): node for node in nodes if isinstance(node.get("@id"), str) and "name" in node}
    writings = [node for node in nodes if any(_WRITINGS.search(kind) for kind in _kinds(node))]
    found.writings = sorted(writings, key=lambda node: "WebPage" in _kinds(node))
    return found


def _linked_data(script: Any) -> Iterator[Mapping[str, Any]]:
    words = script.text or ""
    if "ld+json" not in (script.get("type") or "").lower() or len(words) > _MAX_JSON_CHARS:
        return
    try:
        parsed = json.loads(words.strip().removeprefix("<!--").removesuffix("-->"), strict=False)
    except (ValueError, RecursionError):
        return
    for node in parsed if isinstance(parsed, list) else [parsed]:
        if isinstance(node, dict):
            graph = node.get("@graph")
            yield node
            yield from (part for part in graph if isinstance(part, dict)) if isinstance(graph, list) else ()


def _kinds(node: Mapping[str, Any]) -> list[str]:
    kinds = node.get("@type")
    return [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, Mapping):
        value = value.get("@value") or value.get("url") or value.get("@id") or value.get("name")
    return " ".join(value.split()) if isinstance(value, str) else ""


def people_of(about: Metadata, *roles: str) -> list[tuple[str, str]]:
    """(name, affiliation) of each author the JSON-LD names, in order; organisations too, where nobody else is named.

    roles: the names under which to look instead, such as editor.
    """
    for writing in about.writings:
        rows = next((writing[name] for name in roles or ("author", "creator") if writing.get(name)), None)
        named = [_person(row, about) for row in (rows if isinstance(rows, list) else [rows])]
        found = [(name, affiliation) for name, affiliation, _ in filter(None, named)]
        persons = [(name, affiliation) for name, affiliation, is_person in filter(None, named) if is_person]
        if found:
            return persons or found
    return []


def _person(row: Any, about: Metadata) -> tuple[str, str, bool] | None:
    if isinstance(row, Mapping):
        row = about.people.get(str(row.get("@id")), row) if "name" not in row else row
        name = _text(row.get("name"))
        works_at = row.get("affiliation") or row.get("jobTitle") or row.get("worksFor")
        place = works_at.get("name") if isinstance(works_at, Mapping) else works_at
        return (name, _text(place), "Organization" not in _kinds(row)) if name and not _is_address(name) else None
    return (row.strip(), "", True) if isinstance(row, str) and row.strip() and not _is_address(row) else None


def _is_address(words: str) -> bool:
    return words.startswith(("http://", "https://", "@"))


def address_of(page: Any, about: Metadata, words: str) -> str:
    """Where the page stood: its canonical address, or what the browser noted when it saved it; empty for neither."""
    for link in page.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and (link.get("href") or "").startswith("http"):
            return str(link.get("href")).strip()
    saved = _SAVED_FROM.search(words[:4000])
    given = about.first("og:url", "citation_public_url", "citation_abstract_html_url", "parsely-link", "dc.identifier")
    for address in (given, (saved[1] or saved[2]) if saved else "", about.said("url", "mainEntityOfPage")):
        if address.startswith(("http://", "https://")):
            return address
    return ""


def without_site(title: str, site: str) -> str:
    """The title without the name of the site that pages put before or behind it."""
    for pattern in (rf"{_BETWEEN}{re.escape(site)}\s*\Z", rf"\A\s*{re.escape(site)}{_BETWEEN}"):
        shorter = re.sub(pattern, "", title, flags=re.IGNORECASE) if site else title
        if shorter.strip() and shorter != title:
            return shorter.strip()
    return title
