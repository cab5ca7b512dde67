"""An institute of its own, run by real processes: what stories and crash tests look at from outside."""

from __future__ import annotations

import http.client
import http.cookiejar
import json
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from tests import database, forking

_PLAIN = urllib.request.build_opener(urllib.request.ProxyHandler({}))
COMMAND = [sys.executable, "-W", "ignore", "-c", "import sys; from isthmus.cli import main; sys.exit(main())"]
PASSWORD = "correct horse battery staple"


def environment(**more: str) -> dict[str, str]:
    """Ours without any institute in it, but with the journal mode that CI chooses."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ISTHMUS_", "DJANGO_"))}
    if mode := os.environ.get("ISTHMUS_SQLITE_JOURNAL"):
        kept["ISTHMUS_SQLITE_JOURNAL"] = mode
    return kept | more


class Institute:
    """A directory that `isthmus init` made, with Alice the editor as its one login."""

    def __init__(self, directory: Path, **options: str) -> None:
        self.directory, self.data = directory, directory / "data"
        self.environment = environment(**{f"ISTHMUS_{name.upper()}": value for name, value in options.items()})
        self._loaded: dict[str, forking.Loaded] = {}

    @classmethod
    def new(cls, directory: Path) -> Institute:
        """Made by the command, which finds the tables there already: migrating takes 8 s, and minutes under load.

        Needs `django_db_setup`.
        """
        made = cls(directory)
        database.give_tables(directory)
        made.must("init", "--name", "The Institute")
        password = directory / "password"
        password.write_text(PASSWORD)
        made.must("user", "add", "alice@institute.example", "--role", "publisher", "--password-file", str(password))
        return made

    def copied_to(self, directory: Path, **options: str) -> Institute:
        """The same, elsewhere; nothing may be running in it."""
        shutil.copytree(self.directory, directory, symlinks=True, dirs_exist_ok=True)
        return Institute(directory, **options)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command to its end."""
        return subprocess.run(
            [*COMMAND, "--dir", str(self.directory), *words],
            capture_output=True, text=True, env=self.environment, check=False, timeout=300,
        )  # fmt: skip

    def must(self, *words: str) -> str:
        """A command that has to succeed; what it printed."""
        done = self.run(*words)
        assert done.returncode == 0, f"isthmus {' '.join(words)}: {done.stderr}"
        return done.stdout

    def start(self, code: str, *words: str, **more: str) -> subprocess.Popen[str]:
        """A Python process with Django set up on this institute, running `code`; `more` is added to its environment.

        Forked from a loaded process of this institute's own, which the first call starts.
        """
        variables = {"ISTHMUS_DIR": str(self.directory), "DJANGO_SETTINGS_MODULE": "isthmus.server.settings"}
        # A library that is loaded before all others has to be there from the beginning.
        first = {name: more.pop(name) for name in ("LD_PRELOAD",) if name in more}
        if forking.IS_POSSIBLE:
            key = first.get("LD_PRELOAD", "")
            if key not in self._loaded:
                self._loaded[key] = forking.Loaded(self.environment | variables | first)
            return forking.Forked(self._loaded[key], code, words, more)
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", "import sys, django\ndjango.setup()\n" + code, *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self.environment | variables | first | more,
        )  # fmt: skip

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What another process reads in the database now."""
        with closing(sqlite3.connect(self.data / "isthmus.db", timeout=20)) as connection:
            return connection.execute(statement, values).fetchall()

    @contextmanager
    def served(self) -> Iterator[Serving]:
        """`isthmus serve`, killed with all below it at the end."""
        serving = Serving(self)
        serving.start()
        try:
            yield serving
        finally:
            serving.kill_all()


class Serving:
    """`isthmus serve` as a tree of processes, which can be killed in parts and started again on the same port."""

    def __init__(self, institute: Institute) -> None:
        self._institute = institute
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None
        self.log = institute.directory / "serve.log"

    @property
    def address(self) -> str:
        """Without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> float:
        """Start and wait until it answers; the seconds that took."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "--dir", str(self._institute.directory), "serve", "--port", str(self.port)],
                stdout=log, stderr=log, env=self._institute.environment,
            )  # fmt: skip
        until(self.answers, within_s=60, but=self.said)
        return time.monotonic() - began

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text()[-2000:]

    def answers(self) -> bool:
        """Whether the home page comes."""
        return self.status("/") == 200

    def status(self, path: str) -> int:
        """The status of an answer, 0 for none or a part of one."""
        try:
            return self.get(path)[0]
        except (OSError, http.client.HTTPException):
            return 0

    def get(self, path: str, *, timeout_s: float = 20) -> tuple[int, str]:
        """Status and body. Raises: OSError where nothing answers."""
        try:
            with _PLAIN.open(self.address + path, timeout=timeout_s) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def pids(self) -> dict[str, list[int]]:
        """Who runs: `serve`, `front`, `worker`, and `web`, which is Granian's own process and the one that answers."""
        assert self.process is not None
        parents = {int(path.parent.name): _parent_of(path) for path in Path("/proc").glob("[0-9]*/stat")}
        below = {pid: [child for child, parent in parents.items() if parent == pid] for pid in parents}
        found: dict[str, list[int]] = {"serve": [self.process.pid], "front": [], "web": [], "worker": []}
        for pid in below.get(self.process.pid, []):
            name = "web" if below[pid] else "front" if _is_front(pid) else "worker"
            found[name] += [pid, *below[pid]]
        return found

    def kill(self, whom: str, chance: random.Random) -> None:
        """kill -9 of one process of the web, of the worker, or of all there are."""
        if whom == "serve":
            self.kill_all()
        elif found := self.pids()[whom]:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(found), signal.SIGKILL)

    def kill_all(self) -> None:
        """Everybody at once, as a power cut would."""
        if self.process is None:
            return
        for pid in [pid for some in self.pids().values() for pid in some]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process = None


class Editor:
    """Alice at her browser, without the browser: a login and the forms she sends."""

    def __init__(self, serving: Serving) -> None:
        self._serving, self._token = serving, ""
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._browser = urllib.request.build_opener(jar, _NoRedirect, urllib.request.ProxyHandler({}))

    def log_in(self) -> None:
        """Through the form; its token changes with the login. Raises: OSError where nothing answers."""
        self._token = self._token_on("/admin/login/")
        fields = {"username": "alice@institute.example", "password": PASSWORD}
        status, body = self.post("/admin/login/", fields)
        assert status == 302, body[:500]
        self._token = self._token_on("/admin/publications/add/")

    def get(self, path: str) -> tuple[int, str]:
        """Status and body. Raises: OSError where nothing answers."""
        return self._open(urllib.request.Request(self._serving.address + path))

    def post(self, path: str, fields: Mapping[str, Any]) -> tuple[int, str]:
        """Send a form. Raises: OSError where nothing answers."""
        data = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": self._token}).encode()
        return self._open(urllib.request.Request(self._serving.address + path, data=data))

    def upload(self, path: str, fields: Mapping[str, str], name: str, content: bytes) -> tuple[int, str]:
        """Send a form with one file, in the field `file`. Raises: OSError where nothing answers."""
        edge = b"--------the-edge-of-a-part"
        parts = [
            b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (edge, key.encode(), value.encode())
            for key, value in {**fields, "csrfmiddlewaretoken": self._token}.items()
        ]
        head = b'--%s\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n' % (edge, name.encode())
        kind = b"Content-Type: application/octet-stream\r\n\r\n"
        request = urllib.request.Request(
            self._serving.address + path, data=b"".join([*parts, head, kind, content, b"\r\n--%s--\r\n" % edge])
        )
        request.add_header("Content-Type", f"multipart/form-data; boundary={edge.decode()}")
        return self._open(request)

    def _token_on(self, path: str) -> str:
        _, page = self.get(path)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, f"{path} has no form: {page[:500]}"
        return found[1]

    def _open(self, request: urllib.request.Request) -> tuple[int, str]:
        request.add_header("Origin", self._serving.address)
        try:
            with self._browser.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def with_slack(seconds: float) -> float:
    """A deadline for a rested machine, as long as it has to be on this one: its cores may be shared with other work."""
    return seconds * max(1.0, 1.5 * os.getloadavg()[0] / (os.cpu_count() or 1))


def until(look: Callable[[], Any], *, within_s: float, but: Callable[[], object] = lambda: "") -> Any:
    """What `look` gives as soon as it is true; fails, saying what `but` gives, if it is not in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"it did not happen within {within_s:.0f} s: {but()}")


def found_by_search(serving: Serving, question: str) -> set[str]:
    """The titles of every hit, all pages of the API."""
    titles: set[str] = set()
    for page in range(1, 1000):
        asked = urllib.parse.urlencode({"q": question, "per_page": 100, "page": page})
        status, body = serving.get(f"/api/v1/search?{asked}")
        assert status == 200, body
        answer = json.loads(body)
        titles |= {hit["title"] for hit in answer["hits"]}
        if page * 100 >= answer["total"]:
            break
    return titles


def _is_front(pid: int) -> bool:
    try:
        return b"isthmus.server.front" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _parent_of(path: Path) -> int:
    try:
        return int(path.read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
