"""Keeps the index equal to what the public may see: the follower `search` of the journal.

Reads on from its cursor, indexes, commits, and only then moves the cursor. The number of the last row it covers is
also kept in the index itself, and the lower of the two is believed: an index that was lost, restored or switched
repairs itself, and a crash anywhere repeats work and loses none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from isthmus.kit.errors import IsthmusError
from isthmus.kit.locks import LockHeld, file_lock
from isthmus.publications import documents, journal, visibility
from isthmus.publications.documents import Document
from isthmus.search import affected, happened
from isthmus.search.engine import Engine, EngineBusy, SearchAway
from isthmus.search.fields import revision_number
from isthmus.search.shelf import LOCK, Shelf, shelf

FOLLOWER = "search"
# Rows of one commit: a commit costs some 100 ms whatever is in it, and repeating one after a crash some seconds.
_MAX_ROWS = 20_000
# From here on more threads and memory pay.
_BULK_FROM = 300
# A rebuild follows what is released meanwhile; on a site that never rests the worker follows the rest.
_MAX_ROUNDS = 5
_WAIT_FOR_KEEPER_S = 60.0

Tick = Callable[[int], object]


class IndexDiffers(IsthmusError):
    """A new index does not hold what the public may see, so the old one stays."""


@dataclass(frozen=True, slots=True)
class Status:
    """How the index stands. n_indexed is None and trouble says why when it cannot answer."""

    n_indexed: int | None
    n_visible: int
    lag: int
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """What comparing index and database found, before it was repaired: numbers of publications."""

    missing: tuple[int, ...]
    stale: tuple[int, ...]
    left_over: tuple[int, ...]

    @property
    def is_clean(self) -> bool:
        """Whether index and database said the same."""
        return not (self.missing or self.stale or self.left_over)


class Keeper:
    """The one writer of the index; every method but `status` holds a lock that other processes respect."""

    def __init__(self, of: Shelf | None = None) -> None:
        self._shelf = of or shelf()

    def tick(self) -> int:
        """Bring the index up to the journal; returns how many publications changed in it.

        Called by the worker every half second; with nothing to do it costs two small queries. Makes the index
        where there is none that can be used. Another process at work is left alone: 0.
        Raises: DiskFull; database errors.
        """
        try:
            with self.alone(wait_s=0):
                return self._follow()
        except (LockHeld, EngineBusy):
            return 0

    def rebuild(self, *, on_progress: Tick | None = None) -> int:
        """A new index beside the current one, verified and then switched to; returns how many publications it holds.

        on_progress: called after each publication with 1. The current index answers until the switch, and stays if
        anything fails. Raises: LockHeld if another process keeps the index for a minute; IndexDiffers; DiskFull.
        """
        with self.alone(wait_s=_WAIT_FOR_KEEPER_S):
            return self._rebuild(on_progress or (lambda n: None))

    def check(self) -> Check:
        """Compare the index with the database by number and revision, and repair what differs.

        Raises: LockHeld; SearchAway if there is no index to compare.
        """
        with self.alone(wait_s=_WAIT_FOR_KEEPER_S):
            self._follow()
            return repair(self._shelf.current())

    def status(self) -> Status:
        """How many are indexed, how many should be, and how many journal rows wait."""
        total = visibility.total()
        try:
            engine = self._shelf.current()
            return Status(engine.state().n_documents, total, _rows_after(_position(engine)))
        except SearchAway as trouble:
            return Status(None, total, journal.lag(FOLLOWER), str(trouble))

    @contextmanager
    def alone(self, *, wait_s: float) -> Iterator[None]:
        """Hold the lock of the one writer. Raises: LockHeld after `wait_s` seconds."""
        self._shelf.root.mkdir(parents=True, exist_ok=True)
        with file_lock(self._shelf.root / LOCK, wait_s=wait_s):
            yield

    def _follow(self) -> int:
        try:
            return self._go_on()
        except SearchAway:
            # Missing, of another version or broken: everything it held is in the database.
            return self._rebuild(lambda n: None)

    def _go_on(self) -> int:
        engine = self._shelf.current()
        if engine.state().seq > journal.latest_seq():
            # The database is older than the index: it was restored. What came after must go.
            found = repair(engine)
            return len(found.missing) + len(found.stale) + len(found.left_over)
        n_changed, applied = 0, _apply_rows(engine, _position(engine))
        while applied is not None:
            n_changed += applied.n_changed
            applied = _apply_rows(engine, applied.seq)
        return n_changed

    def _rebuild(self, tick: Tick) -> int:
        path, engine = self._shelf.begin()
        try:
            seq = journal.latest_seq()
            engine.apply(_counted(_every_document(), tick), (), seq=seq, is_bulk=True)
            _catch_up(engine)
            n_indexed = engine.state().n_documents
            engine.close()
            self._shelf.switch(path)
        except BaseException:
            self._shelf.drop(path)
            raise
        # Only now: the old index was still behind when the new one had caught up.
        journal.move_cursor(FOLLOWER, self._shelf.current().state().seq)
        return n_indexed


def repair(engine: Engine, *, look_again: Collection[int] = ()) -> Check:
    """Make the index hold what the public may see, comparing numbers and revisions; returns what differed.

    look_again: numbers whose Documents may have changed although their revisions did not, as when a person was renamed.
    """
    seq = journal.latest_seq()
    found = _compared(engine, look_again=look_again)
    if not found.is_clean or engine.state().seq != seq:
        changed = found.missing + found.stale
        engine.apply(happened.documents(changed), found.left_over, seq=seq, is_bulk=len(changed) >= _BULK_FROM)
        journal.move_cursor(FOLLOWER, seq)
    return found


def _compared(engine: Engine, *, look_again: Collection[int] = ()) -> Check:
    wanted = {pk: revision_number(revision) for pk, revision in _visible_revisions()}
    held = engine.revisions()
    return Check(
        missing=tuple(sorted(wanted.keys() - held.keys())),
        stale=tuple(sorted(pk for pk in wanted.keys() & held.keys() if wanted[pk] != held[pk] or pk in look_again)),
        left_over=tuple(sorted(held.keys() - wanted.keys())),
    )


def _position(engine: Engine) -> int:
    return min(journal.cursor_of(FOLLOWER), engine.state().seq)


def _rows_after(seq: int) -> int:
    return max(0, journal.latest_seq() - seq)


@dataclass(frozen=True, slots=True)
class _Applied:
    """The number of the last row that is now in the index, and how many publications it took."""

    seq: int
    n_changed: int


def _apply_rows(engine: Engine, start: int, *, moves_cursor: bool = True) -> _Applied | None:
    """Index what the rows after `start` are about, 20,000 at most; None if there are none.

    What is visible is brought in as it is now, everything else is taken out: a row says what to look at, not what
    to do, so that rows may be read twice and in any state of the database.
    """
    rows = journal.read_after(start, limit=_MAX_ROWS)
    if not rows:
        return None
    ids, seq = sorted(affected.publication_ids(row.subject for row in rows)), rows[-1].seq
    engine.apply(happened.documents(ids), ids, seq=seq, is_bulk=len(ids) >= _BULK_FROM)
    if moves_cursor:
        journal.move_cursor(FOLLOWER, seq)
    return _Applied(seq, len(ids))


def is_whole(engine: Engine) -> bool:
    """Whether the index holds what the public may see, but for what the journal will still bring.

    At rest counting is enough. While others write, no two counts are of one moment: number by number is compared
    then, and what has a row after the index's own number may differ. Those rows are read last, so that a piece that
    changes while this looks is among them.
    """
    state = engine.state()
    if state.n_documents == visibility.total() and state.seq >= journal.latest_seq():
        return True
    found = _compared(engine)
    return {*found.missing, *found.stale, *found.left_over} <= _changed_after(state.seq)


def _changed_after(seq: int) -> set[int]:
    """Numbers of all publications that the journal's rows after `seq` are about."""
    changed: set[int] = set()
    while rows := journal.read_after(seq, limit=_MAX_ROWS):
        changed |= affected.publication_ids(row.subject for row in rows)
        seq = rows[-1].seq
    return changed


def _catch_up(engine: Engine) -> None:
    """Follow the journal in a new index until nothing is left of it, or a few times on a site that never rests.

    Raises: IndexDiffers if the index then lacks or holds what no row of the journal accounts for.
    """
    for _ in range(_MAX_ROUNDS):
        if _apply_rows(engine, engine.state().seq, moves_cursor=False) is None:
            break
    if not is_whole(engine):
        raise IndexDiffers(
            f"The new search index holds {engine.state().n_documents} publications and the public may see "
            f"{visibility.total()}, so the old one stays: run `isthmus doctor`, then `isthmus index rebuild` again."
        )


def _every_document() -> Iterator[Document]:
    """All visible ones, walked by key: no read stays open between batches."""
    after = 0
    while ids := documents.visible_ids(after=after):
        yield from happened.documents(ids)
        after = ids[-1]


def _visible_revisions() -> Iterator[tuple[int, str]]:
    after = 0
    while found := documents.revisions(after=after):
        yield from found.items()
        after = max(found)


def _counted(source: Iterator[Document], tick: Tick) -> Iterator[Document]:
    for document in source:
        yield document
        tick(1)
