"""The file of vectors, `data/index/meaning.sqlite3`: one row a visible English piece, derived, made again when lost.

Of a text its word pieces are kept, counted, and the vector made of them; so all vectors can be made anew in seconds
when the weights of pieces have changed. One writer (`meaning_keeper`), any number of readers (`meaning`).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isthmus.search.semantic import Bag, Embedding

if TYPE_CHECKING:
    from isthmus.search.semantic import Vector

NAME = "meaning.sqlite3"
# Raised with the table, the words that go in, or the columns; another number in the file, and it is made again.
FORMAT = 1
# Weights are counted anew when there is twice or half as much as when they were counted: they move slowly.
_GROWTH = 2
_BUSY_S = 5.0
# All of a change stays in memory until the commit, or readers would be shut out while vectors are made anew.
_TUNED = "PRAGMA cache_size = -131072; PRAGMA cache_spill = OFF;"
# change: number of the write that last touched the row. A row without pieces says that the piece is gone; one without
# a vector waits for the first weighing: half an archive with vectors would only be preferred to the other half.
_SCHEMA = """
    CREATE TABLE piece (id INTEGER PRIMARY KEY, change INTEGER NOT NULL, pieces BLOB, counts BLOB, vector BLOB);
    CREATE INDEX piece_change ON piece (change);
    CREATE TABLE state (
        only INTEGER PRIMARY KEY CHECK (only = 1), seq INTEGER NOT NULL, change INTEGER NOT NULL,
        weighed_change INTEGER NOT NULL, n_weighed INTEGER NOT NULL, weights BLOB
    );
    INSERT INTO state VALUES (1, 0, 0, 0, 0, NULL);
"""


class VectorFile:
    """The file as its one writer sees it; not for several threads. A file that cannot be read is made again."""

    def __init__(self, path: Path, embedding: Embedding) -> None:
        import numpy as np

        self._np, self._embedding, self._path = np, embedding, path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = _opened(path)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def seq(self) -> int:
        """The number of the journal's last row that the file covers; kept in the commit, so never ahead of it."""
        return int(self._state()["seq"])

    def count(self) -> int:
        """How many pieces it holds."""
        (n,) = self._connection.execute("SELECT count(*) FROM piece WHERE pieces IS NOT NULL").fetchone()
        return int(n)

    def put(self, bags: Mapping[int, Bag], gone: Collection[int] = (), *, seq: int) -> None:
        """Take in these pieces and take out those in `gone`, in one commit; they wait for the first `reweigh`."""
        with self._writing() as change:
            weights = self._weights()
            rows = [(number, change, *self._row(bag, weights)) for number, bag in bags.items()]
            self._connection.executemany("INSERT OR REPLACE INTO piece VALUES (?, ?, ?, ?, ?)", rows)
            self._connection.executemany(
                "INSERT OR REPLACE INTO piece VALUES (?, ?, NULL, NULL, NULL)", [(number, change) for number in gone]
            )
            self._connection.execute("UPDATE state SET seq = ?", [seq])

    def clear(self) -> None:
        """Take everything out, as for a database that is another or older than the file was made from."""
        with self._writing() as change:
            self._connection.execute(
                "UPDATE piece SET change = ?, pieces = NULL, counts = NULL, vector = NULL", [change]
            )
            self._connection.execute("UPDATE state SET seq = 0, n_weighed = 0, weights = NULL, weighed_change = change")

    def reweigh(self) -> bool:
        """Count anew how common pieces are, and make all vectors anew, if the collection has doubled or halved.

        Some 2 s for 9,166 Documents, in memory until the commit. Returns whether it was due.
        """
        n, n_weighed = self.count(), int(self._state()["n_weighed"])
        if n_weighed / _GROWTH < n < n_weighed * _GROWTH or n == n_weighed:
            return False
        with self._writing() as change:
            bags = dict(self._bags())
            weights = self._embedding.weights(bags.values())
            rows = ((self._packed(bag, weights), change, number) for number, bag in bags.items())
            self._connection.executemany("UPDATE piece SET vector = ?, change = ? WHERE id = ?", rows)
            self._connection.execute(
                "UPDATE state SET n_weighed = ?, weights = ?, weighed_change = ?",
                [n, weights.astype("<f4").tobytes(), change],
            )
        return True

    def _bags(self) -> Iterator[tuple[int, Bag]]:
        rows = self._connection.execute("SELECT id, pieces, counts FROM piece WHERE pieces IS NOT NULL").fetchall()
        for number, pieces, counts in rows:
            read = self._np.frombuffer
            yield number, Bag(read(pieces, "<u2").astype("int64"), read(counts, "<u2").astype("int64"))

    def _row(self, bag: Bag, weights: Vector | None) -> tuple[bytes, bytes, bytes | None]:
        counts = self._np.minimum(bag.counts, 65_535)
        vector = None if weights is None else self._packed(bag, weights)
        return bag.pieces.astype("<u2").tobytes(), counts.astype("<u2").tobytes(), vector

    def _packed(self, bag: Bag, weights: Vector) -> bytes:
        # Half precision, as the table itself: 512 bytes a piece.
        return self._embedding.vector(bag, weights).astype("<f2").tobytes()

    def _weights(self) -> Vector | None:
        stored = self._state()["weights"]
        return None if stored is None else weights_in(stored, self._embedding)

    def _state(self) -> sqlite3.Row:
        row: sqlite3.Row = self._connection.execute("SELECT * FROM state").fetchone()
        return row

    @contextmanager
    def _writing(self) -> Iterator[int]:
        """One commit; gives its number."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.execute("UPDATE state SET change = change + 1")
            yield int(self._state()["change"])
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise


def weights_in(stored: bytes | None, embedding: Embedding) -> Vector:
    """The weights of pieces as a file holds them; all alike before the first count."""
    if stored is None:
        return embedding.even_weights()
    import numpy as np

    return np.frombuffer(stored, "<f4")


def opened_to_read(path: Path) -> sqlite3.Connection | None:
    """The file for a reader that will not wait; None where there is none, or none of this format."""
    try:
        connection = sqlite3.connect(
            f"file:{path}?mode=ro", uri=True, timeout=0, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error:
        return None
    connection.row_factory = sqlite3.Row
    try:
        if connection.execute("PRAGMA user_version").fetchone()[0] == FORMAT:
            return connection
    except sqlite3.Error:
        pass
    connection.close()
    return None


def _opened(path: Path) -> sqlite3.Connection:
    try:
        return _connected(path)
    except sqlite3.OperationalError:
        # Locked, or the disk is full: nothing is wrong with the file.
        raise
    except (sqlite3.DatabaseError, ValueError):
        _forget(path)
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    """Raises: ValueError if the file is of another format; sqlite3.DatabaseError if it is none."""
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        connection.executescript(_TUNED)
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found == 0 and not _has_tables(connection):
            connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {FORMAT}; COMMIT;")
        elif found != FORMAT:
            raise ValueError(f"{path} is of format {found}")
        connection.execute("SELECT seq FROM state").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def _forget(path: Path) -> None:
    for name in (path, path.with_name(path.name + "-journal")):
        name.unlink(missing_ok=True)


def filled(path: Path, embedding: Embedding, bags: Iterable[tuple[int, Bag]]) -> None:
    """A whole file at once, weighed: for a scratch index."""
    with closing(VectorFile(path, embedding)) as file:
        file.put(dict(bags), seq=0)
        file.reweigh()


def stamp_of(path: Path) -> tuple[int, int] | None:
    """Which file this is, so that a reader notices when another has taken its place; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def changed_rows(connection: sqlite3.Connection, since: int) -> list[Any]:
    """Number and vector (None: gone) of all rows that were touched after write `since`."""
    return connection.execute("SELECT id, vector FROM piece WHERE change > ?", [since]).fetchall()
