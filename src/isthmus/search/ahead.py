"""An index made while an archive is still being staged, so that moving in costs the longer of the two, not their sum.

It lies beside the current one, nobody can open it, and it is switched to when the run has been released. It is an
advantage and never a need: where anything is in its way it is dropped, and the keeper follows the journal as ever.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import TracebackType
from typing import Self

from isthmus.kit.errors import IsthmusError
from isthmus.kit.locks import LockHeld
from isthmus.publications import documents, journal, visibility
from isthmus.publications.documents import Document
from isthmus.search import affected
from isthmus.search.keeper import FOLLOWER, Keeper, is_whole, repair
from isthmus.search.shelf import Shelf, shelf

# Where more than that is public a new index costs more than it saves.
_MAX_VISIBLE = 500
# A batch below that is a small archive, and those are indexed in no time.
_MIN_BATCH = 100
# Documents that wait for the indexing thread: some 8 kB each.
_MAX_WAITING = 400
_POLL_S = 0.2
_WAIT_FOR_KEEPER_S = 10.0
_MAX_ROWS = 20_000


class _GivenUp(Exception):
    """Nobody will switch to this index."""


class Ahead:
    """The index of one run. A context: whatever was not switched to at its end is deleted. is_large: over 200 MB.

    >>> with Ahead() as index:
    ...     index.add([17, 18], run="20261123-1")
    ...     with index.released():
    ...         release_run()
    """

    def __init__(self, of: Shelf | None = None, *, is_large: bool = False) -> None:
        # A large archive is indexed in little memory, at the price of more merging; what is merged is mapped as well.
        self._shelf, self._is_bulk = of or shelf(), not is_large
        self._waiting: queue.Queue[Document | None] = queue.Queue(_MAX_WAITING)
        self._thread: threading.Thread | None = None
        self._is_given_up = visibility.total() > _MAX_VISIBLE

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_given_up = True
        if self._thread is not None:
            self._end_thread()
            self._shelf.drop(self._path)

    def add(self, publication_ids: Collection[int], *, run: str) -> None:
        """Index pieces that the run has staged and will release; waits while 400 of them wait.

        Raises: database errors.
        """
        if self._thread is None and not self._is_given_up and len(publication_ids) >= _MIN_BATCH:
            self._begin()
        if not self._is_useful:
            # Left out here means found missing at the switch.
            return
        for document in documents.staged(publication_ids, run=run):
            self._put(document)

    @contextmanager
    def released(self) -> Iterator[None]:
        """Around the run's release: keeps the worker from indexing it all again, adds what is missing, switches.

        Raises what the block raises, and nothing of its own.
        """
        with ExitStack() as held:
            if self._is_useful:
                try:
                    held.enter_context(Keeper(self._shelf).alone(wait_s=_WAIT_FOR_KEEPER_S))
                except LockHeld:
                    self._is_given_up = True
            yield
            if self._is_useful:
                with suppress(IsthmusError):
                    self._switch()

    @property
    def _is_useful(self) -> bool:
        return self._thread is not None and not self._is_given_up

    def _begin(self) -> None:
        self._seq = journal.latest_seq()
        try:
            with suppress(LockHeld), Keeper(self._shelf).alone(wait_s=0):
                # Whatever a killed import left lies there until somebody switches.
                self._shelf.sweep()
            self._path, self._engine = self._shelf.begin()
        except IsthmusError:
            self._is_given_up = True
            return
        # What it asks of the database is asked by the importing thread: this one only analyses and writes.
        self._thread = threading.Thread(target=self._index, name="index ahead", daemon=True)
        self._thread.start()

    def _index(self) -> None:
        try:
            self._engine.apply(self._documents(), (), seq=self._seq, is_bulk=self._is_bulk)
        except (IsthmusError, _GivenUp):
            self._is_given_up = True

    def _documents(self) -> Iterator[Document]:
        while (document := self._waiting.get()) is not None:
            if self._is_given_up:
                raise _GivenUp
            yield document

    def _put(self, document: Document | None) -> None:
        while self._thread is not None and self._thread.is_alive():
            with suppress(queue.Full):
                self._waiting.put(document, timeout=_POLL_S)
                return

    def _end_thread(self) -> None:
        self._put(None)
        if self._thread is not None:
            self._thread.join()

    def _switch(self) -> None:
        self._end_thread()
        if self._is_given_up:
            return
        repair(self._engine, look_again=self._shown_otherwise())
        if not is_whole(self._engine):
            return
        seq = self._engine.state().seq
        self._engine.close()
        self._shelf.switch(self._path)
        self._thread = None
        journal.move_cursor(FOLLOWER, seq)

    def _shown_otherwise(self) -> set[int]:
        """Pieces whose people, series or categories changed meanwhile: their own revision does not tell."""
        rows = journal.read_after(self._seq, limit=_MAX_ROWS)
        return affected.publication_ids(row.subject for row in rows if not row.subject.startswith("pub:"))
