"""Keeps child processes running: forked from one loaded parent, started again when they die, stopped together.

The parent has one thread and no database connection, so that a fork copies nothing that is in use. What it loaded
before is shared memory of all children.
"""

import ctypes
import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

log = logging.getLogger(__name__)

# How long a child may take to end what it is doing: longer than a request, shorter than systemd's 90 s.
STOP_WAIT_S = 25.0
# A child that lived this long was well: the next start waits no longer than the first.
_WELL_AFTER_S = 20.0
# The most is half of what the front holds a request for the web process: one that dies again and again, and is well in
# between, loses no reader a page.
_FIRST_WAIT_S, _MOST_WAIT_S = 0.2, 10.0
_PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Child:
    """One process to be kept: what it is called, and what it runs; `run` returns when it is told to stop.

    leans_on_others: it is stopped before the others, which it needs to end what it is doing.
    """

    name: str
    run: Callable[[], None]
    leans_on_others: bool = False
    pid: int = 0
    started: float = 0.0
    start_at: float = 0.0
    wait_s: float = _FIRST_WAIT_S


class Supervisor:
    """Runs children until SIGTERM or SIGINT."""

    def __init__(self, children: Iterable[Child], *, on_tick: Callable[[], None] = lambda: None) -> None:
        self._children = list(children)
        self._on_tick = on_tick
        self._is_stopping = False
        self._wake_read, self._wake_write = os.pipe()
        for handle in (self._wake_read, self._wake_write):
            os.set_blocking(handle, False)

    def run(self) -> int:
        """Start all, keep all, stop all; 0 if told to stop, the way an operator's stop is no failure."""
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        # A handler of our own, however idle, makes the signal wake us.
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        while not self._is_stopping:
            self._start_due()
            self._on_tick()
            self._wait(0.5)
            self._reap()
        self._stop_all()
        return 0

    def _stop(self, _number: int, _frame: object) -> None:
        self._is_stopping = True

    def _wait(self, seconds: float) -> None:
        select.select([self._wake_read], [], [], seconds)
        with suppress(BlockingIOError):
            os.read(self._wake_read, 4096)

    def _start_due(self) -> None:
        for child in self._children:
            if not child.pid and time.monotonic() >= child.start_at:
                self._start(child)

    def _start(self, child: Child) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        child.started = time.monotonic()
        child.pid = os.fork()
        if child.pid == 0:
            self._become(child, parent)

    def _become(self, child: Child, parent: int) -> None:
        """In the child: run it and end, never returning into the parent's loop."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            os.close(self._wake_read)
            os.close(self._wake_write)
            die_with(parent)
            # Ctrl-C then reaches the supervisor alone, which stops the children in order; and Linux shares out the
            # processors by sessions (sched_autogroup): the front's share is its own, whatever Django is doing.
            os.setsid()
            child.run()
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        except BaseException:
            log.exception("The %s process failed", child.name)
        finally:
            logging.shutdown()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _reap(self) -> None:
        for child in self._children:
            if child.pid and (status := _ended(child.pid)) is not None:
                self._note_end(child, status)

    def _note_end(self, child: Child, status: int) -> None:
        now = time.monotonic()
        was_well = now - child.started >= _WELL_AFTER_S
        child.wait_s = _FIRST_WAIT_S if was_well else min(child.wait_s * 2, _MOST_WAIT_S)
        child.pid, child.start_at = 0, now + child.wait_s
        if not self._is_stopping:
            log.error("The %s process ended (%s); it starts again in %.1f s", child.name, _said(status), child.wait_s)

    def _stop_all(self) -> None:
        until = time.monotonic() + STOP_WAIT_S
        first = [child for child in self._children if child.leans_on_others]
        for some, deadline in ((first, until - STOP_WAIT_S / 2), (self._children, until)):
            _signal(some, signal.SIGTERM)
            self._await_end(some, deadline)
        _signal(self._children, signal.SIGKILL)
        for child in self._children:
            if child.pid:
                log.error("The %s process did not stop in %.0f s and was killed", child.name, STOP_WAIT_S)
                os.waitpid(child.pid, 0)

    def _await_end(self, children: list[Child], until: float) -> None:
        while any(child.pid for child in children) and time.monotonic() < until:
            self._wait(0.1)
            self._reap()


def _signal(children: list[Child], number: signal.Signals) -> None:
    for child in children:
        if child.pid:
            with suppress(ProcessLookupError):
                os.kill(child.pid, number)


def die_with(parent: int) -> None:
    """Have this process killed when `parent` ends, however it ends; nothing of ours may outlive its supervisor.

    Call it in the child. Linux tells us itself; elsewhere a thread looks each second.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _ended(pid: int) -> int | None:
    try:
        found, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return 0
    return os.waitstatus_to_exitcode(status) if found else None


def _said(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit {status}"
