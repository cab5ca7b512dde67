"""The web process: Granian around the site, forked from a parent that has loaded it; only the front asks it."""

import multiprocessing
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from isthmus.server.supervisor import die_with

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Any]

# Python runs one thread at a time; four keep a slow upload from stopping the rest, and more were measured to make
# the slowest answers slower (2.8-3.7 ms with 16-32 threads against 1.2-2.1 with 1-4).
_THREADS = 4
# The front keeps fewer connections than this; it waits for clients, so that nobody does here.
_CONNECTIONS = 256
_PIECE_BYTES = 256 * 1024
# Seconds a request may take to end when we stop, below the supervisor's own patience.
_STOP_WAIT_S = 15


def run(path: Path) -> None:
    """Serve on a socket in the file system until told to stop; exits with 1 if Granian's own worker died."""
    # Left by one that was killed; Granian would not take its place.
    path.unlink(missing_ok=True)
    # Forked, the worker shares the loaded site; spawned, it would load its own.
    multiprocessing.set_start_method("fork", force=True)
    server = Granian(
        "isthmus.server.wsgi:application",
        uds=path,
        # Whoever may connect is believed about who is asking.
        uds_permissions=0o600,
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


def _application(parent: int) -> WsgiApplication:
    """Called in Granian's worker, just after the fork."""
    die_with(parent)
    from isthmus.server.wsgi import application

    return behind_front(application)


def behind_front(application: WsgiApplication) -> WsgiApplication:
    """The site as the front asks it: the last address the front names is the other end of the client's connection."""

    def answered(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        before, _, peer = environ.pop("HTTP_X_FORWARDED_FOR", "").rpartition(",")
        environ["REMOTE_ADDR"] = peer.strip()
        if before.strip():
            environ["HTTP_X_FORWARDED_FOR"] = before.strip()
        # Granian names the socket here.
        environ["SERVER_NAME"], environ["SERVER_PORT"] = "localhost", "80"
        answer = application(environ, start_response)
        _read_over(environ)
        return answer

    return answered


def _read_over(environ: dict[str, Any]) -> None:
    """Take in what the site did not read of a body, such as one that is sent to an address without a form.

    Granian closes the connection on what is left of it. The front, still writing, would lose the answer to that, and
    tell the sender that nobody knows what became of his form.
    """
    if environ.get("CONTENT_LENGTH") in (None, "", "0"):
        return
    while environ["wsgi.input"].read(_PIECE_BYTES):
        pass


def _log_configuration() -> dict[str, Any]:
    """Our own lines; Granian's own among them only where something failed."""
    from django.conf import settings

    ours: dict[str, Any] = settings.LOGGING
    return {**ours, "loggers": {**ours.get("loggers", {}), "_granian": {"level": "ERROR"}}}
