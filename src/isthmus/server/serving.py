"""`isthmus serve`: front, web and worker of one institute; the last two are forked from one loaded parent."""

import errno
import gc
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from functools import partial
from importlib import import_module
from pathlib import Path

from isthmus.kit.errors import IsthmusError, UsageError
from isthmus.server.supervisor import Child, Supervisor

# Who waits to be let in while the front starts anew.
_BACKLOG = 4096
# What a socket's address may have: 104 bytes on macOS, 108 on Linux, one of them a NUL.
_SOCKET_PATH_MAX_BYTES = 103


class PortTaken(IsthmusError):
    """Something listens on the port already."""


def check_port(host: str, port: int) -> None:
    """Find out before anything is loaded whether the address can be had. Raises: as `listen`."""
    listen(host, port).close()


def serve(host: str, port: int, *, say: Callable[[str], None], on_ready: Callable[[], None] = lambda: None) -> int:
    """Run front, web and worker until told to stop; Django is set up already.

    on_ready: called once, when the first request would be answered.
    """
    from django.conf import settings

    _bring_edition_up()
    preload()
    web_socket = socket_path(settings.DATA)
    listening = listen(host, port)

    def tell() -> None:
        say(f"Isthmus is ready at http://{_shown(host)}:{port}/")
        on_ready()

    children = [
        Child("front", partial(_become_front, listening, web_socket, os.getpid()), leans_on_others=True),
        Child("web", partial(_run_web, listening, web_socket)),
        Child("worker", partial(_run_worker, listening)),
    ]
    try:
        return Supervisor(children, on_tick=_ReadyOnce(web_socket, tell)).run()
    finally:
        web_socket.unlink(missing_ok=True)


def _bring_edition_up() -> None:
    """Before the first reader: what changed while nobody served, such as an import, is not in the pages kept before."""
    from isthmus.edition.keeper import Keeper

    Keeper().bring_up()


def listen(host: str, port: int) -> socket.socket:
    """The socket readers connect to. Held by the parent: who connects while the front starts anew waits, unrefused.

    Without SO_REUSEPORT, so that a second `serve` on the same port is refused and does not share it silently.
    Raises: PortTaken; UsageError for an address that is not this machine's or a port that needs more rights.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with ExitStack() as undo:
            listening = undo.enter_context(socket.socket(family, kind, protocol))
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(_BACKLOG)
            undo.pop_all()
            return listening
    except OSError as error:
        raise _no_listening(host, port, error) from error


def _no_listening(host: str, port: int, error: OSError) -> IsthmusError:
    if isinstance(error, socket.gaierror):
        return UsageError(f"--host {host} is no address of this machine: write 127.0.0.1 or 0.0.0.0.")
    if isinstance(error, PermissionError):
        return UsageError(f"Port {port} is open to root only: take one from 1024 on, behind a web server.")
    if error.errno == errno.EADDRINUSE:
        return PortTaken(f"Port {port} on {host} is in use: stop what uses it, or choose another with --port.")
    return UsageError(f"{host}:{port} cannot be listened on ({error.strerror}): choose another --host.")


def socket_path(data: Path) -> Path:
    """Where the front finds this parent's web process; in the system's temporary directory where `data` lies too deep.

    Sockets left there by parents that are gone are removed.
    """
    directory = data / "run"
    directory.mkdir(mode=0o700, exist_ok=True)
    for old in directory.glob("web-*.sock"):
        if not _is_alive(old.stem.removeprefix("web-")):
            old.unlink(missing_ok=True)
    path = directory / f"web-{os.getpid()}.sock"
    if len(os.fsencode(path)) <= _SOCKET_PATH_MAX_BYTES:
        return path
    return Path(tempfile.mkdtemp(prefix="isthmus-")) / path.name


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _become_front(listening: socket.socket, web_socket: Path, parent: int) -> None:
    """In the child: another program in its place, which shares nothing with Django and takes 30 MB less."""
    from isthmus.server.front import running

    listening.set_inheritable(True)
    words = running.command(listening, web_socket, parent=parent)
    os.execv(words[0], words)  # noqa: S606  (no shell, our own words)


def _run_web(listening: socket.socket, web_socket: Path) -> None:
    from isthmus.server import web

    listening.close()
    web.run(web_socket)


def _run_worker(listening: socket.socket) -> None:
    listening.close()
    run_worker(keeps_edition=True)


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


def run_worker(*, keeps_edition: bool = False) -> None:
    """The worker alone, until SIGTERM or SIGINT; keeps_edition: with readers served beside it."""
    from isthmus.server import worker

    stop = worker.Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    worker.run(stop, keeps_edition=keeps_edition)


class _ReadyOnce:
    """Tells, on a supervisor's tick, when the web process can be asked for the first time."""

    def __init__(self, web_socket: Path, tell: Callable[[], None]) -> None:
        self._web_socket = web_socket
        self._tell = tell
        self._has_told = False

    def __call__(self) -> None:
        if self._has_told:
            return
        with suppress(OSError), closing(socket.socket(socket.AF_UNIX)) as probe:
            probe.settimeout(0.2)
            probe.connect(str(self._web_socket))
            self._has_told = True
        if self._has_told:
            self._tell()


def _shown(host: str) -> str:
    """An address a browser on this machine can open."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 -- compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
