"""What is asked about mailings: how one stands, to whom it went, how the list grew, what was sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncWeek

from isthmus.kit import text
from isthmus.mailing import ledger, reasons
from isthmus.mailing.models import Delivery, Mailing, Subscriber

State = Delivery.State
# How the parts of a progress bar follow each other; what waits is the rest of it.
_PARTS = (
    ("submitted", "submitted", [State.SUBMITTED]),
    ("failed", "refused", [State.FAILED]),
    ("uncertain", "uncertain", [State.UNCERTAIN]),
    ("suppressed", "left out", [State.SUPPRESSED]),
    ("deferred", "tried again later", [State.DEFERRED]),
    ("wire", "on the wire", [State.STARTED, State.CLAIMED]),
    ("queued", "waiting", [State.QUEUED]),
)
_ENDS = ("submitted", "failed", "uncertain", "suppressed")
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a bar of 1,000 units."""

    name: str
    label: str
    n: int
    x: float
    width: float

    @property
    def shown(self) -> str:
        """The number as it is written."""
        return f"{self.n:,}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How a mailing stands: parts that add up to n, its deliveries; excluded are candidates who got none."""

    n: int
    n_ended: int
    parts: list[Part]
    excluded: dict[str, int]

    @property
    def percent(self) -> int:
        """Of the deliveries, how many are at their end; 100 only when all are."""
        return 100 if self.n == self.n_ended else self.n_ended * 100 // self.n

    def as_json(self, mailing: Mailing) -> dict[str, Any]:
        """For the page's script."""
        return {
            "state": mailing.state,
            "state_label": mailing.get_state_display(),
            "percent": self.percent,
            "sentence": sentence(mailing, self),
            "parts": {part.name: {"n": part.n, "x": part.x, "width": part.width} for part in self.parts},
        }


def progress(mailing: Mailing) -> Progress:
    """How a mailing stands now; one query."""
    found = ledger.counts(mailing)
    sums = [(name, label, sum(found[state] for state in states)) for name, label, states in _PARTS]
    n = sum(number for _, _, number in sums)
    parts, x = [], 0.0
    for name, label, number in sums:
        width = number * 1000 / n if n else 0.0
        parts.append(Part(name, label, number, round(x, 2), round(width, 2)))
        x += width
    return Progress(n, sum(part.n for part in parts if part.name in _ENDS), parts, dict(mailing.excluded))


def sentence(mailing: Mailing, shown: Progress) -> str:
    """How it stands in words."""
    of = f"{shown.n:,} {'person' if shown.n == 1 else 'people'}"
    match mailing.state:
        case Mailing.State.SCHEDULED:
            return "It waits for its time; its audience is chosen then."
        case Mailing.State.FINISHED:
            return f"Everybody had their turn: {of}."
        case Mailing.State.CANCELLED:
            return f"It was cancelled: {shown.parts[0].n:,} of {of} got it."
        case Mailing.State.HELD:
            return mailing.held_because
    return f"{shown.n_ended:,} of {of} had their turn."


def mailings(kind: str = "") -> QuerySet[Mailing]:
    """Every mailing but tests, the newest first, without their messages."""
    rows = Mailing.objects.exclude(kind=Mailing.Kind.TEST).defer("message").order_by("-pk")
    return rows.filter(kind=kind) if kind else rows


def with_submitted(rows: list[Mailing]) -> list[tuple[Mailing, int, int]]:
    """Each with how many deliveries it has and how many of them were submitted; one query for all."""
    of_these = Delivery.objects.filter(mailing__in=[row.pk for row in rows]).order_by().values("mailing_id")
    counted = of_these.annotate(n=Count("pk"), done=Count("pk", filter=Q(state=State.SUBMITTED)))
    found = {line["mailing_id"]: (line["n"], line["done"]) for line in counted}
    return [(row, *found.get(row.pk, (0, 0))) for row in rows]


def deliveries(mailing: Mailing, state: str = "") -> QuerySet[Delivery]:
    """To whom it went, in the order they were prepared; one state only, where one is named."""
    rows = Delivery.objects.filter(mailing=mailing).select_related("subscriber").order_by("pk")
    return rows.filter(state=state) if state in State.values else rows


def because_words(mailing: Mailing, rows: list[Delivery]) -> dict[str, str]:
    """The words after "because", by subject."""
    return reasons.words({row.because for row in rows}, is_campaign=mailing.kind == Mailing.Kind.CAMPAIGN)


def csv_rows(mailing: Mailing, state: str = "") -> Iterator[list[str]]:
    """The list as a spreadsheet has it; nothing in it can be run as a formula.

    Read by key, a thousand at a time: on SQLite a read that stays open makes the sender wait.
    """
    yield ["address", "state", "because", "tries", "uncertain", "ended", "said"]
    after = 0
    while batch := list(deliveries(mailing, state).filter(pk__gt=after)[:_BATCH]):
        words = because_words(mailing, batch)
        for row in batch:
            yield [text.cell(value) for value in _cells(row, words)]
        after = batch[-1].pk


def _cells(row: Delivery, words: dict[str, str]) -> list[str]:
    return [
        row.subscriber.email if row.subscriber else "",
        row.get_state_display(),
        words.get(row.because, ""),
        str(row.n_tries),
        str(row.n_uncertain),
        row.ended_at.isoformat(timespec="seconds") if row.ended_at else "",
        row.reply,
    ]


@dataclass(frozen=True, slots=True)
class Week:
    """One week of the list. begins_on: its Monday; n: confirmed people at its end."""

    begins_on: date
    n_joined: int
    n_left: int
    n: int


def growth(*, now: datetime, zone: tzinfo, n_weeks: int = 26) -> list[Week]:
    """The last weeks, this one included, the oldest first. People who were erased are in none of them."""
    this = now.astimezone(zone).date()
    monday = this - timedelta(days=this.weekday())
    begins = [monday - timedelta(weeks=number) for number in range(n_weeks - 1, -1, -1)]
    since = datetime.combine(begins[0], datetime.min.time(), zone)
    joined, left = (_by_week(name, since, zone) for name in ("confirmed_at", "left_at"))
    n = Subscriber.objects.filter(state=Subscriber.State.CONFIRMED).count() - sum(joined.values()) + sum(left.values())
    weeks = []
    for day in begins:
        n += joined.get(day, 0) - left.get(day, 0)
        weeks.append(Week(day, joined.get(day, 0), left.get(day, 0), n))
    return weeks


def _by_week(field: str, since: datetime, zone: tzinfo) -> dict[date, int]:
    """Who joined counts as long as they have confirmed at all; who left, if they once had."""
    rows = Subscriber.objects.filter(**{f"{field}__gte": since}, confirmed_at__isnull=False)
    counted = rows.annotate(week=TruncWeek(field, tzinfo=zone)).order_by().values_list("week").annotate(n=Count("pk"))
    return {week.date(): n for week, n in counted}


@dataclass(frozen=True, slots=True)
class SentLine:
    """One mailing of the chart of sending."""

    mailing: Mailing
    n_submitted: int
    n_failed: int
    n_uncertain: int
    n_left_out: int

    @property
    def n(self) -> int:
        """All of them."""
        return self.n_submitted + self.n_failed + self.n_uncertain + self.n_left_out


def sending(*, limit: int = 20) -> list[SentLine]:
    """The last mailings to many that have begun, the newest first, and how each ended; two queries."""
    rows = list(mailings().exclude(kind=Mailing.Kind.CONFIRMATION).exclude(state=Mailing.State.SCHEDULED)[:limit])
    counted = Delivery.objects.filter(mailing__in=[row.pk for row in rows]).order_by().values("mailing_id", "state")
    found = {(line["mailing_id"], line["state"]): line["n"] for line in counted.annotate(n=Count("pk"))}
    return [
        SentLine(
            row,
            found.get((row.pk, State.SUBMITTED), 0),
            found.get((row.pk, State.FAILED), 0),
            found.get((row.pk, State.UNCERTAIN), 0),
            found.get((row.pk, State.SUPPRESSED), 0) + sum(row.excluded.values()),
        )
        for row in rows
    ]
