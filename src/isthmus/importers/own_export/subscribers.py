"""Subscribers with what each follows and every consent; whoever is here already, or was erased here, stays so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from isthmus.importers.own_export.names import Names
from isthmus.importers.own_export.tables import Row
from isthmus.mailing import actions, addresses, queries
from isthmus.mailing.models import Consent, Subscriber, Subscription

_MOMENTS = ("paused_until", "created_at", "confirmed_at", "left_at")
_CONSENT = ("what", "form", "how", "network")


def rows_out(names: Names) -> Iterator[Row]:
    """One row a person."""
    people = Subscriber.objects.order_by("email_key").prefetch_related("subscriptions", "consents")
    for person in people.iterator(chunk_size=500):
        row: Row = {"email": person.email, "name": person.name, "state": person.state}
        row |= {name: _said(getattr(person, name)) for name in _MOMENTS}
        row["follows"] = sorted(
            (
                {
                    "subject": names.followed_out(one.subject), "pace": one.pace,
                    "created_at": _said(one.created_at), "confirmed_at": _said(one.confirmed_at),
                }
                for one in person.subscriptions.all()
            ),
            key=lambda one: str(one["subject"]),
        )  # fmt: skip
        row["consents"] = [_consent_out(one, names) for one in sorted(person.consents.all(), key=lambda one: one.pk)]
        yield row


def _consent_out(consent: Consent, names: Names) -> Row:
    row: Row = {name: getattr(consent, name) for name in _CONSENT}
    row["subjects"] = [[names.followed_out(subject), pace] for subject, pace in consent.subjects]
    return row | {"wording": consent.wording_id or "", "at": _said(consent.at)}


def _said(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def bring_in(row: Row, names: Names) -> str:
    """Make the person of a row; returns created, unchanged, or the reason why not. Raises: AddressInvalid."""
    address = addresses.parse(str(row["email"]))
    address_hash = actions.hash_of(address.key)
    if Subscriber.objects.filter(address_hash=address_hash).exists():
        return "unchanged"
    bar = queries.suppressed_among([address_hash]).get(address_hash)
    if bar is not None and bar.reason == "erased":
        return "this person was erased here"
    person = Subscriber.objects.create(
        email=address.email, email_key=address.key, address_hash=address_hash, domain=address.domain,
        name=row["name"], state=row["state"], **{name: _moment(row[name]) for name in _MOMENTS},
    )  # fmt: skip
    Subscription.objects.bulk_create(
        Subscription(
            subscriber=person, subject=names.followed_in(one["subject"]), pace=one["pace"],
            created_at=_moment(one["created_at"]), confirmed_at=_moment(one["confirmed_at"]),
        )
        for one in row["follows"]
    )  # fmt: skip
    for one in row["consents"]:
        _consent_in(person, one, names)
    return "created"


def _consent_in(person: Subscriber, row: Row, names: Names) -> None:
    values: dict[str, Any] = {name: row[name] for name in _CONSENT}
    values["subjects"] = [[names.followed_in(subject), pace] for subject, pace in row["subjects"]]
    Consent.objects.create(subscriber=person, wording_id=row["wording"] or None, at=_moment(row["at"]), **values)


def _moment(said: str) -> datetime | None:
    return parse_datetime(said) if said else None
