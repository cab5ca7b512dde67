"""The kept pages of one edition, in one SQLite file that front, web and worker have open at once; no Django here.

All of it is derived: it can be deleted at any time. So nothing waits for the disk (synchronous OFF): the death of a
process loses nothing, and after a power cut, told by another boot of the machine, the edition is used no more.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from isthmus.edition import rows
from isthmus.edition.page import MINED, Page
from isthmus.edition.schema import FORMAT, SCHEMA, boot_of_machine
from isthmus.kit.errors import IsthmusError
from isthmus.kit.sqlite_journal import journal_mode

FILE = "pages.db"
# A reader in the front holds up everybody while it waits for a writer, and a miss costs little: it asks Django.
READ_WAIT_S, WRITE_WAIT_S = 0.25, 10.0
# A rendering takes seconds at most. What was purged an hour ago need not be remembered tag by tag (see `_floor`).
_REMEMBER_PURGES_S = 3600.0
# A front looks twenty times a second. One that has missed more than this drops all it has in memory.
_REMEMBER_GONE = 20_000


class EditionAway(IsthmusError):
    """The kept pages cannot be read or written; readers are answered without them."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The text that stands at every page's places now, and when it came to stand there (whole seconds, UTC)."""

    text: str
    seq: int
    changed_at: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What a copy in memory has to drop. n: ask from here next time; keys: None means everything."""

    n: int
    keys: tuple[str, ...] | None
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the keeper, taken whole or not at all.

    seq: the journal's number up to which this goes; tags: what is purged with it; everything: every page.
    stamp: the text of the stamp from now on, None to leave it.
    remember: notes of the keeper for its next steps, None to forget one.
    """

    seq: int
    tags: Collection[str] = ()
    everything: bool = False
    stamp: str | None = None
    remember: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """What the edition holds: numbers of pages and files, bytes of pages as packed, rows still to be swept."""

    n_pages: int
    n_files: int
    n_bytes: int
    n_unswept: int


class Store:
    """The pages of one edition. Threads may share it; a process that was forked opens the file anew by itself."""

    def __init__(self, directory: Path, *, wait_s: float = READ_WAIT_S) -> None:
        """Open an edition that `create` made. wait_s: patience with another process that writes.

        Raises: EditionAway where there is none, of another version, or from before the machine was started anew.
        """
        self.directory, self._wait_s = directory, wait_s
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._pid = 0
        with _said(directory), self._open() as db:
            found = dict(db.execute("SELECT name, value FROM state WHERE name IN ('format', 'boot')").fetchall())
        if found != {"format": FORMAT, "boot": boot_of_machine()}:
            self.close()
            raise EditionAway(
                f"{directory} was made by another version or before a restart: the worker makes a new one."
            )

    @classmethod
    def create(cls, directory: Path, *, journal: str = "auto", wait_s: float = WRITE_WAIT_S) -> Store:
        """An empty edition in a directory that exists. journal: as the option `sqlite_journal`. Raises: EditionAway."""
        with _said(directory):
            db = sqlite3.connect(directory / FILE, isolation_level=None)
            try:
                db.execute(f"PRAGMA journal_mode={journal_mode(journal)}")
                db.executescript(SCHEMA)
                known = [("format", FORMAT), ("boot", boot_of_machine()), ("begun_at", str(int(time.time())))]
                db.executemany("INSERT OR IGNORE INTO state (name, value) VALUES (?, ?)", known)
            finally:
                db.close()
        return cls(directory, wait_s=wait_s)

    # --- reading: the front ------------------------------------------------------------------------------------------

    def get(self, key: str, *, now: float | None = None) -> Page | None:
        """The page of a key, None where none is kept, where it is past its time, or where the file cannot be read."""
        try:
            with self._open() as db:
                row = db.execute(rows.GET, (key,)).fetchone()
        except sqlite3.Error:
            return None
        if row is None:
            return None
        page = rows.page_of(key, row)
        is_over = page.expires_at is not None and page.expires_at <= (time.time() if now is None else now)
        return None if is_over else page

    def data_version(self) -> int:
        """Another number when another process has written; -1 where the file cannot be read. Takes some 10 µs."""
        try:
            with self._open() as db:
                return int(db.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            return -1

    def changes_since(self, n: int) -> Changes:
        """What was purged or replaced after `n` (0 or less: everything), and the stamp. Raises: EditionAway."""
        with _said(self.directory), self._open() as db, _snapshot(db):
            first, last = db.execute("SELECT min(n), max(n) FROM gone").fetchone()
            last = last or 0
            keys: tuple[str, ...] | None = None
            if n > 0 and (first is None or first <= n + 1) and n <= last:
                found = [row[0] for row in db.execute("SELECT key FROM gone WHERE n > ? ORDER BY n", (n,))]
                keys = None if None in found else tuple(found)
            return Changes(last, keys, self._stamp(db))

    @property
    def stamp(self) -> Stamp:
        """The stamp of now. Raises: EditionAway."""
        with _said(self.directory), self._open() as db, _snapshot(db):
            return self._stamp(db)

    # --- storing: Django ---------------------------------------------------------------------------------------------

    def put(self, page: Page) -> bool:
        """Keep a page, unless it is out of date already; False then, and where it cannot be written.

        A rendering that began before a release must never be stored after its purge: what was purged with a number
        above the page's own is refused, and so is what is older than the page that is kept.
        """
        return self.put_many([page]) == 1

    def put_many(self, pages: Iterable[Page]) -> int:
        """Keep several pages in one transaction, each under the rule of `put`; how many were kept."""
        ready = [page.with_etag() for page in pages]
        packed = [rows.packed(page.content) for page in ready]
        try:
            with self._open() as db, _writing(db):
                return sum(self._put(db, page, body) for page, body in zip(ready, packed, strict=True))
        except sqlite3.Error:
            return 0

    def _put(self, db: sqlite3.Connection, page: Page, packed: bytes | None) -> bool:
        if self._is_out_of_date(db, page):
            return False
        held = db.execute("SELECT id, seq, etag, era FROM page WHERE key = ?", (page.key,)).fetchone()
        era = _number(db, "era")
        if held is not None:
            if held[1] > page.seq and held[3] == era:
                return False
            _bury(db, [held[0]])
            if held[2] != page.etag or held[3] != era:
                db.execute("INSERT INTO gone (key) VALUES (?)", (page.key,))
        new = db.execute(rows.INSERT, rows.columns_of(page, era)).lastrowid
        db.execute(
            "INSERT INTO content (page, is_packed, body) VALUES (?, ?, ?)",
            (new, packed is not None, page.content if packed is None else packed),
        )
        db.executemany("INSERT INTO page_tag (tag, page) VALUES (?, ?)", [(tag, new) for tag in sorted(page.tags)])
        return True

    def _is_out_of_date(self, db: sqlite3.Connection, page: Page) -> bool:
        oldest = min([page.seq, *(page.made_at(tag) for tag in page.tags)])
        if page.seq < _number(db, "everything_seq") or oldest < _number(db, "floor"):
            return True
        purged = db.execute(
            "SELECT tag, seq FROM purged WHERE tag IN (SELECT value FROM json_each(?))", _listed(page.tags)
        )
        return any(page.made_at(tag) < seq for tag, seq in purged)

    # --- purging: the keeper -----------------------------------------------------------------------------------------

    def take(self, step: Step, *, now: float | None = None) -> int:
        """Purge, stamp and remember in one transaction; how many pages went, -1 for all. Raises: EditionAway.

        A page that was made at the purge's own number or later stays: it shows the change already.
        """
        moment = time.time() if now is None else now
        with _said(self.directory), self._open() as db, _writing(db):
            if step.everything:
                n_gone = -1
                _set(db, era=_number(db, "era") + 1, everything_seq=max(step.seq, _number(db, "everything_seq")))
                db.execute("INSERT INTO gone (key) VALUES (NULL)")
            else:
                n_gone = self._purge(db, step, moment)
            if step.stamp is not None and step.stamp != _text(db, "stamp"):
                _set(db, stamp=step.stamp, stamp_seq=step.seq, stamp_at=int(moment))
            for name, value in step.remember.items():
                _remember(db, name, value)
            return n_gone

    def purge(self, tags: Collection[str], seq: int) -> int:
        """Drop what shows any of these; see `take`."""
        return self.take(Step(seq, tags))

    def _purge(self, db: sqlite3.Connection, step: Step, moment: float) -> int:
        db.executemany(_NOTE_PURGE, [(tag, step.seq, moment) for tag in sorted(step.tags)])
        mined = {tag for tag in step.tags if tag.startswith(MINED)}
        # All at once: a piece out of the oldest year takes thousands of tags, of a page each.
        gone = dict(db.execute(_SHOWING, (*_listed(set(step.tags) - mined), step.seq)))
        gone |= dict(db.execute(_SHOWING_MINED, (*_listed(mined), step.seq)))
        db.executemany("INSERT INTO gone (key) VALUES (?)", [(key,) for key in gone.values()])
        return _bury(db, gone)

    def sweep(self, *, n_most: int = 200, now: float | None = None) -> int:
        """Free the room of up to so many purged pages, and forget old purges; how many pages. The keeper's work."""
        moment = time.time() if now is None else now
        with _said(self.directory), self._open() as db, _writing(db):
            old = db.execute("SELECT id FROM page WHERE era < ? LIMIT ?", (_number(db, "era"), n_most)).fetchall()
            _bury(db, [page for (page,) in old])
            dead = db.execute("SELECT page FROM dead LIMIT ?", (n_most,)).fetchall()
            for delete in _SWEEP:
                db.executemany(delete, dead)
            db.execute("DELETE FROM gone WHERE n <= (SELECT max(n) FROM gone) - ?", (_REMEMBER_GONE,))
            self._forget_purges(db, moment - _REMEMBER_PURGES_S)
            return len(dead)

    def _forget_purges(self, db: sqlite3.Connection, before: float) -> None:
        oldest = db.execute("SELECT max(seq) FROM purged WHERE at < ?", (before,)).fetchone()[0]
        if oldest is not None:
            # Whatever was rendered before a purge that is forgotten is refused as a whole.
            _set(db, floor=max(oldest, _number(db, "floor")))
            db.execute("DELETE FROM purged WHERE at < ?", (before,))

    # --- what the keeper and the command line want to know ------------------------------------------------------------

    def notes(self, names: Collection[str]) -> dict[str, str]:
        """What was remembered under these names. Raises: EditionAway."""
        with _said(self.directory), self._open() as db, _snapshot(db):
            asked = "SELECT name, value FROM note WHERE name IN (SELECT value FROM json_each(?))"
            return dict(db.execute(asked, _listed(names)).fetchall())

    def keys(self, tag: str | None = None) -> list[str]:
        """Every key that is kept, or those that show a tag. Raises: EditionAway."""
        with _said(self.directory), self._open() as db:
            return [row[0] for row in (db.execute(_KEYS) if tag is None else db.execute(_KEYS_SHOWING, (tag,)))]

    def held(self) -> Held:
        """How much is kept. Raises: EditionAway."""
        with _said(self.directory), self._open() as db, _snapshot(db):
            n, n_files, n_bytes = db.execute(_HELD, (_number(db, "era"),)).fetchone()
            unswept = db.execute(
                "SELECT (SELECT count(*) FROM dead) + (SELECT count(*) FROM page) - ?", (n,)
            ).fetchone()
            return Held(n - n_files, n_files, n_bytes or 0, unswept[0])

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        with self._lock:
            if self._connection is not None and self._pid == os.getpid():
                self._connection.close()
            self._connection = None

    # --- one connection ----------------------------------------------------------------------------------------------

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The process's one connection, for one thread at a time: what a hit asks takes some 30 µs."""
        with self._lock:
            if self._connection is None or self._pid != os.getpid():
                if self._connection is not None:
                    # Another process's: to close it here would let go of locks that it knows of.
                    _INHERITED.append(self._connection)
                self._connection, self._pid = self._connect(), os.getpid()
            yield self._connection

    def _connect(self) -> sqlite3.Connection:
        # Opened for reading and writing, never made: a directory that is being deleted must not grow a new file.
        uri = f"{(self.directory / FILE).resolve().as_uri()}?mode=rw"
        db = sqlite3.connect(uri, uri=True, timeout=self._wait_s, isolation_level=None, check_same_thread=False)
        # cache_spill would take the lock that shuts readers out long before the transaction ends.
        db.executescript("PRAGMA synchronous=OFF; PRAGMA cache_size=-4000; PRAGMA cache_spill=OFF;")
        return db

    @staticmethod
    def _stamp(db: sqlite3.Connection) -> Stamp:
        return Stamp(_text(db, "stamp"), _number(db, "stamp_seq"), _number(db, "stamp_at"))


_INHERITED: list[sqlite3.Connection] = []

_NOTE_PURGE = (
    "INSERT INTO purged (tag, seq, at) VALUES (?, ?, ?)"
    " ON CONFLICT (tag) DO UPDATE SET seq = max(seq, excluded.seq), at = excluded.at"
)
_SHOWING = (
    "SELECT id, key FROM page"
    " WHERE id IN (SELECT page FROM page_tag WHERE tag IN (SELECT value FROM json_each(?))) AND seq < ?"
)
_SHOWING_MINED = _SHOWING.replace("seq < ?", "min(seq, coalesce(mined_seq, seq)) < ?")
_SWEEP = (
    "DELETE FROM content WHERE page = ?",
    "DELETE FROM page_tag WHERE page = ?",
    "DELETE FROM dead WHERE page = ?",
)
_KEYS = "SELECT key FROM page WHERE era = (SELECT value FROM state WHERE name = 'era') ORDER BY id"
_KEYS_SHOWING = _KEYS.replace(" ORDER BY", " AND id IN (SELECT page FROM page_tag WHERE tag = ?) ORDER BY")
_HELD = (
    "SELECT count(*), coalesce(sum(file != ''), 0), sum(length(c.body))"
    " FROM page p JOIN content c ON c.page = p.id WHERE p.era = ?"
)


def _listed(values: Iterable[object]) -> tuple[str]:
    """Any number of values as one that `json_each` takes apart; SQLite has a limit of marks in a statement."""
    return (json.dumps(list(values)),)


def _bury(db: sqlite3.Connection, pages: Collection[int]) -> int:
    """Take pages out of sight; `sweep` frees their room later, in small parts."""
    db.execute("INSERT INTO dead (page) SELECT value FROM json_each(?)", _listed(pages))
    return db.execute("DELETE FROM page WHERE id IN (SELECT value FROM json_each(?))", _listed(pages)).rowcount


def _remember(db: sqlite3.Connection, name: str, value: str | None) -> None:
    if value is None:
        db.execute("DELETE FROM note WHERE name = ?", (name,))
    else:
        db.execute("INSERT OR REPLACE INTO note (name, value) VALUES (?, ?)", (name, value))


def _set(db: sqlite3.Connection, **values: object) -> None:
    db.executemany("UPDATE state SET value = ? WHERE name = ?", [(value, name) for name, value in values.items()])


def _number(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()[0])


def _text(db: sqlite3.Connection, name: str) -> str:
    return str(db.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()[0])


@contextmanager
def _writing(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextmanager
def _snapshot(db: sqlite3.Connection) -> Iterator[None]:
    """Several reads of one state, so that a stamp never meets the pages of another."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        if db.in_transaction:
            db.execute("COMMIT")


@contextmanager
def _said(directory: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise EditionAway(
            f"The kept pages in {directory} cannot be used ({error}): the worker makes new ones."
        ) from error
