"""Freezes an audience: who is written to, why, and who was left out, in one transaction of a few statements.

One INSERT … SELECT a table, whatever the number of people: 100,000 rows made one by one would keep every other writer
waiting for half a minute. Who is a candidate is read once, into a temporary table, so that the counts are of exactly
the rows that were made, on a database whose statements each see another moment (PostgreSQL) too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction

from isthmus.kit.errors import IsthmusError
from isthmus.mailing.models import Delivery, Mailing, Subscriber, Subscription, Suppression, Told
from isthmus.mailing.models.people import EVERYTHING

Kind, State = Mailing.Kind, Mailing.State

# Asked for by the person, for this one mail: they need not be confirmed yet, and have not been paused by themselves.
ASKED_FOR = (Kind.CONFIRMATION, Kind.TEST)
# Who was erased, or came as such with an import, may still sign up anew; the other reasons are about the address.
FORGIVEN_WHEN_ASKED = (Suppression.Reason.ERASED, Suppression.Reason.IMPORTED)
_NO_PIECE = 0
_IDS_AT_ONCE = 500

_TABLES = {
    "isthmus_wanted": "publication_id bigint, subject varchar(60), place integer",
    "isthmus_match": "subscriber_id bigint, publication_id bigint, place integer, is_told integer",
    "isthmus_candidate": "subscriber_id bigint, place integer, reason varchar(20)",
}
_NAMES = {
    "delivery": Delivery._meta.db_table,
    "subscriber": Subscriber._meta.db_table,
    "subscription": Subscription._meta.db_table,
    "suppression": Suppression._meta.db_table,
    "told": Told._meta.db_table,
}
# Whose confirmed subscription names one of the subjects: a row for each person and piece, with the best reason.
_FOLLOWERS = """
    INSERT INTO isthmus_match (subscriber_id, publication_id, place, is_told)
    SELECT s.subscriber_id, w.publication_id, MIN(w.place), CASE WHEN EXISTS (
        SELECT 1 FROM {told} t WHERE t.subscriber_id = s.subscriber_id AND t.publication_id = w.publication_id
    ) THEN 1 ELSE 0 END
    FROM isthmus_wanted w
    JOIN {subscription} s ON s.subject = w.subject
    JOIN {subscriber} p ON p.id = s.subscriber_id
    WHERE p.state = 'confirmed' AND s.confirmed_at IS NOT NULL AND s.pace IN ({paces})
    GROUP BY s.subscriber_id, w.publication_id
"""
_ALL_CONFIRMED = """
    INSERT INTO isthmus_match (subscriber_id, publication_id, place, is_told)
    SELECT p.id, 0, %s, 0 FROM {subscriber} p WHERE p.state = 'confirmed'
"""
_CANDIDATES = """
    INSERT INTO isthmus_candidate (subscriber_id, place, reason)
    SELECT m.subscriber_id, MIN(CASE WHEN m.is_told = 0 THEN m.place END), CASE
        WHEN p.paused_until > %s THEN 'paused'
        WHEN EXISTS (
            SELECT 1 FROM {suppression} x WHERE x.address_hash = p.address_hash AND x.lifted_at IS NULL
        ) THEN 'suppressed'
        WHEN MIN(m.is_told) = 1 THEN %s
        ELSE '' END
    FROM isthmus_match m JOIN {subscriber} p ON p.id = m.subscriber_id
    GROUP BY m.subscriber_id, p.paused_until, p.address_hash
"""
_DELIVERIES = """
    INSERT INTO {delivery}
        (mailing_id, subscriber_id, state, because, next_try_at, lease_owner, n_tries, n_uncertain, reply)
    SELECT %s, c.subscriber_id, 'queued', w.subject, %s, '', 0, 0, ''
    FROM isthmus_candidate c
    JOIN (SELECT DISTINCT place, subject FROM isthmus_wanted) w ON w.place = c.place
    WHERE c.reason = '' ORDER BY c.subscriber_id
"""
_TOLD = """
    INSERT INTO {told} (subscriber_id, publication_id, delivery_id, because)
    SELECT m.subscriber_id, m.publication_id, d.id, w.subject
    FROM isthmus_match m
    JOIN {delivery} d ON d.mailing_id = %s AND d.subscriber_id = m.subscriber_id
    JOIN (SELECT DISTINCT place, subject FROM isthmus_wanted) w ON w.place = m.place
    WHERE m.is_told = 0 ORDER BY m.subscriber_id
"""
_COUNTS = "SELECT reason, COUNT(*) FROM isthmus_candidate GROUP BY reason"


class AudienceMiscounted(IsthmusError):
    """Candidates are not the prepared and the excluded; nothing was kept of it."""


def prepare(
    mailing: Mailing,
    *,
    subjects: Collection[str],
    paces: Collection[str],
    publication_id: int | None = None,
    now: datetime,
) -> Mailing:
    """The mailing with its deliveries: one for each confirmed person with a confirmed subscription that matches.

    subjects: in order, the best reason first; `everything` is always the last, and means those who follow everything,
    or in a campaign every confirmed person. publication_id: the piece an alert is about; who was told is left out.
    An audience is frozen: a mailing that has one is returned as it is.
    Raises: AudienceMiscounted; IntegrityError where another transaction told somebody first: try again.
    """
    places = _in_order(subjects)
    is_for_all = mailing.kind == Kind.CAMPAIGN and EVERYTHING in places
    wanted = [(publication_id or _NO_PIECE, subject, place) for subject, place in places.items()]

    def match() -> None:
        if list(places) != [EVERYTHING] or not is_for_all:
            _run(_FOLLOWERS, *_paces(paces), paces=len(_paces(paces)))
        if is_for_all:
            _run(_ALL_CONFIRMED, places[EVERYTHING])

    return _frozen(mailing, wanted, match, left_if_told="told", now=now)


def prepare_digest(mailing: Mailing, *, pieces: Mapping[int, Collection[str]], pace: str, now: datetime) -> Mailing:
    """The mailing with a delivery for each follower at this pace of at least one piece they were not told of yet.

    pieces: number of a publication → the subjects it belongs to; who follows everything follows each of them. What a
    person is told of stands in Told, once for ever; who has heard of all of it is excluded as `nothing new`.
    Raises: as `prepare`.
    """
    places = _in_order([subject for subjects in pieces.values() for subject in subjects] + [EVERYTHING])
    wanted = [
        (piece, subject, places[subject]) for piece, subjects in pieces.items() for subject in {*subjects, EVERYTHING}
    ]
    return _frozen(mailing, wanted, lambda: _run(_FOLLOWERS, pace, paces=1), left_if_told="nothing new", now=now)


def prepare_for(
    mailing: Mailing, subscriber_ids: Iterable[int], *, now: datetime, because: Mapping[int, str] | None = None
) -> Mailing:
    """The mailing with a delivery for each of these people who has none in it yet; more may be added later.

    Confirmations and tests also reach who is not confirmed, paused, or was erased; the other suppressions hold.
    because: the subject that made each a recipient, where there is one. A finished mailing is open again.
    """
    with transaction.atomic():
        mailing = Mailing.objects.select_for_update().defer("message").get(pk=mailing.pk)
        ids = sorted(set(subscriber_ids))
        excluded: Counter[str] = Counter(mailing.excluded)
        n_prepared = sum(
            _prepare_some(mailing, ids[first : first + _IDS_AT_ONCE], because or {}, excluded, now)
            for first in range(0, len(ids), _IDS_AT_ONCE)
        )
        n_left_out = sum(excluded.values()) - sum(mailing.excluded.values())
        mailing.n_candidates += n_prepared + n_left_out
        mailing.excluded = dict(excluded)
        if n_prepared and mailing.state == State.FINISHED:
            mailing.state, mailing.finished_at = State.SENDING, None
        mailing.save(update_fields=["n_candidates", "excluded", "state", "finished_at"])
    return mailing


def _in_order(subjects: Collection[str]) -> dict[str, int]:
    """Each subject's place, the best reason first; a set has no order of its own and gets the alphabet's."""
    given = subjects if isinstance(subjects, (Sequence, Mapping)) else sorted(subjects)
    ordered = [*dict.fromkeys(subject for subject in given if subject != EVERYTHING)]
    return {subject: place for place, subject in enumerate([*ordered, *([EVERYTHING] if EVERYTHING in given else [])])}


def _paces(paces: Collection[str]) -> list[str]:
    return sorted({str(pace) for pace in paces})


def _frozen(
    mailing: Mailing,
    wanted: Sequence[tuple[int, str, int]],
    match: Callable[[], object],
    *,
    left_if_told: str,
    now: datetime,
) -> Mailing:
    with transaction.atomic():
        mailing = Mailing.objects.select_for_update().defer("message").get(pk=mailing.pk)
        if mailing.n_candidates or mailing.deliveries.exists():
            return mailing
        _make_tables(wanted)
        match()
        _run(_CANDIDATES, _instant(now), left_if_told)
        n_made = _run(_DELIVERIES, mailing.pk, _instant(max(now, mailing.starts_at)))
        if wanted and wanted[0][0] != _NO_PIECE:
            _run(_TOLD, mailing.pk)
        _count(mailing, n_made)
        _drop_tables()
    return mailing


def _count(mailing: Mailing, n_made: int) -> None:
    """Write down how the candidates divide, and see that they do."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        found = {str(reason): int(n) for reason, n in cursor.fetchall()}
    n_prepared = found.pop("", 0)
    if n_prepared != n_made:
        raise AudienceMiscounted(
            f"Of the audience of {mailing.key} {n_prepared} were to be prepared and {n_made} were, so none is kept: "
            "please report it."
        )
    mailing.n_candidates, mailing.excluded = n_prepared + sum(found.values()), found
    if n_prepared and mailing.state == State.FINISHED:
        # Another worker found it empty between the transaction that made it and this one.
        mailing.state, mailing.finished_at = State.SENDING, None
    mailing.save(update_fields=["n_candidates", "excluded", "state", "finished_at"])


def _make_tables(wanted: Sequence[tuple[int, str, int]]) -> None:
    _drop_tables()
    with connection.cursor() as cursor:
        for name, columns in _TABLES.items():
            cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns})")
        cursor.executemany(
            "INSERT INTO isthmus_wanted (publication_id, subject, place) VALUES (%s, %s, %s)", list(wanted)
        )


def _drop_tables() -> None:
    with connection.cursor() as cursor:
        for name in _TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS {name}")


def _run(statement: str, *values: object, paces: int = 0) -> int:
    """Run one of the statements above; how many rows it wrote. paces: how many of the values stand in its list."""
    with connection.cursor() as cursor:
        cursor.execute(statement.format(**_NAMES, paces=", ".join(["%s"] * paces)), values)
        return int(cursor.rowcount)


def _instant(at: datetime) -> object:
    """As the driver wants it beside the ORM."""
    return connection.ops.adapt_datetimefield_value(at)


def _prepare_some(
    mailing: Mailing, ids: Sequence[int], because: Mapping[int, str], excluded: Counter[str], now: datetime
) -> int:
    """Make the deliveries of some people; how many. Who is left out is counted into `excluded`."""
    known = set(mailing.deliveries.filter(subscriber_id__in=ids).values_list("subscriber_id", flat=True))
    people = [one for one in Subscriber.objects.filter(pk__in=ids).order_by("pk") if one.pk not in known]
    suppressed = _suppressed(people, is_asked_for=mailing.kind in ASKED_FOR)
    rows = []
    for person in people:
        if reason := _left_out(person, mailing, suppressed, now):
            excluded[reason] += 1
        else:
            at = max(now, mailing.starts_at)
            rows.append(
                Delivery(mailing=mailing, subscriber=person, because=because.get(person.pk, ""), next_try_at=at)
            )
    Delivery.objects.bulk_create(rows)
    return len(rows)


def _suppressed(people: Sequence[Subscriber], *, is_asked_for: bool) -> set[str]:
    found = Suppression.objects.filter(address_hash__in=[one.address_hash for one in people], lifted_at__isnull=True)
    if is_asked_for:
        found = found.exclude(reason__in=FORGIVEN_WHEN_ASKED)
    return set(found.values_list("address_hash", flat=True))


def _left_out(person: Subscriber, mailing: Mailing, suppressed: set[str], now: datetime) -> str:
    if person.address_hash in suppressed:
        return "suppressed"
    if mailing.kind in ASKED_FOR:
        return ""
    if person.state != Subscriber.State.CONFIRMED:
        return "not confirmed"
    return "paused" if person.paused_until is not None and person.paused_until > now else ""
