"""Import, release, page and memory of a whole institute, through the command and the views readers and editors use.

`make bench-house` takes the archive that DATA names (a records file, or a folder with
real-archive.jsonl.gz in it or in `archives`),
else one of 9,166 generated pieces. Wall time for what a person waits for, CPU time for what a request costs.
"""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import generated
import given
import measure

_ISTHMUS = Path(sys.executable).parent / "isthmus"
_N_GENERATED = 9_166


def main() -> None:
    """Run every measurement in one temporary institute and write the table."""
    with tempfile.TemporaryDirectory(prefix="isthmus-bench-") as name:
        directory = Path(name) / "institute"
        archive, described = _archive(Path(name))
        isthmus(directory, "init", "--name", "Bench")
        import_s, total = _import(directory, archive)
        rows = [(f"import {described}, indexed and visible ({total} pieces)", f"{import_s:.1f} s", "30 s, goal 20 s")]
        rows.append(("the same again (nothing changed)", f"{_import(directory, archive)[0]:.1f} s", ""))
        rows += _in_process(directory)
        rows.append(("`serve` idle, all processes (PSS)", f"{_serve_mb(directory):.0f} MB", "300 MB"))
        print(measure.record("House", "make bench-house", rows))


def _archive(scratch: Path) -> tuple[Path, str]:
    if real := given.archive():
        return real, "the real archive"
    return generated.write(scratch / "made.jsonl.gz", n=_N_GENERATED), "a generated archive"


def isthmus(directory: Path, *words: str) -> str:
    """Run the command as an operator would; its standard output. Raises CalledProcessError."""
    found = subprocess.run(
        [_ISTHMUS, "--dir", directory, *words],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=_environment(directory),
    )
    return found.stdout


def _environment(directory: Path) -> dict[str, str]:
    return {**os.environ, "ISTHMUS_DIR": str(directory)}


def _import(directory: Path, archive: Path) -> tuple[float, int]:
    before = time.perf_counter()
    isthmus(directory, "import", str(archive))
    taken = time.perf_counter() - before
    found = re.search(r'"total": ?(\d+)', isthmus(directory, "search", "", "--json"))
    return taken, int(found[1]) if found else 0


def _in_process(directory: Path) -> list[tuple[str, str, str]]:
    """What one action, one admin POST and one page cost, with the archive in the database."""
    os.environ.update(ISTHMUS_DIR=str(directory), DJANGO_SETTINGS_MODULE="isthmus.server.settings")
    import django

    django.setup()
    import probes

    page_ms, n_queries = probes.page_cost(random.Random(7))
    release_ms, post_ms = measure.cpu_ms(probes.release_one, times=30), probes.admin_post_ms()
    return [
        ("create and release, in the action (CPU, median of 30)", f"{release_ms:.1f} ms", "30 ms"),
        ("create and release, the admin's POST (CPU, median of 20)", f"{post_ms:.1f} ms", "60 ms"),
        ("uncached publication page (CPU, median of 200)", f"{page_ms:.1f} ms", "10 ms"),
        ("uncached publication page, queries (most of 200)", f"{n_queries}", "8"),
    ]


def _serve_mb(directory: Path) -> float:
    with served(directory) as (process, _):
        time.sleep(15)
        return measure.tree_pss_mb(process.pid)


@contextmanager
def served(directory: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A running `isthmus serve` and its address; stopped with the block."""
    port = _free_port()
    process = subprocess.Popen(
        [_ISTHMUS, "--dir", directory, "serve", "--port", str(port)],
        stdout=subprocess.DEVNULL, env=_environment(directory), start_new_session=True,
    )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(lambda: urllib.request.urlopen(f"{address}/robots.txt", timeout=2).status == 200)
        yield process, address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(is_true: Callable[[], bool], *, at_most_s: float = 60) -> None:
    deadline = time.monotonic() + at_most_s
    while time.monotonic() < deadline:
        try:
            if is_true():
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"The site did not answer within {at_most_s:.0f} s; run `isthmus serve` by hand to see why.")


if __name__ == "__main__":
    main()
