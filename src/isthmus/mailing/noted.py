"""What the audit log is told of mailings, in the transaction that moves one."""

from __future__ import annotations

from isthmus.mailing.models import Mailing
from isthmus.publications.audit import actions as audit
from isthmus.publications.audit.kinds import Act

_BY_STATE = {
    Mailing.State.SCHEDULED: Act.SEND_SCHEDULED,
    Mailing.State.SENDING: Act.SEND_BEGUN,
    Mailing.State.HELD: Act.SEND_HELD,
    Mailing.State.PAUSED: Act.SEND_PAUSED,
    Mailing.State.CANCELLED: Act.SEND_CANCELLED,
}


def began(mailing: Mailing) -> None:
    """It is sent, held or scheduled from now on, as its state says, to the people its row counts."""
    note(_BY_STATE[Mailing.State(mailing.state)], mailing)


def moved(mailing: Mailing) -> None:
    """It was paused, held, cancelled, or goes on."""
    is_on = mailing.state == Mailing.State.SENDING
    note(Act.SEND_RESUMED if is_on else _BY_STATE[Mailing.State(mailing.state)], mailing)


def note(act: Act, mailing: Mailing) -> None:
    """One entry about a mailing; it names the mailing and how many it is for, and nobody of them."""
    n_to = max(0, mailing.n_candidates - sum(mailing.excluded.values()))
    about = f"{mailing.get_kind_display()} “{mailing.title}”"
    if mailing.state == Mailing.State.SCHEDULED:
        about += f", for {mailing.starts_at:%Y-%m-%d %H:%M} UTC"
    elif n_to:
        about += f", to {n_to}"
    audit.note(act, subject=f"mailing:{mailing.pk}", said=about)
