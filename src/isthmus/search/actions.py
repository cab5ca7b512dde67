"""What an operator can have done to the index; the worker keeps it without being asked."""

from __future__ import annotations

from collections.abc import Callable

from isthmus.search.keeper import Check, Keeper, Status
from isthmus.search.meaning_keeper import MeaningKeeper, MeaningStatus


def rebuild(*, on_progress: Callable[[int], object] | None = None) -> int:
    """A new index beside the current one, verified, switched to; returns how many publications it holds.

    The meanings are made anew after it, while the new index answers. Raises: see `Keeper.rebuild`.
    """
    n_indexed = Keeper().rebuild(on_progress=on_progress)
    MeaningKeeper().rebuild()
    return n_indexed


def check() -> Check:
    """Compare index and database and repair what differs; returns what differed. Raises: see `Keeper.check`."""
    return Keeper().check()


def keep() -> int:
    """Bring the index up to the journal; returns how many publications changed in it. Raises: see `Keeper.tick`."""
    return Keeper().tick()


def status() -> Status:
    """How the index stands; changes nothing."""
    return Keeper().status()


def meaning_status() -> MeaningStatus:
    """How nearness in meaning stands; changes nothing."""
    return MeaningKeeper().status()
