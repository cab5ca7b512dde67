"""Searches that people follow by mail: their rows, their names, and who of them a new piece is for.

A followed search is a subscription to `search:12`; before it has a row it is a wish, `search?q=sanctions`. Who asks for
the same has the same row, so that each question is matched once, however many follow it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import DatabaseError

from isthmus.kit.errors import IsthmusError
from isthmus.mailing.models import SavedSearch, Subscriber, Subscription
from isthmus.publications import documents
from isthmus.search import saved

log = logging.getLogger(__name__)

PREFIX, WISH = "search:", "search?"
# More than anybody reads; few enough that 250 people cannot make the new publication run 5,000 more searches.
MAX_A_PERSON = 20
TROUBLE = "The searches that people follow could not be matched with it, so who follows only those was not told."
_YEAR = timedelta(days=365)
_IDS_AT_ONCE = 500

Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Offered:
    """A search that a form offers to follow. n_last_year: pieces of the last twelve months it locates, if known."""

    question: str
    words: str
    url: str
    n_last_year: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """By publication, the followed subjects that were found by reading it. trouble: a sentence where that failed."""

    subjects: dict[int, list[str]] = field(default_factory=dict)
    trouble: str = ""


def offered(query_string: str, *, today: date) -> Offered:
    """The search of a query string, ready to be followed. Raises: saved.QuestionInvalid."""
    question = saved.canonical(query_string)
    try:
        n_last_year = saved.n_since(question, today - _YEAR)
    except IsthmusError:
        # Without its index the site still signs people up.
        n_last_year = None
    return Offered(question, saved.in_words(question), saved.address(question), n_last_year)


def checked(subject: str) -> str:
    """The subject, a wish in the one way it is written. Raises: saved.QuestionInvalid."""
    return f"{WISH}{saved.canonical(subject.removeprefix(WISH))}" if subject.startswith(WISH) else subject


def is_search(subject: str) -> bool:
    """Whether the subject is a followed search, or the wish to follow one."""
    return subject.startswith((PREFIX, WISH))


def numbered(choices: Iterable[Choice], *, now: datetime) -> list[Choice]:
    """The choices with every wish as the subject of its row, made where there is none; in a transaction.

    The row is held until that ends, so that nobody takes it away as one that nobody follows.
    """
    found = {
        _row(subject.removeprefix(WISH), now).subject if subject.startswith(WISH) else subject: pace
        for subject, pace in choices
    }
    return list(found.items())


def within_room(subscriber: Subscriber, wishes: Sequence[Choice]) -> list[Choice]:
    """The wishes that a person has room for, 20 searches in all; the oldest they never confirmed make room first.

    Otherwise a stranger who knows the address could fill it with wishes and keep its owner from having their own.
    """
    held = subscriber.subscriptions.filter(subject__startswith=PREFIX)
    known = set(held.values_list("subject", flat=True))
    new = [subject for subject, _ in wishes if is_search(subject) and subject not in known]
    n_over = len(known) + len(new) - MAX_A_PERSON
    if n_over > 0:
        stale = list(held.filter(confirmed_at=None).order_by("created_at", "pk").values_list("pk", flat=True)[:n_over])
        Subscription.objects.filter(pk__in=stale).delete()
        n_over -= len(stale)
    left_out = set(new[len(new) - n_over :]) if n_over > 0 else set()
    return [(subject, pace) for subject, pace in wishes if subject not in left_out]


def forget_unfollowed(subjects: Iterable[str] | None = None) -> int:
    """Delete the searches that nobody follows any more, of these subjects or of all; how many. In a transaction.

    What somebody typed goes with the last who followed it.
    """
    rows = SavedSearch.objects.order_by("pk")
    if subjects is not None:
        rows = rows.filter(pk__in=_numbers(subjects))
    # Held before it is asked whether anybody follows: a sign-up that got hold of one first is seen then.
    candidates = list(rows.select_for_update().values_list("pk", flat=True))
    n_gone = 0
    for first in range(0, len(candidates), _IDS_AT_ONCE):
        some = {f"{PREFIX}{pk}": pk for pk in candidates[first : first + _IDS_AT_ONCE]}
        followed = set(Subscription.objects.filter(subject__in=some).values_list("subject", flat=True))
        gone = [pk for subject, pk in some.items() if subject not in followed]
        n_gone += SavedSearch.objects.filter(pk__in=gone).delete()[0]
    return n_gone


def questions(subjects: Iterable[str]) -> dict[str, str]:
    """The canonical search of each subject that has a row."""
    rows = SavedSearch.objects.filter(pk__in=_numbers(subjects)).values_list("pk", "question")
    return {f"{PREFIX}{pk}": question for pk, question in rows}


def names(subjects: Iterable[str]) -> dict[str, str]:
    """What followed searches are called, such as `the search “sanctions”`; plain text, as the reader typed it."""
    return {subject: f"the search {saved.in_words(question)}" for subject, question in questions(subjects).items()}


def addresses(subjects: Iterable[str]) -> dict[str, str]:
    """The pages of results of followed searches, root-relative."""
    return {subject: saved.address(question) for subject, question in questions(subjects).items()}


def found_for(publication_ids: Collection[int], *, pace: str) -> Found:
    """Which of the searches followed at a pace locate which of these pieces; not in a transaction, it takes a while.

    5,000 searches take two seconds, and none where nobody follows any. What goes wrong but for the database is said
    in `trouble` and logged: everybody else is to be told all the same.
    """
    try:
        subject_of = {question: subject for subject, question in questions(_followed(pace)).items()}
        if not subject_of:
            return Found()
        found = saved.matches(list(documents.documents(publication_ids)), subject_of)
    except DatabaseError:
        raise
    except Exception:
        log.exception("The searches that people follow could not be matched with %s", list(publication_ids)[:20])
        return Found(trouble=TROUBLE)
    subjects: dict[int, list[str]] = {}
    for question, numbers in found.items():
        for number in numbers:
            subjects.setdefault(number, []).append(subject_of[question])
    return Found({number: sorted(found) for number, found in subjects.items()})


def _followed(pace: str) -> set[str]:
    rows = Subscription.objects.filter(
        pace=pace, subject__startswith=PREFIX, confirmed_at__isnull=False, subscriber__state=Subscriber.State.CONFIRMED
    )
    return set(rows.order_by().values_list("subject", flat=True).distinct())


def _row(question: str, now: datetime) -> SavedSearch:
    key = hashlib.sha256(question.encode()).hexdigest()
    new = SavedSearch(key=key, question=question, created_at=now)
    for _ in range(3):
        SavedSearch.objects.bulk_create([new], ignore_conflicts=True)
        if held := SavedSearch.objects.select_for_update().filter(key=key).first():
            return held
    raise SavedSearch.DoesNotExist(key)


def _numbers(subjects: Iterable[str]) -> list[int]:
    ends = (subject.removeprefix(PREFIX) for subject in subjects if subject.startswith(PREFIX))
    return [int(end) for end in ends if end.isascii() and end.isdigit() and len(end) <= 18]
