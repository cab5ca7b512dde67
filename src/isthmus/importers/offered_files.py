"""Links to files of the old site that came in, made links to our own copies of them."""

from __future__ import annotations

import html as _stdlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from isthmus.importers import wanting

Media = Mapping[str, tuple[str, int, str]]
_LINK = re.compile(r'<a href="([^"]*)">')


def link(blocks: Iterable[dict[str, Any]], media: Media, base_url: str) -> None:
    """Make links in text lead to the files by number; in HTML they stay, and the file is offered below the piece."""

    def changed(found: re.Match[str]) -> str:
        known = media.get(wanting.completed(_stdlib.unescape(found[1]), base_url))
        return f'<a linktype="document" id="{known[1]}">' if known and known[0] == "document" else found[0]

    for block in blocks:
        if block["type"] == "text":
            block["value"] = _LINK.sub(changed, block["value"])


def in_html(blocks: Iterable[dict[str, Any]], media: Media, base_url: str) -> list[int]:
    """The numbers of files that only HTML blocks link to."""
    addresses = [
        wanting.completed(_stdlib.unescape(address), base_url)
        for block in blocks
        if block["type"] == "html"
        for address in re.findall(r'\shref="([^"]*)"', block["value"])
    ]
    return [media[address][1] for address in addresses if address in media and media[address][0] == "document"]
