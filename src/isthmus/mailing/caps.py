"""How many confirmations may be asked for: per address, per network, in all. Against bombing others with our mail.

The caps decide only whether a mail goes out; what the visitor is answered never depends on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db.models import Count, Q

from isthmus.mailing.models import SignUp

PER_ADDRESS_A_DAY = 1
PER_ADDRESS_A_MONTH = 3
_DAY, _MONTH = timedelta(days=1), timedelta(days=30)
# A day more than the longest window.
KEPT = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Room:
    """What is left. is_flooded: this network asked so often that nothing at all is written for it any more."""

    may_mail: bool
    is_flooded: bool


def network_of(address: str) -> str:
    """The network of an address as it may be kept: an IPv4 /24 or an IPv6 /48, too wide to tell a person by."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    bits = 48 if isinstance(parsed, IPv6Address) else 24
    return str(ip_network((parsed, bits), strict=False))


def room_for(address_hash: str, network: str, now: datetime) -> Room:
    """Whether one more confirmation may go out; one query, whoever asks."""
    day, options = Q(at__gt=now - _DAY), settings.ISTHMUS
    mailed, of_address, of_network = Q(is_mailed=True), Q(address_hash=address_hash), Q(network=network)
    seen = SignUp.objects.filter(day | Q(of_address, at__gt=now - _MONTH)).aggregate(
        of_address_today=Count("pk", filter=day & of_address & mailed),
        of_address=Count("pk", filter=of_address & mailed),
        of_network=Count("pk", filter=day & of_network),
        in_all=Count("pk", filter=day & mailed),
    )
    is_flooded = seen["of_network"] >= options.sign_ups_per_network
    may_mail = (
        seen["of_address_today"] < PER_ADDRESS_A_DAY
        and seen["of_address"] < PER_ADDRESS_A_MONTH
        and seen["in_all"] < options.sign_ups_per_day
        and not is_flooded
    )
    return Room(may_mail, is_flooded)
