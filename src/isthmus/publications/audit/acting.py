"""Who acts: the login behind a request of the admin, a visitor of the site, a command, or the worker.

Kept per request in a context variable, so that what is written deep below a view needs no user handed down to it.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from isthmus.kit.client_address import client_address, network_of

A_VISITOR = "a visitor"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever an entry of the log names. network: empty where it is nobody's business."""

    who: str
    user_id: int | None = None
    network: str = ""


_here: ContextVar[Callable[[], Actor] | None] = ContextVar("isthmus_actor", default=None)
# What acts in this process where no request does; forked children set their own.
_process = Actor("a program")


def current() -> Actor:
    """Who acts at this moment."""
    found = _here.get()
    return _process if found is None else found()


def be_command_line() -> None:
    """From now on, whatever this process does was typed by the operating system's user."""
    _be(f"command line as {_system_user()}")


def be_worker() -> None:
    """From now on, whatever this process does it does by itself."""
    _be("worker")


@contextmanager
def on_behalf_of(find: Callable[[], Actor]) -> Iterator[None]:
    """Within the block `find` says who acts; it is asked at each entry, since a login may come or go meanwhile."""
    token = _here.set(find)
    try:
        yield
    finally:
        _here.reset(token)


def editor_behind(request: Any, *, trusted: tuple[str, ...]) -> Callable[[], Actor]:
    """For requests below /admin/. trusted: the option `trusted_proxies`."""
    network = network_of(client_address(request.META, trusted=trusted))

    def find() -> Actor:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            # Whoever owes the second step of a login is nobody yet, but known by name.
            user = getattr(request, "half_logged_in", None)
        return Actor(A_VISITOR, network=network) if user is None else Actor(user.email, user.pk, network)

    return find


def reader() -> Actor:
    """For requests outside /admin/: readers stay unnamed, and so does where they are."""
    return Actor(A_VISITOR)


def _be(who: str) -> None:
    global _process
    _process = Actor(who)


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run as a number that has no name.
        return "an unnamed user"
