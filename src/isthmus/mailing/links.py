"""Every signed link that stands in a mail, and the signed address that bounces come back to.

All are HMACs over purpose, person and list (`kit.tokens`): unforgeable, valid for years, and read by every key that was
ever used. None of them changes anything by being fetched.
"""

from __future__ import annotations

import base64
import hmac
import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from isthmus.kit import tokens

_CONFIRM, _PREFERENCES, _ONE_CLICK = "mail confirm", "mail preferences", "mail one click"
_VERP = b"isthmus mail return"
# bounce+<delivery>-<key>-<mac>@…: digits and lower-case letters only, since some relays fold a local part.
_VERP_SHAPE = re.compile(r"[^+@\s]+\+([0-9]{1,19})-([0-9]{1,6})-([a-z2-7]{16})@[^@\s]+", re.ASCII | re.IGNORECASE)
_MAC_BYTES = 10


@lru_cache(maxsize=8)
def _keys(secrets: Path, _stamp: int) -> tuple[tokens.Key, ...]:
    return tokens.load_keys(secrets, "mail")


def keys(secrets: Path) -> tuple[tokens.Key, ...]:
    """The institute's mail keys, newest first; read again when the directory has changed, as after a rotation."""
    return _keys(secrets, secrets.stat().st_mtime_ns)


def rotate(secrets: Path) -> tuple[tokens.Key, ...]:
    """A new key signs from now on, in every process; all keys, newest first. Links in old mails stay good."""
    return tokens.rotate_keys(secrets, "mail")


def confirm_path(subscriber_id: int, secrets: Path, *, expires_at: datetime) -> str:
    """Root-relative address of the page with the button that confirms."""
    return f"/subscribe/confirm/{tokens.sign(_CONFIRM, str(subscriber_id), keys(secrets), expires_at=expires_at)}/"


def read_confirm(token: str, secrets: Path) -> int:
    """The subscriber a confirmation is for. Raises: tokens.TokenInvalid, tokens.TokenExpired."""
    return int(tokens.read(token, _CONFIRM, keys(secrets)))


def preferences_path(subscriber_id: int, secrets: Path) -> str:
    """Root-relative address of a person's own page; valid for ever."""
    return f"/subscriptions/{tokens.sign(_PREFERENCES, str(subscriber_id), keys(secrets))}/"


def read_preferences(token: str, secrets: Path) -> int:
    """The subscriber whose page it is. Raises: tokens.TokenInvalid."""
    return int(tokens.read(token, _PREFERENCES, keys(secrets)))


def one_click_path(subscriber_id: int, subject: str, secrets: Path) -> str:
    """Where a mail program posts to leave one list (RFC 8058), `everything` for all; valid for ever."""
    return f"/subscriptions/leave/{tokens.sign(_ONE_CLICK, f'{subscriber_id} {subject}', keys(secrets))}/"


def read_one_click(token: str, secrets: Path) -> tuple[int, str]:
    """Who leaves, and what. Raises: tokens.TokenInvalid."""
    number, _, subject = tokens.read(token, _ONE_CLICK, keys(secrets)).partition(" ")
    return int(number), subject


def verp(delivery_id: int, base: str, secrets: Path) -> str:
    """The envelope sender of one delivery: `bounce@mail.example.org` becomes `bounce+812-1-<mac>@mail.example.org`.

    What comes back to it says by itself which delivery it is about, and that we sent it (variable return path).
    """
    local, _, domain = base.partition("@")
    key = keys(secrets)[0]
    return f"{local}+{delivery_id}-{key.number}-{_mac(key, delivery_id)}@{domain}"


def read_verp(address: str, secrets: Path) -> int | None:
    """The delivery a returned message is about; None for an address that we did not sign."""
    found = _VERP_SHAPE.fullmatch(address.strip().strip("<>"))
    key = next((key for key in keys(secrets) if found and key.number == int(found[2])), None)
    if found is None or key is None:
        return None
    return int(found[1]) if hmac.compare_digest(_mac(key, int(found[1])), found[3].lower()) else None


def absolute(path: str, public_url: str) -> str:
    """The link as it stands in a mail."""
    return public_url.rstrip("/") + quote(path, safe="/.-_~?=&%:")


def _mac(key: tokens.Key, delivery_id: int) -> str:
    mac = hmac.digest(key.secret, _VERP + str(delivery_id).encode(), "sha256")[:_MAC_BYTES]
    return base64.b32encode(mac).decode().lower()
