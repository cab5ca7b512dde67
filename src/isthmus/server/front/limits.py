"""How much of the front one client may take: time for a head, bytes of a body, bodies at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

# Forms of the public site are some hundred bytes, the largest webhook of a mail provider about a megabyte.
_PUBLIC_BODY_MAX_BYTES = 2 * 1024 * 1024
# What a form has beside the file it uploads.
_BESIDE_BYTES = 1024 * 1024
_BODIES_MAX, _BODIES_OF_ONE_MAX = 256, 32


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers. `_s` seconds; a body must have come at `body_bytes_per_s` on the average after `body_grace_s`."""

    upload_max_bytes: int = 50 * 1024 * 1024
    connections_max: int = 4096
    head_s: float = 10.0
    idle_s: float = 30.0
    # nginx uses an idle connection for 60 s, and a form sent just as we close it would be lost.
    idle_of_proxy_s: float = 120.0
    # When nine in ten connections are taken, idle ones make room sooner.
    idle_when_full_s: float = 2.0
    body_grace_s: float = 10.0
    body_bytes_per_s: int = 500
    body_s: float = 3600.0
    unread_s: float = 30.0
    linger_s: float = 2.0
    # Somebody who shut his side while Django works has most likely gone.
    half_closed_s: float = 2.0

    def body_max_bytes(self, path: str) -> int:
        """The longest body that is taken for an address."""
        return self.upload_max_bytes + _BESIDE_BYTES if path.startswith("/admin/") else _PUBLIC_BODY_MAX_BYTES


class Bodies:
    """Counts the bodies that are under way, so that slow ones cannot take every place."""

    def __init__(self) -> None:
        self._of: Counter[str] = Counter()
        self._n = 0

    def begin(self, address: str) -> bool:
        """Take a place; False if there is none, for this address or at all."""
        if self._n >= _BODIES_MAX or self._of[address] >= _BODIES_OF_ONE_MAX:
            return False
        self._n += 1
        self._of[address] += 1
        return True

    def end(self, address: str) -> None:
        """Give a place back."""
        self._n -= 1
        self._of[address] -= 1
        if not self._of[address]:
            del self._of[address]
