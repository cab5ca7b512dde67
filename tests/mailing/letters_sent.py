"""Campaigns for tests: written as an editor writes them, sent through the product's own doors."""

from __future__ import annotations

from typing import Any

from isthmus.mailing.models import Campaign, Delivery, Mailing


def campaign(
    title: str = "What we read this autumn",
    *,
    audience: tuple[str, ...] = ("everything",),
    body: list[Any] | None = None,
    **fields: Any,
) -> Campaign:
    """A saved campaign with a paragraph in it."""
    blocks = [("text", "<p>Dear reader, this is what we read.</p>")] if body is None else body
    made = Campaign.objects.create(title=title, audience=list(audience), body=blocks, **fields)
    return Campaign.objects.get(pk=made.pk)


def handed_over(mailing: Mailing, *outcomes: str, now: Any, most: int = 1000) -> None:
    """Send it through the ledger, ending the deliveries with these outcomes in order; the last one for all the rest.

    most: how many get their turn; the others wait on."""
    from isthmus.mailing import ledger
    from isthmus.mailing.transports import Handed, Outcome

    jobs = [job for job in ledger.claim("w", limit=1000, now=now, lease_s=60) if job.mailing_id == mailing.pk]
    going = sorted(ledger.start([job.delivery_id for job in jobs[:most]], "w", now))
    ledger.give_back([job.delivery_id for job in jobs[most:]], "w")
    ends = [*outcomes, *[outcomes[-1]] * len(going)][: len(going)] if outcomes else []
    results = [(pk, Handed(Outcome(end), "said")) for pk, end in zip(going, ends, strict=True)]
    ledger.record(results, owner="w", now=now)
    ledger.finish(now)


def people_of(mailing: Mailing) -> set[str]:
    """The addresses of those it goes to."""
    return set(Delivery.objects.filter(mailing=mailing).values_list("subscriber__email", flat=True))
