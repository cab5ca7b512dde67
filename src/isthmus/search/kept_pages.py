"""Pages of results, and answers to programs, as they were made, for as long as nothing has changed that they show.

The same few questions are most of all questions. A page is kept with a stamp of everything it was made from; the
stamp is taken anew for every reader, before the page is made or found, so that no page outlives a change.
"""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import re_accepts_gzip
from django.utils.cache import patch_vary_headers

from isthmus.publications import context
from isthmus.search import meaning, standing
from isthmus.search.engine import SearchAway
from isthmus.search.shelf import shelf
from isthmus.search.standing import Standing

isal_zlib: Any
try:
    from isal import isal_zlib
except ImportError:
    isal_zlib = None

# A page has 30 to 60 kB and is kept in 5 to 8, as nearly every reader gets it: some 1,700 pages.
_MAX_BYTES = 12_000_000
# zlib's way of saying: the largest window, and the frame of gzip around it.
_GZIP_WINDOW = 31
# Longer addresses are seldom asked twice.
_MAX_ADDRESS_CHARS = 300


@dataclass(frozen=True, slots=True)
class Page:
    """A page or answer, and what is counted when a reader gets it: the question, how many it located, which page.

    gzipped: the bytes as `compressed` makes them.
    """

    gzipped: bytes
    text: str
    total: int
    number: int
    is_counted: bool

    def answer(self, request: HttpRequest, content_type: str) -> HttpResponse:
        """It, compressed where the reader takes that."""
        if re_accepts_gzip.search(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            response = HttpResponse(self.gzipped, content_type=content_type, headers={"Content-Encoding": "gzip"})
        else:
            response = HttpResponse(gzip.decompress(self.gzipped), content_type=content_type)
        patch_vary_headers(response, ("Accept-Encoding",))
        return response


def compressed(content: bytes) -> bytes:
    """As gzip: the same bytes for the same content, in every process of a machine and at every time (mtime 0)."""
    if isal_zlib is None:
        # 3 % larger than at the usual 6, in 0.6 of its time.
        return gzip.compress(content, compresslevel=4, mtime=0)
    # 9 % larger than zlib at 6, in an eighth of its time: .08 of 12 ms a page instead of .4.
    packed: bytes = isal_zlib.compress(content, level=2, wbits=_GZIP_WINDOW)
    return packed


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a page is made from: the journal, the index, what editors keep, the meaning of pieces, the settings."""

    journal: Any
    index: tuple[int, int, int]
    editors: str
    meaning: int
    site: context.Site


def stamp(now: Standing) -> Stamp | None:
    """The state of everything, with what stands now; None while the index is away, when nothing is to be kept."""
    with suppress(SearchAway):
        engine = shelf().current()
        state = engine.state()
        index = id(engine), state.seq, state.n_documents
        return Stamp(now.journal, index, now.editors.mark, id(meaning.current()), context.current_site())
    return None


class KeptPages:
    """The pages asked for last, up to some megabytes; safe in several threads."""

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._max_bytes, self._n_bytes = max_bytes, 0
        self._pages: OrderedDict[str, tuple[Stamp, Page]] = OrderedDict()
        self._lock = Lock()

    def get(self, address: str, make: Callable[[Standing], Page]) -> Page:
        """The page at an address, made and kept if it is not here as things stand now. Raises: what `make` raises."""
        now = standing.now()
        state = stamp(now)
        page = self.found(address, state)
        if page is None:
            page = make(now)
            self.keep(address, state, page)
        return page

    def found(self, address: str, now: Stamp | None) -> Page | None:
        """The page at an address, if nothing has changed since it was made."""
        with self._lock:
            kept = self._pages.get(address)
            if kept is None or now is None or kept[0] != now:
                return None
            self._pages.move_to_end(address)
            return kept[1]

    def keep(self, address: str, made_at: Stamp | None, page: Page) -> None:
        """Keep a page made after `made_at` was taken; the longest unasked ones make room."""
        if made_at is None or len(address) > _MAX_ADDRESS_CHARS:
            return
        with self._lock:
            self._drop(address)
            self._pages[address] = (made_at, page)
            self._n_bytes += len(page.gzipped)
            while self._n_bytes > self._max_bytes:
                self._drop(next(iter(self._pages)))

    def _drop(self, address: str) -> None:
        if address in self._pages:
            _, page = self._pages.pop(address)
            self._n_bytes -= len(page.gzipped)
