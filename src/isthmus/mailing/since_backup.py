"""What a restored institute cannot know: which of its mail the original has sent since the backup was made.

Two kinds are in doubt. What waited in the ledger goes with the Message-ID it had there, by which most mail programs
show a message that came twice once. What fell due afterwards, before the restore, the copy makes anew under other
numbers, for everybody: this is how a restore would mail everybody again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from isthmus.mailing.models import Delivery, Machine, Mailing
from isthmus.mailing.restored import BACKED_UP, RESTORED
from isthmus.publications.models import Publication

LEFT = "The original may have sent it before"
_OPEN = (Mailing.State.SENDING, Mailing.State.HELD)
_ASKED_FOR = (Mailing.Kind.CONFIRMATION, Mailing.Kind.TEST)


class Since(Enum):
    """When it was due, as seen from a backup: it waited in it; it fell due between backup and restore; after both."""

    WAITED = "waited"
    MISSED = "missed"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Origin:
    """The backup that this institute came out of, and when it did; both aware."""

    backup_at: datetime
    restored_at: datetime


def origin() -> Origin | None:
    """Where this institute came from; None where it was not restored, or has sent since from a place that was told."""
    rows = list(Machine.objects.order_by("-pk")[:2])
    if [row.mark for row in rows] != [RESTORED, BACKED_UP]:
        return None
    return Origin(rows[1].accepted_at, rows[0].accepted_at)


def kind_of(mailing: Mailing, seen_from: Origin) -> Since:
    """What a mailing is, as seen from the backup. What somebody asked for is never in doubt for its time."""
    if mailing.starts_at <= seen_from.backup_at:
        return Since.WAITED
    if mailing.kind in _ASKED_FOR or _due_at(mailing) > seen_from.restored_at:
        return Since.NEW
    return Since.MISSED


def _due_at(mailing: Mailing) -> datetime:
    """When the original had reason to send it: an alert, when its piece was released or scheduled for."""
    pieces = Publication.objects.filter(pk=mailing.publication_id)
    # The row forgets its schedule with the release; the revision that became public does not.
    piece = pieces.values_list("released_at", "live_revision__content__go_live_at").first()
    released_at, scheduled = piece or (None, None)
    known = [released_at, datetime.fromisoformat(scheduled) if scheduled else None, mailing.starts_at]
    return min(at for at in known if at)


def may_have_been_sent(mailing: Mailing, seen_from: Origin) -> str:
    """The sentence for which it stays held."""
    return (
        f"{LEFT} this institute was restored from the backup of {seen_from.backup_at:%Y-%m-%d %H:%M} UTC: resume it "
        f"here or by `isthmus mail resume {mailing.key}` if it did not, else cancel it."
    )


@dataclass(frozen=True, slots=True)
class Doubt:
    """How much of the open mail is of a kind: mailings, and the people in them who are not at their end."""

    n_mailings: int
    n_people: int


def doubts(seen_from: Origin) -> dict[Since, Doubt]:
    """What waits in this copy, by kind."""
    found = {kind: Doubt(0, 0) for kind in Since}
    for mailing in Mailing.objects.filter(state__in=_OPEN).defer("message"):
        kind = kind_of(mailing, seen_from)
        n = Delivery.objects.filter(mailing=mailing, ended_at__isnull=True).count()
        found[kind] = Doubt(found[kind].n_mailings + 1, found[kind].n_people + n)
    return found
