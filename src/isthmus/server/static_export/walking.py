"""Walks the public site from its front page and sitemap, makes a file of every address, and says what it could not.

Each answer is rendered by the edition's own door for nobody in particular, so it is what a reader gets, through the
gate and from the database; nothing is read that has no public address.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

from isthmus.edition import rendering
from isthmus.edition.rendering import Rendered
from isthmus.kit import clock
from isthmus.kit.locks import file_lock
from isthmus.publications import journal, visibility
from isthmus.server.static_export import addresses, redirects, rewriting
from isthmus.server.static_export.addresses import Found
from isthmus.server.static_export.rewriting import Site
from isthmus.server.static_export.target import Export, exporting, marked

_BEGIN = ("/", "/sitemap.xml", "/robots.txt", "/opensearch.xml")
# An address that is nobody's: its answer is what every address without a page gets.
_NOWHERE = "/this-page-does-not-exist-anywhere/"
# What only the live site can do, and where a reader of the copy would look for it.
_NEEDS_LIVE = {"/search/": "Searching", "/subscribe/": "Signing up by mail"}
# While pieces are released, one walk shows some pages from before and some from after; then it is walked again.
_MAX_WALKS = 3
_REDIRECTS = (301, 302, 308)

Ticking = Callable[[int | None], AbstractContextManager[Callable[[int], None]]]


@dataclass(slots=True)
class Exported:
    """What was made. dead: addresses that something refers to and that have no page; unfit: names no file can have.

    is_steady: nothing changed while it was made, so all of it shows one moment.
    """

    directory: Path
    n_pages: int = 0
    n_files: int = 0
    n_redirects: int = 0
    n_written: int = 0
    n_kept: int = 0
    n_removed: int = 0
    n_bytes: int = 0
    total: int = 0
    is_steady: bool = True
    dead: list[str] = field(default_factory=list)
    unfit: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """For a program."""
        return {
            "directory": str(self.directory), "total": self.total, "pages": self.n_pages, "files": self.n_files,
            "redirects": self.n_redirects, "bytes": self.n_bytes, "written": self.n_written, "unchanged": self.n_kept,
            "removed": self.n_removed, "steady": self.is_steady, "dead": sorted(self.dead), "unfit": sorted(self.unfit),
        }  # fmt: skip


def export_static(directory: Path, *, live_url: str = "", ticking: Ticking) -> Exported:
    """Make or renew the export in `directory`; what is there is served until the new one is whole.

    live_url: where search, sign-up and the API are; empty means the option `public_url`.
    ticking: told that nobody knows how many files there will be (None), gives what is called after each.
    Raises: UsageError, ExportFailed, DiskFull, LockHeld.
    """
    site = Site(settings.PUBLIC_URL.rstrip("/"), (live_url or settings.PUBLIC_URL).rstrip("/"))
    with file_lock(settings.DATA / "export.lock"):
        for number in range(1, _MAX_WALKS + 1):
            seq = journal.latest_seq()
            with exporting(directory) as export, ticking(None) as tick:
                found = _Walk(site, export, tick).walk()
                found.is_steady = journal.latest_seq() == seq
                marked(export, made_at=clock.now().isoformat(), journal=seq, total=found.total)
            found.n_written, found.n_kept = export.n_written, export.n_kept
            found.n_removed, found.n_bytes = export.n_removed, export.n_bytes
            if found.is_steady or number == _MAX_WALKS:
                break
    found.directory = directory
    return found


class _Walk:
    def __init__(self, site: Site, export: Export, tick: Callable[[int], None]) -> None:
        self._site, self._export, self._tick = site, export, tick
        self._queue: deque[str] = deque(_BEGIN)
        self._known: set[str] = set(_BEGIN)
        self._found = Exported(export.old)

    def walk(self) -> Exported:
        """Everything that can be reached, and what stands for the rest."""
        self._found.total = visibility.total()
        while self._queue:
            self._make(self._queue.popleft())
            self._tick(1)
        self._make_without_address()
        self._make_redirects()
        return self._found

    def _make(self, key: str) -> None:
        name = addresses.file_of(key)
        if name is None:
            self._found.unfit.append(key)
            return
        rendered = rendering.render(key)
        status = rendered.response.status_code
        if status in _REDIRECTS:
            self._lead_on(key, rendered.response.headers["Location"])
        elif status != 200:
            self._found.dead.append(key)
        elif rendered.page is not None and rendered.page.file:
            self._take(key, self._export.put_file(name, Path(rendered.page.file)))
        else:
            content, kind = _content(rendered), rendered.response.headers.get("Content-Type", "")
            self._take(key, self._export.put(name, self._rewritten(content, kind, key)))
            self._found.n_pages += kind.startswith("text/html")

    def _take(self, key: str, is_put: bool) -> None:
        if is_put:
            self._found.n_files += 1
        else:
            self._found.unfit.append(key)

    def _rewritten(self, content: bytes, kind: str, key: str) -> bytes:
        """The bytes of the file; every address they lead to is noted."""
        path = key.partition("?")[0]
        if kind.startswith("text/html"):
            text = rewriting.rewritten_html(content.decode(), site=self._site, path=path, written=self._written)
        elif "xml" in kind and "svg" not in kind:
            text = rewriting.rewritten_xml(content.decode(), site=self._site, path=path, written=self._written)
        else:
            if kind.startswith("text/css"):
                for found in rewriting.links_of_css(content.decode(), site=self._site, path=path):
                    self._written(found)
            return content
        return text.encode()

    def _written(self, found: Found) -> str | None:
        """How the export writes a link to an address of the site, which is made too."""
        key = addresses.key_of(found.key)
        if key is None:
            return self._site.live_url + found.key + found.tail
        if key not in self._known:
            self._known.add(key)
            self._queue.append(key)
        # A version in the query is for caches, and servers of files do not look at it.
        return addresses.link_to(found.key if addresses.is_versioned(found.key) else key, found.tail)

    def _lead_on(self, key: str, location: str) -> None:
        """A link of the site's own to a former address; where it leads is made too."""
        found = addresses.found_in(location, public_url=self._site.public_url, page=key)
        to = self._written(found) if found else location
        name = addresses.file_of_redirect(key.partition("?")[0])
        if to is None or name is None or addresses.file_of((found or Found(key, "")).key) == name:
            return
        self._found.n_redirects += self._export.put(name, redirects.page(to, self._site.public_url))

    def _make_without_address(self) -> None:
        """What stands for an address that is not there; and pages that say so where nothing but files answers."""
        shell = rendering.render(_NOWHERE)
        self._export.put("404.html", self._rewritten(_content(shell), "text/html", "/"))
        for path, what in _NEEDS_LIVE.items():
            body = render_to_string("isthmus/server/needs_live.html", {"what": what, "url": self._site.live_url + path})
            page = _with_main(_content(shell).decode(), body, title=f"{what} needs the live site")
            self._export.put(f"{path.strip('/')}/index.html", self._rewritten(page.encode(), "text/html", path))

    def _make_redirects(self) -> None:
        moved = [
            redirects.Moved(one.path, self._written_target(one.target))
            for one in redirects.all_moved()
            if one.path not in self._known
        ]
        for one in moved:
            name = addresses.file_of_redirect(one.path) if "?" not in one.path else None
            if name is not None:
                content = redirects.page(one.target, self._site.public_url)
                self._found.n_redirects += self._export.put(name, content)
        self._export.put(redirects.RULES, redirects.rules(moved))
        self._export.put(redirects.NGINX_MAP, redirects.nginx_map(moved))

    def _written_target(self, target: str) -> str:
        from django.utils.encoding import iri_to_uri

        return self._written(Found(iri_to_uri(target), "")) or target


def _content(rendered: Rendered) -> bytes:
    """The bytes that a reader gets, the Total in its place."""
    response = rendered.response
    if rendered.page is not None:
        return rendered.page.stamped(rendered.stamp.encode())
    if response.streaming:
        return b"".join(response)
    return bytes(response.content)


def _with_main(page: str, main: str, *, title: str) -> str:
    """The page of the site's look with other words in its middle."""
    head, _, rest = page.partition("<article")
    _, _, tail = rest.partition("</article>")
    return re.sub(r"<title>[^<]*", lambda found: f"<title>{title}", head, count=1) + main + tail
