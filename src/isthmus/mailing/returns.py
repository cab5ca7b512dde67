"""What comes back: kept as it came, and counted only where it carries an address that we signed.

Nothing is ever answered, so no two programs can begin to answer each other. Whoever forges or guesses changes nothing;
whoever holds a mail of ours could leave by it anyway. What is done is a suppression, which editors see and can lift.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from isthmus.kit import child
from isthmus.mailing import actions, addresses, dsn, links
from isthmus.mailing.addresses import AddressInvalid
from isthmus.mailing.models import Delivery, DeliveryNote, Mailing, Returned, Subscriber, Suppression
from isthmus.mailing.models.people import EVERYTHING

Kind, Reason = Returned.Kind, Suppression.Reason

# A bounce with our whole message in it is some 100 kB; of more only the beginning is read and kept.
MAX_BYTES = 256 * 1024
SOFT_BOUNCES, SOFT_WITHIN = 3, timedelta(days=30)
KEPT = timedelta(days=90)
# Anybody can write to an address: what is not signed may fill at most 1,000 times 256 kB.
MOST_UNSIGNED = 1_000
_CPU_S, _WALL_S, _MEMORY_BYTES = 5, 20.0, 256 * child.MIB
_NOTE = {Kind.HARD: "hard bounce", Kind.SOFT: "soft bounce", Kind.COMPLAINT: "complaint", Kind.LEAVE: "left by mail"}
# What returned mail suppresses for, and by which kinds of it.
FROM_MAIL = frozenset({Reason.HARD_BOUNCE, Reason.SOFT_BOUNCES, Reason.COMPLAINT})
SUPPRESSES = frozenset({Kind.HARD, Kind.SOFT, Kind.COMPLAINT})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What something that came back says of which delivery. said: one line of the other side's own words."""

    kind: Returned.Kind
    delivery_id: int | None
    said: str = ""


def take(raw: bytes, *, source: str, envelope_to: str | None = None, now: datetime) -> Returned:
    """Keep one message and do what it says, once, however often it comes.

    source: where it was read, such as `pipe`. envelope_to: whom the mail server had it for, where it says so.
    When it returns, all is durable. Hostile input is read in a process of its own; it costs 0.1 s.
    """
    return next(take_each([raw], source=source, envelope_to=envelope_to, now=now))


def take_each(
    raws: Iterable[bytes], *, source: str, envelope_to: str | None = None, now: datetime
) -> Iterator[Returned]:
    """As `take`, for many with one process to read them; each is durable when it is yielded."""
    kept = [raw[:MAX_BYTES] for raw in raws]
    for raw, reading in zip(kept, _readings(kept), strict=True):
        number = _signed(([envelope_to] if envelope_to else []) + reading.addresses + reading.enclosed)
        yield keep(raw, _verdict(reading, number), source=source, now=now)


def keep(raw: bytes, verdict: Verdict, *, source: str, now: datetime) -> Returned:
    """Write down what came back and act on it; what is known already, by its bytes, is returned as it stands.

    What was read once without an address of ours and comes again with one, as when a mail server was told to name the
    recipient, is judged anew.
    """
    digest = hashlib.sha256(raw).hexdigest()
    with transaction.atomic():
        unread = {"kind": Kind.UNKNOWN, "source": source[:40], "raw": raw, "at": now}
        row, is_new = Returned.objects.get_or_create(digest=digest, defaults=unread)
        row = Returned.objects.select_for_update().get(pk=row.pk)
        if is_new or (row.delivery_id is None and verdict.delivery_id is not None):
            _settle(row, verdict, now)
    return row


def refused(delivery_id: int, said: str, *, now: datetime) -> None:
    """Count a 5xx that the mail server answered to the recipient's address while we handed a message over.

    said: its answer. Only what is about the address counts: a relay that takes nothing from us any more would
    otherwise have the whole list suppressed in three mailings.
    """
    if dsn.is_about_address(said):
        kind = Kind.HARD if dsn.severity("", said) == dsn.HARD else Kind.SOFT
        with transaction.atomic():
            delivery = Delivery.objects.select_related("mailing").filter(pk=delivery_id).first()
            if delivery is not None and delivery.subscriber_id is not None:
                _act(kind, delivery, said, f"delivery {delivery_id}", now)


def lift(row: Returned, *, by: str, now: datetime) -> bool:
    """Undo the suppression that returned mail brought upon this person; False where there is none of that kind.

    by: the editor's name. Soft bounces from before count no more. Who left by mail stays gone: that was their word.
    Raises: actions.StaysSuppressed.
    """
    person = row.delivery.subscriber if row.delivery else None
    if person is None or not active(person.address_hash).filter(reason__in=FROM_MAIL).exists():
        return False
    actions.lift(person.address_hash, by=by, now=now)
    return True


def active(address_hash: str) -> QuerySet[Suppression]:
    """The suppression that holds for an address, if one does."""
    return Suppression.objects.filter(address_hash=address_hash, lifted_at__isnull=True)


def hash_of(email: str) -> str:
    """The hash under which an address is suppressed. Raises: AddressInvalid."""
    return actions.hash_of(addresses.parse(email).key)


def prune(now: datetime) -> int:
    """Forget what came back 90 days ago, and of what was not signed all but the newest thousand; how many went."""
    n, _ = Returned.objects.filter(at__lt=now - KEPT).delete()
    unsigned = Returned.objects.filter(delivery__isnull=True).order_by("-pk")
    last = list(unsigned.values_list("pk", flat=True)[MOST_UNSIGNED : MOST_UNSIGNED + 1])
    return n + (Returned.objects.filter(delivery__isnull=True, pk__lte=last[0]).delete()[0] if last else 0)


def _readings(raws: Sequence[bytes]) -> Iterator[dsn.Reading]:
    """One for each message, in order; whichever breaks its reader is `unknown`, and the others are read on."""
    rest = list(raws)
    while rest:
        read = child.stream_limited(
            dsn.read_each, rest, memory_bytes=_MEMORY_BYTES, cpu_s_each=_CPU_S, wall_s_each=_WALL_S
        )
        n_read, broken = 0, ""
        try:
            for values in read:
                n_read += 1
                yield dsn.Reading.from_plain(values)
        except child.ChildFailed as error:
            broken = str(error)
        rest = rest[n_read:]
        if rest:
            yield dsn.Reading("unknown", said=broken or "It could not be read.")
            rest = rest[1:]


def _signed(candidates: Iterable[str]) -> int | None:
    """The delivery that the first address of ours stands for."""
    read = (links.read_verp(address, settings.DATA / "secrets") for address in candidates)
    return next((number for number in read if number is not None), None)


def _verdict(reading: dsn.Reading, delivery_id: int | None) -> Verdict:
    if delivery_id is None:
        return Verdict(Kind.UNKNOWN, None, reading.said)
    if reading.kind != "report":
        return Verdict(Kind(reading.kind), delivery_id, reading.said)
    email = Subscriber.objects.filter(deliveries=delivery_id).values_list("email", flat=True).first() or ""
    severity, said = dsn.verdict(reading.recipients, _wire(email))
    return Verdict(Kind(severity) if severity else Kind.NOTICE, delivery_id, said or reading.said)


def _wire(email: str) -> str:
    try:
        return addresses.parse(email).wire
    except AddressInvalid:
        return email


def _settle(row: Returned, verdict: Verdict, now: datetime) -> None:
    """Do what the row says and write it down beside it."""
    found = Delivery.objects.select_related("mailing").filter(pk=verdict.delivery_id or 0).first()
    row.delivery, row.kind, row.said = found, verdict.kind, _storable(verdict.said)
    if found is None:
        row.kind = Kind.UNKNOWN
    elif found.subscriber_id is None:
        # They asked to be forgotten, and a bounce is full of their address.
        row.raw, row.said, row.did = b"", "", "Nothing: the person was erased."
    elif verdict.kind in _NOTE:
        row.did = _act(verdict.kind, found, row.said, f"returned mail {row.pk}", now)
    row.save()


def _act(kind: Returned.Kind, delivery: Delivery, said: str, evidence: str, now: datetime) -> str:
    """What is done about it, and a sentence that says so. evidence: what an editor can look up."""
    person = Subscriber.objects.select_for_update().get(pk=delivery.subscriber_id)
    DeliveryNote.objects.create(delivery=delivery, at=now, what=_NOTE[kind], said=_storable(said))
    if kind == Kind.LEAVE:
        subject = EVERYTHING if delivery.mailing.kind == Mailing.Kind.DIGEST else delivery.because or EVERYTHING
        actions.leave(person.pk, subject=subject, how=f"mail to the address in delivery {delivery.pk}", now=now)
        return "They left, as they asked."
    if kind == Kind.COMPLAINT:
        return _suppress(person, Reason.COMPLAINT, evidence, now)
    # The note never holds the words, which hold the address: a suppression knows the hash alone.
    evidence = f"{evidence}, {dsn.first_code(said) or 'no code'}"
    if kind == Kind.HARD:
        return _suppress(person, Reason.HARD_BOUNCE, evidence, now)
    n = _soft_bounces(person, now)
    if n < SOFT_BOUNCES:
        return f"Counted: {n} of {SOFT_BOUNCES} in {SOFT_WITHIN.days} days."
    return _suppress(person, Reason.SOFT_BOUNCES, evidence, now)


def _soft_bounces(person: Subscriber, now: datetime) -> int:
    """How many deliveries came back soft lately; a server that says it twice of one is counted once."""
    lifted = Suppression.objects.filter(address_hash=person.address_hash).values_list("lifted_at", flat=True).first()
    since = max(now - SOFT_WITHIN, lifted) if lifted else now - SOFT_WITHIN
    notes = DeliveryNote.objects.filter(
        delivery__subscriber=person, what=_NOTE[Kind.SOFT], at__gt=since, at__lte=now
    )  # fmt: skip
    return int(notes.values("delivery").distinct().count())


def _storable(said: str) -> str:
    """At most 500 characters that every database takes: no NUL, and no half of a pair."""
    return said.replace("\x00", "").encode("utf-8", "replace").decode()[:500]


def _suppress(person: Subscriber, reason: Suppression.Reason, evidence: str, now: datetime) -> str:
    held: Any = active(person.address_hash).first()
    is_graver = reason == Reason.COMPLAINT and held is not None and held.reason in FROM_MAIL - {Reason.COMPLAINT}
    if held is not None and not is_graver:
        return f"Nothing more: it was suppressed already ({Reason(held.reason).label})."
    actions.suppress(person.address_hash, reason=reason, note=evidence, now=now)
    return f"Suppressed: {reason.label}."
