"""Follows every reference of a site as a reader could: links, pictures, styles, feeds, the sitemap."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin, urlsplit

from tests.stories.site import Answer, Site

_BEGIN = ("/", "/sitemap.xml", "/robots.txt", "/opensearch.xml", "/search/help/")
# One for each entry of a chronology, all alike; robots.txt forbids them.
_FORMS = "/chronology/report/"
_REFERENCES = re.compile(r'(?:<loc>|href="|src="|template=")(http[^<"{]+)')


@dataclass
class Crawl:
    """What was found. statuses: by address; anchors: places on pages that something refers to; strange: no link."""

    statuses: dict[str, int] = field(default_factory=dict)
    ids: dict[str, set[str]] = field(default_factory=dict)
    anchors: set[tuple[str, str]] = field(default_factory=set)
    strange: set[tuple[str, str]] = field(default_factory=set)

    @property
    def dead(self) -> dict[str, int]:
        """Addresses that something refers to and that do not answer with what they promise."""
        return {path: status for path, status in self.statuses.items() if status != 200}

    @property
    def lost(self) -> set[tuple[str, str]]:
        """References to a place on a page that is not on it."""
        return {(path, place) for path, place in self.anchors if path in self.ids and place not in self.ids[path]}


def crawl(site: Site) -> Crawl:
    """Everything that can be reached from the front page, sitemap and robots."""
    found, queue = Crawl(), deque(_BEGIN)
    while queue:
        path = queue.popleft()
        if path in found.statuses:
            continue
        answer = site.get(path)
        found.statuses[path] = answer.status
        for reference in _references(answer, found, path):
            whole, place = urldefrag(urljoin(site.address(path), reference))
            parts = urlsplit(whole)
            if parts.scheme not in ("http", "https", "mailto"):
                found.strange.add((path, reference))
            elif f"{parts.scheme}://{parts.netloc}" == site.url:
                near = whole.removeprefix(site.url) or "/"
                if not _narrows(path, near) and not near.startswith(_FORMS):
                    queue.append(near)
                # A text fragment is found by the browser, not by an id.
                if place and not place.startswith(":~:"):
                    found.anchors.add((near, place))
    return found


def _narrows(path: str, near: str) -> bool:
    """Whether results lead to other results, which each further choice doubles; robots.txt forbids them all."""
    return path.startswith("/search/?") and near.startswith("/search/")


def _references(answer: Answer, found: Crawl, path: str) -> list[str]:
    kind = answer.headers.get("content-type", "")
    if kind.startswith("text/html"):
        page = answer.page
        found.ids[path] = page.ids
        return [address for _, address in page.links()]
    if "xml" in kind or kind.startswith("text/plain"):
        return [address.replace("&amp;", "&") for address in _REFERENCES.findall(answer.text)]
    if kind.startswith("text/css"):
        return re.findall(r'url\(["\']?([^"\')]+)', answer.text)
    return []
