"""The journal: whatever changes what the public may see appends a numbered row, in the same transaction.

Followers (search, edition, alerts, dossiers) read on from their own cursor, do their work, make it durable,
and only then move the cursor: a crash anywhere repeats work and loses none. A rebuild is a replay.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from isthmus.kit import clock
from isthmus.kit.bulk import insert_many
from isthmus.kit.compiled import Compiled
from isthmus.publications.models.journal import FollowerCursor, JournalEntry

What = JournalEntry.What

# Any constant does, as long as nothing else in the database takes the same advisory lock.
_POSTGRES_LOCK = 0x1577_4D05


@dataclass(frozen=True, slots=True)
class Change:
    """One journal row to be: who changed, how, and whether readers should be told."""

    subject: str
    what: JournalEntry.What
    is_news: bool = False


def append(subject: str, what: JournalEntry.What, *, is_news: bool = False) -> None:
    """Write one row in the transaction that makes the change.

    Raises: TransactionManagementError outside a transaction, since row and change must stand or fall together.
    """
    append_many([Change(subject, what, is_news)])


def append_many(changes: Iterable[Change]) -> None:
    """Write rows in order, with one instant for all; bounds: memory holds them all, 10,000 take some 100 ms.

    On PostgreSQL the transaction first takes an advisory lock until it ends, so that the order of numbers is
    the order of commits: a sequence alone hands out 7 to a transaction that commits after 8, and a follower
    that has read 8 never sees 7. SQLite has one writer at a time and needs nothing.
    """
    rows = list(changes)
    if not rows:
        return
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A journal row needs the transaction of the change it tells of.")
    keep_order()
    now = clock.now()
    insert_many([JournalEntry(subject=row.subject, what=row.what, is_news=row.is_news, at=now) for row in rows])


def keep_order() -> None:
    """Until this transaction ends, let no other one that numbers its rows so commit before it; see `append_many`."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_POSTGRES_LOCK])


def latest_seq() -> int:
    """The number of the newest row; 0 for an empty journal."""
    return _LATEST.first() or 0


_LATEST = Compiled[int](lambda: JournalEntry.objects.order_by("-seq").values_list("seq", flat=True)[:1])


def read_after(seq: int, *, limit: int = 1000) -> Sequence[JournalEntry]:
    """Up to `limit` rows with numbers above `seq`, in order."""
    return list(JournalEntry.objects.filter(seq__gt=seq).order_by("seq")[:limit])


def cursor_of(follower: str) -> int:
    """How far the follower has read; 0 for one that has never moved."""
    return FollowerCursor.objects.filter(name=follower).values_list("seq", flat=True).first() or 0


def move_cursor(follower: str, seq: int) -> None:
    """Remember that the follower's work up to and including `seq` is durable."""
    FollowerCursor.objects.update_or_create(name=follower, defaults={"seq": seq, "moved_at": clock.now()})


def lag(follower: str) -> int:
    """How many rows the follower has yet to read."""
    return JournalEntry.objects.filter(seq__gt=cursor_of(follower)).count()
