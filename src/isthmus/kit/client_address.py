"""Who is asking: the address of the client, with proxies believed only where the operator named them."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_Address = IPv4Address | IPv6Address


def client_address(meta: Mapping[str, str], *, trusted: Sequence[str]) -> str:
    """The nearest address that is not a trusted proxy's; "unknown" where the server names none.

    meta: a WSGI environment. trusted: networks, as the option `trusted_proxies` has them.
    `X-Forwarded-For` is read from its end: what stands before the first stranger is that stranger's invention.
    """
    nearest = _parsed(meta.get("REMOTE_ADDR", ""))
    if nearest is None:
        return "unknown"
    for said in reversed(meta.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        further = _parsed(said)
        if further is None or not _is_trusted(nearest, trusted):
            break
        nearest = further
    return str(nearest)


def is_trusted_proxy(address: str, *, trusted: Sequence[str]) -> bool:
    """Whether what this neighbour says of others is believed."""
    parsed = _parsed(address)
    return parsed is not None and _is_trusted(parsed, trusted)


def network_of(address: str) -> str:
    """The network that one person can be expected to hold: an IPv4 address itself, the /64 of an IPv6 address."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return address


def _parsed(text: str) -> _Address | None:
    try:
        address = ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _is_trusted(address: _Address, trusted: Sequence[str]) -> bool:
    return any(address in ip_network(network, strict=False) for network in trusted)
