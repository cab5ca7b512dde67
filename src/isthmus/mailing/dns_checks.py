"""What receivers look up about our mail: SPF, DKIM and DMARC of the sender's domain, asked of the DNS by `doctor`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import dns.exception
import dns.resolver
from django.conf import settings

_Found = tuple[Literal["ok", "note", "wrong"], str]
_ASK_WITHIN_S = 3.0


class _Unanswered(Exception):
    """The DNS could not be asked from here."""


def records() -> _Found:
    """Whether the three records are there; without them much mail ends among the junk."""
    options = settings.ISTHMUS
    domain = options.mail_from.rpartition("@")[2].strip("> ")
    if not domain or not options.mail_server:
        return "ok", "No mail leaves this machine, so no record of its domain is looked for."
    try:
        missing = _missing(domain, options.mail_dkim_selector)
    except _Unanswered as error:
        return "note", f"The DNS could not be asked ({error}), so SPF, DKIM and DMARC of {domain} were not looked at."
    if missing:
        return "wrong", f"{domain} has no {' and no '.join(missing)} record: add it, or much mail is taken for junk."
    if options.mail_dkim_selector:
        return "ok", f"{domain} says who may send for it (SPF, DKIM, DMARC)."
    return "ok", f"{domain} says who may send for it; that the mail server signs (DKIM) cannot be seen from here."


def _missing(domain: str, selector: str) -> list[str]:
    wanted = [("SPF", domain, "v=spf1"), ("DMARC", f"_dmarc.{domain}", "v=dmarc1")]
    if selector:
        wanted.append(("DKIM", f"{selector}._domainkey.{domain}", "p="))
    return [name for name, address, mark in wanted if not any(mark in text for text in _texts(address))]


def _texts(address: str) -> list[str]:
    """The TXT records, in small letters; none for an address that is not there. Raises: _Unanswered."""
    try:
        resolver = dns.resolver.Resolver()
        resolver.lifetime = _ASK_WITHIN_S
        answer = resolver.resolve(address, "TXT")
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise _Unanswered(type(error).__name__) from error
    return [b"".join(row.strings).decode("utf-8", "replace").lower() for row in answer]


CHECKS: tuple[tuple[str, Callable[[], _Found]], ...] = (("mail domain", records),)
