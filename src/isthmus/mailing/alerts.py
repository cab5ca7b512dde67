"""Tells those who follow it of each new piece: the follower `alerts` of the journal.

Every row that is news becomes one mailing, once for ever: its key, its deliveries, who was told and the follower's
cursor are written in one transaction. Edits, releases anew and old pieces that move in are no news and never come here.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q

from isthmus.kit import clock
from isthmus.mailing import cursors, ledger, letters, matched, message, noted, reasons, searches
from isthmus.mailing.models import Mailing, Subscription
from isthmus.publications import journal
from isthmus.publications.models.journal import JournalEntry

log = logging.getLogger(__name__)

FOLLOWER = "alerts"
_PREFIX = "pub:"
# Rows looked at in one round, and letters written in it, at some 50 ms each: a release never waits long for its turn.
_MAX_ROWS, _MAX_LETTERS = 2_000, 20
# News of yesterday is no news: after a worker stood still for so long, an editor decides.
_STALE_AFTER = timedelta(hours=24)
_OPEN = (Mailing.State.SCHEDULED, Mailing.State.SENDING, Mailing.State.PAUSED, Mailing.State.HELD)


def tick() -> int:
    """Read on in the journal; returns how many rows were read, 0 when there was nothing new.

    Called by the worker every second; several may call it at once. Starts at the journal's end when it never ran.
    """
    seen = cursors.position(FOLLOWER)
    rows = journal.read_after(seen, limit=_MAX_ROWS)
    n_letters = 0
    for n_read, row in enumerate(rows):
        if n_letters == _MAX_LETTERS:
            return n_read
        n_letters += _take(row, clock.now())
    if rows:
        cursors.advance(FOLLOWER, rows[-1].seq)
    return len(rows)


def _take(row: JournalEntry, now: datetime) -> int:
    """Do what the row asks for; 1 if that was writing a letter."""
    number = row.subject.removeprefix(_PREFIX)
    if not row.subject.startswith(_PREFIX) or not number.isdigit():
        return 0
    if row.what == JournalEntry.What.WITHDRAWN:
        _call_off(int(number), now)
    return _announce(row, int(number), now) if row.is_news else 0


def _announce(row: JournalEntry, publication: int, now: datetime) -> int:
    """One mailing to all who follow anything the piece belongs to; nothing while it cannot be seen."""
    if not Subscription.objects.filter(pace=Subscription.Pace.AT_ONCE, confirmed_at__isnull=False).exists():
        return 0
    try:
        fields = _composed(row, publication, now)
    except letters.PieceNotPublic:
        return 0
    found = matched.found_for([publication], pace=Subscription.Pace.AT_ONCE)
    try:
        _write_down(row, publication, {**fields, "trouble": found.trouble}, found, now)
    except IntegrityError:
        # Another worker was first, or told somebody of the piece in this moment: then it is tried again.
        if not Mailing.objects.filter(key=_key(publication)).exists():
            raise
    return 1


def _composed(row: JournalEntry, publication: int, now: datetime) -> dict[str, Any]:
    """What the mailing is made with: its message, or the sentence for which it waits. Raises: letters.PieceNotPublic.

    A piece of which no letter can be made must not keep those after it from being told, so its mailing is held.
    """
    try:
        letter = letters.alert(publication)
        fields = {"title": letter.subject, "message": message.built(letter).to_bytes()}
    except (letters.PieceNotPublic, DatabaseError):
        raise
    except Exception as error:
        log.exception("No letter can be made of pub:%s", publication)
        held = f"No letter can be made of this piece ({type(error).__name__}; the log says more): cancel it."
        return {"title": f"Piece {publication}", "state": Mailing.State.HELD, "held_because": held}
    if now - row.at > _STALE_AFTER:
        fields |= {"state": Mailing.State.HELD, "held_because": _stale(row.at)}
    return fields


def _write_down(
    row: JournalEntry, publication: int, fields: dict[str, Any], found: searches.Found, now: datetime
) -> None:
    with transaction.atomic():
        if not cursors.advance(FOLLOWER, row.seq) or Mailing.objects.filter(key=_key(publication)).exists():
            return
        mailing = Mailing.objects.create(
            key=_key(publication),
            kind=Mailing.Kind.ALERT,
            publication_id=publication,
            created_at=now,
            starts_at=now,
            **fields,
        )
        subjects = reasons.subjects_of([publication], found=found.subjects)[publication]
        prepared = ledger.prepare(
            mailing, subjects=subjects, paces=[Subscription.Pace.AT_ONCE], publication_id=publication, now=now
        )
        noted.began(prepared)


def _call_off(publication: int, now: datetime) -> None:
    """What is not sent yet of a piece that was withdrawn is not sent any more."""
    waiting = Q(kind=Mailing.Kind.ALERT, publication_id=publication, state__in=_OPEN)
    for mailing in Mailing.objects.filter(waiting).defer("message"):
        ledger.cancel(mailing, now=now)


def _key(publication: int) -> str:
    return f"alert:{_PREFIX}{publication}"


def _stale(at: datetime) -> str:
    when = f"{at:%H:%M} UTC on {at:%Y-%m-%d}"
    return f"The piece was released at {when}, over a day before mail could go out: send it or cancel it."
