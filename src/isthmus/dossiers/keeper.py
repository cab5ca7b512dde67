"""Keeps what is mined equal to what the public may read: the follower `dossiers` of the journal.

Reads on from its cursor, mines, commits, and only then moves the cursor: a crash anywhere repeats work and loses none.
A changed vocabulary is followed text by text as well: only texts that hold a changed word are matched again, and
their dates, which hang on no vocabulary, are left as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import transaction

from isthmus.dossiers import affected_texts, changes, happened, mined_rows, vocabulary
from isthmus.dossiers.affected_texts import Change
from isthmus.dossiers.keys import piece_of
from isthmus.dossiers.mined_rows import Mined
from isthmus.dossiers.mining import DatedSentence, Dates, Reader, Text
from isthmus.dossiers.models import MatchedVocabulary, MinedText
from isthmus.dossiers.vocabulary import Vocabulary
from isthmus.kit.errors import IsthmusError
from isthmus.kit.locks import LockHeld, file_lock
from isthmus.kit.text import plural
from isthmus.publications import documents, journal, visibility
from isthmus.publications.documents import Document
from isthmus.publications.models import Publication
from isthmus.search import affected

FOLLOWER = "dossiers"
# Rows of one tick, so that a worker that is told to stop stops: a text takes some 10 ms, a long report 100.
_MAX_ROWS = 100
# Texts of one transaction: other writers wait for its end, a tenth of a second.
_BATCH = 20
# Texts whose names are read again in one tick.
_MAX_MATCHED = 200
_THE_ROW = 1
_LOCK = "dossiers.lock"
_WAIT_FOR_KEEPER_S = 60.0

Tick = Callable[[int], object]


class VocabularyMoved(IsthmusError):
    """The vocabulary changed while texts were read with it; nothing of them was written."""


@dataclass(frozen=True, slots=True)
class Status:
    """How the mined rows stand. lag: journal rows to be read. n_stale: texts read by another version of the rules.

    is_matched: whether all texts were matched with the vocabulary as it is now.
    """

    n_mined: int
    n_visible: int
    lag: int
    n_stale: int
    is_matched: bool

    @property
    def is_done(self) -> bool:
        """Whether nothing waits."""
        return self.n_mined == self.n_visible and self.is_matched and not (self.lag or self.n_stale)

    @property
    def sentence(self) -> str:
        """How chronologies stand."""
        said = f"Chronologies are made of {self.n_mined} of {plural(self.n_visible, 'publication', 'publications')}"
        waits = [plural(self.lag, "change waits", "changes wait")] if self.lag else []
        waits += [f"{plural(self.n_stale, 'text', 'texts')} of an older version"] if self.n_stale else []
        waits += [] if self.is_matched else ["names and verbs are being matched anew"]
        return f"{said}; {', '.join(waits)}: the worker reads on." if waits else f"{said}; all is read."


@cache
def version() -> str:
    """A mark of everything that decides what is read in a text: rules, words, and what makes rows of it."""
    mark = hashlib.blake2b(digest_size=8)
    package = files("isthmus.dossiers")
    for folder in (package, package / "extract", package / "extract" / "rules"):
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            # Names are suggested from texts and read nowhere.
            of_rules = not file.name.startswith("suggesting") and folder is not package
            if (of_rules or file.name in ("mining.py", "keys.py")) and file.name.endswith((".py", ".toml")):
                mark.update(file.name.encode() + b"\0" + file.read_bytes())
    return mark.hexdigest()


class Keeper:
    """The one writer of what is mined; every method but `status` holds a lock that other processes respect."""

    def __init__(self) -> None:
        # The texts to match again, by the mark of the vocabulary they were looked for with.
        self._waiting: tuple[str, list[int]] = ("", [])
        self._is_rebuilding = False

    def tick(self) -> int:
        """Do a bounded piece of what is to be done; returns how many texts it looked at, 0 if all is done.

        Called by the worker; with nothing to do it costs three small queries. First the vocabulary, since an editor
        waits for it, then the journal, then texts that an older version read. Another process at work is left alone.
        """
        try:
            with self._alone(wait_s=0):
                return self._follow_vocabulary() or self._follow_journal() or self._read_stale()
        except LockHeld:
            return 0
        except VocabularyMoved:
            return 1

    def rebuild(self, *, on_progress: Tick | None = None) -> int:
        """Read every visible text anew, in place; returns how many there are.

        on_progress: called after each batch with its number. Pages go on showing what was there before. Rulings stay.
        Raises: LockHeld if another process keeps the rows for a minute.
        """
        with self._alone(wait_s=_WAIT_FOR_KEEPER_S):
            self._is_rebuilding = True
            try:
                return self._rebuild(on_progress or (lambda n: None))
            finally:
                self._is_rebuilding = False

    def status(self) -> Status:
        """How far everything is."""
        row = MatchedVocabulary.objects.filter(pk=_THE_ROW).first()
        n_stale = MinedText.objects.exclude(made_with=version()).count()
        n_mined = MinedText.objects.count()
        is_matched = not row.target and row.mark == vocabulary.current().mark if row else not n_mined
        return Status(n_mined, visibility.total(), journal.lag(FOLLOWER), n_stale, is_matched)

    def _rebuild(self, tick: Tick) -> int:
        seq, n_done, words = journal.latest_seq(), 0, vocabulary.current()
        for ids in _batches(_visible_ids()):
            self._write(ids, words, anew=True)
            n_done += len(ids)
            tick(len(ids))
        left_over = set(MinedText.objects.values_list("pk", flat=True)) - set(_visible_ids())
        for ids in _batches(sorted(left_over)):
            self._put([], ids, words)
        # What changed in the vocabulary meanwhile is a change of these words, which the worker follows.
        _matched(words)
        journal.move_cursor(FOLLOWER, seq)
        return n_done

    @contextmanager
    def _alone(self, *, wait_s: float) -> Iterator[None]:
        root = Path(settings.DATA)
        root.mkdir(parents=True, exist_ok=True)
        with file_lock(root / _LOCK, wait_s=wait_s):
            yield

    def _follow_journal(self) -> int:
        """Read what the next rows are about: what is visible as it is now, and everything else goes."""
        rows = journal.read_after(journal.cursor_of(FOLLOWER), limit=_MAX_ROWS)
        if not rows:
            return 0
        ids = sorted(affected.publication_ids(row.subject for row in rows))
        words = vocabulary.current()
        for batch in _batches(ids):
            self._write(batch, words)
        journal.move_cursor(FOLLOWER, rows[-1].seq)
        return max(1, len(ids))

    def _read_stale(self) -> int:
        stale = MinedText.objects.exclude(made_with=version()).order_by("pk")
        ids = list(stale.values_list("pk", flat=True)[:_BATCH])
        self._write(ids, vocabulary.current())
        return len(ids)

    def _follow_vocabulary(self) -> int:
        """Match the next texts that hold a changed word."""
        words = vocabulary.current()
        row = _matched_row(words)
        if row.mark == words.mark and not row.target:
            return 0
        change = _begun(row, words)
        ids = [number for number in self._candidates(change, words) if number > row.done_to][:_MAX_MATCHED]
        for batch in _batches(ids):
            if change.is_whole:
                self._write(batch, words, anew=True)
            else:
                self._match(batch, words)
            MatchedVocabulary.objects.filter(pk=_THE_ROW, target=words.mark).update(done_to=batch[-1])
        if not ids:
            _matched(words)
        return max(1, len(ids))

    def _candidates(self, change: Change, words: Vocabulary) -> list[int]:
        if self._waiting[0] != words.mark:
            # The journal's rows after the cursor are about texts that will be read with the new words anyway.
            self._waiting = (words.mark, affected_texts.affected_by(change, covering=journal.cursor_of(FOLLOWER)))
        return self._waiting[1]

    def _write(self, ids: Sequence[int], words: Vocabulary, *, anew: bool = False) -> None:
        """Read these texts whole where they changed since they were last read, and take out what is not visible.

        All reading is done before the transaction begins, which then lasts some milliseconds.
        """
        known = {} if anew else _known(ids)
        seen: dict[int, Document] = {document.id: document for document in documents.documents(ids)}
        pieces = _pieces(seen)
        mined = [
            _mined(document, pieces[number], words)
            for number, document in seen.items()
            if known.get(number) != (document.revision, version())
        ]
        gone = set(ids) - seen.keys()
        self._put(mined, gone, words, again=[number for number in seen if number in known])

    def _match(self, ids: Sequence[int], words: Vocabulary) -> None:
        """Read the names of these texts again, and texts whole that changed meanwhile."""
        known, dated = _known(ids), mined_rows.occurrences_of(ids)
        seen = {document.id: document for document in documents.documents(ids)}
        pieces = _pieces(seen)
        mined = [
            _matched_text(document, pieces[number], words, dated.get(number, []))
            if known.get(number) == (document.revision, version())
            else _mined(document, pieces[number], words)
            for number, document in seen.items()
        ]
        self._put(mined, set(ids) - seen.keys(), words)

    def _put(
        self, mined: Sequence[Mined], gone: Collection[int], words: Vocabulary, *, again: Collection[int] = ()
    ) -> None:
        """Write in one transaction, and say in the journal whose dates for the search are other ones now.

        again: texts that were mined before and are visible now: one may have been withdrawn for a moment, and pages
        made in that moment are without it.
        Raises: VocabularyMoved if these texts were read with words that hold no more.
        """
        ids = [one.publication_id for one in mined] + list(gone)
        if not ids:
            with transaction.atomic():
                changes.append(changes.told_of(again) if again else ())
            return
        with transaction.atomic():
            if not self._is_rebuilding and vocabulary.mark() != words.mark:
                raise VocabularyMoved("The vocabulary changed while texts were read with it: they are read again.")
            before, told = happened.days_of(ids), changes.told_of(ids)
            mined_rows.remove(gone)
            mined_rows.replace(mined)
            changes.append(told | changes.told_of([*ids, *again]))
            happened.journal_changes(before, happened.days_of(ids))


def _mined(document: Document, piece: str, words: Vocabulary) -> Mined:
    """The text read whole."""
    reader = _reader(document, piece)
    dates = reader.dates(words.named_dates)
    return _with_names(document, reader, words, dates.occurrences, dates)


def _matched_text(document: Document, piece: str, words: Vocabulary, dated: Sequence[DatedSentence]) -> Mined:
    """The text with its names read again, beside the dates that were mined before."""
    return _with_names(document, _reader(document, piece), words, dated, None)


def _with_names(
    document: Document, reader: Reader, words: Vocabulary, dated: Sequence[DatedSentence], dates: Dates | None
) -> Mined:
    found = reader.names(words.matcher, words.tones, dated)
    return Mined(
        document.id, document.revision, version(), document.published_on, document.language, dates,
        found.subjects, found.acts,
    )  # fmt: skip


def _reader(document: Document, piece: str) -> Reader:
    return Reader(Text(piece, document.title, document.body_text, document.published_on, document.language))


def _known(ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    rows = MinedText.objects.filter(pk__in=ids).values_list("pk", "revision", "made_with")
    return {number: (revision, made_with) for number, revision, made_with in rows}


def _pieces(ids: Iterable[int]) -> dict[int, str]:
    rows = Publication.objects.filter(pk__in=list(ids)).order_by().values_list("pk", "identity")
    return {number: piece_of(number, identity) for number, identity in rows}


def _matched_row(words: Vocabulary) -> MatchedVocabulary:
    """How far matching is; where nothing was ever mined, everything will be with the words of now."""
    row = MatchedVocabulary.objects.filter(pk=_THE_ROW).first()
    if row is None and not MinedText.objects.exists():
        _matched(words)
        row = MatchedVocabulary.objects.get(pk=_THE_ROW)
    return row or MatchedVocabulary(pk=_THE_ROW)


def _matched(words: Vocabulary) -> None:
    MatchedVocabulary.objects.update_or_create(
        pk=_THE_ROW,
        defaults={"mark": words.mark, "entries": words.entries, "target": "", "doing": {}, "done_to": 0},
    )


def _begun(row: MatchedVocabulary, words: Vocabulary) -> Change:
    """What is to be done for these words; begun anew where they changed again before the last ones were done.

    Some texts then have been matched with words that hold no more: their words count as changed too.
    """
    unfinished = affected_texts.change_of(row.doing) if row.target else affected_texts.NOTHING
    if row.target == words.mark:
        return unfinished
    change = unfinished | affected_texts.between(vocabulary.of_entries(row.mark, row.entries), words)
    if row.target:
        change |= affected_texts.between(vocabulary.of_entries(row.target, row.doing["entries"]), words)
    row.target, row.done_to = words.mark, 0
    row.doing = affected_texts.doing(change, words)
    row.save(force_insert=row._state.adding)
    return change


def _visible_ids() -> Iterator[int]:
    after = 0
    while ids := documents.visible_ids(after=after):
        yield from ids
        after = ids[-1]


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while batch := list(islice(rest, _BATCH)):
        yield batch
