"""Many readers at once, over HTTP, of a running `isthmus serve`: searches a second, and the memory of it."""

from __future__ import annotations

import http.client
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import house
import measure
from search_questions import Asked

N_CLIENTS = 16
_N_OFTEN = 500
# The worker may still read a new archive; what a search costs meanwhile is another figure.
_MAX_WAIT_S = 240


def measured(directory: Path, questions: Sequence[Asked], seconds: int) -> Iterator[tuple[str, str, str]]:
    """Every figure as (what, figure, wanted); so many seconds each of different questions, and of a few over again."""
    paths = [f"/search/?{asked.query_string}" for asked in questions]
    warm, paths = paths[:200], paths[200:]
    with house.served(directory) as (process, address):
        _threads(address, warm, 3)
        is_at_rest = measure.wait_for_rest(process.pid, at_most_s=_MAX_WAIT_S)
        asked_by = _wrk if shutil.which("wrk") else _threads
        often = f"searches a second over HTTP, {N_CLIENTS} clients"
        state = "" if is_at_rest else ", while the worker works"
        yield f"{often}, each question once{state}", asked_by(address, paths, seconds), "300"
        most, whole = measure.largest_pss_mb(process.pid), measure.tree_pss_mb(process.pid)
        yield f"{often}, {_N_OFTEN} again and again{state}", asked_by(address, paths[:_N_OFTEN], seconds), ""
        api = [path.replace("/search/", "/api/v1/search", 1) for path in paths]
        yield f"{often}, as JSON, each question once{state}", asked_by(address, api[len(api) // 2 :], seconds), ""
        yield "the process that searches, after the first of these (PSS)", f"{most:.0f} MB", "300 MB"
        yield "`serve`, all processes, then (PSS)", f"{whole:.0f} MB", ""


def _wrk(address: str, paths: Sequence[str], seconds: int) -> str:
    """What wrk counts, the paths in turn. Raises: SystemExit for answers that are none."""
    # The server may still make pages that whoever asked last did not wait for.
    time.sleep(3)
    with tempfile.TemporaryDirectory(prefix="isthmus-bench-") as name:
        listed, script = Path(name) / "paths", Path(name) / "paths.lua"
        listed.write_text("\n".join(paths) + "\n")
        script.write_text(
            f'local paths, n = {{}}, 0\nfor line in io.lines("{listed}") do paths[#paths + 1] = line end\n'
            'wrk.headers["Accept-Encoding"] = "gzip"\n'
            'request = function() n = n + 1; return wrk.format("GET", paths[(n - 1) % #paths + 1]) end\n'
        )
        command = ["wrk", "-t1", f"-c{N_CLIENTS}", f"-d{seconds}s", "--timeout", "30s", "--latency", "-s", script]
        told = subprocess.run([*command, address], check=True, stdout=subprocess.PIPE, text=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise SystemExit(f"Some searches over HTTP were not answered:\n{told}")
    rate, p99, n = (re.search(sign, told) for sign in (r"Requests/sec:\s*([\d.]+)", r"99%\s*(\S+)", r"(\d+) requests"))
    assert rate, told
    assert n, told
    again = f", {len(paths)} different questions" if int(n[1]) > len(paths) else ""
    return f"{float(rate[1]):.0f}" + (f" (p99 {p99[1]}{again})" if p99 else "")


def _threads(address: str, paths: Sequence[str], seconds: int) -> str:
    """The same by threads here: every client has each sixteenth path, for so many seconds."""
    deadline = time.perf_counter() + seconds

    def ask(number: int) -> int:
        return _client(address, paths[number::N_CLIENTS], deadline)

    with ThreadPoolExecutor(N_CLIENTS) as pool:
        counts = list(pool.map(ask, range(N_CLIENTS)))
    return f"{sum(counts) / seconds:.0f} (asked by Python)"


def _client(address: str, paths: Sequence[str], deadline: float) -> int:
    connection, n = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30), 0
    while time.perf_counter() < deadline:
        connection.request("GET", paths[n % len(paths)], headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{paths[n % len(paths)]} was answered by {answer.status}.")
        n += 1
    connection.close()
    return n
