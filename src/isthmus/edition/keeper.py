"""The one that keeps the edition right: follows the journal with a cursor of its own, purges, and stamps the Total.

Each machine has its own edition, and its cursor stands in the store, moved in the transaction of the purge: killed at
any moment, it goes on where it was.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.conf import settings

from isthmus.dossiers import changes
from isthmus.edition import editions, purging, queries
from isthmus.edition.queries import from_text
from isthmus.edition.shelf import Shelf
from isthmus.edition.store import EditionAway, Step, Store
from isthmus.kit.locks import LockHeld, file_lock
from isthmus.kit.text import plural
from isthmus.publications import journal, visibility
from isthmus.publications import queries as publication_queries
from isthmus.publications.models import JournalEntry

log = logging.getLogger(__name__)

LOCK = "keeper.lock"
_JOURNAL, _MINED, _ROW = "journal", "mined", "row"
_MAX_ROWS = 1000
_SWEPT_AT_ONCE = 200
# A new edition takes the place of the old one even if it could not be filled beforehand.
_FILLED_WITHIN_S = 1800.0
_WAIT_FOR_KEEPER_S = 30.0

Told = Callable[[Collection[str] | None], None]
"""Hears which tags went, None for everything; after readers here get what is right."""


@dataclass(frozen=True, slots=True)
class Status:
    """How the edition stands. lag: journal rows it has yet to follow; None for each where there is no edition.

    is_own: made with the theme, the options and the version of now.
    """

    n_pages: int | None
    n_files: int | None
    n_bytes: int | None
    lag: int | None
    is_own: bool

    @property
    def sentence(self) -> str:
        """It in words."""
        if self.n_pages is None:
            return "No pages are kept: `isthmus serve` keeps them."
        said = f"{plural(self.n_pages, 'page', 'pages')} and {plural(self.n_files or 0, 'file', 'files')} are kept"
        waits = plural(self.lag or 0, "change waits", "changes wait")
        said += f"; {waits} to be followed" if self.lag else ", as the journal has them"
        return f"{said}." if self.is_own else f"{said}. They were made with another version, theme or options."


class Keeper:
    """The one writer of purges on this machine; `tick` is called ten times a second."""

    def __init__(self, shelf: Shelf | None = None, *, told: Told = lambda tags: None) -> None:
        self._shelf = shelf or editions.shelf()
        self._told = told
        self._filling: subprocess.Popen[bytes] | None = None
        self._filling_until = 0.0
        self._n_done = 0

    def tick(self) -> int:
        """Follow what happened since the last time; returns how many steps were taken, 0 if all is right.

        With nothing to do it costs two small queries. Makes an edition where there is none; one that cannot be written
        is given to no reader any more. Another process at work is left alone. Raises: EditionAway; DiskFull.
        """
        try:
            with self._alone(wait_s=0):
                return self._go_on()
        except LockHeld:
            return 0

    def bring_up(self) -> None:
        """Follow all that happened while nobody did, in the edition that readers are about to get."""
        with suppress(LockHeld), self._alone(wait_s=_WAIT_FOR_KEEPER_S):
            current, n_done = self._shelf.current(), -1
            while current is not None and n_done != self._n_done:
                n_done = self._n_done
                current = current if self._followed(current) else None
            self._n_done = 0
            if current is not None:
                current.close()

    def rebuild(self) -> None:
        """Begin again with nothing kept. Raises: LockHeld, if another process keeps the edition for half a minute.

        Where a process with other options keeps it, such as `serve` with the address of its port, that one begins anew.
        """
        with self._alone(wait_s=_WAIT_FOR_KEEPER_S):
            is_anothers = self._shelf.current_key() not in ("", editions.own_key())
            self._shelf.withdraw()
            self._shelf.sweep(grace_s=-1)
            if not is_anothers:
                self._shelf.switch(self._begun())

    def status(self) -> Status:
        """How much is kept, and how far behind it is."""
        store = self._shelf.current()
        if store is None:
            return Status(None, None, None, None, is_own=False)
        held, is_own = store.held(), self._shelf.current_key() == editions.own_key()
        return Status(held.n_pages, held.n_files, held.n_bytes, self.lag(), is_own=is_own)

    def lag(self) -> int:
        """How many journal rows the edition has yet to follow; 0 where there is none."""
        store = self._shelf.current()
        return JournalEntry.objects.filter(seq__gt=_cursor(store, _JOURNAL)).count() if store else 0

    def close(self) -> None:
        """Stop what fills a new edition."""
        if self._filling is not None and self._filling.poll() is None:
            self._filling.terminate()
            self._filling.wait()
        self._filling = None

    @contextmanager
    def _alone(self, *, wait_s: float) -> Iterator[None]:
        self._shelf.root.mkdir(parents=True, exist_ok=True)
        with file_lock(self._shelf.root / LOCK, wait_s=wait_s):
            yield

    def _go_on(self) -> int:
        own = self._shelf.of_key(editions.own_key())
        if own is not None and not self._followed(own):
            own = None
        current = self._shelf.current()
        if current is not None and current is not own:
            # Of another theme or version: right until the new one takes its place.
            current = current if self._followed(current) else None
        if own is None:
            own = self._begun()
            self._fill_like(current)
        n_done = self._n_done
        self._n_done = 0
        self._switch(own, current)
        n_done += own.sweep(n_most=_SWEPT_AT_ONCE)
        return n_done

    def _followed(self, store: Store) -> bool:
        """Bring an edition up to the journal; False if it is of no use any more, and gone."""
        try:
            if _is_of_this_database(store):
                self._n_done += self._follow_journal(store) + self._follow_dossiers(store)
                return True
        except EditionAway as error:
            log.error("%s", error)
        self._drop(store)
        return False

    def _follow_journal(self, store: Store) -> int:
        rows = journal.read_after(_cursor(store, _JOURNAL), limit=_MAX_ROWS)
        if not rows:
            return 0
        ids = purging.numbers_of({row.subject for row in rows}, "pub")
        known = store.notes([f"pub:{pk}" for pk in ids])
        before = {pk: from_text(known[f"pub:{pk}"]) for pk in ids if f"pub:{pk}" in known}
        purge = purging.of_journal([(row.subject, row.what) for row in rows], before)
        remember: dict[str, str | None] = {
            f"pub:{pk}": facts.as_text() if facts else None for pk, facts in purge.facts.items()
        }
        remember |= {_JOURNAL: str(rows[-1].seq), _ROW: _mark(rows[-1])}
        stamp = publication_queries.total_in_words()
        store.take(
            Step(rows[-1].seq, purge.tags, everything=purge.everything, stamp=stamp, remember=remember),
        )
        self._told(None if purge.everything else purge.tags)
        return 1

    def _follow_dossiers(self, store: Store) -> int:
        at = _cursor(store, _MINED)
        if at == changes.latest_seq():
            return 0
        found = changes.after(at)
        tags = purging.of_dossiers(found.subjects)
        store.take(Step(found.seq, tags, remember={_MINED: str(found.seq)}))
        self._told(tags)
        return 1

    def _begun(self) -> Store:
        """An empty edition of now, with all the keeper has to know. Its numbers are read before its facts."""
        store = self._shelf.begin(editions.own_key(), journal=settings.ISTHMUS.sqlite_journal)
        mined, seq = changes.latest_seq(), journal.latest_seq()
        row = JournalEntry.objects.filter(seq=seq).first()
        remember: dict[str, str | None] = {_JOURNAL: str(seq), _MINED: str(mined), _ROW: _mark(row)}
        remember |= {f"pub:{pk}": facts.as_text() for pk, facts in queries.all_facts().items()}
        store.take(Step(seq, stamp=publication_queries.total_in_words(visibility.total()), remember=remember))
        return store

    def _fill_like(self, current: Store | None) -> None:
        """Have a process of its own make in the new edition what the old one held, at the lowest priority."""
        self.close()
        if current is None or not current.keys():
            return
        command = [sys.executable, "-m", "isthmus.cli", "--dir", str(settings.DIRECTORY)]
        self._filling = subprocess.Popen([*command, "edition", "warm", "--kept", "--quiet"])
        self._filling_until = time.monotonic() + _FILLED_WITHIN_S

    def _switch(self, own: Store, current: Store | None) -> None:
        is_filling = self._filling is not None and self._filling.poll() is None
        if current is own:
            return
        if current is not None and is_filling and time.monotonic() < self._filling_until:
            return
        self.close()
        self._shelf.switch(own)
        self._shelf.sweep(keep=own)

    def _drop(self, store: Store) -> None:
        """Give it to no reader, then delete it: also what frees room on a full disk."""
        if self._shelf.current() is store:
            self._shelf.withdraw()
        store.close()
        shutil.rmtree(store.directory, ignore_errors=True)


def _cursor(store: Store, name: str) -> int:
    return int(store.notes([name]).get(name, "0"))


def _mark(row: JournalEntry | None) -> str:
    return f"{row.seq} {row.at.isoformat()}" if row else ""


def _is_of_this_database(store: Store) -> bool:
    """Whether the last row it followed stands in the journal: not after an older database was put back."""
    known = store.notes([_JOURNAL, _ROW])
    if _JOURNAL not in known:
        return False
    return known.get(_ROW, "") == _mark(JournalEntry.objects.filter(seq=int(known[_JOURNAL])).first())
