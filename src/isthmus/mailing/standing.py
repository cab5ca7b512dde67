"""How sending stands: the relay, the mailings that are not at their end, and what waits for a person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from isthmus.mailing import copies, ledger, ways_out
from isthmus.mailing.models import Delivery, Machine, Mailing, RelayState

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
class Standing:
    """relay: the name of the way out; paused_until: ISO, UTC, empty if it may be used. n_uncertain: of all mailings.

    is_accepted_here: whether this is the place that the database remembers; see `copies`.
    """

    relay: str
    paused_until: str
    relay_said: str
    is_accepted_here: bool
    n_uncertain: int
    mailings: list[MailingLine]

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
        is_accepted_here=not Machine.objects.exists() or copies.may_send(now),
        n_uncertain=Delivery.objects.filter(state=Delivery.State.UNCERTAIN).count(),
        mailings=[_line(mailing) for mailing in wanted.defer("message").order_by("starts_at", "pk")],
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
