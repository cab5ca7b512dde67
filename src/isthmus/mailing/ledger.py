"""The only module that moves a delivery's state: claimed, started, ended, or round again, each by conditional UPDATE.

queued → claimed (a lease) → started (committed before the wire) → submitted, failed, suppressed or uncertain, which are
ends; or deferred, and round again. A worker that dies leaves claimed rows, which go back, and at most one started row a
connection, which `recover` names. Whoever freezes an audience finds that in `preparing`, given on from here.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)  # fmt: skip

from isthmus.kit.compiled import Slot
from isthmus.mailing import eligibility, noted, relays
from isthmus.mailing.models import Delivery, DeliveryNote, Mailing
from isthmus.mailing.prepared_update import PreparedUpdate
from isthmus.mailing.preparing import AudienceMiscounted, prepare, prepare_digest, prepare_for
from isthmus.mailing.transports import Handed, Outcome

__all__ = [
    "AudienceMiscounted", "Job", "cancel", "claim", "counts", "finish", "give_back", "heartbeat", "hold", "leave_out",
    "let_go", "pause", "prepare", "prepare_digest", "prepare_for", "record", "recover", "resume", "start",
]  # fmt: skip

State = Delivery.State

# What a person waits for at a screen goes first, then what is news.
_PRIORITY = [
    Mailing.Kind.CONFIRMATION, Mailing.Kind.TEST, Mailing.Kind.ALERT, Mailing.Kind.DIGEST, Mailing.Kind.CAMPAIGN,
]  # fmt: skip
# RFC 5321 4.5.4.1 asks for half an hour between tries later on, and to give up after four or five days.
GIVE_UP_AFTER = timedelta(days=5)
_FIRST_RETRY_S, _MOST_RETRY_S = 300.0, 4 * 3600.0
# Retries of one minute's deferrals are spread over a third of their wait, or they would meet the same full queue.
_JITTER = 0.33
_MAX_REPLY_CHARS = 500
_NOW, _OWNER = Slot("now", DateTimeField()), Slot("owner", CharField())
_START = PreparedUpdate(
    lambda: Delivery.objects.filter(
        eligibility.may_go(_NOW), pk=Slot("pk", BigIntegerField()), state=State.CLAIMED, lease_owner=_OWNER
    ),
    {"state": State.STARTED, "started_at": _NOW, "n_tries": F("n_tries") + 1},
)
_WORKER_GONE = "The worker ended while this was on the wire; whether it was taken is not known."


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed delivery. domain: of the recipient, in ASCII."""

    delivery_id: int
    mailing_id: int
    domain: str


def claim(owner: str, *, limit: int, now: datetime, lease_s: float) -> list[Job]:
    """Up to `limit` due deliveries that are now ours until `lease_s` from now; what a person waits for comes first.

    owner: 1 to 120 characters that no other worker has. Those to a domain that asked us to slow down are put off.
    Reads without a lock, and takes one only where something is due. Call it outside a transaction.
    """
    due = _due(limit, now)
    if not due:
        return []
    waiting = relays.waiting_domains(now)
    free = [job for job in due if job.domain not in waiting]
    with transaction.atomic():
        for domain in {job.domain for job in due} & waiting.keys():
            ids = [job.delivery_id for job in due if job.domain == domain]
            _waiting_rows(ids).update(next_try_at=waiting[domain])
        ids = [job.delivery_id for job in free]
        _locked(_waiting_rows(ids)).update(
            state=State.CLAIMED, lease_owner=owner, lease_until=now + timedelta(seconds=lease_s)
        )
        ours = Delivery.objects.filter(pk__in=ids, state=State.CLAIMED, lease_owner=owner)
        taken = set(ours.values_list("pk", flat=True))
    return [job for job in free if job.delivery_id in taken]


def start(ids: Collection[int], owner: str, now: datetime) -> set[int]:
    """Those of our claimed deliveries that may go on the wire; they are `started` when the transaction commits.

    Each by one UPDATE that asks everything: still ours, the mailing still being sent, the person not suppressed, gone,
    paused or no longer following it. The others become `suppressed` with the reason, or wait again when the mailing is
    paused.
    """
    ids = list(ids)
    with transaction.atomic():
        before = transaction.savepoint()
        if _START.run(ids, owner=owner, now=now) == len(ids):
            transaction.savepoint_commit(before)
            return set(ids)
        # Seldom: all were asked at once, as that costs a third of one by one, and now it matters which.
        transaction.savepoint_rollback(before)
        started = {pk for pk in ids if _START.run([pk], owner=owner, now=now)}
        _turn_away(Delivery.objects.filter(pk__in=ids, state=State.CLAIMED, lease_owner=owner), now)
    return started


def record(results: Iterable[tuple[int, Handed]], *, owner: str, now: datetime) -> None:
    """Write down how tries ended: submitted, round again, failed, uncertain.

    An answer that comes after the lease was over still counts, as long as nobody else has taken the delivery up again.
    """
    results = list(results)
    with transaction.atomic():
        _record_submitted([(pk, handed) for pk, handed in results if handed.outcome == Outcome.SUBMITTED], owner, now)
        for pk, handed in results:
            if handed.outcome != Outcome.SUBMITTED:
                _record_other(pk, handed, owner, now)


def heartbeat(ids: Collection[int], owner: str, *, now: datetime, lease_s: float) -> None:
    """Hold what we have claimed or started until `lease_s` from now."""
    mine = Delivery.objects.filter(pk__in=list(ids), lease_owner=owner, state__in=[State.CLAIMED, State.STARTED])
    mine.update(lease_until=now + timedelta(seconds=lease_s))


def give_back(ids: Collection[int], owner: str) -> None:
    """Let others have what we claimed and did not start."""
    _queue_again(Delivery.objects.filter(pk__in=list(ids), state=State.CLAIMED, lease_owner=owner))


def let_go(owner: str, *, keep: Collection[int]) -> None:
    """Queue again whatever stands as ours, but for what is on a wire: for a sender that lost track of a commit.

    Nothing that was started and not handed to a wire has been sent, whatever the ledger says of it.
    """
    ours = Delivery.objects.filter(ended_at__isnull=True, lease_owner=owner).exclude(pk__in=list(keep))
    _queue_again(ours.filter(state=State.STARTED), n_tries=F("n_tries") - 1)
    _queue_again(ours.filter(state=State.CLAIMED))


def leave_out(ids: Collection[int], reason: str, *, owner: str, now: datetime) -> None:
    """End what we claimed and cannot send. reason: a sentence."""
    claimed = Delivery.objects.filter(pk__in=list(ids), state=State.CLAIMED, lease_owner=owner)
    _ended(claimed, State.SUPPRESSED, reason, now)


def recover(now: datetime, *, except_owner: str = "", is_gone: Callable[[str], bool] | None = None) -> int:
    """Take up what dead workers left: claimed goes back, started is uncertain and named; how many deliveries.

    A worker is dead when its lease is over. except_owner: one that lives for certain, since it asks; its leases look
    old when the clock was put forward. is_gone: says of an owner whether it is known to be dead already; asking reads
    every open row. Also ends what is left of cancelled mailings.
    """
    held = Delivery.objects.filter(ended_at__isnull=True, lease_until__isnull=False).exclude(lease_owner=except_owner)
    dead = Q(lease_until__lte=now)
    if is_gone is not None:
        owners = held.order_by().values_list("lease_owner", flat=True).distinct()
        dead |= Q(lease_owner__in=[owner for owner in owners if is_gone(owner)])
    left = held.filter(dead)
    n_back = _queue_again(left.filter(state=State.CLAIMED)) if left.exists() else 0
    n_named = sum(
        _leave_uncertain(seen, now)
        for seen in left.filter(state=State.STARTED).select_related("mailing").defer("mailing__message")
    )
    for mailing in Mailing.objects.filter(state=Mailing.State.CANCELLED, finished_at__isnull=True).defer("message"):
        _end_cancelled(mailing, now)
    return n_back + n_named


def finish(now: datetime) -> int:
    """Call every mailing finished whose every delivery is at its end; how many were."""
    is_open = Exists(Delivery.objects.filter(mailing=OuterRef("pk"), ended_at__isnull=True))
    sending = Mailing.objects.filter(state=Mailing.State.SENDING, starts_at__lte=now)
    if not sending.filter(~is_open).exists():
        return 0
    return sending.filter(~is_open).update(state=Mailing.State.FINISHED, finished_at=now)


def pause(mailing: Mailing) -> bool:
    """Stop sending it; what is on the wire ends, the rest waits. False where it is not being sent."""
    return _moved(mailing, [Mailing.State.SENDING], state=Mailing.State.PAUSED)


def hold(mailing: Mailing, because: str) -> bool:
    """Stop before or while it is sent, and ask a person. because: the sentence they read."""
    states = [Mailing.State.SENDING, Mailing.State.SCHEDULED]
    return _moved(mailing, states, state=Mailing.State.HELD, held_because=because[:500])


def resume(mailing: Mailing) -> bool:
    """Go on with what was paused or held; False where it was neither."""
    return _moved(mailing, [Mailing.State.PAUSED, Mailing.State.HELD], state=Mailing.State.SENDING, held_because="")


def cancel(mailing: Mailing, *, now: datetime) -> bool:
    """Send it to nobody more; everybody not written to yet is left out. False where it had ended."""
    with transaction.atomic():
        states = [
            Mailing.State.SCHEDULED, Mailing.State.SENDING, Mailing.State.PAUSED, Mailing.State.HELD,
        ]  # fmt: skip
        is_done = _moved(mailing, states, state=Mailing.State.CANCELLED)
        if is_done:
            _end_cancelled(mailing, now)
    return is_done


def counts(mailing: Mailing) -> dict[str, int]:
    """How many deliveries stand where, every state named, and `excluded`; the sum is the number of candidates."""
    found = dict.fromkeys([str(state) for state in State], 0)
    of_mailing = Delivery.objects.filter(mailing_id=mailing.pk).order_by()
    found |= {row["state"]: row["n"] for row in of_mailing.values("state").annotate(n=Count("pk"))}
    return {**found, "excluded": sum(mailing.excluded.values())}


def retry_after_s(n_tries: int) -> float:
    """How long a deferred delivery waits after its n-th try: 5 minutes, doubling to 4 hours, and up to a third more."""
    wait_s = min(_FIRST_RETRY_S * 2.0 ** min(max(n_tries - 1, 0), 10), _MOST_RETRY_S)
    return wait_s * (1 + random.uniform(0, _JITTER))  # noqa: S311 -- spreads load, hides nothing


def _due(limit: int, now: datetime) -> list[Job]:
    """What could be claimed, from the mailing that goes first on; read as the index has it, mailing by mailing."""
    order = Case(*[When(kind=kind, then=Value(place)) for place, kind in enumerate(_PRIORITY)])
    sending = Mailing.objects.filter(state=Mailing.State.SENDING, starts_at__lte=now)
    found: list[Job] = []
    for mailing_id in sending.order_by(order, "starts_at", "pk").values_list("pk", flat=True):
        rows = Delivery.objects.filter(
            mailing_id=mailing_id, ended_at__isnull=True, next_try_at__lte=now, state__in=[State.QUEUED, State.DEFERRED]
        ).order_by("next_try_at", "pk")
        found += [
            Job(pk, mailing_id, domain or "")
            for pk, domain in rows.values_list("pk", "subscriber__domain")[: limit - len(found)]
        ]
        if len(found) >= limit:
            break
    return found


def _waiting_rows(ids: Sequence[int]) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk__in=ids, state__in=[State.QUEUED, State.DEFERRED])


def _locked(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Without those that another worker is taking at this moment: waiting for them in another order is a deadlock."""
    if not connection.features.has_select_for_update_skip_locked:
        return rows
    free = rows.select_for_update(skip_locked=True).values_list("pk", flat=True)
    return _waiting_rows(list(free))


def _turn_away(claimed: QuerySet[Delivery], now: datetime) -> None:
    """Say of each why it may not go; or let it wait, where only its mailing does."""
    for row in claimed.select_related("mailing", "subscriber").defer("mailing__message"):
        same = claimed.filter(pk=row.pk)
        if row.mailing.state not in (Mailing.State.SENDING, Mailing.State.CANCELLED):
            _queue_again(same)
        else:
            _ended(same, State.SUPPRESSED, eligibility.why_not(row, now), now)


def _record_submitted(results: Sequence[tuple[int, Handed]], owner: str, now: datetime) -> None:
    """Many at once, since this is every message that goes well."""
    if not results:
        return
    at = connection.ops.adapt_datetimefield_value(now)
    table = connection.ops.quote_name(Delivery._meta.db_table)
    with connection.cursor() as cursor:
        # The ORM has no UPDATE of many rows with a value each that is cheaper than the sending itself.
        cursor.executemany(
            f"UPDATE {table} SET state = 'submitted', reply = %s, ended_at = %s, lease_owner = '', lease_until = NULL "  # noqa: S608 -- a name of ours
            "WHERE id = %s AND ((state = 'started' AND lease_owner = %s) OR state = 'uncertain' "
            "OR (state = 'queued' AND n_uncertain > 0))",
            [(handed.said[:_MAX_REPLY_CHARS], at, pk, owner) for pk, handed in results],
        )


def _record_other(pk: int, handed: Handed, owner: str, now: datetime) -> None:
    same = Delivery.objects.filter(_still_ours(owner, handed.outcome), pk=pk)
    row = same.select_related("mailing").defer("mailing__message").first()
    if row is None:
        return
    said = handed.said[:_MAX_REPLY_CHARS]
    if handed.outcome == Outcome.RELAY_DOWN:
        # Nobody's fault, so it is no try either; the relay waits, not the person. Behind all others, in case it is
        # this very message that brings the relay down.
        _queue_again(same, n_tries=max(row.n_tries - 1, 0), next_try_at=now)
    elif handed.outcome == Outcome.UNCERTAIN:
        _become_uncertain(row, same, said, now)
    elif handed.outcome == Outcome.DEFERRED and not _is_given_up(row, now):
        next_try_at = now + timedelta(seconds=retry_after_s(row.n_tries))
        if _free(same, state=State.DEFERRED, next_try_at=next_try_at, reply=said):
            _note(row, "deferred", said, now)
    elif _ended(same, State.FAILED, said, now):
        what = "refused" if handed.is_of_address else "failed" if handed.outcome == Outcome.FAILED else "given up"
        _note(row, what, said, now)


def _still_ours(owner: str, outcome: Outcome) -> Q:
    """Nobody has taken it up since we had it; as in `_record_submitted`. What had ended is not opened again."""
    ours = Q(state=State.STARTED, lease_owner=owner) | Q(state=State.QUEUED, n_uncertain__gt=0)
    return ours | Q(state=State.UNCERTAIN) if outcome == Outcome.FAILED else ours


def _is_given_up(row: Delivery, now: datetime) -> bool:
    return row.notes.filter(what="deferred", at__lte=now - GIVE_UP_AFTER).exists()


def _leave_uncertain(seen: Delivery, now: datetime) -> int:
    """Name what a worker that is gone had on the wire; 0 where it came back to life meanwhile."""
    with transaction.atomic():
        same = Delivery.objects.filter(pk=seen.pk, state=State.STARTED, lease_until=seen.lease_until)
        return _become_uncertain(seen, same, _WORKER_GONE, now)


def _become_uncertain(row: Delivery, same: QuerySet[Delivery], said: str, now: datetime) -> int:
    """Once more by itself where a second copy does less harm than none, else the end, by name."""
    once_more = row.n_uncertain == 0 and _goes_once_more(row.mailing)
    said = said[:_MAX_REPLY_CHARS]
    if once_more:
        is_done = _free(same, state=State.QUEUED, n_uncertain=1, next_try_at=now, reply=said)
    else:
        is_done = _ended(same, State.UNCERTAIN, said, now, n_uncertain=F("n_uncertain") + 1)
    if is_done:
        _note(row, "uncertain, sent once more" if once_more else "uncertain", said, now)
    return is_done


def _goes_once_more(mailing: Mailing) -> bool:
    by_itself = [Mailing.Kind.CONFIRMATION, Mailing.Kind.ALERT]
    if settings.ISTHMUS.mail_campaign_uncertain == "again":
        by_itself.append(Mailing.Kind.CAMPAIGN)
    return mailing.kind in by_itself


def _end_cancelled(mailing: Mailing, now: datetime) -> None:
    rows = Delivery.objects.filter(mailing_id=mailing.pk, ended_at__isnull=True)
    _ended(rows.filter(state__in=[State.QUEUED, State.DEFERRED]), State.SUPPRESSED, "The mailing was cancelled.", now)
    if not rows.exists():
        Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.CANCELLED).update(finished_at=now)


def _moved(mailing: Mailing, states: Sequence[str], **fields: Any) -> bool:
    """Change a mailing on the condition that it stands where it must; the object given says so too."""
    with transaction.atomic():
        is_done = Mailing.objects.filter(pk=mailing.pk, state__in=states).update(**fields) == 1
        mailing.refresh_from_db(fields=["state", "held_because"])
        if is_done:
            noted.moved(mailing)
    return is_done


def _queue_again(rows: QuerySet[Delivery], **fields: Any) -> int:
    return _free(rows, state=State.QUEUED, **fields)


def _free(rows: QuerySet[Delivery], **fields: Any) -> int:
    return rows.update(lease_owner="", lease_until=None, ended_at=None, **fields)


def _ended(rows: QuerySet[Delivery], state: str, reply: str, now: datetime, **fields: Any) -> int:
    values = {"state": state, "reply": reply[:_MAX_REPLY_CHARS], "ended_at": now, **fields}
    return rows.update(lease_owner="", lease_until=None, **values)


def _note(row: Delivery, what: str, said: str, now: datetime) -> None:
    DeliveryNote.objects.create(delivery_id=row.pk, at=now, what=what, said=said)
