"""What is handed on to Django and what comes back: only headers that are meant for the other end, and told truly."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from isthmus.kit.client_address import is_trusted_proxy
from isthmus.server.front import errors
from isthmus.server.front.heads import Request
from isthmus.server.front.misses import Misses
from isthmus.server.front.upstream import Answer, Content, Upstream, WebAway

# Meant for the next hop alone (RFC 9110, 7.6.1), beside those that Connection names.
_HOP_BY_HOP = frozenset({
    b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"proxy-authorization", b"te", b"trailer",
    b"transfer-encoding", b"upgrade", b"http2-settings",
})  # fmt: skip
# Django would take them for what a proxy of the operator's says; and `Proxy` for an environment variable.
_SAID_BY_PROXIES = frozenset({
    b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-port", b"x-forwarded-prefix",
    b"forwarded", b"x-real-ip", b"via",
})  # fmt: skip
_OURS = frozenset({b"content-length", b"expect", b"proxy", b"host"})
_FROM_DJANGO = frozenset({b"content-length", b"date", b"server"})
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})
# A watchdog wants to know, not to wait.
_HEALTH, _HEALTH_HOLD_S = "/healthz", 1.0


class Client(Protocol):
    """Who gets the answer. `peer`: the address of the other end of the connection."""

    peer: str

    def begin(self, status: int, head: bytes, content: bytes = b"", *, ends_with_connection: bool = False) -> None:
        """Send a head (header lines, without the empty line) and the first of the content, in one piece."""

    def write(self, content: bytes) -> None:
        """Send what follows."""

    async def drained(self) -> None:
        """Wait until there is room for more."""

    def break_off(self) -> None:
        """End the connection, so that nobody takes a part for the whole."""


class Forwarding:
    """Asks Django for a client. trusted: networks of the operator's proxies; asked_now: `hit` after a wait."""

    def __init__(self, upstream: Upstream, misses: Misses, *, trusted: Sequence[str], is_https: bool) -> None:
        self.upstream = upstream
        self._misses, self._trusted, self._is_https = misses, trusted, is_https

    async def serve(
        self, request: Request, content: Content, client: Client, *, is_kept_now: Callable[[], Awaitable[bool]]
    ) -> tuple[int, bytes]:
        """Get Django's answer to the client; its status and type.

        is_kept_now: answers the client from the kept pages if it can by now; asked when the page may have been made.
        """
        async with self._misses.turn(request) as was_first:
            if not was_first and await is_kept_now():
                return 200, b""
            return await self._answered(request, content, client, is_kept_now)

    async def _answered(
        self, request: Request, content: Content, client: Client, is_kept_now: Callable[[], Awaitable[bool]]
    ) -> tuple[int, bytes]:
        hold_s = _HEALTH_HOLD_S if request.path == _HEALTH else None
        answer = await self.upstream.ask(
            self.head_for(request, client.peer, content.n_bytes), content,
            may_repeat=request.method in _REPEATABLE, has_body=request.method != "HEAD", hold_s=hold_s,
        )  # fmt: skip
        try:
            # What Django has just kept is sent as everybody after will get it: in the form the client likes best.
            if answer.status == 200 and answer.is_whole and await is_kept_now():
                return 200, b""
            await _relayed(answer, request, client)
        finally:
            answer.end()
        kind = next((value for name, value in answer.fields if name == b"content-type"), b"")
        return answer.status, kind

    def head_for(self, request: Request, peer: str, n_bytes: int) -> bytes:
        """The head that Django gets, written anew from what was understood of the client's."""
        target = request.path + (f"?{request.query}" if request.query else "")
        lines = [f"{request.method} {target} HTTP/1.1\r\n".encode("ascii")]
        lines += [b"%b: %b\r\n" % field for field in self._fields_for(request, peer)]
        if n_bytes or request.method not in _REPEATABLE:
            lines.append(b"content-length: %d\r\n" % n_bytes)
        return b"".join([*lines, b"\r\n"])

    def trusts(self, peer: str) -> bool:
        """Whether the other end of a connection is a proxy of the operator's."""
        return bool(self._trusted) and is_trusted_proxy(peer, trusted=self._trusted)

    def _fields_for(self, request: Request, peer: str) -> list[tuple[bytes, bytes]]:
        is_trusted = self.trusts(peer)
        left_out = _HOP_BY_HOP | _OURS | named_hops(request.joined(b"connection"))
        if not is_trusted:
            left_out |= _SAID_BY_PROXIES
        host = request.joined(b"host") or b"localhost"
        said = {name: request.joined(name) if is_trusted else b"" for name in _SAID_BY_PROXIES}
        left_out |= {b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"}
        before = said[b"x-forwarded-for"]
        return [
            (b"host", host),
            *(field for field in request.fields if field[0] not in left_out and b"_" not in field[0]),
            (b"x-forwarded-for", (before + b", " if before else b"") + peer.encode("ascii")),
            (b"x-forwarded-host", said[b"x-forwarded-host"] or host),
            (b"x-forwarded-proto", said[b"x-forwarded-proto"] or b"http"),
        ]

    def excuse(self, request: Request, error: WebAway) -> errors.ErrorAnswer:
        """What a client is told while Django is away."""
        if request.path == _HEALTH:
            return errors.health_away(is_https=self._is_https)
        return errors.away(request.path, was_sent=error.was_sent and request.method not in _REPEATABLE,
                           is_https=self._is_https)  # fmt: skip


def named_hops(connection: bytes) -> frozenset[bytes]:
    """The headers that Connection says are for this hop alone."""
    return frozenset(name.strip().lower() for name in connection.split(b",") if name.strip())


async def _relayed(answer: Answer, request: Request, client: Client) -> None:
    said = b",".join(value for name, value in answer.fields if name == b"connection")
    left_out = _HOP_BY_HOP | named_hops(said) | _FROM_DJANGO
    lines = [b"%b: %b\r\n" % field for field in answer.fields if field[0] not in left_out]
    has_body = request.method != "HEAD" and answer.status not in (204, 304)
    if not has_body:
        lengths = [value for name, value in answer.fields if name == b"content-length"] if answer.status != 204 else []
        client.begin(answer.status, b"".join([*lines, *(b"content-length: %b\r\n" % value for value in lengths[:1])]))
        return
    is_chunked = answer.n_bytes is None and not request.is_http_10
    if answer.n_bytes is not None:
        lines.append(b"content-length: %d\r\n" % answer.n_bytes)
    elif is_chunked:
        lines.append(b"transfer-encoding: chunked\r\n")
    first = _chunk(answer.body) if is_chunked else answer.body
    ends_with_connection = answer.n_bytes is None and not is_chunked
    client.begin(answer.status, b"".join(lines), first, ends_with_connection=ends_with_connection)
    await _streamed(answer, client, is_chunked=is_chunked)


async def _streamed(answer: Answer, client: Client, *, is_chunked: bool) -> None:
    """The rest piece by piece, at the client's speed: what it does not take is not read from Django."""
    try:
        async for piece in answer.more():
            await client.drained()
            client.write(_chunk(piece) if is_chunked else piece)
    except WebAway:
        client.break_off()
        return
    if is_chunked:
        client.write(b"0\r\n\r\n")


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content) if content else b""
