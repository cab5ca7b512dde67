"""The one door of the audit log: note what was done, and forget what is too old to be asked about."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from isthmus.kit import clock, text
from isthmus.publications.audit import acting
from isthmus.publications.audit.acting import Actor
from isthmus.publications.audit.kinds import Act, code
from isthmus.publications.audit.models import Entry

_SAID_CHARS, _SUBJECT_CHARS, _WHO_CHARS = 500, 80, 254


def note(act: Act, *, subject: str = "", said: str = "", actor: Actor | None = None) -> None:
    """Write one entry, in the caller's transaction where there is one: no act without its entry, no entry without act.

    subject: what it was done to, such as `pub:17` or `user:3`. said: a few words for whoever reads it later; never a
    subscriber's address, a password or a code. actor: who did it, where that is not who acts at this moment.
    """
    by = actor or acting.current()
    Entry(
        at=clock.now(),
        what=code(act),
        who=by.who[:_WHO_CHARS],
        user_id=by.user_id,
        subject=subject[:_SUBJECT_CHARS],
        said=text.shorten(said, _SAID_CHARS),
        network=by.network,
    ).save()


def prune(*, keep_days: int, now: datetime) -> int:
    """Forget entries older than `keep_days`, and note that they went; how many did."""
    with transaction.atomic():
        before = now - timedelta(days=keep_days)
        n_gone = Entry.objects.forget_before(before)
        if n_gone:
            note(Act.PRUNED, said=f"{text.plural(n_gone, 'entry', 'entries')} from before {before:%Y-%m-%d}")
    return n_gone
