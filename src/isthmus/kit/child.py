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
import queue
import resource
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any, Literal

from isthmus.kit.errors import IsthmusError

MIB = 1024 * 1024
# The largest reply, and the largest file the child may write.
_REPLY_MAX_BYTES = 128 * MIB
# How many streamed values wait for the parent at most, besides what a pipe holds.
_FRAMES_AHEAD = 16
_BROKEN_OFF = b""
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
    file_max_bytes: int = 128 * MIB,
) -> Any:
    """What `target(*args)` returns, computed in a process of its own that dies with its limits.

    target: a function at the top of a module; its result must be plain values. file_max_bytes: of a file it may write;
    its own reply has 128 MB at most. The child sees no environment variables of ours but PATH and LANG. Costs 0.1 s to
    start.
    Raises: ChildFailed.
    """
    name = f"{target.__module__}:{target.__qualname__}"
    request = pickle.dumps((name, args, memory_bytes, cpu_s, file_max_bytes))
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as reply:
        given.write(request)
        given.seek(0)
        status = _run(name, given, reply, wall_s=wall_s)
        reply.seek(0)
        return _answer(name, status, reply)


def stream_limited(
    target: Callable[..., Iterable[Any]],
    *args: Any,
    memory_bytes: int = 512 * MIB,
    cpu_s_each: int = 20,
    wall_s_each: float = 60,
) -> Iterator[Any]:
    """What the generator `target(*args)` yields, one by one, while its process already works on the next ones.

    cpu_s_each, wall_s_each: bounds for one value, not for all of them; otherwise as `run_limited`.
    The child is at most some values ahead, so that an archive of any size needs the memory of a few.
    Raises: ChildFailed, after everything that was yielded before has been handed over.
    """
    name = f"{target.__module__}:{target.__qualname__}"
    with tempfile.TemporaryFile() as given:
        given.write(pickle.dumps((name, args, memory_bytes, -cpu_s_each, _REPLY_MAX_BYTES)))
        given.seek(0)
        process = _started(given, subprocess.PIPE)
        try:
            yield from _frames(name, process, wall_s=wall_s_each)
        finally:
            _end(process)


def has_network_namespace() -> bool:
    """Whether this system lets a child give up the network in the kernel.

    Where not, only Python's own sockets are closed to it, and a broken C library could get around that.
    """
    return bool(run_limited(_unshared_network))


def _run(name: str, given: IO[bytes], reply: IO[bytes], *, wall_s: float) -> int:
    process = _started(given, reply)
    try:
        return process.wait(wall_s)
    except subprocess.TimeoutExpired as error:
        raise ChildFailed(name, "time", f"over {wall_s:g} s") from error
    finally:
        _end(process)


def _started(given: IO[bytes], reply: IO[bytes] | int) -> subprocess.Popen[bytes]:
    environment = {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL", "TMPDIR") if key in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    return subprocess.Popen(
        [sys.executable, "-P", "-s", "-m", "isthmus.kit.child"],
        stdin=given,
        stdout=reply,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
        # A buffered pipe has a lock. A program that ends on an error while the reading thread waits inside it cannot
        # close the pipe, and Python then aborts the process (seen once in ten imports onto a full disk).
        bufsize=0,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    # Also when we are interrupted: the group goes, and with it whatever the child managed to start.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()


def _frames(name: str, process: subprocess.Popen[bytes], *, wall_s: float) -> Iterator[Any]:
    assert process.stdout is not None
    ahead: queue.Queue[bytes | None] = queue.Queue(maxsize=_FRAMES_AHEAD)
    reader = threading.Thread(target=_read_frames, args=(process.stdout, ahead), daemon=True)
    reader.start()
    try:
        while True:
            try:
                frame = ahead.get(timeout=wall_s)
            except queue.Empty as error:
                raise ChildFailed(name, "time", f"over {wall_s:g} s") from error
            if frame is None:
                _answer(name, process.wait(), io.BytesIO(_BROKEN_OFF))
            outcome, value = _answer_of_frame(name, frame or b"")
            if outcome == "end":
                return
            yield value
    finally:
        _end_reader(process, reader, ahead)


def _end_reader(process: subprocess.Popen[bytes], reader: threading.Thread, ahead: queue.Queue[bytes | None]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    while reader.is_alive():
        with contextlib.suppress(queue.Empty):
            ahead.get(timeout=0.05)
    reader.join()


def _read_frames(replies: IO[bytes], ahead: queue.Queue[bytes | None]) -> None:
    """Each frame is its length in eight bytes, then a pickle; None where the child ended or sent nonsense."""
    while len(head := _read_whole(replies, 8)) == 8:
        n_bytes = int.from_bytes(head, "big")
        frame = _read_whole(replies, n_bytes) if n_bytes <= _REPLY_MAX_BYTES else b""
        if len(frame) < n_bytes:
            break
        ahead.put(frame)
    ahead.put(None)


def _read_whole(replies: IO[bytes], n_bytes: int) -> bytes:
    """So many bytes of an unbuffered pipe; fewer only at its end."""
    parts, n_wanting = [], n_bytes
    while n_wanting and (part := replies.read(min(n_wanting, MIB))):
        parts.append(part)
        n_wanting -= len(part)
    return b"".join(parts)


def _answer_of_frame(name: str, frame: bytes) -> tuple[str, Any]:
    value = _answer(name, 0, io.BytesIO(frame))
    return ("end", None) if value is None else ("value", value[0])


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
        """Raises: UnpicklingError, always: what a child sends is made of no classes."""
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")


# --- inside the child ----------------------------------------------------------------------------


def _main() -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    request = pickle.load(sys.stdin.buffer)  # noqa: S301 -- written by our own parent
    name, args, memory_bytes, cpu_s, file_max_bytes = request
    # What the target prints goes where errors go; the reply's file stays ours.
    reply = os.dup(1)
    os.dup2(2, 1)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_max_bytes, file_max_bytes))
    with os.fdopen(reply, "wb") as file:
        if cpu_s < 0:
            _stream(file, name, args, memory_bytes, -cpu_s)
        else:
            file.write(_outcome(name, args, memory_bytes, cpu_s))


def _stream(file: IO[bytes], name: str, args: tuple[Any, ...], memory_bytes: int, cpu_s_each: int) -> None:
    try:
        values = iter(_limited_target(name, memory_bytes, None)(*args))
        _grant_cpu(cpu_s_each)
        for value in values:
            _send(file, pickle.dumps(("done", (value,)), protocol=5))
            _grant_cpu(cpu_s_each)
        _send(file, pickle.dumps(("done", None)))
    except MemoryError:
        _send(file, pickle.dumps(("memory", "")))
    except Exception as error:  # noqa: BLE001 -- the parent must hear of every failure, whatever it is
        _send(file, pickle.dumps(("error", f"{type(error).__name__}: {error}"[:500])))


def _send(file: IO[bytes], frame: bytes) -> None:
    file.write(len(frame).to_bytes(8, "big") + frame)
    file.flush()


def _grant_cpu(cpu_s: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    with contextlib.suppress(ValueError, OSError):
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + cpu_s, hard))


def _limited_target(name: str, memory_bytes: int, cpu_s: int | None) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    target: Callable[..., Any] = getattr(importlib.import_module(module), function)
    _limit(memory_bytes, cpu_s)
    if target is not _unshared_network:
        _unshared_network()
    sys.addaudithook(_refuse)
    return target


def _outcome(name: str, args: tuple[Any, ...], memory_bytes: int, cpu_s: int) -> bytes:
    try:
        target = _limited_target(name, memory_bytes, cpu_s)
        return _plain_pickle(("done", target(*args)))
    except MemoryError:
        return pickle.dumps(("memory", ""))
    except Exception as error:  # noqa: BLE001 -- the parent must hear of every failure, whatever it is
        return pickle.dumps(("error", f"{type(error).__name__}: {error}"[:500]))


def _plain_pickle(value: Any) -> bytes:
    content = pickle.dumps(value)
    _PlainUnpickler(io.BytesIO(content)).load()
    return content


def _limit(memory_bytes: int, cpu_s: int | None) -> None:
    wanted = {
        resource.RLIMIT_AS: (memory_bytes, memory_bytes),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NOFILE: (64, 64),
        # No new process or thread; the kernel does not hold root to it, the audit hook below does.
        resource.RLIMIT_NPROC: (0, 0),
    }
    if cpu_s is not None:
        # The soft limit ends it with SIGXCPU, which we can name; the hard one a second later cannot be caught.
        wanted[resource.RLIMIT_CPU] = (cpu_s, cpu_s + 1)
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
