"""Hostile input in a throw-away process; each test starts one, about 0.1 s."""

from __future__ import annotations

import io
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from isthmus.kit import child
from isthmus.kit.child import MIB, ChildFailed, has_network_namespace, run_limited, stream_limited


def plain(words: list[str]) -> dict[str, object]:
    print("this must not reach the reply")
    return {"words": words, "n": len(words), "set": {1, 2}, "bytes": b"\x00"}


def hungry() -> int:
    return len(bytearray(2000 * MIB))


def busy() -> None:
    while True:
        pass


def asleep() -> None:
    time.sleep(60)


def broken() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def raising() -> None:
    raise ValueError("page 3 is no page")


def clever() -> object:
    class Evil:
        def __reduce__(self):
            return os.system, ("true",)

    return Evil()


def connecting() -> None:
    socket.create_connection(("127.0.0.1", 9))


def forking() -> None:
    subprocess.run([sys.executable, "-c", "pass"], check=True)


def writing(path: str) -> None:
    with open(path, "wb") as file:
        for _ in range(300):
            file.write(b"x" * MIB)


def environment() -> list[str]:
    return sorted(os.environ)


def reason_of(target, *args, **limits) -> ChildFailed:
    with pytest.raises(ChildFailed) as failed:
        run_limited(target, *args, **limits)
    return failed.value


def test_a_result_of_plain_values_comes_back():
    assert run_limited(plain, ["a", "b"]) == {"words": ["a", "b"], "n": 2, "set": {1, 2}, "bytes": b"\x00"}


def test_too_much_memory_is_named():
    assert reason_of(hungry, memory_bytes=512 * MIB).reason == "memory"


@pytest.mark.slow
def test_too_much_cpu_is_named():
    assert reason_of(busy, cpu_s=1, wall_s=20).reason == "time"


def test_too_long_on_the_wall_is_ended():
    begun = time.monotonic()

    assert reason_of(asleep, wall_s=0.5).reason == "time"
    assert time.monotonic() - begun < 10


def test_a_crash_of_the_child_is_only_an_error_here():
    failed = reason_of(broken)

    assert (failed.reason, failed.detail) == ("crash", f"signal {signal.SIGSEGV}")


def test_what_the_child_raised_is_told():
    failed = reason_of(raising)

    assert (failed.reason, failed.detail) == ("error", "ValueError: page 3 is no page")
    assert "look at this input" in str(failed)


def test_a_reply_that_is_more_than_plain_values_is_refused():
    assert reason_of(clever).reason == "error"


def test_a_forged_reply_runs_nothing_in_the_parent():
    forged = pickle.dumps(("done", os.getcwd))

    with pytest.raises(ChildFailed, match="not plain values"):
        child._answer("x:y", 0, io.BytesIO(forged))


def test_the_child_opens_no_connection():
    assert "PermissionError" in reason_of(connecting).detail


def test_the_child_starts_no_program():
    assert reason_of(forking).reason == "error"


@pytest.mark.slow
def test_the_child_cannot_fill_the_disk(tmp_path):
    failed = reason_of(writing, str(tmp_path / "big"))

    assert failed.reason in ("error", "crash")
    assert (tmp_path / "big").stat().st_size <= 128 * MIB


def test_the_child_sees_no_secret_of_ours(monkeypatch):
    monkeypatch.setenv("ISTHMUS_DATABASE", "postgresql://u:hunter2@h/db")

    assert not [name for name in run_limited(environment) if name.startswith("ISTHMUS")]


def test_whether_the_kernel_closes_the_network_can_be_asked():
    assert has_network_namespace() in (True, False)


def counting(n: int):
    for number in range(n):
        yield [number, "x" * 1000]


def dying_after(n: int):
    yield from range(n)
    os.kill(os.getpid(), signal.SIGKILL)


def busy_after(n: int):
    yield from range(n)
    busy()


def hungry_after(n: int):
    yield from range(n)
    yield hungry()


def test_streamed_values_come_in_order_however_many() -> None:
    got = [value[0] for value in stream_limited(counting, 3000)]

    assert got == list(range(3000))


@pytest.mark.parametrize(("target", "reason"), [(dying_after, "crash"), (hungry_after, "memory"), (busy_after, "time")])
def test_what_came_before_a_streaming_child_died_is_handed_over(target: object, reason: str) -> None:
    got: list[int] = []

    with pytest.raises(ChildFailed) as caught:
        got.extend(value for value in stream_limited(target, 5, cpu_s_each=1, wall_s_each=20))  # type: ignore[arg-type]

    assert got == [0, 1, 2, 3, 4]
    assert caught.value.reason == reason


def test_leaving_a_stream_early_ends_its_process() -> None:
    before = set(os.listdir("/proc"))
    stream = stream_limited(counting, 10_000_000)

    next(iter(stream))
    stream.close()  # type: ignore[attr-defined]

    left = [pid for pid in set(os.listdir("/proc")) - before if pid.isdigit() and _is_child(pid)]
    assert left == []


def resting_after(n: int):
    yield from range(n)
    time.sleep(60)


# Held by the module, so that nothing closes the stream before Python itself ends.
_LEFT_OPEN = """
import sys
from isthmus.kit.child import stream_limited
from tests.kit.test_child import resting_after
stream = stream_limited(resting_after, 1)
assert next(stream) == 0
sys.exit(3)
"""


def test_a_program_that_ends_in_the_middle_of_a_stream_ends_as_it_wanted() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _LEFT_OPEN], capture_output=True, text=True, check=False, timeout=50,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip

    assert (ended.returncode, ended.stderr) == (3, "")


def _is_child(pid: str) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline") as file:
            return "isthmus.kit.child" in file.read() and os.path.exists(f"/proc/{os.getpid()}/task/{pid}")
    except OSError:
        return False
