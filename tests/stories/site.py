"""A site that runs in a process of its own, and what a visitor gets from it; nothing here knows the product's code."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TypeVar
from urllib.parse import urljoin

from tests.stories.page import Page

_T = TypeVar("_T")
_READY_WITHIN_S = 180


@dataclass(frozen=True)
class Answer:
    """What an address answered. text: the body, where it is text; empty otherwise."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def page(self) -> Page:
        return Page(self.text)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


_STAYING = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
_FOLLOWING = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Site:
    """A site that answers. printed: what its command had said when it was ready; directory: the institute's."""

    url: str
    directory: Path
    printed: str

    def get(self, path: str, *, follow: bool = False) -> Answer:
        """What a stranger's program gets; path: root-relative, or an address of this site."""
        opener = _FOLLOWING if follow else _STAYING
        try:
            with opener.open(self.address(path), timeout=30) as answer:
                return Answer(answer.status, _lowered(answer.headers), answer.read(), answer.url)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _lowered(error.headers), error.read(), error.url)

    def page(self, path: str) -> Page:
        """The page at an address, which must be there."""
        answer = self.get(path)
        assert answer.status == 200, f"{path} answered {answer.status}"
        return answer.page

    def paged(self, path: str) -> Iterator[Page]:
        """A listing from its newest page to its oldest, as rel=next leads."""
        step: str | None = path
        while step is not None:
            page = self.page(step)
            yield page
            following = page.rel("next")
            step = urljoin(path, following) if following else None

    def address(self, path: str) -> str:
        """The whole address of a root-relative path."""
        return path if path.startswith("http") else self.url + path

    def total(self) -> int:
        """The number that stands in the header of the front page."""
        return self.page("/").total_index


def _lowered(headers: object) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}  # type: ignore[attr-defined]


def environment(**added: str) -> dict[str, str]:
    """The environment of a newcomer: nothing that begins with ISTHMUS_ or DJANGO_ but what is added."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("ISTHMUS_", "DJANGO_"))}
    return plain | added


def run(command: list[str], *words: object, cwd: Path | None = None, **added: str) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    return subprocess.run(
        [*command, *map(str, words)],
        capture_output=True, text=True, cwd=cwd, env=environment(**added), check=False, timeout=300,
    )  # fmt: skip


def done(command: list[str], *words: object, **rest: object) -> str:
    """What a command printed that must succeed."""
    ended = run(command, *words, **rest)  # type: ignore[arg-type]
    assert ended.returncode == 0, f"{' '.join(map(str, words))}: {ended.stdout}{ended.stderr}"
    return ended.stdout


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Starting:
    """A site that is coming up while something else is done; `ready()` waits for it."""

    def __init__(self, command: list[str], directory: Path, *words: str, said: str) -> None:
        self._directory, self._said, self._port = directory, said, free_port()
        self._lines: list[str] = []
        self._is_ready = False
        self._process = subprocess.Popen(
            [*command, "--dir", str(directory), *words, "--port", str(self._port)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(),
        )  # fmt: skip
        # Read to the end, or the pipe fills and the site stands still.
        Thread(target=self._read, daemon=True).start()

    def ready(self) -> Site:
        """The site, as soon as it answers."""
        until(lambda: self._is_ready or self._process.poll() is not None, within_s=_READY_WITHIN_S)
        printed = "".join(self._lines)
        assert self._is_ready, f"it ended with {self._process.returncode}: {printed}"
        return Site(f"http://localhost:{self._port}", self._directory, printed)

    def stop(self) -> None:
        """Stop it as an operator does."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._lines.append(line)
            self._is_ready = self._is_ready or self._said in line


def until(look: Callable[[], _T], *, within_s: float) -> _T:
    """What `look` answers as soon as it is true; fails where that takes too long."""
    deadline = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"it did not happen within {within_s} s"
        time.sleep(0.1)
    return found


@contextlib.contextmanager
def served(command: list[str], directory: Path) -> Iterator[Site]:
    """An institute while it is served."""
    starting = Starting(command, directory, "serve", said="Isthmus is ready")
    try:
        yield starting.ready()
    finally:
        starting.stop()
