"""Rows for tests of the ledger, made straight: subscribers, what they follow, mailings."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from isthmus.mailing.models import Mailing, Subscriber, Subscription, Suppression

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def subscriber(email: str = "carol@example.org", *follows: str, pace: str = "at_once", **fields: Any) -> Subscriber:
    """A confirmed subscriber who follows these subjects at one pace."""
    made = Subscriber.objects.create(
        **{
            "email": email, "email_key": email, "address_hash": sha256(email.encode()).hexdigest(),
            "domain": email.partition("@")[2], "state": "confirmed", "created_at": NOW, "confirmed_at": NOW, **fields,
        }
    )  # fmt: skip
    for subject in follows:
        Subscription.objects.create(subscriber=made, subject=subject, pace=pace, created_at=NOW, confirmed_at=NOW)
    return made


def subscribers(n: int, *follows: str, domain: str = "example.org") -> list[Subscriber]:
    """Many of them."""
    return [subscriber(f"carol{number}@{domain}", *follows) for number in range(n)]


def mailing(key: str = "alert:pub:17", kind: str = "alert", **fields: Any) -> Mailing:
    """A mailing that is being sent, without an audience."""
    values = {"title": "Ardor Fades", "created_at": NOW, "starts_at": NOW, **fields}
    return Mailing.objects.create(key=key, kind=kind, **values)


def suppress(person: Subscriber, reason: str = "complaint") -> Suppression:
    """Their address is not written to."""
    return Suppression.objects.create(address_hash=person.address_hash, reason=reason, at=NOW)
