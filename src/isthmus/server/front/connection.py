"""One client's connection: requests one after the other, each answered from memory or handed on, and its deadlines."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import Coroutine
from typing import Any, cast

from isthmus.server.front import errors, from_disk, heads
from isthmus.server.front.errors import ErrorAnswer
from isthmus.server.front.heads import Refused, Request
from isthmus.server.front.hits import Sent, Wanted, wanted_by
from isthmus.server.front.incoming import Incoming
from isthmus.server.front.site import Site
from isthmus.server.front.upstream import Overloaded, WebAway

log = logging.getLogger(__name__)

_RESET = struct.pack("ii", 1, 0)
# What nginx writes for a client that went away before its answer began.
_GONE = 499
_GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection(asyncio.Protocol):
    """Reads requests in order; while one is being answered, the next ones wait unread."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._limits = site.limits
        self._buffer = b""
        self._task: asyncio.Task[None] | None = None
        self._incoming: Incoming | None = None
        self._request: Request | None = None
        self._can_write = True
        self._room: asyncio.Future[None] | None = None
        self._is_ending = False
        self._is_last = False
        self._has_begun = False
        self._half_closed_at: float | None = None
        self._since = site.now
        self._unsent = 0
        # For the access log: the head as it came, and what of a forwarded answer has been sent.
        self._head = b""
        self._status, self._n_sent = 0, 0
        self.peer = "unknown"
        self.is_proxy = False
        self._transport = cast(asyncio.Transport, None)

    # --- asyncio calls these ------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=from_disk.PIECE_BYTES)
        name = transport.get_extra_info("peername")
        self.peer = name[0] if isinstance(name, tuple) and name else "unknown"
        self.is_proxy = self._site.forwarding.trusts(self.peer)
        if not self._site.admit(self):
            self._transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """It is over, whoever ended it: what is under way for it is dropped."""
        self._site.connections.discard(self)
        self._is_ending = True
        if self._task is not None:
            self._task.cancel()
        self._drop_incoming()
        self._give_room()

    def data_received(self, data: bytes) -> None:
        """The quick way for a request whose very bytes were understood before, and the whole way for all others."""
        if not self._buffer and self._task is None and self._incoming is None and self._can_write:
            known = self._site.known.find(data)
            self._head = data
            if known is not None and not self._is_ending and (self._usual_hit(*known) or self._hit(*known)):
                return
        if self._is_ending:
            return
        if not self._buffer and self._incoming is None:
            self._since = self._site.now
        self._buffer += data
        self._advance()

    def eof_received(self) -> bool:
        """The client sends no more. What it asked is answered, but it is not waited for long."""
        if self._task is None or self._is_ending:
            self._transport.close()
            return False
        self._half_closed_at = self._site.now
        self._is_last = True
        return True

    def pause_writing(self) -> None:
        """The client does not read as fast as we write."""
        self._can_write = False
        self._since = self._site.now
        self._unsent = self._transport.get_write_buffer_size()
        self._pace()

    def resume_writing(self) -> None:
        """There is room again."""
        self._can_write = True
        self._give_room()
        self._advance()

    # --- requests -----------------------------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Do what can be done with what has come."""
        while self._buffer and self._task is None and self._can_write and not self._is_ending:
            if not (self._more_body() if self._incoming is not None else self._more_head()):
                break
        self._pace()

    def _pace(self) -> None:
        """Read on, unless what has been read cannot be looked at yet."""
        if self._transport.is_closing():
            return
        if self._buffer and (self._task is not None or not self._can_write):
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _more_head(self) -> bool:
        # One empty line before a request is forgiven (RFC 9112, 2.2): old clients end a form with it.
        begin = 2 if self._buffer.startswith(b"\r\n") else 0
        end = self._buffer.find(heads.END, begin) + len(heads.END)
        if end < len(heads.END):
            if (refusal := heads.unfinished(self._buffer)) is not None:
                self._request, self._head = None, self._buffer
                self._refuse(refusal)
            return False
        block, self._buffer = self._buffer[begin:end], self._buffer[end:]
        self._request, self._head = None, block
        try:
            if len(block) > heads.HEAD_MAX_BYTES:
                raise heads.unfinished(block) or Refused(431, "The headers are too long.")
            self._begin(heads.parse(block), block)
        except Refused as refusal:
            self._refuse(refusal)
        return True

    def _begin(self, request: Request, block: bytes) -> None:
        self._request = request
        self._since = self._site.now
        if (key := self._site.key_for(request)) is not None and self._hit(key, wanted := wanted_by(request)):
            self._site.known.keep(block, wanted)
        elif (own := self._site.own_answer(request)) is not None:
            self._answer(own, keeps_alive=request.keeps_alive)
        elif request.body_bytes:
            self._incoming = self._site.incoming(request, self.peer)
            if request.expects_continue and not self._buffer:
                self._transport.write(_GO_ON)
        else:
            self._forward(request, None)

    def _more_body(self) -> bool:
        incoming = cast(Incoming, self._incoming)
        received, self._buffer = self._buffer, b""
        try:
            self._buffer = incoming.take(received)
        except Refused as refusal:
            self._refuse(refusal)
            return False
        if incoming.is_done:
            self._forward(incoming.request, incoming)
        return True

    def _usual_hit(self, key: str, wanted: Wanted) -> bool:
        """`_hit` for nearly all of them, in three quarters of its time."""
        if not wanted.is_usual or self._is_last or not (whole := self._site.whole(key, wanted)):
            return False
        self._since = self._site.now
        self._transport.write(self._site.lines.usual + whole)
        if self._site.access is not None:
            self._note(200, Sent(200, whole).n_bytes)
        return True

    def _hit(self, key: str, wanted: Wanted) -> bool:
        sent = self._site.hit(key, wanted)
        if sent is None:
            return False
        self._since = self._site.now
        keeps_alive = wanted.keeps_alive and not self._is_last
        line = self._site.lines.of(sent.status, keeps_alive=keeps_alive, is_http_10=wanted.is_http_10)
        self._transport.write(line + sent.rest)
        if self._site.access is not None:
            self._note(sent.status, sent.n_bytes)
        if sent.file:
            self._is_last = not keeps_alive
            self._task = asyncio.create_task(self._run(from_disk.send(sent, self)))
        elif not keeps_alive:
            self._end()
        return True

    def _answer(self, own: ErrorAnswer, *, keeps_alive: bool) -> None:
        """Something the front says by itself."""
        is_10 = self._request is not None and self._request.is_http_10
        is_head = self._request is not None and self._request.method == "HEAD"
        keeps_alive = keeps_alive and not self._is_last
        line = self._site.lines.of(own.status, keeps_alive=keeps_alive, is_http_10=is_10)
        self._transport.write(line + own.head + b"\r\n" + (b"" if is_head else own.body))
        self._note(own.status, 0 if is_head else len(own.body))
        if not keeps_alive:
            self._end()

    def _note(self, status: int, n_bytes: int) -> None:
        if self._site.access is not None:
            self._site.access.note(self._head, status, n_bytes, peer=self.peer, at=self._site.wall)

    def _refuse(self, refusal: Refused) -> None:
        """Say why, then end: after a request that was not understood nothing that follows can be believed."""
        path = self._request.path if self._request is not None else "/"
        told = errors.refused(
            refusal.status, str(refusal), path=path, allow=refusal.allow, is_https=self._site.is_https
        )
        self._answer(told, keeps_alive=False)

    def _end(self) -> None:
        """End after what was written has gone out.

        What a client still sends is read and thrown away for a moment: closed at once, the system would tell it that
        the connection was reset, and it might never see the answer.
        """
        self._is_ending = True
        self._buffer = b""
        self._drop_incoming()
        self._since = self._site.now
        if self._transport.can_write_eof() and self._half_closed_at is None:
            self._transport.write_eof()
            self._transport.resume_reading()
        else:
            self._transport.close()

    def _drop_incoming(self) -> None:
        if self._incoming is not None:
            self._incoming.close()
            self._incoming = None

    # --- what takes time ----------------------------------------------------------------------------------------------

    def _forward(self, request: Request, incoming: Incoming | None) -> None:
        self._has_begun = False
        self._status, self._n_sent = _GONE, 0
        self._is_last = self._is_last or not request.keeps_alive
        self._task = asyncio.create_task(self._run(self._forwarded(request, incoming)))

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        """One request to its end, then the next."""
        try:
            await work
        except asyncio.CancelledError:
            self.break_off()
            return
        except Exception:
            log.exception("A request failed in the front")
            self.break_off()
        finally:
            self._task = None
            self._drop_incoming()
        if self._transport.is_closing() or self._is_ending:
            return
        self._since = self._site.now
        if self._is_last:
            self._end()
        else:
            self._advance()

    async def _forwarded(self, request: Request, incoming: Incoming | None) -> None:
        site = self._site
        try:
            await site.forward(request, incoming, self)
            self._note(self._status, self._n_sent)
        except asyncio.CancelledError:
            self._note(self._status, self._n_sent)
            raise
        except WebAway as error:
            self._give_up(site.forwarding.excuse(request, error))
        except Overloaded as error:
            self._give_up(errors.refused(503, str(error), path=request.path, is_https=site.is_https))
        except TimeoutError:
            self._give_up(errors.refused(504, "The answer took too long.", path=request.path, is_https=site.is_https))

    def _give_up(self, own: ErrorAnswer) -> None:
        if self._has_begun:
            self._note(self._status, self._n_sent)
            self.break_off()
        else:
            self._answer(own, keeps_alive=not self._is_last)

    # --- the client of a forwarded request ----------------------------------------------------------------------------

    def try_hit(self, key: str, wanted: Wanted) -> bool:
        """Answer from what is kept by now; never with a file from disk, as the request has its task already."""
        sent = self._site.hit(key, wanted)
        if sent is None or sent.file:
            return False
        self._begin_answer(sent.status, sent.rest)
        return True

    def begin(self, status: int, head: bytes, content: bytes = b"", *, ends_with_connection: bool = False) -> None:
        """See forwarding.Client."""
        self._is_last = self._is_last or ends_with_connection
        self._begin_answer(status, head + b"\r\n" + content)

    def _begin_answer(self, status: int, rest: bytes) -> None:
        self._has_begun = True
        self._status, self._n_sent = status, len(rest) - rest.index(heads.END) - len(heads.END)
        self._is_last = self._is_last or self._site.is_draining
        is_10 = self._request is not None and self._request.is_http_10
        line = self._site.lines.of(status, keeps_alive=not self._is_last, is_http_10=is_10)
        self._transport.write(line + rest)

    def write(self, content: bytes) -> None:
        """See forwarding.Client."""
        if content and not self._transport.is_closing():
            self._transport.write(content)
            self._n_sent += len(content)

    async def drained(self) -> None:
        """See forwarding.Client."""
        if not self._can_write and not self._is_ending:
            self._room = asyncio.get_running_loop().create_future()
            await self._room
        # Never a loop that lets nobody else run.
        await asyncio.sleep(0)

    def _give_room(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def break_off(self) -> None:
        """See forwarding.Client."""
        self._is_ending = True
        if self._transport.is_closing():
            return
        # By a reset: a plain end would be the right end of an answer that tells no length.
        if (own := self._transport.get_extra_info("socket")) is not None:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()

    # --- deadlines ----------------------------------------------------------------------------------------------------

    def check(self, now: float, *, idle_s: float) -> None:
        """Once a second: end what takes too long."""
        waited = now - self._since
        if self._is_ending:
            if waited > self._limits.linger_s and self._can_write:
                self._transport.close()
            elif not self._can_write:
                self._check_unread(now)
        elif not self._can_write:
            self._check_unread(now)
        elif self._task is not None:
            self._check_half_closed(now)
        elif self._incoming is not None:
            if self._incoming.is_too_slow(now, self._limits):
                self._refuse(Refused(408, "The rest of the request did not come."))
        elif self._buffer:
            if waited > self._limits.head_s:
                self._transport.close()
        elif waited > (self._limits.idle_of_proxy_s if self.is_proxy else idle_s):
            self._transport.close()

    def _check_unread(self, now: float) -> None:
        """A client that takes nothing of what waits for it is not waited for."""
        unsent = self._transport.get_write_buffer_size()
        if unsent != self._unsent:
            self._unsent, self._since = unsent, now
        elif now - self._since > self._limits.unread_s:
            self._transport.abort()

    def _check_half_closed(self, now: float) -> None:
        if self._half_closed_at is not None and now - self._half_closed_at > self._limits.half_closed_s:
            self.break_off()

    def drain(self) -> None:
        """The front stops: end now if nothing is under way, else after the answer."""
        self._is_last = True
        if self._task is None and self._incoming is None and not self._buffer:
            self._transport.close()
