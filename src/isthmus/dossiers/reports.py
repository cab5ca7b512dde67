"""What readers report as wrong: kept for editors, without an address, and not more than one network may send a day."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from isthmus.dossiers.models import ErrorReport
from isthmus.kit.errors import UsageError

MAX_CHARS = 2_000
PER_NETWORK_A_DAY = 10
IN_ALL_A_DAY = 200
_DAY = timedelta(days=1)


class ReportInvalid(UsageError):
    """A report that cannot be kept; the sentence says why."""


def report(about: str, key: str, words: str, *, network: str, now: datetime) -> None:
    """Keep what a reader says of an entry. Beyond the caps nothing is kept, and nobody is told.

    network: where it came from, of which only a keyed hash of this day is kept. Raises: ReportInvalid.
    """
    words = "\n".join(line.strip() for line in words.replace("\x00", "").splitlines()).strip()
    if not words:
        raise ReportInvalid("Write in a few words what is wrong.")
    if len(words) > MAX_CHARS:
        raise ReportInvalid(f"Write {MAX_CHARS:,} characters at most.")
    hashed = _hashed(network, now)
    with transaction.atomic():
        today = ErrorReport.objects.filter(at__gt=now - _DAY)
        if today.filter(network=hashed).count() >= PER_NETWORK_A_DAY or today.count() >= IN_ALL_A_DAY:
            return
        ErrorReport.objects.create(about=about, key=key, words=words, at=now, network=hashed)


def _hashed(network: str, now: datetime) -> str:
    said = f"report:{now.date()}:{network}"
    return hmac.new(settings.SECRET_KEY.encode(), said.encode(), hashlib.sha256).hexdigest()[:32]
