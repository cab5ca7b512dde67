"""Python's search for circles of references, made rare while thousands of rows are made and let go again.

And what the allocator keeps of memory that was freed, given back to the system.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# As by default (700, 10, 10), in steps that fit batches of some hundred rows with some forty values each.
_RARE = (100_000, 20, 100)


def batch_done() -> None:
    """Let go what the last batch left behind in circles, as rows and their relations are; a few milliseconds."""
    gc.collect(1)


def all_done() -> None:
    """Let go everything that nobody holds any more, and give its memory back; up to half a second."""
    gc.collect()
    # Free pages between others in use, which the C library never gives back by itself.
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def rare_collections() -> Iterator[None]:
    """Inside, circles are looked for a hundredth as often, and never among what was there before.

    Of staging the 9,166 it took a sixth (9.0 s of CPU became 7.7). Whoever works in batches calls `batch_done` after
    each: what lived through one search would else wait for twenty more of them, 6,000 rows with their texts.
    """
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_RARE)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
