"""A front on a loopback port with a real edition behind it, and a Django's process that says what a test wrote."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from isthmus.edition.page import Page
from isthmus.edition.shelf import Shelf
from isthmus.edition.store import Step, Store
from isthmus.kit.options import Options
from isthmus.server.front.connection import Connection
from isthmus.server.front.limits import Limits
from isthmus.server.front.running import run
from isthmus.server.front.site import Site
from isthmus.server.front.upstream import Upstream

TEXT = "<!doctype html><title>The strait</title><p>" + "Pieces on the strait. " * 200
PIECE = Page(
    "/strait/",
    (("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-cache")),
    frozenset({"pub:1"}),
    1,
    content=TEXT.encode(),
    modified_at=1_700_000_000,
)
Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class House:
    """A front in a thread of its own; `ask` is a client that says any bytes at all."""

    def __init__(
        self, directory: Path, *, limits: Limits | None = None, hold_s: float = 5.0, **options: object
    ) -> None:
        (directory / "data" / "run").mkdir(parents=True)
        self.directory = directory
        self.web = directory / "web.sock"
        self.shelf = Shelf(directory / "data" / "edition")
        self.store: Store = self.shelf.begin("a")
        self.shelf.switch(self.store)
        chosen = Options(directory=directory, **options)  # type: ignore[arg-type]
        self._make = lambda: Site(
            chosen,
            shelf=Shelf(directory / "data" / "edition"),
            upstream=Upstream(self.web, hold_s=hold_s),
            limits=limits or Limits(),
        )
        self.heard: list[bytes] = []
        self.n_connections = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.site = self._make()
        self._over = asyncio.Event()
        server = await self.loop.create_server(lambda: Connection(self.site), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._django: asyncio.Server | None = None
        self._links: set[asyncio.StreamWriter] = set()
        ticking = asyncio.create_task(self._tick())
        self._ready.set()
        await self._over.wait()
        ticking.cancel()
        server.close()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(0.05)
            self.site.tick()
            self.site.memory.follow()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    # --- Django's part ---------------------------------------------------------------------------------------------

    def django(self, script: Script) -> None:
        """Have each connection of the front talk to this."""
        asyncio.run_coroutine_threadsafe(self._listen(script), self.loop).result(5)

    async def _listen(self, script: Script) -> None:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.n_connections += 1
            self._links.add(writer)
            try:
                await script(reader, writer)
            except (OSError, EOFError):
                pass
            finally:
                self._links.discard(writer)
                writer.close()

        self.web.unlink(missing_ok=True)
        self._django = await asyncio.start_unix_server(accept, str(self.web))

    def kill_django(self) -> None:
        """As by SIGKILL: the socket refuses, connections break."""

        async def kill() -> None:
            if self._django is not None:
                self._django.close()
            for writer in list(self._links):
                writer.transport.abort()

        asyncio.run_coroutine_threadsafe(kill(), self.loop).result(5)

    def answering(self, *answers: bytes) -> None:
        """A Django that notes what it hears and says these in turn, the last one for ever."""
        left = list(answers)

        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                self.heard.append(await heard(reader))
                writer.write(left.pop(0) if len(left) > 1 else left[0])

        self.django(script)

    # --- the client's part -----------------------------------------------------------------------------------------

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def say(self, words: bytes) -> bytes:
        """All that comes back until the front closes, or nothing came for a moment."""
        with self.connect() as client:
            client.sendall(words)
            return until_quiet(client)

    def get(self, path: str, *fields: str, method: str = "GET") -> bytes:
        lines = [f"{method} {path} HTTP/1.1", "Host: institute.example", *fields, "Connection: close", "", ""]
        return self.send("\r\n".join(lines).encode("latin-1"))

    def send(self, words: bytes) -> bytes:
        """All that comes back until the front closes."""
        with self.connect() as client:
            client.sendall(words)
            return until_closed(client)

    def keep(self, *pages: Page) -> None:
        assert self.store.put_many(pages) == len(pages)

    def purge(self, *tags: str, seq: int, stamp: str | None = None) -> None:
        self.store.take(Step(seq, tags, stamp=stamp))


async def heard(reader: asyncio.StreamReader) -> bytes:
    """One request as Django's server would read it."""
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return head + await reader.readexactly(int(line.split(b":")[1]))
    return head


def until_closed(client: socket.socket) -> bytes:
    pieces = []
    while piece := client.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def until_quiet(client: socket.socket, *, quiet_s: float = 0.3) -> bytes:
    client.settimeout(quiet_s)
    received = b""
    try:
        while piece := client.recv(65536):
            received += piece
    except TimeoutError:
        return received + b"<open>"
    return received


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def head_of(answer: bytes) -> dict[str, str]:
    lines = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def eventually(look: Callable[[], bool], *, within_s: float = 10.0) -> bool:
    """Whether it comes true; what is changed elsewhere is seen within a second."""
    until = time.monotonic() + within_s
    while not look():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
