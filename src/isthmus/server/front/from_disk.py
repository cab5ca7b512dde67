"""Large files and parts of them, sent at the client's speed; read by a thread, as they may not be in memory."""

from __future__ import annotations

import asyncio
from typing import IO

from isthmus.server.front.forwarding import Client
from isthmus.server.front.hits import Sent

# What may wait to be sent before more is read.
PIECE_BYTES = 256 * 1024


async def send(sent: Sent, client: Client) -> None:
    """The parts of the file, each after what stands before it; broken off where the file ends too soon."""
    with await asyncio.to_thread(open, sent.file, "rb") as file:
        for before, first, last in sent.parts:
            client.write(before)
            if not await _send_part(file, first, last - first + 1, client):
                client.break_off()
                return
    client.write(sent.end)


async def _send_part(file: IO[bytes], first: int, left: int, client: Client) -> bool:
    """False where the file ends too soon."""
    await asyncio.to_thread(file.seek, first)
    while left > 0:
        piece = await asyncio.to_thread(file.read, min(left, PIECE_BYTES))
        if not piece:
            return False
        left -= len(piece)
        client.write(piece)
        await client.drained()
    return True
