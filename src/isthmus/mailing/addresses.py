"""E-mail addresses: which are one, how they are written on the wire, and the hash that outlives an erased person."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from email_validator import EmailNotValidError, validate_email

from isthmus.kit import tokens
from isthmus.kit.errors import IsthmusError

# Two octets short of RFC 5321's 256 for a path in angle brackets.
MAX_CHARS = 254


class AddressInvalid(IsthmusError):
    """Not an address that mail can be sent to; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address. email: as the person wrote it, cleaned. wire: as it goes out, the domain in ASCII (RFC 5891).

    key: what makes two spellings one: letters' case and Unicode's form do not count, dots and +tags do.
    needs_utf8: the local part is not ASCII, so that the relay must offer SMTPUTF8 (RFC 6531).
    """

    email: str
    wire: str
    key: str
    domain: str
    needs_utf8: bool


def parse(raw: str) -> Address:
    """The address somebody wrote, by syntax only: nothing is asked of the network. Raises: AddressInvalid."""
    written = raw.strip()
    # An encoded word (RFC 2047) is an atom as any other, but programs decode it even in an address, line ends and all.
    if len(written) > MAX_CHARS or any(sign in written for sign in (*"\r\n\x00\x85\u2028\u2029", "=?")):
        raise AddressInvalid("That is not an e-mail address: write one such as name@example.org.")
    try:
        found = validate_email(written, check_deliverability=False, allow_smtputf8=True, allow_quoted_local=False)
    except EmailNotValidError as error:
        raise AddressInvalid(f"That is not an e-mail address ({error}): write one such as name@example.org.") from error
    return Address(
        email=found.normalized,
        wire=f"{found.local_part}@{found.ascii_domain}",
        key=f"{found.local_part.casefold()}@{found.ascii_domain.casefold()}",
        domain=found.ascii_domain.casefold(),
        needs_utf8=not found.local_part.isascii(),
    )


def address_hash(key: str, secrets: Path) -> str:
    """64 hex digits that stand for an address without telling it; the same for ever on one institute.

    key: as in Address. secrets: the institute's directory of keys. The key of this hash never rotates: hashes of erased
    people could not be made again.
    """
    return hmac.digest(_key(secrets), key.encode(), "sha256").hex()


@lru_cache(maxsize=8)
def _key(secrets: Path) -> bytes:
    return tokens.load_keys(secrets, "suppression")[-1].secret
