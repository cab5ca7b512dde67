"""What `isthmus doctor` looks at in the mail: each finding says what is so and what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.db.models import Q, QuerySet

from isthmus.kit import clock, text
from isthmus.mailing import copies, maildir, since_backup, webhooks
from isthmus.mailing.models import Delivery, Mailing, RelayState

_Found = tuple[Literal["ok", "note", "wrong"], str]
_STATE = Delivery.State
# A relay that restarts is back within minutes; mail that waits longer than this has a reason.
_LONG_DOWN, _LONG_WAITING = timedelta(hours=1), timedelta(minutes=15)
# A trouble of last month has been seen by now.
_TROUBLE_FOR = timedelta(days=7)
# Older ones will not be sent again by anybody.
_UNCERTAIN_FOR = timedelta(days=30)


def sender() -> _Found:
    """Who sends, and through what."""
    options = settings.ISTHMUS
    if options.mail_server and not options.mail_from:
        return "wrong", "mail_server is set and mail_from is not: set the sender, or receivers refuse what is sent."
    if not options.mail_from:
        return "note", "mail_from is not set: mail stays in data/outbox/ and reaches nobody."
    if not options.mail_server:
        return "note", f"mail_server is not set: mail from {options.mail_from} stays in data/outbox/."
    return "ok", f"Mail comes from {options.mail_from}."


def place() -> _Found:
    """Whether mail may leave from here at all."""
    if origin := since_backup.origin():
        return "note", (
            f"This institute was restored from the backup of {origin.backup_at:%Y-%m-%d %H:%M} UTC and sends no mail: "
            "see `isthmus mail status`, then `isthmus mail resume`."
        )
    if not copies.is_accepted_here():
        return "note", "This is a copy of the institute and sends no mail: `isthmus mail resume --here`, if it is to."
    return "ok", "This is the place that mail is sent from."


def relay() -> _Found:
    """Whether the way out is open."""
    now = clock.now()
    down = RelayState.objects.filter(Q(paused_until__gt=now) | Q(n_failures__gt=0)).order_by("changed_at").first()
    if down is None:
        return "ok", "No way out is known to be closed."
    tries = text.plural(down.n_failures, "time", "times")
    said = f"{down.name} did not take mail the last {tries} it was asked ({down.said or 'it said nothing'})"
    is_long = _waiting_since(now - _LONG_DOWN).exists()
    return ("wrong" if is_long else "note"), f"{said}: see that it runs and that mail_server is right; nothing is lost."


def waiting() -> _Found:
    """Mail that should have gone."""
    now = clock.now()
    n = _waiting_since(now - _LONG_WAITING).count()
    if n:
        return (
            "wrong",
            f"{text.plural(n, 'mail has', 'mails have')} waited for over 15 minutes: see that a worker runs.",
        )
    return "ok", "No mail waits that should have gone."


def _waiting_since(moment: datetime) -> QuerySet[Delivery]:
    sending = Q(mailing__state=Mailing.State.SENDING, mailing__starts_at__lte=moment)
    return Delivery.objects.filter(
        sending, ended_at__isnull=True, state__in=[_STATE.QUEUED, _STATE.DEFERRED], next_try_at__lte=moment
    )


def held() -> _Found:
    """Mailings that ask a person."""
    rows = list(Mailing.objects.filter(state=Mailing.State.HELD).defer("message").order_by("-pk")[:3])
    if rows:
        first = rows[0]
        return "note", f"“{first.title}” waits for you under Mail, Sent mail: {first.held_because}"
    return "ok", "No mailing waits for a decision."


def searches() -> _Found:
    """Whether new pieces could be matched with the searches and dossiers that people follow."""
    since = clock.now() - _TROUBLE_FOR
    troubled = (
        Mailing.objects.filter(created_at__gte=since).exclude(trouble="").defer("message").order_by("-pk").first()
    )
    if troubled is not None:
        return "wrong", f"“{troubled.title}”: {troubled.trouble} The log says more."
    return "ok", "New pieces were matched with the searches and dossiers that people follow."


def bounces() -> _Found:
    """Whether what comes back can be told from what somebody made up."""
    options = settings.ISTHMUS
    if not options.mail_server:
        return "ok", "Nothing leaves this machine, so nothing comes back."
    box = options.mail_bounce_maildir
    if said := webhooks.trouble() or (maildir.trouble(Path(box)) if box else ""):
        return "wrong", said
    if provider := webhooks.sends_for_us():
        return "ok", f"{provider} reports bounces to {settings.PUBLIC_URL}{webhooks.PREFIX}{provider}/."
    if not options.mail_bounce_address:
        return "note", "mail_bounce_address is not set: bounces come back unsigned to the sender, and none is counted."
    return "ok", f"Bounces come back to {options.mail_bounce_address}, signed."


def uncertain() -> _Found:
    """Deliveries of which nobody knows whether they arrived, and that only an editor sends again."""
    since = clock.now() - _UNCERTAIN_FOR
    n = Delivery.objects.filter(
        state=_STATE.UNCERTAIN, ended_at__gte=since, mailing__kind=Mailing.Kind.CAMPAIGN
    ).count()
    if n:
        said = text.plural(n, "delivery of a campaign is", "deliveries of campaigns are")
        return "note", f"{said} uncertain: they may have arrived; send again to those not reached, or leave them."
    return "ok", "No delivery of a campaign is uncertain."


CHECKS: tuple[tuple[str, Callable[[], _Found]], ...] = (
    ("mail", sender),
    ("mail place", place),
    ("mail relay", relay),
    ("mail waiting", waiting),
    ("mail held", held),
    ("mail searches", searches),
    ("bounces", bounces),
    ("uncertain mail", uncertain),
)
