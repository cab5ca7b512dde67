"""The one mail that goes to an address before anybody there agreed to anything: did you ask for this?

It holds no word that a visitor typed: whoever enters somebody else's address can send them nothing by it.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from isthmus.kit import clock
from isthmus.mailing.models import Mailing


def queue(subscriber_id: int, *, now: datetime) -> Mailing:
    """Have the confirmation sent within seconds, at most one a day to each; returns the day's mailing.

    Called in the transaction of a sign-up, pending or not. A second wish on the same day changes nothing.
    """
    from isthmus.mailing import ledger

    mailing = _mailing_of(now)
    ledger.prepare_for(mailing, [subscriber_id], now=now)
    return mailing


def _mailing_of(now: datetime) -> Mailing:
    """The day's mailing, made by whoever asks first; a day's confirmations are one list, so that one can read it."""
    day = clock.local_date(now, settings.TIME_ZONE).isoformat()
    found = Mailing.objects.filter(key=f"confirmation:{day}").defer("message").first()
    return found or _made(f"confirmation:{day}", day, now)


def _made(key: str, day: str, now: datetime) -> Mailing:
    fields = {
        "kind": Mailing.Kind.CONFIRMATION,
        "title": f"Confirmations of {day}",
        "created_at": now,
        "starts_at": now,
    }
    try:
        with transaction.atomic():
            return Mailing.objects.create(key=key, state=Mailing.State.SENDING, **fields)
    except IntegrityError:  # Another process was first.
        return Mailing.objects.get(key=key)
