"""Who may still be written to in the step before the wire: the conditions, and a sentence where they fail."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from isthmus.kit.compiled import Slot
from isthmus.mailing.models import Delivery, Mailing, Subscriber, Subscription, Suppression
from isthmus.mailing.models.people import EVERYTHING
from isthmus.mailing.preparing import ASKED_FOR, FORGIVEN_WHEN_ASKED


def may_go(now: datetime | Slot) -> Q:
    """The conditions as one expression over a delivery's row; an UPDATE that has it asks and acts in one step."""
    mailing = Mailing.objects.filter(pk=OuterRef("mailing_id"), state=Mailing.State.SENDING)
    person = Subscriber.objects.filter(pk=OuterRef("subscriber_id"))
    barred = Suppression.objects.filter(address_hash=OuterRef("address_hash"), lifted_at__isnull=True)
    awake = Q(paused_until__isnull=True) | Q(paused_until__lte=now)
    follows = Subscription.objects.filter(
        subscriber_id=OuterRef("subscriber_id"), subject__in=[OuterRef("because"), EVERYTHING],
        confirmed_at__isnull=False,
    )  # fmt: skip
    to_all = mailing.filter(kind=Mailing.Kind.CAMPAIGN)
    return (
        Q(Exists(mailing.exclude(kind__in=ASKED_FOR)))
        & Q(Exists(person.filter(awake, ~Exists(barred), state=Subscriber.State.CONFIRMED)))
        & (Q(because="") | Q(Exists(follows)) | Q(Exists(to_all), because=EVERYTHING))
    ) | (
        Q(Exists(mailing.filter(kind__in=ASKED_FOR)))
        & Q(Exists(person.filter(~Exists(barred.exclude(reason__in=FORGIVEN_WHEN_ASKED)))))
    )


def why_not(row: Delivery, now: datetime) -> str:
    """A sentence for a delivery that `may_go` turned down; its mailing and subscriber are best loaded with it."""
    person = row.subscriber
    if row.mailing.state == Mailing.State.CANCELLED:
        return "The mailing was cancelled."
    if person is None:
        return "The person was erased."
    barred = Suppression.objects.filter(address_hash=person.address_hash, lifted_at__isnull=True).first()
    if barred is not None:
        return f"The address is suppressed: {Suppression.Reason(barred.reason).label}."
    if person.state != Subscriber.State.CONFIRMED:
        return "The person has left." if person.state == Subscriber.State.LEFT else "The address is not confirmed."
    if person.paused_until is not None and person.paused_until > now:
        return "The person has paused all mail."
    return f"The person follows {row.because} no more."
