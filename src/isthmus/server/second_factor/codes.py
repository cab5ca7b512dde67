"""Codes of authenticator apps and recovery codes: made, recognised, drawn. Pure; no Django import.

The app's secret is not kept: it is an HMAC of a random salt, which the database holds, under the key in
`data/secrets/`. A stolen database alone gives no code, and nothing has to be encrypted.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime

import pyotp
import segno
from pyotp.exceptions import OTPVerificationError

STEP_S = 30
# A phone's clock may be half a minute off in either direction.
_TOLERANCE_STEPS = 1
# 160 bits, as RFC 4226 asks for; SHA-1 and six digits, because many apps know nothing else.
_SECRET_BYTES = 20
# Ten of 31 signs are 49 bits, and there are five tries in a quarter of an hour. No i, l, o, 0 and 1: they look alike.
_RECOVERY_LETTERS, _RECOVERY_LENGTH, N_RECOVERY_CODES = "abcdefghjkmnpqrstuvwxyz23456789", 10, 10
_TYPED_MAX_CHARS = 40


def new_salt() -> str:
    """What one secret is made of."""
    return secrets.token_hex(32)


def key_mark(key: str) -> str:
    """Says which key a secret was made with, and nothing of the key."""
    return _mac(key, "mark").hex()[:16]


def secret_of(salt: str, key: str) -> str:
    """The secret in base32, as an authenticator app takes it. key: the installation's own."""
    return base64.b32encode(_mac(key, f"secret:{salt}")[:_SECRET_BYTES]).decode()


def step_of(typed: str, secret: str, *, at: datetime) -> int | None:
    """The half minute that a typed code belongs to, or None for a code that is wrong at that instant."""
    digits = "".join(typed[:_TYPED_MAX_CHARS].split())
    if not (digits.isascii() and digits.isdigit()):
        return None
    try:
        step: int = pyotp.TOTP(secret).verify_and_get_timecode(digits, for_time=at, valid_window=_TOLERANCE_STEPS)
    except OTPVerificationError:
        return None
    return step


def uri(secret: str, *, account: str, institute: str) -> str:
    """What the picture says: the address that authenticator apps open."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=institute)


def picture(address: str) -> str:
    """The address as a QR code: SVG to stand in a page, without a style, black on white in any colour scheme."""
    code = segno.make(address, error="m", micro=False)
    return code.svg_inline(border=4, scale=5, light="#fff", svgclass="isthmus-qr", lineclass=None, omitsize=True)


def in_groups(secret: str) -> str:
    """The secret for typing: four letters at a time."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def new_recovery_codes() -> list[str]:
    """Ten codes such as `k7wqm-3xt9a`, to be shown once."""
    return [_recovery_code() for _ in range(N_RECOVERY_CODES)]


def hash_of(typed: str, *, salt: str, key: str) -> str:
    """What is kept of a recovery code, the same however it is spaced and cased."""
    letters = "".join(letter for letter in typed[:_TYPED_MAX_CHARS].lower() if letter.isalnum())
    return _mac(key, f"recovery:{salt}:{letters}").hex()


def _recovery_code() -> str:
    letters = "".join(secrets.choice(_RECOVERY_LETTERS) for _ in range(_RECOVERY_LENGTH))
    return f"{letters[:5]}-{letters[5:]}"


def _mac(key: str, about: str) -> bytes:
    return hmac.digest(key.encode(), f"second-factor:{about}".encode(), "sha256")
