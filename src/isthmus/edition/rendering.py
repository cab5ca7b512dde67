"""Makes the page of a key from the database and the options, and from nothing that a visitor sends.

The same function answers a reader's first request, fills an edition beforehand and writes the static export.
"""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase

from isthmus.dossiers import changes
from isthmus.edition.page import Page, key_of, words
from isthmus.kit import collecting
from isthmus.publications import journal, queries

# What the front says of its own answers, and what belongs to one answer alone.
_NOT_KEPT = frozenset(
    {"content-length", "etag", "last-modified", "date", "content-encoding", "connection", "vary", "accept-ranges"}
)
# A browser keeps a page and asks each time whether it still holds: the number on it changes with every release.
_ASK_AGAIN = "public, max-age=0, must-revalidate"
# What a cache between us and readers may do without asking: nobody tells it, so it may be as late as we ever are.
_SURROGATE = "max-age=1"
TOTAL_TAG, MANY_TAG = "total", "many"
# Varnish takes 8 kB for one header; a list of all people would have 60.
_MAX_SURROGATE_KEY_CHARS = 6000


class CanonicalRequest(WSGIRequest):
    """A request of nobody: an address, and the host of `public_url`."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What an address answers. page: as it may be kept, None for an answer that may not; stamp: the Total in words."""

    response: HttpResponseBase
    page: Page | None
    stamp: str


def render(key: str) -> Rendered:
    """Answer a key (see `keys.key_for`) for nobody in particular.

    The journal's number is read first, so that the page is never older than it says.
    """
    mined_seq = changes.latest_seq()
    seq = journal.latest_seq()
    with collecting.gathering((seq, mined_seq)) as gathered:
        response = _handler().get_response(_request(key))
        # Counted once for a state: 9,166 rows take 0.7 ms.
        stamp = collecting.once("total", queries.total_in_words)
    page = _page(key, response, gathered, seq, mined_seq)
    if page is None and isinstance(response, HttpResponse):
        _write_total(response, gathered, stamp)
    if page is not None and isinstance(response, FileResponse) and response.file_to_stream is not None:
        # Not the answer itself: closing that would end the request around it, and with it the database's connection.
        response.file_to_stream.close()
    return Rendered(response, page, stamp)


def _write_total(response: HttpResponse, gathered: collecting.Gathering, stamp: str) -> None:
    """An answer that is not kept, such as a 404, is sent as it is: with the Total, and what is said of its bytes."""
    response.content = response.content.replace(gathered.place.encode(), stamp.encode())
    del response.headers["ETag"]
    if "Content-Length" in response.headers:
        response.headers["Content-Length"] = str(len(response.content))


def _request(key: str) -> CanonicalRequest:
    path, _, query = key.partition("?")
    host = urlsplit(settings.PUBLIC_URL)
    return CanonicalRequest(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": unquoted(path),
            "QUERY_STRING": query,
            "SERVER_NAME": host.hostname or "localhost",
            "SERVER_PORT": str(host.port or (443 if host.scheme == "https" else 80)),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": host.netloc,
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": host.scheme,
            "wsgi.input": io.BytesIO(),
        }
    )


def unquoted(path: str) -> str:
    """A percent-encoded path as WSGI hands it over: its bytes, each as one character."""
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(path).decode("latin-1")


@lru_cache(maxsize=1)
def _handler() -> BaseHandler:
    handler = BaseHandler()
    handler.load_middleware()
    return handler


def _page(
    key: str, response: HttpResponseBase, gathered: collecting.Gathering, seq: int, mined_seq: int
) -> Page | None:
    """The answer as it may be kept; None for errors, redirects, cookies, and what says so of itself."""
    if response.status_code != 200 or response.cookies or not gathered.may_be_kept:
        return None
    if response.headers.get("Cache-Control", "").startswith(("no-store", "private")):
        return None
    if not gathered.parameters:
        # A page proper, not a listing: whatever number was asked for, it is the same page.
        key = key_of(key.partition("?")[0])
    body = _file(response) if response.streaming else _content(response, gathered)
    if body is None:
        return None
    return Page(
        key=key, headers=_headers(response, gathered, has_places="places" in body), tags=frozenset(gathered.tags),
        seq=seq, mined_seq=mined_seq, modified_at=int(time.time()), parameters=frozenset(gathered.parameters),
        expires_at=gathered.ends_at, **body,
    ).with_etag()  # fmt: skip


def _content(response: Any, gathered: collecting.Gathering) -> dict[str, Any] | None:
    """Content without the marks of its places; None if there are more or fewer than were written."""
    parts = response.content.split(gathered.place.encode())
    if len(parts) - 1 != gathered.n_places:
        return None
    places, at = [], 0
    for part in parts[:-1]:
        at += len(part)
        places.append(at)
    found: dict[str, Any] = {"content": b"".join(parts)}
    return {**found, "places": tuple(places)} if places else found


def _file(response: HttpResponseBase) -> dict[str, Any] | None:
    """The file behind an answer; None for a stream of something else, or a file that is not on this disk."""
    stream = getattr(response, "file_to_stream", None) if isinstance(response, FileResponse) else None
    name = getattr(getattr(stream, "file", stream), "name", None)
    size = response.headers.get("Content-Length")
    return {"file": name, "size_bytes": int(size)} if isinstance(name, str) and name.startswith("/") and size else None


def _headers(
    response: HttpResponseBase, gathered: collecting.Gathering, *, has_places: bool
) -> tuple[tuple[str, str], ...]:
    headers = {name: value for name, value in response.headers.items() if name.lower() not in _NOT_KEPT}
    headers.setdefault("Cache-Control", _ASK_AGAIN)
    if settings.ISTHMUS.cache_purge_url:
        headers["Surrogate-Control"] = _SURROGATE
        headers["Surrogate-Key"] = surrogate_key(gathered.tags, has_places=has_places)
    return tuple(headers.items())


def surrogate_key(tags: set[str], *, has_places: bool) -> str:
    """The tags for a cache in front of us, which purges by them; too many are one that every purge names."""
    own = {*tags, *([TOTAL_TAG] if has_places else [])}
    said = words(own)
    return said if len(said) <= _MAX_SURROGATE_KEY_CHARS else words({MANY_TAG, *(own & {TOTAL_TAG})})
