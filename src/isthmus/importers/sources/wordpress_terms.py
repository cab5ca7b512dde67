"""Terms of a WordPress export: which an item bears, and where the old site listed the pieces of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from isthmus.importers.sources.wxr import Element


def in_domain(element: Element, *domains: str) -> Iterator[Element]:
    """The terms an item has in these taxonomies."""
    for term in element.all("category"):
        if term.attributes.get("domain", "category") in domains:
            yield term


@dataclass(slots=True)
class Archives:
    """Where the old site listed its pieces by label. above: each category's parent, both by slug."""

    base: str = ""
    above: dict[str, str] = field(default_factory=dict)

    def of(self, element: Element) -> Iterator[tuple[str, str, str]]:
        """(table of the map, label, address) of each category and tag of an item."""
        for table, domains, place in (("categories", ("category",), "category"), ("tags", ("post_tag", "tag"), "tag")):
            for term in in_domain(element, *domains):
                slug = term.attributes.get("nicename", "")
                if slug and term.text.strip():
                    path = "/".join(self._line(slug)) if place == "category" else slug
                    yield table, term.text.strip(), f"{self.base}/{place}/{path}/"

    def _line(self, slug: str) -> list[str]:
        """The slug behind those of all above it; a circle ends where it began."""
        line = [slug]
        while (slug := self.above.get(slug, "")) and slug not in line:
            line.insert(0, slug)
        return line


def archives_of(head: Element) -> Archives:
    """By the addresses that WordPress gives them unless told otherwise; an export does not say whether it was."""
    try:
        base = urlsplit(head.first("wp:base_blog_url", "link")).path.rstrip("/")
    except ValueError:
        base = ""
    rows = head.all("wp:category")
    return Archives(base, {row.first("wp:category_nicename"): row.first("wp:category_parent") for row in rows})
