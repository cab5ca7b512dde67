"""Addresses of the old site: as paths that lead here, and links between its pieces made links between ours.

A link is found by the old address of what it leads to. In text it becomes a link by number, which readers get only
while its target is public; in HTML the old path, which the gate redirects: neither tells of a piece not yet public.
"""

from __future__ import annotations

import html as _stdlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from isthmus.importers.source_item import SourceItem

Block = dict[str, Any]
# What a path leads to: ("publication", 17), ("page", 4), or None.
Target = tuple[str, int] | None

_PATH_MAX_CHARS = 700
_NUMBERED_ADDRESS = ("p", "page_id")
_LINK = re.compile(r'(<a)((?:\s[a-z\-]+="[^"]*")*?)(\shref="([^"]*)")')
# A body with more links than this is a directory, and a report nobody could read.
_MAX_LINKS = 500
_INDEX_FILE = re.compile(r"/index\.(?:php|html?|aspx?)/$", re.IGNORECASE)


def former_paths(item: SourceItem) -> list[str]:
    """The old addresses as root-relative paths, with a slash at the end, each once."""
    # A feed's guid is an address more often than not, and often the one that names the piece by its number.
    guids = [item.guid] if item.guid.startswith(("http://", "https://")) else []
    paths = [path_of(address) for address in [item.source_url, *item.aliases, *guids]]
    return [path for path in dict.fromkeys(paths) if path and len(path) <= _PATH_MAX_CHARS]


def path_of(address: str) -> str:
    """An address of the old site as a path here, with a slash at the end; empty for its front page and for none."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    path = unquote(parts.path)
    if not path.strip("/") or not path.startswith("/") or path.startswith("//"):
        return _numbered_path(parts.path, parts.query)
    return path if path.endswith("/") else path + "/"


def _numbered_path(path: str, asked: str) -> str:
    """`/?p=17` of a WordPress address that names its piece by number only."""
    query = parse_qs(asked)
    name = next((name for name in _NUMBERED_ADDRESS if query.get(name, [""])[0].isdigit()), None)
    return f"/?{name}={query[name][0]}" if name and path in ("", "/") and len(query) == 1 else ""


def spellings(path: str) -> Iterator[str]:
    """The path, and as what else it may be known: without the script before it, without the file at its end."""
    yield path
    if path.startswith("/index.php/") and len(path) > len("/index.php/"):
        yield path.removeprefix("/index.php")
    if found := _INDEX_FILE.search(path):
        yield path[: found.start()] + "/"


def own_hosts(item: SourceItem) -> set[str]:
    """Hosts of the item's own addresses, of every generation it names."""
    return {host for address in (item.source_url, item.guid, *item.aliases) if (host := host_of(address))}


@lru_cache(maxsize=10_000)
def host_of(address: str) -> str:
    """The host without www; empty for a relative address and for none."""
    try:
        parts = urlsplit(address.strip())
        return (parts.hostname or "").removeprefix("www.") if parts.scheme in ("http", "https", "") else ""
    except ValueError:
        return ""


def links_in(blocks: Iterable[Block], hosts: set[str]) -> list[str]:
    """The addresses of all links to the old site itself, each once, as they stand in the blocks."""
    found: dict[str, None] = {}
    for block in blocks:
        for words in _texts(block["value"]):
            if "href=" in words:
                found.update(dict.fromkeys(link[3] for link in _LINK.findall(words) if _is_internal(link[3], hosts)))
    return [_stdlib.unescape(address) for address in list(found)[:_MAX_LINKS]]


def _is_internal(escaped: str, hosts: set[str]) -> bool:
    if escaped.startswith("#"):
        return False
    address = _stdlib.unescape(escaped)
    host = host_of(address)
    is_ours = host in hosts if host else address.startswith("/") and not address.startswith("//")
    return is_ours and bool(path_of(address))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def rewritten(blocks: list[Block], links: Iterable[str], find: Callable[[str], Target]) -> list[Block]:
    """The blocks with those links that `find` knows made our own; the others stay as they were."""
    targets = {_stdlib.escape(address): (address, target) for address in links if (target := find(address))}
    if not targets:
        return blocks
    return [{**block, "value": _changed(block["value"], targets, block["type"] == "html")} for block in blocks]


def _changed(value: Any, targets: Mapping[str, tuple[str, Target]], is_html: bool) -> Any:
    if isinstance(value, str):
        return _LINK.sub(lambda link: _new_link(link, targets, is_html), value) if "href=" in value else value
    if isinstance(value, dict):
        return {name: _changed(part, targets, is_html) for name, part in value.items()}
    return [_changed(part, targets, is_html) for part in value] if isinstance(value, list) else value


def _new_link(link: re.Match[str], targets: Mapping[str, tuple[str, Target]], is_html: bool) -> str:
    # Which escapes an address bears depends on who wrote it: ours has all of them.
    plain = _stdlib.unescape(link[4])
    address, target = targets.get(_stdlib.escape(plain), ("", None))
    if target is None:
        return link[0]
    kind, number = target
    fragment = urlsplit(address).fragment
    if is_html or fragment or kind != "publication":
        path = path_of(address) + (f"#{fragment}" if fragment else "")
        return f'{link[1]}{link[2]} href="{_stdlib.escape(path)}"'
    return f'{link[1]} linktype="publication" id="{number}"'


def as_json(blocks: list[Block]) -> str:
    """The blocks as the body field stores them."""
    return json.dumps(blocks, ensure_ascii=False)
