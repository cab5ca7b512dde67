"""Many readers of one page that is not kept yet: one of them has Django make it, the others wait for that."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from isthmus.server.front.heads import Request, canonical_path, may_be_kept

# Nobody waits longer for another's request; then everybody asks for himself.
_WAIT_S = 5.0
# Addresses of which it is known that Django's answer is not kept: searches, what is not there.
_REMEMBERED = 4096
_MAY_BE_KEPT = re.compile(r"(?:page=[1-9]\d{0,8})?")


class Misses:
    """Which misses are under way."""

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Future[None]] = {}
        self._never: OrderedDict[str, None] = OrderedDict()

    @asynccontextmanager
    async def turn(self, request: Request) -> AsyncIterator[bool]:
        """Inside, the request may be asked; True for the first, False for one that waited until another was through."""
        key = self._key(request)
        if key is None:
            yield True
        elif (under_way := self._under_way.get(key)) is not None:
            await asyncio.wait([under_way], timeout=_WAIT_S)
            yield False
        else:
            mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._under_way[key] = mine
            try:
                yield True
            finally:
                del self._under_way[key]
                mine.set_result(None)

    def learn(self, request: Request, *, is_kept: bool) -> None:
        """Whether the answer to a miss was kept; what was not is asked for side by side from then on."""
        key = self._key(request)
        if key is not None and not is_kept:
            self._never[key] = None
            if len(self._never) > _REMEMBERED:
                self._never.popitem(last=False)

    def forget(self) -> None:
        """Something was released or withdrawn: what was absent may be there now."""
        self._never.clear()

    def _key(self, request: Request) -> str | None:
        """None for what is never kept."""
        is_one = request.method == "GET" and may_be_kept(request.path)
        if not is_one or not _MAY_BE_KEPT.fullmatch(request.query):
            return None
        key = canonical_path(request.path) + (f"?{request.query}" if request.query else "")
        return None if key in self._never else key
