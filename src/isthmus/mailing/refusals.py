"""What a refusal at the door says of an address: one that does not exist is not written to again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from isthmus.mailing import actions, dsn
from isthmus.mailing.ledger import Job
from isthmus.mailing.models import Delivery, DeliveryNote, Subscriber, Suppression
from isthmus.mailing.transports import Handed

# As for mail that comes back: hard once, or soft three times within thirty days.
_SOFT_LIMIT, _SOFT_WITHIN = 3, timedelta(days=30)


def count(results: Iterable[tuple[Job, Handed]], *, now: datetime) -> None:
    """Suppress the addresses that a relay refused for good, by the rule of returned mail."""
    for job, handed in results:
        if handed.is_of_address:
            _count_one(job.delivery_id, handed.said, now)


def _count_one(delivery_id: int, said: str, now: datetime) -> None:
    person = Subscriber.objects.filter(deliveries=delivery_id).first()
    if person is None:
        return
    if dsn.severity("", said) == dsn.HARD:
        reason = Suppression.Reason.HARD_BOUNCE
    elif _n_refusals(person, now) >= _SOFT_LIMIT:
        reason = Suppression.Reason.SOFT_BOUNCES
    else:
        return
    actions.suppress(person.address_hash, reason=reason, note=f"The mail server said: {said}", now=now)


def _n_refusals(person: Subscriber, now: datetime) -> int:
    of_person = Delivery.objects.filter(subscriber=person)
    return DeliveryNote.objects.filter(delivery__in=of_person, what="refused", at__gt=now - _SOFT_WITHIN).count()
