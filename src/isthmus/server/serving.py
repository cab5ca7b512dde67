"""`isthmus serve`: web and worker of one institute as forked processes of one loaded parent."""

import errno
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from importlib import import_module

from isthmus.kit.errors import IsthmusError, UsageError
from isthmus.server.supervisor import Child, Supervisor


class PortTaken(IsthmusError):
    """Something listens on the port already."""


def check_port(host: str, port: int) -> None:
    """Find out before anything is loaded whether the address can be had.

    Without SO_REUSEPORT, so that a second `serve` on the same port is refused and does not share it silently.
    Raises: PortTaken; UsageError for an address that is not this machine's or a port that needs more rights.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with closing(socket.socket(family, kind, protocol)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except socket.gaierror as error:
        raise UsageError(f"--host {host} is no address of this machine: write 127.0.0.1 or 0.0.0.0.") from error
    except PermissionError as error:
        raise UsageError(f"Port {port} is open to root only: take one from 1024 on, behind a web server.") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"Port {port} on {host} is in use: stop what uses it, or choose another with --port."
            ) from error
        raise UsageError(f"{host}:{port} cannot be listened on ({error.strerror}): choose another --host.") from error


def serve(host: str, port: int, *, say: Callable[[str], None], on_ready: Callable[[], None] = lambda: None) -> int:
    """Run web and worker until told to stop; Django is set up already.

    on_ready: called once, when the first request would be answered.
    """
    preload()
    from isthmus.server import web

    def tell() -> None:
        say(f"Isthmus is ready at http://{_shown(host)}:{port}/")
        on_ready()

    children = [Child("web", lambda: web.run(host, port)), Child("worker", run_worker)]
    return Supervisor(children, on_tick=_ReadyOnce(host, port, tell)).run()


def upgraded_apart(say: Callable[[str], None]) -> int:
    """Bring the database up in a process of its own; its exit status, 0 when all is well.

    The migrations of Wagtail and Django are some hundred modules that no process of ours would need again.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        status = _upgrade(say)
    finally:
        sys.stderr.flush()
        os._exit(status)


def _upgrade(say: Callable[[str], None]) -> int:
    from isthmus.server import upgrade
    from isthmus.server.failures import sentence_for

    try:
        upgrade.ensure_current(say=say)
    except IsthmusError as error:
        say(f"isthmus: {error}")
        return error.exit_code
    except Exception as error:
        if (sentence := sentence_for(error)) is None:
            raise
        say(f"isthmus: {sentence}")
        return 1
    return 0


def preload() -> None:
    """Load in the parent what every child needs, and set it aside from the garbage collector.

    A collection would write into every object's header and so copy each shared page: frozen objects are skipped.
    """
    from django.db import connections
    from django.urls import get_resolver

    for name in ("isthmus.server.wsgi", "isthmus.server.web", "isthmus.server.worker", "isthmus.search.keeper"):
        import_module(name)
    _ = get_resolver().url_patterns
    _ = get_resolver().reverse_dict
    connections.close_all()
    gc.collect()
    gc.freeze()


def run_worker() -> None:
    """The worker alone, until SIGTERM or SIGINT."""
    from isthmus.server import worker

    stop = worker.Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    worker.run(stop)


class _ReadyOnce:
    """Tells, on a supervisor's tick, when the port answers for the first time."""

    def __init__(self, host: str, port: int, tell: Callable[[], None]) -> None:
        self._address = (_shown(host).strip("[]"), port)
        self._tell = tell
        self._has_told = False

    def __call__(self) -> None:
        if self._has_told:
            return
        with suppress(OSError), closing(socket.create_connection(self._address, timeout=0.2)):
            self._has_told = True
        if self._has_told:
            self._tell()


def _shown(host: str) -> str:
    """An address a browser on this machine can open."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 -- compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
