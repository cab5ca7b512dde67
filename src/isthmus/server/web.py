"""The web process: Granian around the site, forked from a parent that has loaded it already."""

import multiprocessing
import os
from collections.abc import Callable
from functools import partial
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from isthmus.server.supervisor import die_with

# Python runs one thread at a time; four keep a slow upload from stopping the rest, and more were measured to make
# the slowest answers slower (2.8-3.7 ms with 16-32 threads against 1.2-2.1 with 1-4).
_THREADS = 4
# Granian's header timeout does not drop silent connections, so there must be room for many.
_CONNECTIONS = 4096
# Seconds a request may take to end when we stop, below the supervisor's own patience.
_STOP_WAIT_S = 15


def run(host: str, port: int) -> None:
    """Serve until told to stop; returns or exits then, exits with 1 if Granian's own worker died."""
    # Forked, the worker shares the loaded site; spawned, it would load its own.
    multiprocessing.set_start_method("fork", force=True)
    server = Granian(
        "isthmus.server.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=15_000, max_buffer_size=64 * 1024),
        blocking_threads=_THREADS,
        backlog=_CONNECTIONS,
        backpressure=_CONNECTIONS,
        workers_kill_timeout=_STOP_WAIT_S,
        log_level=LogLevels.error,
        log_dictconfig=_log_configuration(),
    )
    server.serve(target_loader=partial(_application, os.getpid()), wrap_loader=False)


def _application(parent: int) -> Callable[..., Any]:
    """Called in Granian's worker, just after the fork."""
    die_with(parent)
    from isthmus.server.wsgi import application

    return application


def _log_configuration() -> dict[str, Any]:
    """Our own lines; Granian's own among them only where something failed."""
    from django.conf import settings

    ours: dict[str, Any] = settings.LOGGING
    return {**ours, "loggers": {**ours.get("loggers", {}), "_granian": {"level": "ERROR"}}}
