"""What is asked across people's rows: a person's own page, their data, the list editors see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.text import capfirst

from isthmus.mailing import following, searches
from isthmus.mailing.following import OfferGroup
from isthmus.mailing.models import Consent, Delivery, Subscriber, Subscription, Suppression
from isthmus.mailing.models.people import EVERYTHING

PER_PAGE = 50
# What a person's page and export list of deliveries; the ledger has them all.
_MAX_DELIVERIES = 10_000
_GONE = "Something this site no longer shows"


@dataclass(frozen=True, slots=True)
class Followed:
    """One line of what a person follows. url: the page of results of a search, empty for anything else."""

    subject: str
    label: str
    pace: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Preferences:
    """A person's own page. stopped_because: why nothing is sent to the address, empty if it is."""

    subscriber: Subscriber
    followed: list[Followed]
    groups: list[OfferGroup]
    stopped_because: str

    @property
    def offers_everything(self) -> bool:
        """Whether everything could be followed besides."""
        return all(line.subject != EVERYTHING for line in self.followed)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which people an editor looks for; empty fields ask nothing.

    words: part of an address or a name, or a whole domain such as `@example.org`.
    """

    words: str = ""
    state: str = ""
    pace: str = ""
    subject: str = ""
    suppressed: str = ""


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Some people, the newest first; older, newer: the number to go on from, None at an end."""

    people: list[Subscriber]
    n: int
    older: int | None
    newer: int | None


def preferences(subscriber_id: int) -> Preferences | None:
    """What stands on a person's own page; None for somebody who is not there."""
    subscriber = Subscriber.objects.filter(pk=subscriber_id).first()
    if subscriber is None:
        return None
    followed = followed_by(subscriber)
    taken = {line.subject for line in followed}
    groups = [
        OfferGroup(group.heading, [offer for offer in group.offers if offer.subject not in taken])
        for group in following.offered()
    ]
    suppression = suppression_of(subscriber.address_hash)
    stopped = suppression.get_reason_display() if suppression else ""
    return Preferences(subscriber, followed, [group for group in groups if group.offers], stopped)


def followed_by(subscriber: Subscriber, *, is_confirmed: bool = True) -> list[Followed]:
    """What somebody follows, or with is_confirmed=False has asked to; everything first, then by name."""
    rows = list(subscriber.subscriptions.filter(confirmed_at__isnull=not is_confirmed).values_list("subject", "pace"))
    subjects = [subject for subject, _ in rows]
    names, urls = following.names(subjects), searches.addresses(subjects)
    lines = [
        Followed(subject, capfirst(names.get(subject, _GONE)), pace, urls.get(subject, "")) for subject, pace in rows
    ]
    return sorted(lines, key=lambda line: (line.subject != EVERYTHING, line.label.casefold(), line.subject))


def suppression_of(address_hash: str) -> Suppression | None:
    """Why nothing is sent to an address, if so."""
    return Suppression.objects.filter(address_hash=address_hash, lifted_at=None).first()


def export_data(subscriber_id: int) -> dict[str, Any]:
    """All that is known of a person, as they may ask for it; empty for nobody."""
    subscriber = Subscriber.objects.filter(pk=subscriber_id).first()
    if subscriber is None:
        return {}
    suppression = Suppression.objects.filter(address_hash=subscriber.address_hash).first()
    return {
        "email": subscriber.email,
        "name": subscriber.name,
        "state": subscriber.state,
        "paused_until": _written(subscriber.paused_until),
        "created_at": _written(subscriber.created_at),
        "confirmed_at": _written(subscriber.confirmed_at),
        "left_at": _written(subscriber.left_at),
        "subscriptions": _subscriptions(subscriber),
        "consents": [_consent(row) for row in consents_of(subscriber)],
        "deliveries": [_delivery(row) for row in deliveries_of(subscriber)],
        "suppression": {
            "reason": suppression.reason,
            "at": _written(suppression.at),
            "lifted_at": _written(suppression.lifted_at),
        }
        if suppression
        else None,
    }


def consents_of(subscriber: Subscriber) -> list[Consent]:
    """The evidence, oldest first."""
    return list(subscriber.consents.select_related("wording").order_by("at", "pk"))


def deliveries_of(subscriber: Subscriber, *, limit: int = _MAX_DELIVERIES) -> list[Delivery]:
    """What was sent to somebody, newest first."""
    rows = subscriber.deliveries.select_related("mailing").defer("mailing__message")
    return list(rows.order_by("-pk")[:limit])


def people_page(wanted: Filter, *, before: int | None = None, after: int | None = None) -> PeoplePage:
    """One page of the people an editor looks for, by number and not by offset: the last page costs what the first does.

    before, after: numbers of people; at most one of the two.
    """
    rows = found(wanted)
    n = rows.count()
    if after is not None:
        shown = list(rows.filter(pk__gt=after).order_by("pk")[: PER_PAGE + 1])
        has_newer, has_older = len(shown) > PER_PAGE, True
        shown = shown[:PER_PAGE][::-1]
    else:
        shown = list((rows.filter(pk__lt=before) if before else rows).order_by("-pk")[: PER_PAGE + 1])
        has_newer, has_older = before is not None, len(shown) > PER_PAGE
        shown = shown[:PER_PAGE]
    older = shown[-1].pk if shown and has_older else None
    newer = shown[0].pk if shown and has_newer else None
    return PeoplePage(shown, n, older, newer)


def found(wanted: Filter) -> QuerySet[Subscriber]:
    """Everybody an editor looks for, in no order."""
    rows = Subscriber.objects.order_by()
    if wanted.words:
        rows = rows.filter(_matching(wanted.words))
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.subject or wanted.pace:
        followed = Subscription.objects.filter(subscriber=OuterRef("pk")).exclude(confirmed_at=None)
        followed = followed.filter(subject=wanted.subject) if wanted.subject else followed
        rows = rows.filter(Exists(followed.filter(pace=wanted.pace) if wanted.pace else followed))
    if wanted.suppressed:
        suppressed = Exists(Suppression.objects.filter(address_hash=OuterRef("address_hash"), lifted_at=None))
        rows = rows.filter(suppressed if wanted.suppressed == "yes" else ~suppressed)
    return rows


def suppressed_among(hashes: Iterable[str]) -> dict[str, Suppression]:
    """The suppressions that hold, by hash; for one page of people."""
    return {row.address_hash: row for row in Suppression.objects.filter(address_hash__in=list(hashes), lifted_at=None)}


def _matching(words: str) -> Q:
    words = words.strip().replace("\x00", "")
    if words.startswith("@"):
        return Q(domain=words[1:].casefold())
    return Q(email_key__contains=words.casefold()) | Q(name__icontains=words)


def _subscriptions(subscriber: Subscriber) -> list[dict[str, Any]]:
    rows = subscriber.subscriptions.order_by("subject")
    names = following.names(row.subject for row in rows)
    urls = searches.addresses(row.subject for row in rows)
    return [
        {
            "subject": row.subject,
            "name": names.get(row.subject, ""),
            **({"search": urls[row.subject]} if row.subject in urls else {}),
            "pace": row.pace,
            "asked_at": _written(row.created_at),
            "confirmed_at": _written(row.confirmed_at),
        }
        for row in rows
    ]


def _consent(row: Consent) -> dict[str, Any]:
    return {
        "what": row.what,
        "at": _written(row.at),
        "subjects": row.subjects,
        "form": row.form,
        "how": row.how,
        "network": row.network,
        "wording": row.wording.text if row.wording else None,
    }


def _delivery(row: Delivery) -> dict[str, Any]:
    return {
        "title": row.mailing.title,
        "kind": row.mailing.kind,
        "because": row.because,
        "state": row.state,
        "at": _written(row.ended_at or row.started_at),
    }


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
