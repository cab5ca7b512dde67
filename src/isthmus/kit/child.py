"""Hostile input is read in a throw-away process: limits on memory, time and files, no secrets, no network.

The parent trusts nothing that comes back: the reply may hold plain values only (None, bool, numbers,
str, bytes, list, tuple, set, dict); unpickling more would let a broken-into child run code here.
Started as `python -m isthmus.kit.child`; fork was rejected (it copies secrets and locks), so was
multiprocessing's spawn (it runs the parent's main module again).
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import io
import os
import pickle
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import IO, Any, Literal

from isthmus.kit.errors import IsthmusError

MIB = 1024 * 1024
# The largest reply, and the largest file the child may write.
_REPLY_MAX_BYTES = 128 * MIB
_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
# What Python announces before it opens a connection or starts another program.
_FORBIDDEN_EVENTS = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "pty.")

Reason = Literal["memory", "time", "crash", "error"]
_WHY: dict[Reason, str] = {
    "memory": "it needed more memory than it may have",
    "time": "it needed more time than it may have",
    "crash": "it broke down",
    "error": "it could not be read",
}


class ChildFailed(IsthmusError):
    """The work was stopped or failed; `reason` is memory, time, crash or error, `detail` what the child said."""

    def __init__(self, target: str, reason: Reason, detail: str = "") -> None:
        said = f" ({detail})" if detail else ""
        super().__init__(f"{target} in its own process: {_WHY[reason]}{said}; look at this input or leave it out.")
        self.reason = reason
        self.detail = detail


def run_limited(
    target: Callable[..., Any],
    *args: Any,
    memory_bytes: int = 512 * MIB,
    cpu_s: int = 20,
    wall_s: float = 60,
) -> Any:
    """What `target(*args)` returns, computed in a process of its own that dies with its limits.

    target: a function at the top of a module; its result must be plain values. The child sees no environment variables
    of ours but PATH and LANG. Costs 0.1 s to start.
    Raises: ChildFailed.
    """
    name = f"{target.__module__}:{target.__qualname__}"
    request = pickle.dumps((name, args, memory_bytes, cpu_s))
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as reply:
        given.write(request)
        given.seek(0)
        status = _run(name, given, reply, wall_s=wall_s)
        reply.seek(0)
        return _answer(name, status, reply)


def has_network_namespace() -> bool:
    """Whether this system lets a child give up the network in the kernel.

    Where not, only Python's own sockets are closed to it, and a broken C library could get around that.
    """
    return bool(run_limited(_unshared_network))


def _run(name: str, given: IO[bytes], reply: IO[bytes], *, wall_s: float) -> int:
    environment = {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL", "TMPDIR") if key in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    process = subprocess.Popen(
        [sys.executable, "-P", "-s", "-m", "isthmus.kit.child"],
        stdin=given,
        stdout=reply,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    try:
        return process.wait(wall_s)
    except subprocess.TimeoutExpired as error:
        raise ChildFailed(name, "time", f"over {wall_s:g} s") from error
    finally:
        # Also when we are interrupted: the group goes, and with it whatever the child managed to start.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answer(name: str, status: int, reply: IO[bytes]) -> Any:
    if status == -signal.SIGXCPU:
        raise ChildFailed(name, "time", "its CPU seconds are used up")
    if status != 0:
        raise ChildFailed(name, "crash", f"signal {-status}" if status < 0 else f"exit {status}")
    try:
        outcome, value = _PlainUnpickler(reply).load()
    # Whatever a hostile reply makes pickle raise, it is no answer.
    except Exception as error:
        raise ChildFailed(name, "crash", f"its reply is not plain values: {error}") from error
    if outcome in ("memory", "error"):
        raise ChildFailed(name, outcome, str(value))
    return value


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")


# --- inside the child ----------------------------------------------------------------------------


def _main() -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    name, args, memory_bytes, cpu_s = pickle.load(sys.stdin.buffer)  # noqa: S301 -- written by our own parent
    # What the target prints goes where errors go; the reply's file stays ours.
    reply = os.dup(1)
    os.dup2(2, 1)
    outcome = _outcome(name, args, memory_bytes, cpu_s)
    with os.fdopen(reply, "wb") as file:
        file.write(outcome)


def _outcome(name: str, args: tuple[Any, ...], memory_bytes: int, cpu_s: int) -> bytes:
    module, _, function = name.partition(":")
    try:
        target = getattr(importlib.import_module(module), function)
        _limit(memory_bytes, cpu_s)
        _unshared_network()
        sys.addaudithook(_refuse)
        return _plain_pickle(("done", target(*args)))
    except MemoryError:
        return pickle.dumps(("memory", ""))
    except Exception as error:  # noqa: BLE001 -- the parent must hear of every failure, whatever it is
        return pickle.dumps(("error", f"{type(error).__name__}: {error}"[:500]))


def _plain_pickle(value: Any) -> bytes:
    content = pickle.dumps(value)
    _PlainUnpickler(io.BytesIO(content)).load()
    return content


def _limit(memory_bytes: int, cpu_s: int) -> None:
    wanted = {
        resource.RLIMIT_AS: (memory_bytes, memory_bytes),
        # The soft limit ends it with SIGXCPU, which we can name; the hard one a second later cannot be caught.
        resource.RLIMIT_CPU: (cpu_s, cpu_s + 1),
        resource.RLIMIT_FSIZE: (_REPLY_MAX_BYTES, _REPLY_MAX_BYTES),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NOFILE: (64, 64),
        # No new process or thread; the kernel does not hold root to it, the audit hook below does.
        resource.RLIMIT_NPROC: (0, 0),
    }
    for limit, bounds in wanted.items():
        # A container may have set a lower hard limit already, which is stricter and stays.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, bounds)


def _unshared_network() -> bool:
    # Root can do it without a user namespace, and should: in one it would lose its right to others' files.
    flags = (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET)
    try:
        return any(ctypes.CDLL(None).unshare(flag) == 0 for flag in flags)
    except (OSError, AttributeError):
        return False


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN_EVENTS):
        raise PermissionError(f"{event} is not allowed here")


if __name__ == "__main__":
    _main()
