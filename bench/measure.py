"""What the benches share: the machine's name, memory of a process tree, CPU time of a call, rows for RESULTS.md."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"


def machine() -> str:
    """Cores, processor and Python, as RESULTS.md names the machine."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}"


def load_average() -> float:
    """How busy the machine was: figures of one run are only good for ratios above 1."""
    return os.getloadavg()[0]


def yardstick_s() -> float:
    """CPU seconds of ten million additions, the best of three: a rented core is now quick, now slow, by half or more.

    Divide a figure by it before comparing it with that of another day.
    """
    taken = []
    for _ in range(3):
        before, total = time.process_time(), 0
        for number in range(10_000_000):
            total += number
        taken.append(time.process_time() - before)
    return min(taken)


def cpu_ms(call: Callable[[], object], *, times: int) -> float:
    """Median CPU time of a call in this process, in milliseconds."""
    taken = []
    for _ in range(times):
        before = time.process_time()
        call()
        taken.append(time.process_time() - before)
    return statistics.median(taken) * 1000


def tree_pss_mb(root: int) -> float:
    """Memory of a process and all below it in MB, shared pages counted once (Linux, smaps_rollup)."""
    return sum(_pss_mb(pid) for pid in _tree(root))


def largest_pss_mb(root: int) -> float:
    """Memory of the largest of these processes in MB."""
    return max(_pss_mb(pid) for pid in _tree(root))


def _pss_mb(pid: int) -> float:
    lines = (line for line in _lines(f"/proc/{pid}/smaps_rollup") if line.startswith("Pss:"))
    return sum(int(line.split()[1]) for line in lines) / 1024


def wait_for_rest(root: int, *, at_most_s: float) -> bool:
    """Whether a process and all below it come to use under a fifth of a core for 12 seconds, before time is up."""
    deadline, before, n_calm = time.monotonic() + at_most_s, _tree_cpu_s(root), 0
    while n_calm < 4 and time.monotonic() < deadline:
        time.sleep(3)
        now = _tree_cpu_s(root)
        n_calm = n_calm + 1 if now - before < 0.6 else 0
        before = now
    return n_calm == 4


def _tree_cpu_s(root: int) -> float:
    ticks = 0
    for pid in _tree(root):
        words = "".join(_lines(f"/proc/{pid}/stat")).rpartition(")")[2].split()
        ticks += int(words[11]) + int(words[12]) if len(words) > 12 else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def _tree(root: int) -> list[int]:
    parents = {int(path.name): _parent(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def _parent(path: Path) -> int:
    words = "".join(_lines(f"{path}/stat")).rpartition(")")[2].split()
    return int(words[1]) if len(words) > 1 else 0


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(errors="replace").splitlines(keepends=True)
    except OSError:
        return []


def record(
    title: str,
    command: str,
    rows: Iterable[Sequence[str]],
    *,
    heads: Sequence[str] = ("what", "figure", "wanted"),
    note: str = "",
) -> str:
    """Add a dated table to RESULTS.md, a cell for each head in a row; returns it for the terminal."""
    head = f"## {title}, {datetime.now(UTC):%Y-%m-%d}\n\n`{command}` on {machine()}, load {load_average():.1f}, "
    head += f"ten million additions in {yardstick_s():.2f} s\n" + (f"\n{note}\n" if note else "")
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows))
    text = f"{head}\n{table}\n"
    before = (
        RESULTS.read_text()
        if RESULTS.exists()
        else "# Results\n\nNewest first; each names its command, machine and date.\n"
    )
    intro, mark, older = before.partition("\n## ")
    RESULTS.write_text(f"{intro.rstrip()}\n\n{text}" + (f"\n## {older}" if mark else ""))
    return text
