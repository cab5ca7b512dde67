"""Fills an edition with pages that nobody has asked for yet, in processes of their own at the lowest priority."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from django.db import connections

from isthmus.edition import rendering
from isthmus.edition.store import Store
from isthmus.kit.errors import IsthmusError
from isthmus.publications import kept_parts, listed

_LOWEST_PRIORITY = 19
# Pages of one transaction: the front waits for its end, some milliseconds.
_AT_ONCE = 10
_RUN = 200
# A card stands in four listings or more, far from each other; with what it was made from it takes 5 kB.
_N_CARDS = 10_000


class FillingFailed(IsthmusError):
    """A process that was to fill the edition ended before its work did."""


def fill(store: Store, keys: Sequence[str], *, n_processes: int, on_progress: Callable[[int], None]) -> None:
    """Make and keep the pages that are not kept yet; a key that answers no page, such as a withdrawn one, is passed by.

    Called where no other thread runs, since it forks. on_progress: called with how many keys were seen to.
    Raises: FillingFailed.
    """
    connections.close_all()
    store.close()
    read, write = os.pipe()
    children = [_child(store, _share(keys, number, n_processes), read, write) for number in range(n_processes)]
    os.close(write)
    with os.fdopen(read, "rb", buffering=0) as told:
        while some := told.read(512):
            on_progress(len(some))
    statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    if any(statuses):
        raise FillingFailed(
            "Pages could not be made in advance; they are made when a reader asks: see the log for why."
        )


def _share(keys: Sequence[str], number: int, n_processes: int) -> list[str]:
    """Every n-th run of keys: what stands beside each other shows much of the same, which is rendered once."""
    begins = range(number * _RUN, len(keys), n_processes * _RUN)
    return [key for begin in begins for key in keys[begin : begin + _RUN]]


def _child(store: Store, keys: Sequence[str], read: int, write: int) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        os.close(read)
        os.nice(_LOWEST_PRIORITY)
        _fill(store, keys, write)
        status = 0
    except Exception:  # noqa: BLE001 -- a forked process must end here, whatever happened in it
        import traceback

        traceback.print_exc()
    finally:
        os._exit(status)


def _fill(store: Store, keys: Sequence[str], write: int) -> None:
    kept_parts.hold(_N_CARDS)
    listed.hold(_N_CARDS)
    for begin in range(0, len(keys), _AT_ONCE):
        some = keys[begin : begin + _AT_ONCE]
        made = [rendering.render(key).page for key in some if store.get(key) is None]
        store.put_many(page for page in made if page is not None)
        os.write(write, b"." * len(some))
