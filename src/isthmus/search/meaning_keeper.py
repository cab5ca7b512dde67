"""Keeps the vectors equal to what the public may see: the follower `meaning` of the journal, after the index.

Like the keeper of the index it believes the lower of two numbers, its cursor and the file's own, so that a file that
was lost is filled again and a crash repeats work. Search works meanwhile, by words.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from isthmus.kit.locks import LockHeld, file_lock
from isthmus.kit.text import plural
from isthmus.publications import documents, journal
from isthmus.publications.documents import Document
from isthmus.search import vectors
from isthmus.search.semantic import Bag, Embedding, embedding, is_english
from isthmus.search.vectors import VectorFile

FOLLOWER = "meaning"
LOCK = "meaning.lock"
# Some half a second for one round of the worker: a release never waits for an archive that is being read.
_MAX_ROWS = 200
_WAIT_FOR_KEEPER_S = 60.0


@dataclass(frozen=True, slots=True)
class MeaningStatus:
    """How the vectors stand. n_pieces: how many have one; lag: journal rows yet to be read; None without the extra."""

    is_on: bool
    n_pieces: int | None = None
    lag: int | None = None

    @property
    def sentence(self) -> str:
        """For people."""
        if not self.is_on:
            return "Meaning does not rank: the extra isthmus[semantic] is not installed."
        known = plural(self.n_pieces or 0, "English publication", "English publications")
        waiting = f"; {plural(self.lag, 'change waits', 'changes wait')} to be read" if self.lag else ""
        return f"The meaning of {known} is known{waiting}."


class MeaningKeeper:
    """The one writer of the file of vectors; without the extra it does nothing."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(settings.DATA) / "index"

    def tick(self) -> int:
        """Read some journal rows on; returns how many, 0 when there is nothing to do or another process does it.

        Called by the worker after the index; bounded to some 200 pieces, or one weighing of all (2 s for 9,166).
        Raises: DiskFull; database errors.
        """
        try:
            with self._alone(wait_s=0) as file:
                return self._read_on(file) if file else 0
        except LockHeld:
            return 0

    def rebuild(self) -> int:
        """Make all vectors anew; returns how many there are. Raises: LockHeld after a minute."""
        with self._alone(wait_s=_WAIT_FOR_KEEPER_S) as file:
            if file is None:
                return 0
            file.clear()
            while self._read_on(file):
                pass
            return file.count()

    def status(self) -> MeaningStatus:
        """How the vectors stand; changes nothing."""
        path = self._folder / vectors.NAME
        if embedding() is None:
            return MeaningStatus(is_on=False)
        connection = vectors.opened_to_read(path)
        if connection is None:
            return MeaningStatus(True, 0, journal.lag(FOLLOWER))
        with closing(connection):
            (n,) = connection.execute("SELECT count(*) FROM piece WHERE pieces IS NOT NULL").fetchone()
        return MeaningStatus(True, n, journal.lag(FOLLOWER))

    @contextmanager
    def _alone(self, *, wait_s: float) -> Iterator[VectorFile | None]:
        known = embedding()
        if known is None:
            yield None
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with (
            file_lock(self._folder / LOCK, wait_s=wait_s),
            closing(VectorFile(self._folder / vectors.NAME, known)) as file,
        ):
            self._embedding = known
            yield file

    def _read_on(self, file: VectorFile) -> int:
        position = self._position(file)
        rows = journal.read_after(position, limit=_MAX_ROWS)
        if not rows:
            # Only at rest: while an archive moves in, it would be due again and again.
            return int(file.reweigh())
        # A vector is made of the piece's own text alone: who wrote it and where it is filed may change.
        numbers = sorted({int(row.subject[4:]) for row in rows if row.subject.startswith("pub:")})
        bags = {document.id: bag_of(document, self._embedding) for document in _english(numbers)}
        file.put(bags, [number for number in numbers if number not in bags], seq=rows[-1].seq)
        journal.move_cursor(FOLLOWER, rows[-1].seq)
        return len(rows)

    def _position(self, file: VectorFile) -> int:
        latest, held, cursor = journal.latest_seq(), file.seq(), journal.cursor_of(FOLLOWER)
        if held > latest:
            # The database is older than the file: it was restored, and what came after must go.
            file.clear()
            return 0
        return min(cursor, held)


def bag_of(document: Document, known: Embedding) -> Bag:
    """What a Document's vector is made of: the title twice, as in the index, summary and body.

    Not its people, and not what stands in its files, which are many times as long.
    """
    return known.bag(document.title, document.title, document.summary, document.body_text)


def _english(numbers: list[int]) -> Iterator[Document]:
    return (document for document in documents.documents(numbers) if is_english(document.language))
