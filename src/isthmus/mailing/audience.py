"""Who a campaign would reach, before anybody is written to, and whom it did not reach afterwards."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When

from isthmus.mailing.models import Campaign, Delivery, DeliveryNote, Mailing, Subscriber, Subscription, Suppression
from isthmus.mailing.models.people import EVERYTHING

# The best reason for a letter is the most specific one.
_RANK = {"person": 0, "category": 1, "series": 2, EVERYTHING: 9}
# What `ledger` says of those whose turn never came.
CANCELLED = "The mailing was cancelled."

WHY_UNREACHED = {
    "refused": "refused by the other side",
    "given_up": "put off for five days, then given up",
    "uncertain": "uncertain: they may have it already",
    "cancelled": "left out when it was cancelled",
}


@dataclass(frozen=True, slots=True)
class Audience:
    """The people a campaign is meant for at this moment; n_candidates = n_reached + all that are left out.

    left_out: how many, by reason, in the words that `Mailing.excluded` has.
    """

    n_candidates: int
    n_reached: int
    left_out: dict[str, int] = field(default_factory=dict)


def in_order(subjects: Collection[str]) -> list[str]:
    """The subjects of a campaign, the most specific first, so that each person is told the best reason."""
    return sorted(set(subjects), key=lambda subject: (_RANK.get(subject.partition(":")[0], 5), subject))


def of_subjects(subjects: Collection[str], *, now: datetime) -> Audience:
    """Who would be written to if it were sent now: the rule of `ledger.prepare`, as one question."""
    barred = Suppression.objects.filter(address_hash=OuterRef("address_hash"), lifted_at__isnull=True)
    why = Case(
        When(paused_until__gt=now, then=Value("paused")),
        When(Exists(barred), then=Value("suppressed")),
        default=Value(""), output_field=CharField(),
    )  # fmt: skip
    rows = _candidates(subjects).annotate(why=why).order_by().values_list("why").annotate(n=Count("pk"))
    left_out = dict(rows)
    n_reached = left_out.pop("", 0)
    return Audience(n_reached + sum(left_out.values()), n_reached, left_out)


def _candidates(subjects: Collection[str]) -> QuerySet[Subscriber]:
    people = Subscriber.objects.filter(state=Subscriber.State.CONFIRMED)
    if EVERYTHING in subjects:
        return people
    wanted = Subscription.objects.filter(
        subscriber=OuterRef("pk"), subject__in=list(subjects), confirmed_at__isnull=False
    )
    return people.filter(Exists(wanted))


def unreached(campaign: Campaign) -> dict[str, dict[int, str]]:
    """By why, the people a campaign did not reach in any of its turns, and the subject that made each a recipient.

    Keys are those of WHY_UNREACHED; people the provider took it from in a later turn are not among them. A person is
    under one reason only, that of the last turn.
    """
    last: dict[int, tuple[str, str]] = {}
    for person, state, reply, because, is_given_up in _ended_rows(campaign):
        known = last.get(person)
        if known is None or known[0] != "reached":
            last[person] = (_why(state, reply, is_given_up=is_given_up), because)
    found: dict[str, dict[int, str]] = {why: {} for why in WHY_UNREACHED}
    for person, (why, because) in last.items():
        if why in found:
            found[why][person] = because
    return found


def _ended_rows(campaign: Campaign) -> QuerySet[Delivery, tuple[int, str, str, str, bool]]:
    """Every delivery that matters: of those that went well, only the ones of people who were missed once."""
    of_campaign = Delivery.objects.filter(
        mailing__campaign=campaign, mailing__kind=Mailing.Kind.CAMPAIGN, subscriber__isnull=False
    )
    missed = of_campaign.exclude(state=Delivery.State.SUBMITTED)
    given_up = DeliveryNote.objects.filter(delivery=OuterRef("pk"), what="given up")
    rows = of_campaign.filter(Q(subscriber__in=missed.values("subscriber")))
    return (
        rows.annotate(is_given_up=Exists(given_up))
        .order_by("mailing_id", "pk")
        .values_list("subscriber_id", "state", "reply", "because", "is_given_up")
    )


def _why(state: str, reply: str, *, is_given_up: bool) -> str:
    if state == Delivery.State.SUBMITTED:
        return "reached"
    if state == Delivery.State.FAILED:
        return "given_up" if is_given_up else "refused"
    if state == Delivery.State.UNCERTAIN:
        return "uncertain"
    return "cancelled" if state == Delivery.State.SUPPRESSED and reply == CANCELLED else "barred"
