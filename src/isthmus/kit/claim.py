"""Take one due row of a table, without a broker, so that no two workers do the same work.

Read the due rows, then UPDATE one on the condition that it is as it was read; go on only if exactly one row changed.
The same on SQLite and PostgreSQL (SELECT … FOR UPDATE SKIP LOCKED was rejected: SQLite has no row locks).
A worker that dies says nothing; its row becomes claimable when the lease ends.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import models
from django.db.models import F, Q, QuerySet

# How many due rows one claim tries before it says there is nothing: more than the workers that may race for them.
_CANDIDATES = 16


class Leased(models.Model):
    """A row that is work: when it is due, and who has it until when.

    `tries` counts claims and so names each of them: a worker that lost its lease cannot touch a later claim's row.
    """

    due_at = models.DateTimeField(null=True, blank=True, db_index=True)  # UTC; empty: nothing to do
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    lease_owner = models.CharField(max_length=120, blank=True, default="", editable=False)
    tries = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=Leased)


def claim(queryset: QuerySet[Row], *, now: datetime, lease_s: float, owner: str) -> Row | None:
    """The row due longest that nobody holds, now held by `owner` until `lease_s` from now; None if there is none.

    owner: names the worker, 1 to 120 characters, such as host:process:thread.
    Call it outside a transaction, or the claim is not visible to others until that ends.
    """
    is_free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    due = queryset.filter(is_free, due_at__lte=now).order_by("due_at", "pk")
    for seen in due.values("pk", "due_at", "tries")[:_CANDIDATES]:
        # Plain columns of the row only: PostgreSQL checks these again after waiting for another's update,
        # which it does not do for a condition that became a subquery.
        row = _rows(queryset.model, queryset.db).filter(is_free, **seen)
        lease_until = now + timedelta(seconds=lease_s)
        if row.update(lease_until=lease_until, lease_owner=owner, tries=F("tries") + 1) == 1:
            return _rows(queryset.model, queryset.db).filter(pk=seen["pk"]).first()
    return None


def heartbeat(row: Leased, *, now: datetime, lease_s: float) -> bool:
    """Hold the row until `lease_s` from now; False if another has it: stop working on it."""
    row.lease_until = now + timedelta(seconds=lease_s)
    return _ours(row).update(lease_until=row.lease_until) == 1


def release(row: Leased, *, due_at: datetime | None) -> bool:
    """Give the row back, due again at `due_at`, or never (None) when the work is done.

    Starts `tries` anew when done. False, and nothing changed, if another has it by now.
    """
    done: dict[str, Any] = {"tries": 0} if due_at is None else {}
    return _ours(row).update(lease_until=None, lease_owner="", due_at=due_at, **done) == 1


def retry_after_s(tries: int, *, first_s: float = 5, most_s: float = 3600) -> float:
    """How long to wait after the try numbered `tries` (from 1) failed: doubling from `first_s` up to `most_s`."""
    return min(first_s * 2.0 ** min(max(tries - 1, 0), 40), most_s)


def _ours(row: Leased) -> QuerySet[Any]:
    mine = {"pk": row.pk, "lease_owner": row.lease_owner, "tries": row.tries}
    return _rows(type(row), row._state.db).filter(lease_until__isnull=False, **mine)


def _rows(model: type[Leased], database: str | None) -> QuerySet[Any]:
    return model._base_manager.using(database)
