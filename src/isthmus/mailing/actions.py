"""What people can do: ask, confirm, change, pause, leave, be erased; and what the institute can: suppress and lift.

Every one is one transaction and leaves a Consent row as evidence. Nothing here is reached by a GET.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from isthmus.kit.errors import IsthmusError, UsageError
from isthmus.mailing import addresses, caps, following, links, searches, wording
from isthmus.mailing.addresses import Address
from isthmus.mailing.following import Choice
from isthmus.mailing.models import (
    Consent,
    Delivery,
    DeliveryNote,
    Mailing,
    Returned,
    SignUp,
    Subscriber,
    Subscription,
    Suppression,
)
from isthmus.mailing.models.people import EVERYTHING
from isthmus.mailing.preparing import FORGIVEN_WHEN_ASKED
from isthmus.publications.audit import actions as audit
from isthmus.publications.audit.kinds import Act

# A pause is not a way to leave: after this it would only be forgotten.
LONGEST_PAUSE = timedelta(days=366)


class NobodyThere(IsthmusError):
    """A good link of somebody who has been erased since."""


class PauseInvalid(UsageError):
    """An end of a pause that is past or too far away."""


class StaysSuppressed(UsageError):
    """An erased address, which only its owner can bring back."""


def sign_up(email: str, *, choices: Iterable[Choice], form: str, network: str, now: datetime) -> None:
    """Note the wish to be mailed and have a confirmation sent, unless a cap is reached; nobody is told which.

    email: as typed. form: where it was typed, such as `footer of /peninsula/`. network: as `caps.network_of` has it.
    Known and unknown addresses cost the same statements. What is asked for counts for nothing until confirmed.
    Raises: AddressInvalid, ChoiceInvalid.
    """
    from isthmus.mailing import confirmations

    address = addresses.parse(email)
    hashed = hash_of(address.key)
    wishes = following.checked(choices)
    with transaction.atomic():
        room = caps.room_for(hashed, network, now)
        if room.is_flooded:
            return
        subscriber = _asking(address, hashed, now)
        wishes = searches.within_room(subscriber, searches.numbered(wishes, now=now))
        _wish(subscriber, wishes, now)
        _evidence(subscriber, Consent.What.ASKED, wishes, form=form, network=network, now=now)
        if room.may_mail:
            confirmations.queue(subscriber.pk, now=now)
        SignUp.objects.create(address_hash=hashed, network=network, at=now, is_mailed=room.may_mail)


def confirm(token: str, *, network: str = "", now: datetime) -> Subscriber:
    """Make what was asked for count: the button behind the link was pressed. Pressing again changes nothing.

    Raises: tokens.TokenInvalid, tokens.TokenExpired, NobodyThere.
    """
    number = links.read_confirm(token, _secrets())
    with transaction.atomic():
        subscriber = locked(number)
        if not subscriber.subscriptions.filter(confirmed_at=None).update(confirmed_at=now):
            return subscriber
        if subscriber.state != Subscriber.State.CONFIRMED:
            subscriber.confirmed_at = now
        subscriber.state, subscriber.left_at = Subscriber.State.CONFIRMED, None
        subscriber.save(update_fields=["state", "confirmed_at", "left_at"])
        # Whoever was erased and asks again has brought the address back themselves.
        _active(subscriber.address_hash).filter(reason__in=FORGIVEN_WHEN_ASKED).update(
            lifted_at=now, lifted_by="the person, by signing up again"
        )
        _evidence(subscriber, Consent.What.CONFIRMED, how=_how_confirmed(subscriber), network=network, now=now)
    return subscriber


def send_again(token: str, *, network: str, now: datetime) -> None:
    """A new confirmation for whom an expired link was, within the caps; silent when one is reached.

    Raises: tokens.TokenInvalid.
    """
    from isthmus.kit import tokens
    from isthmus.mailing import confirmations

    try:
        number = links.read_confirm(token, _secrets())
    except tokens.TokenExpired as expired:
        number = int(expired.payload)
    with transaction.atomic():
        subscriber = Subscriber.objects.filter(pk=number).first()
        if subscriber is None:
            return
        room = caps.room_for(subscriber.address_hash, network, now)
        if room.may_mail:
            _back_from_leaving(subscriber.pk)
            confirmations.queue(subscriber.pk, now=now)
            SignUp.objects.create(address_hash=subscriber.address_hash, network=network, at=now, is_mailed=True)


def change(subscriber_id: int, *, choices: Iterable[Choice], how: str, now: datetime) -> None:
    """Follow exactly this from now on; nothing at all means to leave.

    how: how we know that it was them, such as `preference page`. Raises: ChoiceInvalid, NobodyThere.
    """
    with transaction.atomic():
        subscriber = locked(subscriber_id)
        before = dict(subscriber.subscriptions.exclude(confirmed_at=None).values_list("subject", "pace"))
        wanted = dict(searches.numbered(following.checked(choices, already=before), now=now))
        if not wanted:
            _leave(subscriber, how=how, now=now)
        elif wanted != before or subscriber.state != Subscriber.State.CONFIRMED:
            _follow(subscriber, wanted, now)
            _evidence(subscriber, Consent.What.CHANGED, how=how, now=now)


def pause(subscriber_id: int, *, until: datetime | None, how: str, now: datetime) -> None:
    """Send nothing before `until`; None ends a pause. Raises: PauseInvalid, NobodyThere."""
    if until is not None and not now < until <= now + LONGEST_PAUSE:
        raise PauseInvalid("A pause ends on a day to come, within a year: choose another day, or leave the list.")
    with transaction.atomic():
        subscriber = locked(subscriber_id)
        subscriber.paused_until = until
        subscriber.save(update_fields=["paused_until"])
        said = f"{how}, until {until:%Y-%m-%d}" if until else f"{how}, pause ended"
        _evidence(subscriber, Consent.What.PAUSED, how=said, now=now)


def leave(subscriber_id: int, *, subject: str = EVERYTHING, how: str, now: datetime) -> None:
    """No more mail about `subject`; of everything, or of the last thing followed, no more mail at all.

    Harmless for whoever has left or been erased.
    """
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().filter(pk=subscriber_id).first()
        if subscriber is None or subscriber.state == Subscriber.State.LEFT:
            return
        if subject != EVERYTHING and not subscriber.subscriptions.filter(subject=subject).delete()[0]:
            return
        searches.forget_unfollowed([subject])
        if subject == EVERYTHING or not subscriber.subscriptions.exclude(confirmed_at=None).exists():
            _leave(subscriber, how=how, now=now)
        else:
            _evidence(subscriber, Consent.What.LEFT, how=f"{how}: {subject}", now=now)


def one_click(token: str, *, now: datetime) -> None:
    """What a mail program posts when its reader presses Unsubscribe (RFC 8058). Raises: tokens.TokenInvalid."""
    number, subject = links.read_one_click(token, _secrets())
    leave(number, subject=subject, how="one-click unsubscription", now=now)


def erase(subscriber_id: int, *, now: datetime) -> None:
    """Forget a person; what stays is the keyed hash of the address, so that no import brings it back.

    Deliveries stay as numbers, without the person and without what a server said of the address.
    """
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().filter(pk=subscriber_id).first()
        if subscriber is None:
            return
        sent = Delivery.objects.filter(subscriber=subscriber)
        Returned.objects.filter(delivery__in=sent).update(raw=b"", said="")
        DeliveryNote.objects.filter(delivery__in=sent).update(said="")
        sent.update(reply="")
        followed = list(subscriber.subscriptions.values_list("subject", flat=True))
        Suppression.objects.update_or_create(
            address_hash=subscriber.address_hash,
            defaults={"reason": Suppression.Reason.ERASED, "note": "", "at": now, "lifted_at": None, "lifted_by": ""},
        )
        subscriber.delete()
        searches.forget_unfollowed(followed)
        audit.note(Act.ERASED, subject=f"subscriber:{subscriber_id}")


def suppress(address_hash: str, *, reason: str, note: str = "", now: datetime) -> None:
    """Never write to this address again until it is lifted; an erased one stays erased.

    reason: a Suppression.Reason. note: what an editor reads, at most 500 characters of it are kept.
    """
    with transaction.atomic():
        if _active(address_hash).filter(reason=Suppression.Reason.ERASED).exists():
            return
        Suppression.objects.update_or_create(
            address_hash=address_hash,
            defaults={"reason": reason, "note": note[:500], "at": now, "lifted_at": None, "lifted_by": ""},
        )
        # What comes back by itself is in the ledger; the log is of what people did.
        if reason == Suppression.Reason.EDITOR:
            audit.note(Act.SUPPRESSED, subject=_hidden(address_hash))


def lift(address_hash: str, *, by: str, now: datetime) -> None:
    """Write to this address again, on somebody's word. by: their name. Raises: StaysSuppressed."""
    with transaction.atomic():
        active = _active(address_hash).select_for_update().first()
        if active and active.reason == Suppression.Reason.ERASED:
            raise StaysSuppressed("This address asked to be erased: only its owner can sign up again.")
        if _active(address_hash).update(lifted_at=now, lifted_by=by[:200]):
            audit.note(Act.SUPPRESSION_LIFTED, subject=_hidden(address_hash))


def prune(now: datetime) -> int:
    """Forget wishes that nobody confirmed within 31 days; how many rows went."""
    before = now - caps.KEPT
    asked = Consent.objects.filter(subscriber=OuterRef("pk"), what=Consent.What.ASKED, at__gt=before)
    with transaction.atomic():
        n, _ = SignUp.objects.filter(at__lt=before).delete()
        n += Subscription.objects.filter(confirmed_at=None, created_at__lt=before).delete()[0]
        stale = Subscriber.objects.filter(~Exists(asked), state=Subscriber.State.PENDING, created_at__lt=before)
        # Whoever left and was asked for again by somebody has left still.
        n += stale.exclude(left_at=None).update(state=Subscriber.State.LEFT)
        n += stale.filter(left_at=None).delete()[0]
        n += searches.forget_unfollowed()
    return n


def hash_of(key: str) -> str:
    """The hash that stands for an address on this institute; key: as in `addresses.Address`."""
    return addresses.address_hash(key, _secrets())


def locked(subscriber_id: int) -> Subscriber:
    """The person's row, which nobody else changes until the transaction ends. Raises: NobodyThere."""
    found = Subscriber.objects.select_for_update().filter(pk=subscriber_id).first()
    if found is None:
        raise NobodyThere("This person's data has been erased: sign up again on the page /subscribe/.")
    return found


def _asking(address: Address, hashed: str, now: datetime) -> Subscriber:
    """The row of whoever asks, made if need be: three statements in either case."""
    new = Subscriber(
        email=address.email, email_key=address.key, address_hash=hashed, domain=address.domain, created_at=now
    )
    Subscriber.objects.bulk_create([new], ignore_conflicts=True)
    Subscriber.objects.filter(email_key=address.key, state=Subscriber.State.LEFT).update(state=Subscriber.State.PENDING)
    return Subscriber.objects.get(email_key=address.key)


def _back_from_leaving(pk: int) -> None:
    Subscriber.objects.filter(pk=pk, state=Subscriber.State.LEFT).update(state=Subscriber.State.PENDING)


def _wish(subscriber: Subscriber, wishes: list[Choice], now: datetime) -> None:
    """Rows without confirmed_at; of what was confirmed before, a stranger who knows the address changes nothing."""
    rows = [Subscription(subscriber=subscriber, subject=subject, pace=pace, created_at=now) for subject, pace in wishes]
    Subscription.objects.bulk_create(rows, ignore_conflicts=True)
    unconfirmed = Subscription.objects.filter(subscriber=subscriber, confirmed_at=None)
    for wanted in sorted({pace for _, pace in wishes}):
        subjects = [subject for subject, pace in wishes if pace == wanted]
        unconfirmed.filter(subject__in=subjects).update(pace=wanted, created_at=now)


def _follow(subscriber: Subscriber, wanted: dict[str, str], now: datetime) -> None:
    """Exactly these subscriptions, confirmed; those that stay keep the day they were confirmed."""
    _drop(subscriber.subscriptions.exclude(subject__in=wanted))
    kept = {row.subject: row for row in subscriber.subscriptions.all()}
    for subject, pace in wanted.items():
        row = kept.get(subject) or Subscription(subscriber=subscriber, subject=subject, created_at=now)
        row.pace, row.confirmed_at = pace, row.confirmed_at or now
        row.save()
    if subscriber.state != Subscriber.State.CONFIRMED:
        subscriber.state, subscriber.left_at, subscriber.confirmed_at = Subscriber.State.CONFIRMED, None, now
        subscriber.save(update_fields=["state", "left_at", "confirmed_at"])


def _drop(rows: QuerySet[Subscription]) -> None:
    """Delete subscriptions, and the words of searches that nobody follows then."""
    subjects = list(rows.values_list("subject", flat=True))
    rows.delete()
    searches.forget_unfollowed(subjects)


def _leave(subscriber: Subscriber, *, how: str, now: datetime) -> None:
    _drop(subscriber.subscriptions.all())
    subscriber.state, subscriber.left_at, subscriber.paused_until = Subscriber.State.LEFT, now, None
    subscriber.save(update_fields=["state", "left_at", "paused_until"])
    _evidence(subscriber, Consent.What.LEFT, how=how, now=now)


def _evidence(
    subscriber: Subscriber, what: Consent.What, subjects: list[Choice] | None = None, *, now: datetime, **said: Any
) -> None:
    """One Consent row. subjects: as asked for; None for what is followed after it. said: form, how, network."""
    if subjects is None:
        confirmed = subscriber.subscriptions.exclude(confirmed_at=None).order_by("subject")
        subjects = list(confirmed.values_list("subject", "pace"))
    Consent.objects.create(
        subscriber=subscriber,
        what=what,
        subjects=[list(choice) for choice in subjects],
        # The words stand beside the button that confirms; the short forms in every page's foot have no room for them.
        wording=wording.current(now) if what == Consent.What.CONFIRMED else None,
        at=now,
        **{name: value[: _LONGEST[name]] for name, value in said.items()},
    )


_LONGEST = {"form": 300, "how": 300, "network": 50}


def _how_confirmed(subscriber: Subscriber) -> str:
    mail = Delivery.objects.filter(subscriber=subscriber, mailing__kind=Mailing.Kind.CONFIRMATION).last()
    return f"button behind the link in confirmation {mail.pk}" if mail else "button behind the link"


def _hidden(address_hash: str) -> str:
    """An address as the audit log names it: enough to see that two entries are about the same one."""
    return f"address:{address_hash[:12]}"


def _active(address_hash: str) -> Any:
    return Suppression.objects.filter(Q(lifted_at=None), address_hash=address_hash)


def _secrets() -> Any:
    return settings.DATA / "secrets"
