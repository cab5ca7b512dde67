"""How far alerts and digests have read the journal: moved forward only, in the transaction of what they did."""

from __future__ import annotations

from isthmus.kit import clock
from isthmus.publications import journal
from isthmus.publications.models.journal import FollowerCursor

FOLLOWERS = ("alerts", "digest:daily", "digest:weekly")


def install() -> None:
    """Begin at the journal's end where a follower has never read: what is out already is no news to anybody."""
    for name in FOLLOWERS:
        position(name)


def position(name: str) -> int:
    """The last row that the follower has done with; the journal's end for one that never was."""
    row = FollowerCursor.objects.filter(name=name).first()
    if row is None:
        start = {"seq": journal.latest_seq(), "moved_at": clock.now()}
        row, _ = FollowerCursor.objects.get_or_create(name=name, defaults=start)
    return row.seq


def advance(name: str, seq: int) -> bool:
    """Move on to `seq`; False, and nothing changed, where somebody has got as far.

    In a transaction it holds others back until that ends: of several workers, one does the work of a row.
    """
    return FollowerCursor.objects.filter(name=name, seq__lt=seq).update(seq=seq, moved_at=clock.now()) == 1
