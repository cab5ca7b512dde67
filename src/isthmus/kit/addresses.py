"""Addresses that people type, read as browsers read them: what a browser would repair into another address is none."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# A browser drops tabs and line ends, and takes a backslash for a slash: `/\evil.example` leads to evil.example.
_REPAIRED = re.compile(r"[\\\s\x00-\x1f\x7f]")


def host_of(address: str) -> str:
    """The host, in small letters, of an http or https address; empty for any other and for one that hides its host.

    Names and passwords before the host are refused: `https://known.example@evil.example/` leads to evil.example.
    """
    try:
        parts = urlsplit(address)
        is_plain = "@" not in parts.netloc and parts.scheme in ("http", "https")
        return (parts.hostname or "").lower() if is_plain and not _REPAIRED.search(address) else ""
    except ValueError:
        return ""


def is_link(address: str) -> bool:
    """Whether a menu may lead there: a page of this site by its path, another site, or a mail address."""
    if _REPAIRED.search(address):
        return False
    is_own_page = address.startswith("/") and not address.startswith("//")
    return is_own_page or bool(host_of(address)) or bool(re.fullmatch(r"mailto:[^@]+@[^@]+", address))
