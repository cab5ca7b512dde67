"""Dossiers that people follow by mail, `subject:12`: what may be followed, and which of them a new piece stands in."""

from __future__ import annotations

import logging
from collections.abc import Collection

from django.db import DatabaseError
from django.db.models import QuerySet

from isthmus.dossiers import news
from isthmus.dossiers.models import Subject
from isthmus.mailing.models import Subscriber, Subscription
from isthmus.mailing.searches import Found

log = logging.getLogger(__name__)

KIND = "subject"
PREFIX = f"{KIND}:"
TROUBLE = "Which dossiers it belongs to could not be read, so who follows only those was not told."


def visible() -> QuerySet[Subject]:
    """The dossiers that anybody may follow: the open ones."""
    return Subject.objects.filter(is_open=True)


def found_for(publication_ids: Collection[int], *, pace: str) -> Found:
    """Which of the dossiers followed at a pace these pieces stand in; nothing is read where nobody follows any.

    What goes wrong but for the database is said in `trouble` and logged: everybody else is to be told all the same.
    """
    try:
        followed = _followed(pace)
        stands_in = news.dossiers_of(publication_ids) if followed else {}
    except DatabaseError:
        raise
    except Exception:
        log.exception("The dossiers of %s could not be read", list(publication_ids)[:20])
        return Found(trouble=TROUBLE)
    subjects = {
        number: [f"{PREFIX}{pk}" for pk in about if f"{PREFIX}{pk}" in followed] for number, about in stands_in.items()
    }
    return Found({number: about for number, about in subjects.items() if about})


def merged(*, gone: int, into: int) -> None:
    """Who followed a dossier that went up in another follows that one; in the transaction in which it goes.

    Who followed both keeps the one that is confirmed.
    """
    former, other = f"{PREFIX}{gone}", f"{PREFIX}{into}"
    with_former = Subscription.objects.filter(subject=former)
    confirmed = with_former.filter(confirmed_at__isnull=False).values("subscriber")
    Subscription.objects.filter(subject=other, confirmed_at=None, subscriber__in=confirmed).delete()
    with_former.filter(subscriber__in=Subscription.objects.filter(subject=other).values("subscriber")).delete()
    with_former.update(subject=other)


def _followed(pace: str) -> set[str]:
    rows = Subscription.objects.filter(
        pace=pace, subject__startswith=PREFIX, confirmed_at__isnull=False, subscriber__state=Subscriber.State.CONFIRMED
    )
    return set(rows.order_by().values_list("subject", flat=True).distinct())
