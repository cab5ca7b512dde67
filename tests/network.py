"""Keeps tests off the network: only loopback and sockets in the file system can be reached from the test process."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class NetworkBlocked(RuntimeError):
    """A test tried to reach another machine; no OSError, or code under test would take it for a fault of the net."""


@contextmanager
def loopback_only() -> Iterator[None]:
    """Inside the block, looking up or connecting to anything but this machine raises NetworkBlocked."""
    real_connect, real_connect_ex, real_lookup = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def connect(self: socket.socket, address: Any) -> None:
        _refuse_far(self.family, address)
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_far(self.family, address)
        return real_connect_ex(self, address)

    def getaddrinfo(host: Any, *rest: Any, **named: Any) -> Any:
        if not _is_near(host):
            raise NetworkBlocked(f"a test looked up {host!r}: use a local server or a fake")
        return real_lookup(host, *rest, **named)

    socket.socket.connect = connect  # type: ignore[method-assign,assignment]
    socket.socket.connect_ex = connect_ex  # type: ignore[method-assign,assignment]
    socket.getaddrinfo = getaddrinfo
    try:
        yield
    finally:
        socket.socket.connect = real_connect  # type: ignore[method-assign]
        socket.socket.connect_ex = real_connect_ex  # type: ignore[method-assign]
        socket.getaddrinfo = real_lookup


def _refuse_far(family: int, address: Any) -> None:
    if family in (socket.AF_INET, socket.AF_INET6) and not _is_near(address[0]):
        raise NetworkBlocked(f"a test connected to {address!r}: use a local server or a fake")


def _is_near(host: Any) -> bool:
    text = host.decode() if isinstance(host, bytes) else host
    if text in (None, "", "localhost", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
