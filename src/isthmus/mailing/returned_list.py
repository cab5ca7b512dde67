"""What editors read of returned mail and suppressions, page by page, by number and not by offset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from isthmus.mailing import queries, returns
from isthmus.mailing.addresses import AddressInvalid
from isthmus.mailing.models import Returned, Subscriber, Suppression

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that came back. suppression: the one that holds for the person now, whatever brought it."""

    row: Returned
    person: Subscriber | None
    suppression: Suppression | None
    may_be_lifted: bool


@dataclass(frozen=True, slots=True)
class SuppressedLine:
    """One suppressed address; person: whose it is, where they are a subscriber."""

    row: Suppression
    person: Subscriber | None
    may_be_lifted: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, newest first. older: the number that the next page begins before; None on the last."""

    lines: Sequence[Any]
    older: int | None


def returned_page(kind: str = "", *, before: int | None = None) -> Page:
    """What came back, without its bytes. kind: one of Returned.Kind, or empty for all."""
    rows = Returned.objects.select_related("delivery__subscriber", "delivery__mailing")
    rows = rows.defer("raw", "delivery__mailing__message")
    shown, older = _page(rows.filter(kind=kind) if kind else rows, before)
    people = [row.delivery.subscriber if row.delivery else None for row in shown]
    held = queries.suppressed_among(person.address_hash for person in people if person)
    lines = []
    for row, person in zip(shown, people, strict=True):
        suppression = held.get(person.address_hash) if person else None
        is_from_mail = suppression is not None and suppression.reason in returns.FROM_MAIL
        lines.append(Line(row, person, suppression, is_from_mail and row.kind in returns.SUPPRESSES))
    return Page(lines, older)


def suppressions_page(email: str = "", reason: str = "", *, before: int | None = None) -> Page:
    """The addresses that are not written to. email: of one only, by its hash; nothing is found for what is none."""
    rows = Suppression.objects.filter(lifted_at__isnull=True)
    rows = rows.filter(reason=reason) if reason else rows
    shown, older = _page(rows.filter(address_hash=_hash(email)) if email else rows, before)
    found = Subscriber.objects.filter(address_hash__in=[row.address_hash for row in shown])
    person_of = {person.address_hash: person for person in found}
    erased = Suppression.Reason.ERASED
    return Page([SuppressedLine(row, person_of.get(row.address_hash), row.reason != erased) for row in shown], older)


def _hash(email: str) -> str:
    try:
        return returns.hash_of(email)
    except AddressInvalid:
        return ""


def _page(rows: QuerySet[Any], before: int | None) -> tuple[list[Any], int | None]:
    found = list((rows.filter(pk__lt=before) if before else rows).order_by("-pk")[: PER_PAGE + 1])
    return found[:PER_PAGE], found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None
