"""The kept pages that are asked for, as they are sent, in a bounded part of memory that follows the store."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Protocol

from isthmus.edition.page import Page
from isthmus.edition.store import Changes, EditionAway, Stamp
from isthmus.server.front import prepared
from isthmus.server.front.prepared import Prepared, prepare
from isthmus.server.front.wanted import BROTLI, GZIP, IDENTITY

log = logging.getLogger(__name__)

# A file that is not larger is sent from memory; a rendition of a picture has some 30 kB.
_HELD_FILE_MAX_BYTES = 128 * 1024


class Edition(Protocol):
    """What is asked of `isthmus.edition.store.Store`."""

    def get(self, key: str) -> Page | None:
        """The page of a key, None where none is kept."""

    def data_version(self) -> int:
        """Another number after each change by another process."""

    def changes_since(self, n: int) -> Changes:
        """What to drop, and the stamp. Raises: EditionAway."""


class Shelf(Protocol):
    """What is asked of `isthmus.edition.shelf.Shelf`."""

    def current(self) -> Edition | None:
        """The edition that readers get; None while there is none."""


class Memory:
    """Finds pages in the current edition, and keeps them prepared. max_bytes: for all of them together."""

    def __init__(self, shelf: Shelf, *, max_bytes: int) -> None:
        self._shelf, self._max_bytes = shelf, max_bytes
        self._edition: Edition | None = None
        self._seen, self._n = -1, 0
        self._stamp = Stamp("", 0, 0)
        self._forms: dict[tuple[str, str], Prepared] = {}
        # Keys of pages that have the plain form only: pictures, fonts.
        self._plain: set[str] = set()
        self._parameters: dict[str, frozenset[str]] = {}
        self.n_bytes = 0

    def follow(self) -> None:
        """Drop what is no longer right; called twenty times a second, and before a page is read from the store."""
        edition = self._shelf.current()
        if edition is not self._edition:
            self._forget_all()
            self._edition, self._seen, self._n = edition, -1, 0
        if edition is None or (version := edition.data_version()) == self._seen:
            return
        try:
            changes = edition.changes_since(self._n)
        except EditionAway as error:
            log.warning("%s", error)
            self._forget_all()
            return
        self._seen, self._n = version, changes.n
        self._drop(changes)

    def find(self, key: str, form: str, *, now: float) -> Prepared | None:
        """The page as it is sent, None where Django has to be asked. form: what the client would like best."""
        if form and key in self._plain:
            form = IDENTITY
        page = self._forms.get((key, form))
        if page is None:
            return self._load(key, form)
        if page.expires_at <= now:
            self._forget({key})
            return None
        page.was_used = True
        return page

    def parameters_of(self, path: str) -> frozenset[str] | None:
        """The names of the query parameters that an address reads, None where it is not kept."""
        if (known := self._parameters.get(path)) is None and (page := self._get(path)) is not None:
            known = self._parameters[path] = page.parameters
        return known

    def holds(self, key: str) -> bool:
        """Whether a page is kept, in memory or in the store."""
        return self._get(key) is not None

    def forget(self, key: str) -> None:
        """Drop one page whose file is not what it was."""
        self._forget({key})

    def _get(self, key: str) -> Page | None:
        self.follow()
        return self._edition.get(key) if self._edition is not None else None

    def _load(self, key: str, form: str) -> Prepared | None:
        page = self._get(key)
        if page is None:
            return None
        if not prepared.is_compressible(page):
            form = IDENTITY
            self._plain.add(key)
        ready = prepare(page, form, self._stamp)
        if ready.file and ready.size_bytes <= _HELD_FILE_MAX_BYTES:
            try:
                prepared.held(ready)
            except (OSError, ValueError):
                return None
        self._keep(key, form, ready)
        return ready

    def _keep(self, key: str, form: str, ready: Prepared) -> None:
        if (former := self._forms.get((key, form))) is not None:
            self.n_bytes -= former.n_bytes
        self._forms[key, form] = ready
        self.n_bytes += ready.n_bytes
        if self.n_bytes > self._max_bytes:
            self._make_room()

    def _make_room(self) -> None:
        """Let go of what was not used since the last time (the clock algorithm), down to nine tenths."""
        while self.n_bytes > self._max_bytes * 0.9 and self._forms:
            place = next(iter(self._forms))
            page = self._forms.pop(place)
            if page.was_used:
                page.was_used = False
                self._forms[place] = page
            else:
                self.n_bytes -= page.n_bytes

    def _drop(self, changes: Changes) -> None:
        if changes.keys is None:
            self._forget_all()
        elif changes.keys:
            self._forget(changes.keys)
        if changes.stamp != self._stamp:
            self._stamp = changes.stamp
            self._forget({page.key for page in self._forms.values() if page.is_stamped})

    def _forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._parameters.pop(key, None)
            self._plain.discard(key)
            for form in (IDENTITY, GZIP, BROTLI):
                if (page := self._forms.pop((key, form), None)) is not None:
                    self.n_bytes -= page.n_bytes

    def _forget_all(self) -> None:
        self._forms.clear()
        self._plain.clear()
        self._parameters.clear()
        self.n_bytes = 0
