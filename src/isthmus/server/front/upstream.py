"""Connections to Django's process: kept alive, bounded in number, and waited for while that process is away."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from isthmus.kit.errors import IsthmusError
from isthmus.server.front.bodies import Body, Chunked, Sized
from isthmus.server.front.heads import Refused

log = logging.getLogger(__name__)

# Django runs four threads; what waits behind them waits here, where a client that goes away frees its place.
LINKS_MAX = 16
WAITING_MAX = 1024
# A restart of Django takes some 2 s, after a crash with a wait of the supervisor before it up to 10 s.
HOLD_S = 20.0
# The longest an answer may take to begin; saving a large import in the admin is the slowest thing we know.
ANSWER_WITHIN_S = 120.0
# Answers of this size are read to their end before a byte goes out, so that a request can be asked again and a slow
# reader holds no thread of Django's.
HELD_MAX_BYTES = 512 * 1024
_PIECE_BYTES = 64 * 1024
_HEAD_MAX_BYTES = 64 * 1024
# A request that has killed Django's process so often is not asked once more.
_LOST_MAX = 3
_LOOK_EVERY_S = 0.05
_STATUS = re.compile(rb"HTTP/1\.([01]) (\d{3})(?: [^\r\n]*)?\r\n")
_FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]++):[ \t]*+([^\r\n]*+)\r\n")


class WebAway(IsthmusError):
    """Django's process does not answer; was_sent: it may have acted on the request all the same."""

    def __init__(self, why: str, *, was_sent: bool = False) -> None:
        super().__init__(f"The web process does not answer ({why}): see the log of `isthmus serve`.")
        self.was_sent = was_sent


class Overloaded(IsthmusError):
    """More requests wait for Django than there is room for."""


class Content(Protocol):
    """The body of a request, whole on this side."""

    @property
    def n_bytes(self) -> int:
        """How long it is."""

    def pieces(self) -> AsyncIterator[bytes]:
        """From the beginning, any number of times."""


@dataclass(slots=True)
class Answer:
    """What Django answered. body: the content where it is whole; `more` gives the rest of a longer one."""

    status: int
    fields: list[tuple[bytes, bytes]]
    body: bytes
    n_bytes: int | None
    link: Link | None = None
    rest: Body | None = None

    @property
    def is_whole(self) -> bool:
        """Whether `body` is all of it."""
        return self.rest is None or self.rest.is_done

    async def more(self) -> AsyncIterator[bytes]:
        """The pieces after `body`. Raises: WebAway if it breaks off."""
        while self.link is not None and self.rest is not None and not self.rest.is_done:
            yield await self.link.piece(self.rest)

    def end(self) -> None:
        """Let the connection go: to the next request, or closed if the answer was not read to its end."""
        if self.link is not None:
            self.link.give_back(is_clean=self.is_whole)
            self.link = None


class Link:
    """One connection."""

    def __init__(self, upstream: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._upstream, self._reader, self._writer = upstream, reader, writer
        self.is_fresh = True
        self._is_kept = True

    @property
    def is_usable(self) -> bool:
        """Whether nothing says yet that the other side closed it."""
        return not self._reader.at_eof() and not self._writer.is_closing()

    async def ask(self, head: bytes, content: Content) -> None:
        """Send a request; may be broken off when the answer comes before its end."""
        self._writer.write(head)
        async for piece in content.pieces():
            self._writer.write(piece)
            await self._writer.drain()

    async def answer(self, *, has_body: bool) -> Answer:
        """Read an answer, a short one to its end. Raises: OSError, EOFError, ValueError."""
        status, is_http_10, fields = await self._head()
        while status < 200:
            status, is_http_10, fields = await self._head()
        said = b",".join(value for name, value in fields if name == b"connection").lower()
        self._is_kept = not is_http_10 and b"close" not in said
        found = Answer(status, fields, b"", 0, self)
        if not has_body or status in (204, 304):
            found.n_bytes = None
            return found
        found.rest, found.n_bytes = self._body(fields)
        if found.n_bytes is None or found.n_bytes <= HELD_MAX_BYTES:
            await self._hold(found, found.rest)
        return found

    async def _hold(self, found: Answer, rest: Body) -> None:
        held: list[bytes] = []
        n = 0
        while not rest.is_done and n <= HELD_MAX_BYTES:
            held.append(await self._read(rest))
            n += len(held[-1])
        found.body = b"".join(held)
        if rest.is_done:
            found.n_bytes = n

    async def piece(self, rest: Body) -> bytes:
        """The next piece of a long answer. Raises: WebAway."""
        try:
            return await self._read(rest)
        except (OSError, EOFError, ValueError) as error:
            raise WebAway("it broke off in the middle of an answer", was_sent=True) from error

    async def _read(self, rest: Body) -> bytes:
        received = await self._reader.read(_PIECE_BYTES)
        if not received:
            if isinstance(rest, _UntilClosed):
                rest.is_done = True
                return b""
            raise EOFError
        try:
            content, surplus = rest.feed(received)
        except Refused as error:
            raise ValueError(str(error)) from error
        if surplus:
            raise ValueError("it sent more than it said")
        return content

    def _body(self, fields: list[tuple[bytes, bytes]]) -> tuple[Body, int | None]:
        codings = [value for name, value in fields if name == b"transfer-encoding"]
        lengths = {value for name, value in fields if name == b"content-length"}
        if codings:
            return Chunked(), None
        if len(lengths) == 1 and (length := lengths.pop()).isdigit():
            return Sized(int(length)), int(length)
        self._is_kept = False
        return _UntilClosed(), None

    async def _head(self) -> tuple[int, bool, list[tuple[bytes, bytes]]]:
        try:
            block = await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError as error:
            raise ValueError("its headers are too long") from error
        found = _STATUS.match(block)
        if found is None:
            raise ValueError("it does not answer in HTTP")
        fields = [(name.lower(), value.rstrip()) for name, value in _FIELD.findall(block[found.end() :])]
        return int(found[2]), found[1] == b"0", fields

    def keep_no_longer(self) -> None:
        """Something is left in it that belongs to no answer."""
        self._is_kept = False

    def give_back(self, *, is_clean: bool) -> None:
        """To the next request, if it can be used again."""
        self._upstream.take_back(self, is_good=is_clean and self._is_kept and self.is_usable)

    def close(self) -> None:
        """At once, whatever is under way."""
        with suppress(OSError, RuntimeError):
            self._writer.transport.abort()


class _UntilClosed:
    """A body that ends with the connection."""

    is_done = False

    def feed(self, received: bytes) -> tuple[bytes, bytes]:
        return received, b""


class Upstream:
    """Django's process behind a socket in the file system."""

    def __init__(self, path: Path, *, hold_s: float = HOLD_S) -> None:
        self.path, self.hold_s = path, hold_s
        self._idle: list[Link] = []
        self._places = LINKS_MAX
        self._queue: deque[asyncio.Future[None]] = deque()
        self._looking: asyncio.Future[None] | None = None
        self._looker: asyncio.Task[None] | None = None

    @property
    def is_away(self) -> bool:
        """Whether it did not let us connect the last time."""
        return self._looking is not None

    async def ask(
        self, head: bytes, content: Content, *, may_repeat: bool, has_body: bool, hold_s: float | None = None
    ) -> Answer:
        """Django's answer; the caller calls its `end()`.

        may_repeat: the request changes nothing, so that it is asked again when the connection breaks before the answer.
        Any other is asked on a connection of its own, and again only while nothing of it was sent.
        Raises: WebAway, Overloaded, TimeoutError.
        """
        await self._take_place()
        hold_s = self.hold_s if hold_s is None else hold_s
        try:
            return await self._asked(head, content, may_repeat=may_repeat, has_body=has_body, hold_s=hold_s)
        except BaseException:
            self._free_place()
            raise

    async def _asked(self, head: bytes, content: Content, *, may_repeat: bool, has_body: bool, hold_s: float) -> Answer:
        n_lost = 0
        while True:
            # Counted from the moment it was last seen: time in the queue, or before another death of it, is not held.
            until = asyncio.get_running_loop().time() + hold_s
            link = await self._link(may_be_old=may_repeat, until=until)
            try:
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    return await _exchanged(link, head, content, has_body=has_body)
            except BaseException as error:
                link.close()
                n_lost += link.is_fresh
                if isinstance(error, TimeoutError) or not isinstance(error, OSError | EOFError | ValueError):
                    raise
                if not may_repeat or n_lost >= _LOST_MAX:
                    raise WebAway("it broke off", was_sent=True) from error

    def take_back(self, link: Link, *, is_good: bool) -> None:
        """A connection whose answer is through."""
        if is_good:
            link.is_fresh = False
            self._idle.append(link)
        else:
            link.close()
        self._free_place()

    def close(self) -> None:
        """Let everything go."""
        for link in self._idle:
            link.close()
        self._idle.clear()
        if self._looker is not None:
            self._looker.cancel()

    async def _take_place(self) -> None:
        if self._places > 0:
            self._places -= 1
            return
        if len(self._queue) >= WAITING_MAX:
            raise Overloaded("More requests wait than the site can answer: ask again in half a minute.")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._free_place()
            raise

    def _free_place(self) -> None:
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._places += 1

    async def _link(self, *, may_be_old: bool, until: float) -> Link:
        """A kept connection, or a new one as soon as it can be had. Raises: WebAway."""
        while may_be_old and self._idle:
            link = self._idle.pop()
            if link.is_usable:
                return link
            link.close()
        loop = asyncio.get_running_loop()
        while True:
            with suppress(OSError):
                return await self._connect()
            left = until - loop.time()
            if left <= 0:
                raise WebAway("it lets nobody connect")
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await asyncio.shield(self._back())

    async def _connect(self) -> Link:
        reader, writer = await asyncio.open_unix_connection(str(self.path), limit=_HEAD_MAX_BYTES)
        return Link(self, reader, writer)

    def _back(self) -> asyncio.Future[None]:
        """Done when somebody can connect again: one looks, and all wait."""
        if self._looking is None:
            log.warning("The web process does not let us connect: what can wait for it waits")
            self._looking = asyncio.get_running_loop().create_future()
            self._looker = asyncio.create_task(self._look())
        return self._looking

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            with suppress(OSError):
                link = await self._connect()
                link.is_fresh = False
                self._idle.append(link)
                break
        looking, self._looking = self._looking, None
        if looking is not None and not looking.done():
            looking.set_result(None)


async def _exchanged(link: Link, head: bytes, content: Content, *, has_body: bool) -> Answer:
    """Ask and read at once: Django may answer before it has read all, and then nothing more is sent."""
    if not content.n_bytes:
        await link.ask(head, content)
        return await link.answer(has_body=has_body)
    asking = asyncio.create_task(link.ask(head, content))
    try:
        answer = await link.answer(has_body=has_body)
        if not asking.done():
            link.keep_no_longer()
        return answer
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await asking
