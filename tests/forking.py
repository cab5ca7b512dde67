"""Processes of one institute, forked from a parent that has loaded everything: 0.02 s each instead of 2 s of CPU.

What runs, and is killed, is the program itself in a process of its own, as `isthmus serve` forks its own processes
from one loaded parent. The parent of these never opens a database or an index.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_MAX_BYTES = 128 * 1024
_LOADED = """
import sys
from tests.forking import wait_to_be_forked
exec(wait_to_be_forked({}), {{"__name__": "__main__", "sys": sys}})
"""
# Orphans come to us instead of to init, so that a child of the loaded parent becomes ours to wait for.
IS_POSSIBLE = sys.platform == "linux"


class Loaded:
    """A process with Django set up and every module loaded; it ends when nobody holds this any more."""

    def __init__(self, environment: dict[str, str]) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-c", _LOADED.format(theirs.fileno())],
                env=environment | {"PYTHONPATH": str(Path(__file__).parents[1])},
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
            )  # fmt: skip
        self._asked = ours

    def __del__(self) -> None:
        self._asked.close()
        self._process.wait()

    def fork(self, code: str, words: tuple[str, ...], more: dict[str, str], handles: list[int]) -> int:
        """The number of a new process that runs `code` with these handles as its standard streams."""
        request = json.dumps({"code": code, "words": words, "more": more, "parent": os.getpid()}).encode()
        assert len(request) < _MAX_BYTES
        socket.send_fds(self._asked, [request], handles)
        pid = self._asked.recv(20)
        assert pid, "the loaded process has died, see above"
        return int(pid)


class Forked(subprocess.Popen[str]):
    """As `subprocess.Popen` in everything but how the process begins."""

    def __init__(self, loaded: Loaded, code: str, words: tuple[str, ...], more: dict[str, str]) -> None:
        self._begin = (loaded, code, words, more)
        pipe = subprocess.PIPE
        super().__init__(["forked", *words], stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def _execute_child(self, *given: Any) -> None:
        # Places 10 to 15 are the pipes' two ends each, in Python 3.11 to 3.13.
        pipes = given[10:16]
        loaded, code, words, more = self._begin
        try:
            self.pid = loaded.fork(code, words, more, [pipes[0], pipes[3], pipes[5]])
            self._child_created = True
        finally:
            self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]


def wait_to_be_forked(handle: int) -> str:
    """In the loaded process: fork whenever asked. Returns in each fork, with the code it has to run."""
    import django

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    django.setup()
    _load()
    asked = socket.socket(fileno=handle)
    while True:
        content, handles, _, _ = socket.recv_fds(asked, _MAX_BYTES, 3)
        if not content:
            os._exit(0)
        request = json.loads(content)
        pid = _forked_away()
        if not pid:
            asked.close()
            _become(request, handles)
            return str(request["code"])
        for one in handles:
            os.close(one)
        asked.send(str(pid).encode())


def _load() -> None:
    from isthmus.server import serving

    for name in ("isthmus.cli", "isthmus.importers.actions", "isthmus.publications.actions"):
        import_module(name)
    serving.preload()


def _forked_away() -> int:
    """0 in a grandchild, which is an orphan by the time its number is known here."""
    read, write = os.pipe()
    between = os.fork()
    if between == 0:
        pid = os.fork()
        if pid == 0:
            os.close(read)
            os.close(write)
            return 0
        os.write(write, str(pid).encode())
        os._exit(0)
    os.close(write)
    # Waited for first: until its parent is gone nobody else could wait for the grandchild.
    os.waitpid(between, 0)
    pid = int(os.read(read, 20))
    os.close(read)
    return pid


def _become(request: dict[str, Any], handles: list[int]) -> None:
    while os.getppid() != request["parent"]:
        time.sleep(0.0005)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for number, one in enumerate(handles):
        os.dup2(one, number)
        os.close(one)
    os.environ.update(request["more"])
    sys.argv = ["-c", *request["words"]]
