"""Which file an address is, and what becomes of a link: pure, no Django.

A directory answers with its index.html and nothing else, whatever server sends it; so a feed is named with its file,
and the pages of a listing, which the site tells apart by a query, get directories of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote

# Never files: they answer what is asked of them, or belong to somebody.
_LIVE = re.compile(
    r"/(?:admin|api|healthz|search|subscribe|subscriptions|chronology/report|chronology/reported|mail/hooks)(?:/|$)"
)
_PAGE = re.compile(r"page=([1-9][0-9]{0,6})")
_VERSIONED = ("/theme.css", "/static/")
_MAX_NAME_BYTES, _MAX_PATH_BYTES = 250, 900


@dataclass(frozen=True, slots=True)
class Found:
    """What a link leads to. key: the address as the edition renders it; tail: `#place` or empty."""

    key: str
    tail: str


def found_in(link: str, *, public_url: str, page: str) -> Found | None:
    """The address of this site that a link leads to; None for another site, another scheme, or a place on the page.

    page: the path of the page the link stands on, which a relative link starts from.
    """
    if link.startswith(public_url) and link[len(public_url) :][:1] in ("", "/", "?", "#"):
        link = link[len(public_url) :] or "/"
    elif link.startswith("//") or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", link):
        return None
    link, sign, place = link.partition("#")
    if not link:
        return None
    path, _, query = link.partition("?")
    path = _absolute(path, page) if path else page
    return Found(f"{path}?{query}" if query else path, sign + place)


def _absolute(path: str, page: str) -> str:
    """A relative path made absolute, as a browser does."""
    if path.startswith("/"):
        return path
    parts = page.rpartition("/")[0].split("/")
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1] or [""]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def key_of(key: str) -> str | None:
    """The key as it is made into a file; None for what only the live site can answer."""
    path, _, query = key.partition("?")
    if _LIVE.match(path):
        return None
    if not query or is_versioned(path):
        return path
    return key if path.endswith("/") and _PAGE.fullmatch(query) else None


def is_versioned(key: str) -> bool:
    """Whether the query of an address says which version it is, and changes nothing of what it answers."""
    return key.startswith(_VERSIONED)


def file_of(key: str) -> str | None:
    """The path of the file below the export's directory; None where no file system could hold it.

    Told from the address alone, so that a link can be written before its page is made.
    """
    path, _, query = key.partition("?")
    name = unquote(path).lstrip("/")
    if found := _PAGE.fullmatch(query):
        name += f"page/{found[1]}/"
    if not name or name.endswith("/"):
        name += "index.xml" if path.endswith("/feed/") else "index.html"
    return name if _can_be(name) else None


def file_of_redirect(path: str) -> str | None:
    """Where a small page stands that leads on from a former address: a directory's, whatever the address looks like."""
    name = unquote(path).lstrip("/")
    if not name.endswith((".html", ".htm")):
        name = f"{name.rstrip('/')}/index.html"
    return name if _can_be(name) else None


def _can_be(name: str) -> bool:
    parts = PurePosixPath(name).parts
    sizes = [len(part.encode("utf-8", "surrogatepass")) for part in parts]
    is_plain = "/".join(parts) == name and not {"..", "."} & set(parts) and name.isprintable()
    return is_plain and max(sizes, default=0) <= _MAX_NAME_BYTES and sum(sizes) <= _MAX_PATH_BYTES


def link_to(key: str, tail: str = "") -> str:
    """How the export names an address: from the root of the host, a directory by its slash, a feed by its file."""
    path, _, query = key.partition("?")
    if number := _PAGE.fullmatch(query):
        return f"{path}page/{number[1]}/{tail}"
    return (f"{path}index.xml" if path.endswith("/feed/") else key) + tail
