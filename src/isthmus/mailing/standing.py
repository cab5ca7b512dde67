"""How sending stands: the relay, the mailings that are not at their end, and what waits for a person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from isthmus.mailing import copies, ledger, since_backup, ways_out
from isthmus.mailing.models import Delivery, Mailing, RelayState
from isthmus.mailing.since_backup import Since

_AT_AN_END = (Mailing.State.FINISHED, Mailing.State.CANCELLED)


@dataclass(frozen=True, slots=True)
class MailingLine:
    """One mailing. counts: by state, and `excluded`; they add up to n_candidates."""

    key: str
    kind: str
    title: str
    state: str
    held_because: str
    starts_at: str
    n_candidates: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class RestoredLine:
    """What waits in a restored copy: people whose mail waited in the backup, or fell due before it was restored."""

    backup_at: str
    restored_at: str
    n_people_waited: int
    n_mailings_missed: int
    n_people_missed: int


@dataclass(frozen=True, slots=True)
class Standing:
    """relay: the name of the way out; paused_until: ISO, UTC, empty if it may be used. n_uncertain: of all mailings.

    is_accepted_here: whether this is the place that the database remembers; see `copies`. restored: of one that came
    out of a backup and was not told to send yet, else None.
    """

    relay: str
    paused_until: str
    relay_said: str
    is_accepted_here: bool
    n_uncertain: int
    mailings: list[MailingLine]
    restored: RestoredLine | None = None

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def standing(keys: Collection[str], *, now: datetime) -> Standing:
    """How it stands now. keys: of the mailings wanted; none for all that are not at their end."""
    relay = ways_out.transport().name
    state = RelayState.objects.filter(name=relay).first()
    wanted = Mailing.objects.filter(key__in=keys) if keys else Mailing.objects.exclude(state__in=_AT_AN_END)
    is_paused = state is not None and state.paused_until is not None and state.paused_until > now
    return Standing(
        relay=relay,
        paused_until=state.paused_until.isoformat() if state and state.paused_until and is_paused else "",
        relay_said=state.said if state else "",
        is_accepted_here=copies.is_accepted_here(),
        n_uncertain=Delivery.objects.filter(state=Delivery.State.UNCERTAIN).count(),
        mailings=[_line(mailing) for mailing in wanted.defer("message").order_by("starts_at", "pk")],
        restored=_restored(),
    )


def _restored() -> RestoredLine | None:
    if (origin := since_backup.origin()) is None:
        return None
    doubts = since_backup.doubts(origin)
    return RestoredLine(
        backup_at=origin.backup_at.isoformat(),
        restored_at=origin.restored_at.isoformat(),
        n_people_waited=doubts[Since.WAITED].n_people,
        n_mailings_missed=doubts[Since.MISSED].n_mailings,
        n_people_missed=doubts[Since.MISSED].n_people,
    )


def _line(mailing: Mailing) -> MailingLine:
    return MailingLine(
        key=mailing.key,
        kind=mailing.kind,
        title=mailing.title,
        state=mailing.state,
        held_because=mailing.held_because,
        starts_at=mailing.starts_at.isoformat(),
        n_candidates=mailing.n_candidates,
        counts=ledger.counts(mailing),
    )
