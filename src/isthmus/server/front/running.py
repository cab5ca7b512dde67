"""The front as a process: a listening socket from its parent, one event loop, and a good end when told to stop."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from isthmus.edition.shelf import Shelf
from isthmus.kit import options
from isthmus.server.front.connection import Connection
from isthmus.server.front.site import Site
from isthmus.server.front.upstream import Upstream
from isthmus.server.supervisor import die_with

# A release is to be seen within a second, and twenty looks a second take 0.05 % of a processor.
_FOLLOW_EVERY_S = 0.05
_BACKLOG = 4096
# How long answers that are under way may take when we stop; below the supervisor's own patience.
_DRAIN_S = 12.0


def command(listening: socket.socket, web: Path, *, parent: int) -> list[str]:
    """What to execute for a front of its own; the socket must be inheritable. parent: whom it dies with."""
    return [
        sys.executable, "-m", "isthmus.server.front",
        "--socket", str(listening.fileno()), "--web", str(web), "--parent", str(parent),
    ]  # fmt: skip


def main(words: list[str] | None = None) -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="isthmus.server.front")
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--web", type=Path, required=True)
    parser.add_argument("--parent", type=int, required=True)
    given = parser.parse_args(words)
    die_with(given.parent)
    logging.basicConfig(level=logging.WARNING, format="{asctime} {levelname} {name}: {message}", style="{")
    chosen = options.load(Path(os.environ.get("ISTHMUS_DIR") or ".").resolve(), os.environ)
    listening = socket.socket(fileno=given.socket)
    _allow_many_connections()
    run(
        serve(listening, Site(chosen, shelf=Shelf(chosen.directory / "data" / "edition"), upstream=Upstream(given.web)))
    )


def run(work: Coroutine[Any, Any, None]) -> None:
    """On uvloop where it is installed, else on asyncio's own loop, which is right and half as fast."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(work)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def serve(listening: socket.socket, site: Site) -> None:
    """Answer on a socket until SIGTERM; then what is under way is answered first."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    if site.access is not None:
        loop.add_signal_handler(signal.SIGHUP, site.access.reopen)
    site.memory.follow()
    listening.setblocking(False)
    server = await loop.create_server(lambda: Connection(site), sock=listening, backlog=_BACKLOG)
    gc.collect()
    gc.freeze()
    clocks = [
        asyncio.create_task(_every(1.0, site.tick)),
        asyncio.create_task(_every(_FOLLOW_EVERY_S, site.memory.follow)),
    ]
    await stopping.wait()
    server.close()
    await _drained(site)
    for clock in clocks:
        clock.cancel()
    site.forwarding.upstream.close()
    site.flush()
    if site.access is not None:
        site.access.close()


async def _drained(site: Site) -> None:
    site.drain()
    with suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_S):
            while site.connections:
                await asyncio.sleep(0.05)


async def _every(seconds: float, do: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            do()
        except Exception:
            logging.getLogger(__name__).exception("The front could not look after itself")


def _allow_many_connections() -> None:
    """As many files as the system lets us have: each client is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 16_384 if hard == resource.RLIM_INFINITY else min(hard, 16_384)
    if soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
