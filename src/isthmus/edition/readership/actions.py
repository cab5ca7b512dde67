"""Folding what the front counted into rows of the database, and making days of years past into months."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.db.models.functions import TruncMonth
from django.utils.dateparse import parse_date

from isthmus.edition.readership import queries
from isthmus.edition.readership.counting import MAX_FILE_BYTES, log_path
from isthmus.edition.readership.models import Reading
from isthmus.kit import counter_files

# Days are kept one by one for a little more than a year, so that this November can be laid beside the last.
_DAYS_KEPT = timedelta(days=400)
# A clock that jumped, or a line that is not ours.
_BELIEVED = timedelta(days=31)
_MOST_A_LINE = 100_000_000
_UPSERT = """
    INSERT INTO {table} (publication_id, day, n) VALUES (%s, %s, %s)
    ON CONFLICT (publication_id, day) DO UPDATE SET n = {table}.n + excluded.n
"""

_Counted = Counter[tuple[date, str]]


def fold(now: datetime) -> int:
    """Add what was counted since the last time to its pieces; how many readings. The worker calls it each minute.

    Addresses that are no visible piece count for nothing. The file goes in the transaction's last step, so that
    nothing counts twice; a crash just then loses its lines.
    """
    return counter_files.fold(log_path(Path(settings.DATA)), lambda taken: _fold(taken, now))


def prune(now: datetime) -> int:
    """Lay the days of one month that is over a year past together into its first day; how many rows went.

    One month a call, so that no transaction grows with the archive.
    """
    old = Reading.objects.filter(day__lt=now.date() - _DAYS_KEPT, day__day__gt=1)
    oldest = old.order_by("day").values_list("day", flat=True).first()
    if oldest is None:
        return 0
    first = oldest.replace(day=1)
    with transaction.atomic():
        rows = old.filter(day__lt=_next_month(first))
        months = rows.annotate(month=TruncMonth("day")).values_list("publication_id", "month").annotate(n=Sum("n"))
        _add(list(months))
        n, _ = rows.delete()
    return n


def _fold(taken: Path, now: datetime) -> int:
    counted = _counted(taken.read_bytes()[:MAX_FILE_BYTES].decode("ascii", "replace").split("\n"), now)
    pieces = queries.pieces_at({path for _, path in counted})
    rows: Counter[tuple[int, date]] = Counter()
    for (day, path), n in counted.items():
        if path in pieces:
            rows[pieces[path], day] += n
    with transaction.atomic():
        _add([(piece, day, n) for (piece, day), n in rows.items()])
        taken.unlink()
    return sum(rows.values())


def _counted(lines: Iterable[str], now: datetime) -> _Counted:
    """How often each path was opened on each day; what is no line of ours is skipped."""
    counted: _Counted = Counter()
    for line in lines:
        said, _, rest = line.partition("\t")
        n, _, path = rest.partition("\t")
        day = _day(said, now)
        if day is not None and n.isdecimal() and int(n) <= _MOST_A_LINE and path.startswith("/"):
            counted[day, path] += int(n)
    return counted


def _day(said: str, now: datetime) -> date | None:
    try:
        day = parse_date(said)
    except ValueError:
        return None
    return day if day is not None and abs(now.date() - day) <= _BELIEVED else None


def _add(rows: list[tuple[int, date, int]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(_UPSERT.format(table=Reading._meta.db_table), rows)


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
