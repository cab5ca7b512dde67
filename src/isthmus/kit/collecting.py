"""What was read while something was made: names of rows and lists, noted where they are read, gathered by who keeps it.

A page that is kept has to be made anew when anything changes that it shows. Nobody remembers to list that by hand, so
rows note themselves as they come from the database. Outside of `gathering` a note costs one look at a variable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from secrets import token_hex
from threading import Lock
from typing import Any, TypeVar

Made = TypeVar("Made")

# What was made once for a state of everything, such as the site's menus: a dozen things, and two states at most are in
# use at a time.
_MOST_KEPT = 32


class Gathering:
    """What one making noted. state: what had been committed before it began, equal for two that saw the same.

    tags: names without spaces. parameters: of the address's query, that were read. ends_at: seconds since 1970 from
    which the thing is no longer right by itself, None for never. may_be_kept: nothing in it
    said otherwise. place: stands where the stamp will, with an unlikely name drawn for this making alone, so that no
    text can forge it; n_places: how often it was written.
    """

    def __init__(self, state: object) -> None:
        self.state = state
        self.tags: set[str] = set()
        self.parameters: set[str] = set()
        self.ends_at: float | None = None
        self.may_be_kept = True
        self.place = f"[[{token_hex(16)}]]"
        self.n_places = 0

    @property
    def has_noted(self) -> bool:
        """Whether anything but places was noted."""
        return bool(self.tags or self.parameters or self.ends_at is not None or not self.may_be_kept)

    def placed(self) -> str:
        """The text that marks a place."""
        self.n_places += 1
        return self.place


_current: ContextVar[Gathering | None] = ContextVar("isthmus_gathering", default=None)


@contextmanager
def gathering(state: object) -> Iterator[Gathering]:
    """Gather what is noted inside the block, in this thread."""
    gathered = Gathering(state)
    token = _current.set(gathered)
    try:
        yield gathered
    finally:
        _current.reset(token)


def current() -> Gathering | None:
    """What gathers now; None for most of the time."""
    return _current.get()


def note(*tags: str) -> None:
    """Say that what is being made shows these."""
    if (gathered := _current.get()) is not None:
        gathered.tags.update(tags)


def reads(*parameters: str) -> None:
    """Say that what is being made depends on these parameters of the address."""
    if (gathered := _current.get()) is not None:
        gathered.parameters.update(parameters)


def right_until(at: float) -> None:
    """Say that what is being made is right only before this moment; the earliest counts."""
    if (gathered := _current.get()) is not None:
        gathered.ends_at = at if gathered.ends_at is None else min(at, gathered.ends_at)


def never_keep() -> None:
    """Say that what is being made is not to be kept, though others of its kind are."""
    if (gathered := _current.get()) is not None:
        gathered.may_be_kept = False


def once(name: str, make: Callable[[], Made]) -> Made:
    """What `make` gives, made once for the state that is gathered at, with what it noted; made each time outside.

    A value kept by the clock may be older than the state that the page says it was made at. This one never is: the
    state was read before.
    """
    gathered = _current.get()
    if gathered is None:
        return make()
    with _lock:
        kept = _kept.get((name, gathered.state))
    if kept is None:
        with gathering(gathered.state) as own:
            value = make()
        kept = (value, frozenset(own.tags))
        with _lock:
            while len(_kept) >= _MOST_KEPT:
                del _kept[next(iter(_kept))]
            _kept[name, gathered.state] = kept
    gathered.tags.update(kept[1])
    return kept[0]


_kept: dict[tuple[str, object], tuple[Any, frozenset[str]]] = {}
_lock = Lock()


def forget() -> None:
    """Drop what `once` keeps: for tests, whose states repeat."""
    with _lock:
        _kept.clear()
