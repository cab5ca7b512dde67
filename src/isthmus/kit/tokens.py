"""Signed links: what a token says, for which purpose, until when, and that we said it.

A token is not secret, only unforgeable. Keys rotate: the newest signs, every kept one still reads, so old mails work.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from isthmus.kit import clock, files
from isthmus.kit.errors import IsthmusError
from isthmus.kit.locks import file_lock

_VERSION = "1"
_KEY_BYTES = 32
# 160 bits: beyond guessing, and 27 characters in an address.
_MAC_BYTES = 20
# The parts of "1.<key>.<expiry, seconds, or nothing>.<payload>.<mac>"; the cap is far over any token of ours.
_SHAPE = re.compile(r"1\.([0-9]{1,6})\.([0-9]{0,12})\.([A-Za-z0-9_-]{0,4000})\.([A-Za-z0-9_-]{27})", re.ASCII)
_KEY_FILE = re.compile(r"(.+)-([0-9]{4,6})\.key")


class TokenInvalid(IsthmusError):
    """Not a token of ours for this purpose: cut off, changed, or signed by a key that is gone."""


class TokenExpired(IsthmusError):
    """Ours, but its time is over; `payload` says what it was for, so that a new one can be offered."""

    def __init__(self, payload: str) -> None:
        super().__init__("This link has expired: ask for a new one.")
        self.payload = payload


class KeyUnreadable(IsthmusError):
    """A file of keys that holds no key."""


@dataclass(frozen=True)
class Key:
    """One signing key; `number` stands in every token it signed."""

    number: int
    secret: bytes = field(repr=False)


def sign(purpose: str, payload: str, keys: Sequence[Key], *, expires_at: datetime | None = None) -> str:
    """A token, safe in a URL, that says `payload` for one purpose only.

    keys: as from `load_keys`, newest first. expires_at: aware, in whole seconds; None for ever.
    """
    expiry = "" if expires_at is None else str(int(expires_at.timestamp()))
    return _signed(purpose, _encoded(payload.encode()), expiry, keys[0])


def read(token: str, purpose: str, keys: Sequence[Key]) -> str:
    """What the token says, if one of our keys signed it for this purpose and it has not expired.

    Raises: TokenInvalid, TokenExpired.
    """
    found = _SHAPE.fullmatch(token)
    number = int(found[1]) if found else -1
    key = next((key for key in keys if key.number == number), None)
    if found is None or key is None:
        raise TokenInvalid(_INVALID)
    # The whole token is made again and compared, so that no second spelling of the same bytes passes.
    if not hmac.compare_digest(_signed(purpose, found[3], found[2], key), token):
        raise TokenInvalid(_INVALID)
    payload = urlsafe_b64decode(found[3] + "=" * (-len(found[3]) % 4)).decode()
    if found[2] and int(found[2]) <= clock.now().timestamp():
        raise TokenExpired(payload)
    return payload


def load_keys(directory: Path, name: str = "tokens") -> tuple[Key, ...]:
    """The keys `name-NNNN.key` in a directory, newest first; the first one is made if there is none.

    Raises: KeyUnreadable for a file that holds no key; OSError if the directory cannot be used.
    """
    return _keys_in(directory, name) or _add_key(directory, name, only_first=True)


def rotate_keys(directory: Path, name: str = "tokens") -> tuple[Key, ...]:
    """Add a key that signs from now on; the others go on reading. All of them, newest first."""
    return _add_key(directory, name, only_first=False)


_INVALID = "This link is not valid: take it whole from the mail or page it came in, or ask for a new one."


def _signed(purpose: str, payload: str, expiry: str, key: Key) -> str:
    stem = f"{_VERSION}.{key.number}.{expiry}.{payload}"
    # The purpose is outside the token; its length in front keeps "ab" + "c…" and "a" + "bc…" apart.
    spoken = f"{len(purpose.encode())}:{purpose}:{stem}".encode()
    mac = hmac.digest(key.secret, spoken, "sha256")[:_MAC_BYTES]
    return f"{stem}.{_encoded(mac)}"


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _keys_in(directory: Path, name: str) -> tuple[Key, ...]:
    found = [(match, path) for path in directory.iterdir() if (match := _KEY_FILE.fullmatch(path.name))]
    keys = [_key_from(path, int(match[2])) for match, path in found if match[1] == name]
    return tuple(sorted(keys, key=lambda key: -key.number))


def _key_from(path: Path, number: int) -> Key:
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError:
        secret = b""
    if len(secret) < _KEY_BYTES:
        raise KeyUnreadable(f"{path} holds no key of {_KEY_BYTES} bytes in hex: restore it from a backup.")
    return Key(number, secret)


def _add_key(directory: Path, name: str, *, only_first: bool) -> tuple[Key, ...]:
    with file_lock(directory / f".{name}.lock", wait_s=10):
        keys = _keys_in(directory, name)
        if not keys or not only_first:
            number = keys[0].number + 1 if keys else 1
            content = secrets.token_hex(_KEY_BYTES).encode()
            files.write_durably(directory / f"{name}-{number:04}.key", content, mode=0o600)
        return _keys_in(directory, name)
