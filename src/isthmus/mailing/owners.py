"""Names of those who hold deliveries, and how to tell that one is dead without waiting for its lease."""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import suppress
from functools import lru_cache
from pathlib import Path


def new_owner() -> str:
    """A name nobody else has: host, system, process and some letters; at most 120 characters."""
    return f"{socket.gethostname()[:60]}|{_system()}|{os.getpid()}|{secrets.token_hex(4)}"


def is_gone(owner: str) -> bool:
    """Whether the process behind a name has ended for certain: it was one of this system, and its number is free."""
    parts = owner.split("|")
    if len(parts) != 4 or not _system() or parts[1] != _system() or not parts[2].isdigit():
        return False
    with suppress(PermissionError):
        try:
            os.kill(int(parts[2]), 0)
        except ProcessLookupError:
            return True
    return False


@lru_cache(maxsize=1)
def _system() -> str:
    """One running kernel and one space of process numbers: two containers on one host are two; empty if unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot[:13]}{os.readlink('/proc/self/ns/pid')[4:]}"[:40]
    except OSError:
        return ""
