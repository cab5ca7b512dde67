"""The one safe fetcher: what a stranger's archive or feed points at is asked for without reaching into our network.

A name is resolved once and the connection goes to the address that was checked, so that no second answer of the name
server can lead elsewhere. Every redirect passes the same checks. No proxy, cookie or credential is ever used.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from isthmus.kit.errors import IsthmusError

MIB = 1024 * 1024
_SCHEMES = {"http": 80, "https": 443}
# Where web sites are. Any other port is more likely a database or a printer than a picture.
_PORTS = frozenset({80, 443, 8000, 8080, 8443})
_MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ADDRESS_MAX_CHARS = 4000
_CHUNK_BYTES = 64 * 1024
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_\-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_\-]{0,61}[a-z0-9_])?\.?")
_BAD_SIGNS = re.compile(r"[\x00-\x20\x7f\\]")
# Only 2000::/3 is handed out. Source: IANA's special-purpose registries, 2025.
_IPV6_GIVEN_OUT = ipaddress.ip_network("2000::/3")
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
    192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24
    203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32
    2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20
    """.split()  # noqa: SIM905 -- a table of networks reads better without quotes
)


class FetchRefused(IsthmusError):
    """An address was not asked for, or its answer not taken; `reason` says why, in a few words."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address[:200]} was not fetched: {reason}; check the address or leave it out.")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. address: the one that answered, after redirects. content_type: without parameters, small letters."""

    address: str
    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def is_public(ip: str) -> bool:
    """Whether an IP address belongs to the open internet; not so private, local, shared, special and tunnelled ones."""
    try:
        address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address not in _IPV6_GIVEN_OUT:
        return False
    return address.is_global and not any(
        address in network for network in _NOT_PUBLIC if network.version == address.version
    )


def fetch(
    address: str,
    *,
    max_bytes: int = 20 * MIB,
    max_s: float = 30,
    headers: Mapping[str, str] | None = None,
    may_connect: Callable[[str], bool] = is_public,
    ports: frozenset[int] = _PORTS,
) -> Fetched:
    """What stands at an http or https address, redirects followed, each checked like the first.

    max_bytes: of the body, unpacked. max_s: for all of it, name look-up apart. headers: such as If-None-Match.
    may_connect, ports: what may be connected to; tests alone have a reason to widen them.
    Raises: FetchRefused, for every reason there is; a status of 400 or more is one, 304 is an answer.
    """
    limits = _Limits(max_bytes, time.monotonic() + max_s, headers or {}, may_connect)
    here = address
    for _ in range(_MAX_REDIRECTS + 1):
        parts = checked_parts(here, ports=ports)
        answer = _ask(here, parts, limits)
        if isinstance(answer, Fetched):
            return answer
        # A page fetched safely must not send us to one that is not.
        if parts.scheme == "https" and answer.startswith("http:"):
            answer = "https" + answer[4:]
        here = answer
    raise FetchRefused(address, f"it redirects more than {_MAX_REDIRECTS} times")


@dataclass(frozen=True, slots=True)
class _Limits:
    """What holds for all steps of one fetch; deadline by the monotonic clock."""

    max_bytes: int
    deadline: float
    headers: Mapping[str, str]
    may_connect: Callable[[str], bool]

    def left_s(self, address: str) -> float:
        """Seconds that are left. Raises: FetchRefused when none is."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise FetchRefused(address, "it takes too long")
        return left


def checked_parts(address: str, *, ports: frozenset[int] = _PORTS) -> SplitResult:
    """The address in parts, its host in ASCII. Raises: FetchRefused for one that no honest page would have."""
    if len(address) > _ADDRESS_MAX_CHARS or _BAD_SIGNS.search(address):
        raise FetchRefused(address, "it is not written as an address is")
    try:
        parts = urlsplit(address)
        port, host = parts.port, (parts.hostname or "")
    except ValueError as error:
        raise FetchRefused(address, "it is not written as an address is") from error
    if parts.scheme not in _SCHEMES:
        raise FetchRefused(address, f"only {' and '.join(_SCHEMES)} are fetched")
    if "@" in parts.netloc:
        raise FetchRefused(address, "it carries a name or password")
    wanted = port if port is not None else _SCHEMES[parts.scheme]
    if wanted not in ports:
        raise FetchRefused(address, f"port {wanted} is not one web sites use")
    literal = f"[{host}]" if ":" in host else _ascii_host(address, host)
    return parts._replace(netloc=f"{literal}:{wanted}")


def _ascii_host(address: str, host: str) -> str:
    try:
        plain = host.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise FetchRefused(address, "its host is no name") from error
    if not plain or not _HOST.fullmatch(plain) or len(plain) > 253:
        raise FetchRefused(address, "its host is no name")
    return plain


def _ask(address: str, parts: SplitResult, limits: _Limits) -> Fetched | str:
    """The answer, or the address that it redirects to."""
    ip = _resolved(address, parts, limits)
    connection = _connected(address, parts, ip, limits)
    try:
        with _cut_off_at_deadline(connection, limits.left_s(address)):
            connection.request("GET", _target(parts), headers=_sent(limits.headers, parts))
            reply = connection.getresponse()
            if reply.status in _REDIRECTS and reply.headers["Location"]:
                return urljoin(address, reply.headers["Location"].strip())
            if reply.status != 304 and not 200 <= reply.status < 300:
                raise FetchRefused(address, f"it answers with status {reply.status}")
            body = _body(address, reply, limits)
            headers = {name.lower(): value for name, value in reply.headers.items()}
            return Fetched(address, reply.status, reply.headers.get_content_type(), body, headers)
    except (OSError, http.client.HTTPException, ValueError) as error:
        limits.left_s(address)
        raise FetchRefused(address, f"it does not answer as it should ({type(error).__name__})") from error
    finally:
        connection.close()


@contextlib.contextmanager
def _cut_off_at_deadline(connection: http.client.HTTPConnection, left_s: float) -> Iterator[None]:
    """A time-out of the socket starts anew with every byte; a server that sends one a minute is cut off by this."""
    wire = connection.sock

    def cut_off() -> None:
        with contextlib.suppress(OSError):
            wire.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(left_s, cut_off)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _resolved(address: str, parts: SplitResult, limits: _Limits) -> str:
    """The IP address to connect to; all that the name has must be allowed, lest the choice be the attacker's."""
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchRefused(address, f"there is no host {parts.hostname}") from error
    ips = [str(entry[4][0]) for entry in found]
    if not ips or not all(limits.may_connect(ip) for ip in ips):
        raise FetchRefused(address, "it leads into a private network")
    return ips[0]


def _connected(address: str, parts: SplitResult, ip: str, limits: _Limits) -> http.client.HTTPConnection:
    host, port = parts.hostname or "", parts.port or 0
    connection = http.client.HTTPConnection(host, port)
    try:
        wire = socket.create_connection((ip, port), timeout=limits.left_s(address))
        # The name is what the certificate must be for, the number what we connect to.
        is_safe = parts.scheme == "https"
        connection.sock = ssl.create_default_context().wrap_socket(wire, server_hostname=host) if is_safe else wire
    except (OSError, ValueError) as error:
        raise FetchRefused(address, f"no connection ({type(error).__name__})") from error
    return connection


def _target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=~-._[]")
    return f"{path}?{query}" if query else path


def _sent(headers: Mapping[str, str], parts: SplitResult) -> dict[str, str]:
    default = parts.port == _SCHEMES[parts.scheme]
    host = parts.netloc.rpartition(":")[0] if default else parts.netloc
    return {"Host": host, "User-Agent": "Isthmus", "Accept-Encoding": "identity", "Connection": "close", **headers}


def _body(address: str, reply: http.client.HTTPResponse, limits: _Limits) -> bytes:
    unpack = _unpacker(address, reply)
    parts: list[bytes] = []
    n_left = limits.max_bytes
    while raw := reply.read1(_CHUNK_BYTES):
        part = unpack(raw, n_left + 1)
        n_left -= len(part)
        if n_left < 0:
            raise FetchRefused(address, f"it is larger than {limits.max_bytes:,} bytes")
        parts.append(part)
        limits.left_s(address)
    if reply.length:
        raise FetchRefused(address, "it broke off")
    return b"".join(parts)


def _unpacker(address: str, reply: http.client.HTTPResponse) -> Callable[[bytes, int], bytes]:
    coding = reply.headers.get("Content-Encoding", "identity").strip().lower()
    if coding in ("identity", ""):
        return lambda raw, _: raw
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise FetchRefused(address, f"it is packed as {coding[:20]}, which was not asked for")
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def unpack(raw: bytes, most: int) -> bytes:
        with contextlib.suppress(zlib.error):
            return unpacking.decompress(raw, max(most, 1))
        raise FetchRefused(address, "it is packed, and broken")

    return unpack
