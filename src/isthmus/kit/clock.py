"""The one clock: aware UTC instants, and a way for tests to hold it still.

Nothing in Isthmus asks the operating system for the time in any other way, so a frozen test is frozen everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo


class FrozenClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime) -> None:
        self._at = _utc(at)

    def __call__(self) -> datetime:
        return self._at

    def move_to(self, at: datetime) -> None:
        """Stand at another instant, later or earlier."""
        self._at = _utc(at)

    def advance(self, step: timedelta) -> None:
        """Move on by `step`; a negative step goes back, as a corrected clock does."""
        self._at += step


# A module's list and not a context variable: threads started by a test must see its time too.
_frozen: list[FrozenClock] = []


def now() -> datetime:
    """This instant, aware, in UTC."""
    return _frozen[-1]() if _frozen else datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[FrozenClock]:
    """Hold `now()` at an instant inside the block, in every thread of the process; blocks may nest.

    Raises: ValueError if `at` has no zone.
    """
    clock = FrozenClock(at)
    _frozen.append(clock)
    try:
        yield clock
    finally:
        _frozen.remove(clock)


def in_zone(at: datetime, zone: str) -> datetime:
    """The same instant as a clock on the wall shows it in an IANA zone such as `Asia/Seoul`.

    Raises: ValueError if `at` has no zone; zoneinfo.ZoneInfoNotFoundError for an unknown zone.
    """
    return _utc(at).astimezone(ZoneInfo(zone))


def local_date(at: datetime, zone: str) -> date:
    """The date on the calendar in an IANA zone at that instant."""
    return in_zone(at, zone).date()


def instants_of(wall: datetime, zone: tzinfo) -> tuple[datetime, ...]:
    """Every instant (UTC, in order) at which a clock on the wall in `zone` shows `wall`, which has no zone itself.

    One as a rule; two where clocks were put back over it, none where they were put forward over it.
    """
    both = {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(at for at in both if at.astimezone(zone).replace(tzinfo=None) == wall))


def _utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError(f"{at!r} has no zone: an instant must say which offset it means")
    return at.astimezone(UTC)
