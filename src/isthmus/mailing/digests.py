"""Daily and weekly digests, composed by themselves of what was new: one for each day or week, and never an empty one.

What is news is what the journal calls news, since the last digest of the pace; nobody gets a piece twice, whatever they
were told of it by an alert or another digest (Told). An edited piece is not news again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction

from isthmus.kit import clock
from isthmus.mailing import cursors, ledger, matched, noted, reasons
from isthmus.mailing.models import Mailing, Subscription
from isthmus.publications import visibility
from isthmus.publications.models.journal import JournalEntry

Pace = Subscription.Pace

# A digest that is later than this waits for an editor, who may find it out of date.
LATE_AFTER = timedelta(hours=1)
_TITLES = {Pace.DAILY: "Daily digest of {day}", Pace.WEEKLY: "Weekly digest of {day}"}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def tick() -> int:
    """Make the digests that are due; how many. Called by the worker every few seconds; several may call it at once."""
    now = clock.now()
    return sum(_make_if_due(pace, now) for pace in (Pace.DAILY, Pace.WEEKLY))


def last_due(pace: str, now: datetime) -> tuple[datetime, date]:
    """The newest moment up to `now` at which a digest of this pace is due, and its day in the institute's zone."""
    today = clock.local_date(now, settings.TIME_ZONE)
    days = (today - timedelta(days=back) for back in range(9))
    moments = ((_moment(day), day) for day in days if pace == Pace.DAILY or _is_weekly_day(day))
    return next((at, day) for at, day in moments if at <= now)


def _is_weekly_day(day: date) -> bool:
    return _WEEKDAYS[day.weekday()] == settings.ISTHMUS.digest_weekday


def _moment(day: date) -> datetime:
    """When the digests of a day are due. Of an hour that comes twice the first; of one left out, an hour later."""
    zone = ZoneInfo(settings.TIME_ZONE)
    wall = datetime.combine(day, time.fromisoformat(settings.ISTHMUS.digest_at))
    found = clock.instants_of(wall, zone)
    return found[0] if found else wall.replace(tzinfo=zone).astimezone(UTC)


def _make_if_due(pace: str, now: datetime) -> int:
    follower = f"digest:{pace}"
    due, day = last_due(pace, now)
    waiting = JournalEntry.objects.filter(seq__gt=cursors.position(follower), at__lte=due)
    newest = waiting.order_by("-seq").values_list("seq", flat=True).first()
    if newest is None:
        return 0
    key = f"{follower}:{day.isoformat()}"
    if Mailing.objects.filter(key=key).exists():
        # The hour was changed after today's had gone out: what is new since then is in the next.
        return 0
    try:
        return _make(key, pace, newest, due=due, now=now)
    except IntegrityError:
        if not Mailing.objects.filter(key=key).exists():
            raise
        return 0


def _make(key: str, pace: str, newest: int, *, due: datetime, now: datetime) -> int:
    """The digest of the journal up to row `newest`, 1 if there is one; the cursor moves in the same transaction."""
    follower = f"digest:{pace}"
    # Before it, since thousands of searches take a while and nobody could write meanwhile.
    found = matched.found_for(_news(cursors.position(follower), newest), pace=pace)
    with transaction.atomic():
        since = cursors.position(follower)
        if not cursors.advance(follower, newest):
            return 0
        pieces = _news(since, newest)
        followers = Subscription.objects.filter(pace=pace, confirmed_at__isnull=False)
        if not pieces or not followers.exists():
            return 0
        mailing = _mailing(key, pace, due=due, trouble=found.trouble, now=now)
        subjects = reasons.subjects_of(pieces, found=found.subjects)
        prepared = ledger.prepare_digest(mailing, pieces=subjects, pace=pace, now=now)
        if not prepared.deliveries.exists():
            # Nobody follows any of it, or all have heard: nothing is sent, and nothing is kept of it.
            prepared.delete()
            return 0
        noted.began(prepared)
    return 1


def _news(since: int, newest: int) -> Sequence[int]:
    """The pieces that became news in these rows and can still be seen."""
    rows = JournalEntry.objects.filter(seq__gt=since, seq__lte=newest, is_news=True, subject__startswith="pub:")
    numbers = {int(subject.removeprefix("pub:")) for subject in rows.values_list("subject", flat=True)}
    return sorted(visibility.visible_ids(numbers))


def _mailing(key: str, pace: str, *, due: datetime, trouble: str, now: datetime) -> Mailing:
    is_late = now - due > LATE_AFTER
    day = clock.in_zone(due, settings.TIME_ZONE)
    return Mailing.objects.create(
        key=key,
        kind=Mailing.Kind.DIGEST,
        title=_TITLES[Pace(pace)].format(day=f"{day:%B} {day.day}, {day.year}"),
        state=Mailing.State.HELD if is_late else Mailing.State.SENDING,
        held_because=_late(due) if is_late else "",
        trouble=trouble,
        created_at=now,
        starts_at=due,
    )


def _late(due: datetime) -> str:
    at = clock.in_zone(due, settings.TIME_ZONE)
    return f"It was due on {at:%B} {at.day} at {at:%H:%M}, over an hour before mail could go out: send it or cancel it."
