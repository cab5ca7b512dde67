"""Moving in and out, timed and weighed: records, WordPress exports small and large, our own export, the static one.

`DATA=DIR make bench-import` takes the real archive for the records, else 9,166 generated ones; WordPress exports are
generated, BIG=500 megabytes for the large one. Wall time for what somebody waits for, CPU time with all child
processes, memory as the most that the command and its children had at once (PSS).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import generated
import generated_wxr
import given
import house
import measure

_N_GENERATED, _N_SMALL, _BIG_MB = 9_166, 250, 500
_SAMPLE_S = 0.5
_SHORT = (("--help",), ("doctor",), ("search", "", "--json"), ("import", "--runs"))
Row = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Cost:
    wall_s: float
    cpu_s: float
    memory_mb: float

    def said(self) -> str:
        return f"{self.wall_s:.1f} s, {self.cpu_s:.1f} s of CPU, {self.memory_mb:.0f} MB"


def main() -> None:
    """Run every measurement, each in an institute of its own, and write the table."""
    with tempfile.TemporaryDirectory(prefix="isthmus-bench-") as name:
        rows = [*_records(Path(name)), *_wordpress(Path(name))]
        note = "Wall time, CPU time of the command and its child processes, and the most memory they had together."
        print(measure.record("Moving in and out", "make bench-import", rows, note=note))


def _records(scratch: Path) -> Iterator[Row]:
    real = given.archive()
    archive = real or generated.write(scratch / "made.jsonl.gz", n=_N_GENERATED)
    directory = _institute(scratch / "records")
    described = "the real archive" if real else f"{_N_GENERATED} generated records"
    yield f"import {described}, indexed and visible", _said(directory, "import", str(archive)), "20 s, 300 MB"
    yield "the same again (nothing changed)", _said(directory, "import", str(archive)), ""
    for words in _SHORT:
        yield f"`isthmus {' '.join(words)}`", _start(directory, words), ""
    yield "`isthmus export OUT`", _said(directory, "export", str(scratch / "out")), ""
    back = _institute(scratch / "back")
    yield "`isthmus import OUT`, its way back", _said(back, "import", str(scratch / "out")), ""
    yield "`isthmus export --static`", _said(directory, "export", "--static", str(scratch / "static")), ""


def _wordpress(scratch: Path) -> Iterator[Row]:
    small, n_posts = generated_wxr.write(scratch / "small.xml", n_posts=_N_SMALL)
    megabytes = small.stat().st_size / 1e6
    said = _said(_institute(scratch / "small"), "import", str(small))
    yield f"import a WordPress export, {n_posts} posts, {megabytes:.1f} MB", said, "5 s"
    big_mb = int(os.environ.get("BIG") or _BIG_MB)
    big, n_posts = generated_wxr.write(scratch / "big.xml", n_bytes=big_mb * 1_000_000)
    said = _said(_institute(scratch / "big"), "import", str(big))
    yield f"import a WordPress export, {n_posts} posts, {big_mb} MB", said, "300 MB"


def _institute(directory: Path) -> Path:
    """A new institute; made once and copied, since its tables take longer than a small import."""
    first = directory.parent / "first"
    if not first.exists():
        house.isthmus(first, "init", "--name", "Bench")
    return Path(shutil.copytree(first, directory))


def _said(directory: Path, *words: str) -> str:
    return _watched(directory, *words).said()


def _start(directory: Path, words: tuple[str, ...]) -> str:
    """The least CPU time of three."""
    costs = [_watched(directory, *words, is_checked=False) for _ in range(3)]
    return f"{min(cost.cpu_s for cost in costs) * 1000:.0f} ms of CPU"


def _watched(directory: Path, *words: str, is_checked: bool = True) -> _Cost:
    """Run a command and look at its memory until it ends. Raises: SystemExit if it fails and is checked."""
    before, most_mb = time.perf_counter(), 0.0
    command = [Path(sys.executable).parent / "isthmus", "--dir", directory, *words]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        # wait4 and not `poll`: it says what the command and all children it waited for have used.
        done, status, used = os.wait4(process.pid, os.WNOHANG)
        if done:
            break
        most_mb = max(most_mb, measure.tree_pss_mb(process.pid))
        time.sleep(_SAMPLE_S if time.perf_counter() - before > _SAMPLE_S else 0.02)
    process.returncode = os.waitstatus_to_exitcode(status)
    if is_checked and process.returncode:
        raise SystemExit(f"`isthmus {' '.join(words)}` failed; run it by hand to see why.")
    return _Cost(time.perf_counter() - before, used.ru_utime + used.ru_stime, most_mb)


if __name__ == "__main__":
    main()
