"""What all connections share: the kept pages, the way to Django, limits, the clock, and who is connected."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from isthmus.edition.readership.counting import FLUSH_EVERY_S, Readings
from isthmus.kit import clock
from isthmus.kit.client_address import client_address
from isthmus.kit.options import Options
from isthmus.server.front import errors, hits
from isthmus.server.front.access import AccessLog
from isthmus.server.front.errors import ErrorAnswer
from isthmus.server.front.forwarding import Forwarding
from isthmus.server.front.heads import Refused, Request
from isthmus.server.front.hits import Sent, Wanted
from isthmus.server.front.incoming import Incoming
from isthmus.server.front.known import Known
from isthmus.server.front.limits import Bodies, Limits
from isthmus.server.front.lines import Lines
from isthmus.server.front.memory import Memory, Shelf
from isthmus.server.front.misses import Misses
from isthmus.server.front.prepared import Prepared
from isthmus.server.front.upstream import Upstream

if TYPE_CHECKING:
    from isthmus.server.front.connection import Connection

_FORGET_MISSES_S = 60
_ON_KEPT = "GET, HEAD, OPTIONS"


class Empty:
    """No body."""

    n_bytes = 0

    async def pieces(self) -> AsyncIterator[bytes]:
        """Nothing."""
        nothing: tuple[bytes, ...] = ()
        for piece in nothing:
            yield piece


class Site:
    """One institute as the front sees it. shelf: its kept pages; upstream: its Django."""

    def __init__(self, chosen: Options, *, shelf: Shelf, upstream: Upstream, limits: Limits | None = None) -> None:
        self._chosen = chosen
        data = chosen.directory / "data"
        self.is_https = chosen.public_url.startswith("https://")
        self.limits = limits or Limits(upload_max_bytes=chosen.upload_max_bytes)
        self.memory = Memory(shelf, max_bytes=chosen.front_memory_max_bytes)
        self.known = Known()
        self.lines = Lines()
        self.connections: set[Connection] = set()
        self.is_draining = False
        self.now = time.monotonic()
        self.wall = time.time()
        self.access = _access_log(chosen)
        self._spool_directory = data / "run"
        self._bodies = Bodies()
        self._misses = Misses()
        self._readings = Readings(data)
        self._zone = ZoneInfo(chosen.time_zone)
        self._n_ticks = 0
        self.forwarding = Forwarding(upstream, self._misses, trusted=chosen.trusted_proxies, is_https=self.is_https)
        self.tick()

    # --- hits ---------------------------------------------------------------------------------------------------------

    def key_for(self, request: Request) -> str | None:
        """See hits.key_for."""
        return hits.key_for(request, self.memory)

    def whole(self, key: str, wanted: Wanted) -> bytes:
        """What follows the first lines of a 200 for a usual request, empty where `hit` has to be asked."""
        page = self.memory.find(key, wanted.form, now=self.wall)
        if page is None or not page.whole:
            return b""
        if page.is_page and wanted.agent:
            self._readings.note(_path_of(key), wanted.agent)
        return page.whole

    def hit(self, key: str, wanted: Wanted) -> Sent | None:
        """What a kept page answers, None where none is kept."""
        page = self.memory.find(key, wanted.form, now=self.wall)
        if page is None:
            return None
        sent = hits.answer(wanted, page)
        if sent.file and not _is_whole(page):
            self.memory.forget(key)
            return None
        if page.is_page and wanted.agent:
            self._readings.note(_path_of(key), wanted.agent)
        return sent

    def own_answer(self, request: Request) -> ErrorAnswer | None:
        """What needs neither a page nor Django."""
        if request.path == "*":
            return errors.allowed("/", _ON_KEPT, is_https=self.is_https)
        if request.method in ("GET", "HEAD", "POST") or self.memory.parameters_of(request.path) is None:
            return None
        if request.method == "OPTIONS":
            return errors.allowed(request.path, _ON_KEPT, is_https=self.is_https)
        raise Refused(405, "This page can only be read.", allow=_ON_KEPT)

    # --- what is handed on --------------------------------------------------------------------------------------------

    def incoming(self, request: Request, peer: str) -> Incoming:
        """Room for the body of a request. Raises: Refused."""
        max_bytes = self.limits.body_max_bytes(request.path)
        if request.body_bytes > max_bytes:
            raise Refused(413, "What was sent is larger than this site takes.")
        address = self._address(request, peer)
        if not self._bodies.begin(address):
            raise Refused(503, "Too many forms are being sent: try again in a moment.")
        return Incoming(
            request, self._spool_directory, max_bytes=max_bytes, now=self.now,
            on_end=lambda: self._bodies.end(address),
        )  # fmt: skip

    async def forward(self, request: Request, incoming: Incoming | None, client: Connection) -> None:
        """Have Django answer. Raises: WebAway, Overloaded, TimeoutError."""

        async def is_kept_now() -> bool:
            key = self.key_for(request)
            return key is not None and client.try_hit(key, hits.wanted_by(request))

        status, kind = await self.forwarding.serve(request, incoming or Empty(), client, is_kept_now=is_kept_now)
        self._misses.learn(request, is_kept=self._is_kept(request))
        agent = hits.counted_agent(request)
        if agent and status == 200 and kind.startswith(b"text/html") and not request.path.startswith("/admin/"):
            self._readings.note(request.path, agent)

    def _is_kept(self, request: Request) -> bool:
        key = self.key_for(request)
        return key is not None and self.memory.holds(key)

    def _address(self, request: Request, peer: str) -> str:
        said = request.joined(b"x-forwarded-for").decode("latin-1")
        meta = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": said}
        return client_address(meta, trusted=self._chosen.trusted_proxies)

    # --- time ---------------------------------------------------------------------------------------------------------

    def admit(self, connection: Connection) -> bool:
        """Whether there is room for one more."""
        if len(self.connections) >= self.limits.connections_max:
            return False
        self.connections.add(connection)
        return True

    def tick(self) -> None:
        """Once a second: the clock, and what takes too long."""
        self.now, self.wall = time.monotonic(), time.time()
        self.lines.tick(self.wall)
        is_crowded = len(self.connections) > 0.9 * self.limits.connections_max
        idle_s = self.limits.idle_when_full_s if is_crowded else self.limits.idle_s
        for connection in list(self.connections):
            connection.check(self.now, idle_s=idle_s)
        self._n_ticks += 1
        if self._n_ticks % FLUSH_EVERY_S == 0:
            self.flush()
        if self._n_ticks % _FORGET_MISSES_S == 0:
            self._misses.forget()

    def flush(self) -> None:
        """Write down who read what."""
        self._readings.flush(clock.now().astimezone(self._zone).date())

    def drain(self) -> None:
        """Let every client go as soon as it has its answer."""
        self.is_draining = True
        self.known.forget()
        for connection in list(self.connections):
            connection.drain()


def _access_log(chosen: Options) -> AccessLog | None:
    if not chosen.access_log:
        return None
    return AccessLog(
        chosen.access_log, chosen.directory, addresses=chosen.access_log_addresses, trusted=chosen.trusted_proxies
    )


def _path_of(key: str) -> str:
    return key.partition("?")[0]


def _is_whole(page: Prepared) -> bool:
    """Whether a large file is still on the disk as it was when it was kept."""
    with suppress(OSError):
        return Path(page.file).stat().st_size == page.size_bytes
    return False
