"""Kept pages beside nginx: one page of an archive, from the front and, the very bytes, from nginx's gzip_static.

`make bench-pages` takes the archive that DATA names, else 9,166 generated pieces. wrk asks both in turn, round by
round: alone, with a different head for each request, while eight uncached requests are always with Django, and while
16 clients search; nginx beside the same Django and the same clients. On a shared machine only ratios within a run are
worth anything; the processor time of a request, which the kernel counts, is worth a little more.
"""

from __future__ import annotations

import argparse
import getpass
import gzip
import re
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import generated
import given
import house
import measure

_NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
_N_GENERATED = 9_166
_CONFIGURATION = """
user {user}; worker_processes 1; daemon off; pid {here}/nginx.pid; error_log {here}/error.log crit;
events {{ worker_connections 1024; }}
http {{
  types {{ text/html html; }} default_type text/html; charset utf-8; access_log off;
  sendfile on; tcp_nopush on; keepalive_requests 10000000; open_file_cache max=100;
  gzip_static on; gzip_vary on; add_header Cache-Control no-cache;
  client_body_temp_path {here}/a; proxy_temp_path {here}/b; fastcgi_temp_path {here}/c;
  uwsgi_temp_path {here}/d; scgi_temp_path {here}/e;
  server {{ listen 127.0.0.1:{port}; root {here}/root; }}
}}
"""
_BROWSER = (
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/".. n % 40 ..".0.0.0 Safari/537.36'
)
# A browser's head; the same each time, or one of 12,000 that 40 browsers with ten languages send from 12,000 pages.
_HEADS = """
local heads, at = {{}}, 0
for n = 1, {n} do
  heads[n] = "GET {path} HTTP/1.1\\r\\nHost: {host}\\r\\nUser-Agent: {browser}\\r\\nAccept-Encoding: gzip\\r\\n" ..
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\\r\\n" ..
    "Accept-Language: en-" .. n % 10 .. "\\r\\nReferer: https://news.example/" .. n .. "\\r\\n\\r\\n"
end
request = function() at = at + 1; return heads[at % {n} + 1] end
"""
_SEARCHES = """
local at = {begin}
request = function() at = at + 1; return wrk.format("GET", "/search/?q=policy+" .. at) end
"""


@dataclass(frozen=True)
class Server:
    """One of the two: where it listens, and the process whose clock counts."""

    name: str
    address: str
    path: str
    pid: int


@dataclass(frozen=True)
class Run:
    """What one run of wrk said. cpu_us: of the server's process, for each request."""

    rate: float
    p99_ms: float
    cpu_us: float


def main() -> None:
    """Every figure, in one temporary institute."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=5, help="each run of wrk")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    for tool in ("wrk", _NGINX):
        if not shutil.which(tool):
            raise SystemExit(f"{tool} is not here: install it (Debian: apt install wrk nginx-light).")
    with tempfile.TemporaryDirectory(prefix="isthmus-bench-") as name:
        scratch = Path(name)
        directory, described = _institute(scratch)
        with house.served(directory) as (process, address):
            measure.wait_for_rest(process.pid, at_most_s=600)
            rows = list(_measured(scratch, address, process.pid, seconds=asked.seconds, rounds=asked.rounds))
        print(measure.record("Kept pages", "make bench-pages", rows, note=f"One page of {described}, beside nginx."))


def _institute(scratch: Path) -> tuple[Path, str]:
    directory = scratch / "institute"
    real = given.archive()
    archive = real or generated.write(scratch / "made.jsonl.gz", n=_N_GENERATED)
    house.isthmus(directory, "init", "--name", "Bench")
    house.isthmus(directory, "import", str(archive))
    return directory, "the real archive" if real else "a generated archive"


def _measured(scratch: Path, address: str, root: int, *, seconds: int, rounds: int) -> Iterator[tuple[str, str, str]]:
    paths = _paths(address)
    path, size = _chosen(address, paths)
    front = Server("front", address, path, _pid_of(root, b"isthmus.server.front"))
    with _nginx(scratch, address, path) as nginx:
        pair = (nginx, front)

        def compared(n_heads: int = 1) -> list[tuple[Run, Run]]:
            return [
                (_run(scratch, nginx, n_heads, seconds), _run(scratch, front, n_heads, seconds)) for _ in range(rounds)
            ]

        quiet = compared()
        yield f"a page of {size / 1000:.0f} kB, of nginx's rate, 32 clients", _ratio(quiet), "0.9"
        yield "p99, of nginx's", _ratio(quiet, lambda run: run.p99_ms), "2 at most"
        yield "processor time a request", _times(quiet), ""
        varied = compared(12_000)
        yield "the same with 12,000 different heads in turn", _ratio(varied), ""
        yield "processor time a request", _times(varied), ""
        with _searching(scratch, address, 8):
            busy = compared()
        yield "while 8 uncached requests are always with Django, of nginx's rate beside them", _ratio(busy), "0.9"
        yield "p99, of nginx's", _ratio(busy, lambda run: run.p99_ms), "2 at most"
        with _searching(scratch, address, 16):
            crowded = [_run(scratch, pair[1], 1, seconds) for _ in range(rounds)]
        kept = statistics.median(run.rate for run in crowded) / statistics.median(run.rate for _, run in quiet)
        yield "of its own rate while 16 clients search without pause", f"{kept:.2f}", "0.4"
    for every in paths:
        _got(address + every)
    yield f"the front after {len(paths)} pages (PSS)", f"{measure.largest_pss_mb(front.pid):.0f} MB", "150 MB"


def _paths(address: str) -> list[str]:
    """Every publication's, from the sitemap."""
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    found: list[str] = []
    for part in ElementTree.fromstring(_got(f"{address}/sitemap.xml")).iter(f"{space}loc"):
        if part.text and "publications" in part.text:
            whole = ElementTree.fromstring(_got(address + _path_of(part.text)))
            found += [_path_of(each.text) for each in whole.iter(f"{space}loc") if each.text]
    return found


def _path_of(link: str) -> str:
    return re.sub(r"^https?://[^/]+", "", link)


def _chosen(address: str, paths: Sequence[str]) -> tuple[str, int]:
    """Of fifty pieces the one nearest to 20 kB."""
    sizes = {path: len(_got(address + path)) for path in paths[:: max(1, len(paths) // 50)]}
    path = min(sizes, key=lambda each: abs(sizes[each] - 20_000))
    return path, sizes[path]


def _got(link: str, **headers: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(link, headers=headers), timeout=60) as answer:
        return bytes(answer.read())


@contextmanager
def _nginx(scratch: Path, address: str, path: str) -> Iterator[Server]:
    """nginx with one worker over the bytes that the front sends."""
    place = scratch / "root" / path.strip("/")
    place.mkdir(parents=True)
    packed = _got(address + path, **{"Accept-Encoding": "gzip"})
    (place / "index.html.gz").write_bytes(packed)
    (place / "index.html").write_bytes(gzip.decompress(packed))
    port = house._free_port()
    (scratch / "nginx.conf").write_text(_CONFIGURATION.format(here=scratch, port=port, user=getpass.getuser()))
    # A session of its own, as the front has: Linux shares out the processors by sessions.
    process = subprocess.Popen([_NGINX, "-c", scratch / "nginx.conf"], start_new_session=True)
    try:
        time.sleep(1)
        worker = int(subprocess.check_output(["pgrep", "-P", str(process.pid)]).split()[0])
        yield Server("nginx", f"http://127.0.0.1:{port}", f"{path.rstrip('/')}/index.html", worker)
    finally:
        process.terminate()
        process.wait(10)


def _run(scratch: Path, server: Server, n_heads: int, seconds: int) -> Run:
    script = scratch / f"{server.name}-{n_heads}.lua"
    host = server.address.removeprefix("http://")
    script.write_text(_HEADS.format(n=n_heads, path=server.path, host=host, browser=_BROWSER))
    before = _cpu_s(server.pid)
    said = _wrk(server.address, script, "-t2", "-c32", f"-d{seconds}s", "--latency")
    cpu_s = _cpu_s(server.pid) - before
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"{server.name} failed: {said}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
    n = int(re.search(r"(\d+) requests in", said)[1])
    return Run(rate, _p99_ms(said), cpu_s / n * 1e6)


def _p99_ms(said: str) -> float:
    figure, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", said).groups()
    return float(figure) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


@contextmanager
def _searching(scratch: Path, address: str, n_clients: int) -> Iterator[None]:
    """So many clients that ask Django for something new without a pause."""
    script = scratch / f"searches-{n_clients}.lua"
    script.write_text(_SEARCHES.format(begin=n_clients * 1_000_000))
    with ExitStack() as stack:
        command = ["wrk", "-t1", f"-c{n_clients}", "-d600s", "--timeout", "60s", "-s", script, address]
        asking = stack.enter_context(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        try:
            time.sleep(2)
            yield
        finally:
            asking.terminate()


def _wrk(address: str, script: Path, *words: str) -> str:
    return subprocess.run(["wrk", *words, "-s", script, address], capture_output=True, text=True, check=True).stdout


def _ratio(runs: Sequence[tuple[Run, Run]], of: Callable[[Run], float] = lambda run: run.rate) -> str:
    ratios = sorted(of(front) / of(nginx) for nginx, front in runs)
    nginx, front = (statistics.median(of(pair[n]) for pair in runs) for n in (0, 1))
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}; {front:.4g} beside {nginx:.4g})"


def _times(runs: Sequence[tuple[Run, Run]]) -> str:
    nginx, front = (statistics.median(pair[n].cpu_us for pair in runs) for n in (0, 1))
    return f"{front:.1f} us, nginx {nginx:.1f} us"


def _cpu_s(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / 100


def _pid_of(root: int, word: bytes) -> int:
    """The process below `root` whose command line has the word."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        parent = (path.parent / "stat").read_text().rpartition(")")[2].split()[1]
        if word in path.read_bytes() and int(parent) == root:
            return int(path.parent.name)
    raise SystemExit("The front does not run.")


if __name__ == "__main__":
    main()
