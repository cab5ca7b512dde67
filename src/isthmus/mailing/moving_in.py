"""Lists of people come in, with their proof of consent, and go out again.

Whoever is suppressed, was erased or has left is never brought back by a list. Whoever is known stays as they are: what
they chose here since is newer than any list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.dateparse import parse_date, parse_datetime

from isthmus.kit import bulk, text
from isthmus.kit.errors import IsthmusError
from isthmus.mailing import actions, addresses, csv_files, following, headers, queries, searches
from isthmus.mailing.addresses import Address
from isthmus.mailing.csv_files import Row
from isthmus.mailing.following import Choice
from isthmus.mailing.models import Consent, Subscriber, Subscription, Suppression
from isthmus.mailing.models.people import EVERYTHING
from isthmus.publications.audit import actions as audit
from isthmus.publications.audit.kinds import Act
from isthmus.search.saved import QuestionInvalid

# One transaction each: long enough to be quick, short enough that nobody else waits for it.
_BATCH = 500
_MAX_NAME_CHARS, _MAX_HOW_CHARS = 200, 300
_State = Subscriber.State


class _Refused(IsthmusError):
    """A row that cannot come in; the sentence says why."""


@dataclass(slots=True)
class Report:
    """What became of each row, in the words of an import's report: read = created + updated + unchanged + skipped."""

    source: str
    counts: Counter[str] = field(default_factory=Counter)
    skipped: list[dict[str, str]] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)

    def count(self, outcome: str) -> None:
        """One row more: created, updated, unchanged or skipped."""
        self.counts[outcome] += 1

    def skip(self, row: Row, reason: str) -> None:
        """Name a row that did not come in; its address is shown as it stands, cut."""
        self.count("skipped")
        identity = text.shorten(headers.clean(row.values.get("email", "")), 100)
        self.skipped.append({"id": identity, "where": f"line {row.line}", "reason": reason})

    def as_json(self) -> dict[str, Any]:
        """The report as an import's, without a run: a list cannot be undone, only corrected."""
        outcomes = {name: self.counts[name] for name in ("created", "updated", "unchanged", "skipped")}
        return {
            "source": self.source,
            "counts": {"read": sum(outcomes.values()), **outcomes},
            "skipped": self.skipped,
            "warnings": self.warnings,
        }

    def summary(self) -> str:
        """One sentence for the terminal and the admin."""
        counts = self.as_json()["counts"]
        parts = ", ".join(f"{n} {name}" for name, n in counts.items() if name != "read")
        return f"{text.plural(counts['read'], 'person', 'people')} read: {parts}."


@dataclass(frozen=True, slots=True)
class _Person:
    """One row, understood."""

    row: Row
    address: Address
    address_hash: str
    name: str
    state: str
    choices: list[Choice]
    consent_at: datetime | None
    consent_how: str
    suppressed: str
    suppressed_at: datetime | None


def move_in(path: Path, *, now: datetime, progress: Callable[[int], None] = lambda n: None) -> Report:
    """Bring in a list from a file, in UTF-8. progress: told how many rows were read. Raises: ListUnreadable."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return move_in_lines(file, source=path.name, now=now, progress=progress)
    except UnicodeDecodeError as error:
        raise csv_files.ListUnreadable(
            f"{path.name} is not in UTF-8: save it again as “CSV UTF-8” and import that file."
        ) from error
    except OSError as error:
        raise csv_files.ListUnreadable(
            f"{path} cannot be read ({error.strerror}): name a file that is there."
        ) from error


def move_in_lines(
    lines: Iterable[str], *, source: str, now: datetime, progress: Callable[[int], None] = lambda n: None
) -> Report:
    """Bring in a list line by line, some hundred people a transaction; what came in before an error stays in.

    Running it again changes nothing more. Raises: ListUnreadable.
    """
    report, known = Report(source), _Names()
    rows = csv_files.read(_noting_columns(lines, report), file_name=source)
    while batch := list(islice(rows, _BATCH)):
        people = [person for row in batch if (person := _understood(row, known, report, now))]
        _save(people, report, source=source, now=now)
        progress(sum(report.counts.values()))
    audit.note(Act.PEOPLE_IMPORTED, said=report.summary())
    return report


def lines_out(wanted: queries.Filter) -> Iterator[str]:
    """The list of the people an editor looks for, line by line; it can come in again anywhere."""
    yield csv_files.line(csv_files.COLUMNS)
    last = 0
    while batch := list(queries.found(wanted).filter(pk__gt=last).order_by("pk")[:_BATCH]):
        last = batch[-1].pk
        yield from _lines(batch)


def _lines(people: list[Subscriber]) -> Iterator[str]:
    followed: dict[int, list[str]] = {}
    # A wish that somebody known has not confirmed yet must not come in elsewhere as if they had.
    counts = Q(confirmed_at__isnull=False) | Q(subscriber__state=_State.PENDING)
    rows = Subscription.objects.filter(counts, subscriber__in=people).order_by("subject")
    asked = searches.questions(rows.values_list("subject", flat=True))
    for subscriber_id, subject, pace in rows.values_list("subscriber_id", "subject", "pace"):
        # A search has no number that another institute would know.
        name = f"{searches.WISH}{asked[subject]}" if subject in asked else subject
        followed.setdefault(subscriber_id, []).append(f"{name}={pace}")
    agreed = (Consent.What.CONFIRMED, Consent.What.IMPORTED)
    consents = {
        row.subscriber_id: row
        for row in Consent.objects.filter(subscriber__in=people, what__in=agreed).order_by("at", "pk")
    }
    suppressed = queries.suppressed_among(person.address_hash for person in people)
    for person in people:
        consent, bar = consents.get(person.pk), suppressed.get(person.address_hash)
        yield csv_files.line(
            (
                person.email,
                person.name,
                csv_files.BETWEEN_SUBJECTS.join(followed.get(person.pk, [])),
                "",
                consent.at.isoformat() if consent else "",
                _how(consent) if consent else "",
                str(_State.LEFT) if person.left_at else person.state,
                bar.reason if bar else "",
                bar.at.isoformat() if bar else "",
            )
        )


def _how(consent: Consent) -> str:
    return consent.form if consent.what == Consent.What.IMPORTED else consent.how


class _Names:
    """What a list may call what can be followed: its subject, or its name whatever the case; asked once a list."""

    def __init__(self) -> None:
        offers = [offer for group in following.offered() for offer in group.offers]
        self._by_name = {offer.label.casefold(): offer.subject for offer in reversed(offers)}
        self._by_name |= {offer.subject: offer.subject for offer in offers} | {EVERYTHING: EVERYTHING}

    def choices(self, written: str, pace: str) -> list[Choice]:
        """The cell `subjects` as choices. Raises: _Refused."""
        found: dict[str, str] = {}
        for part in filter(None, (part.strip() for part in written.split(csv_files.BETWEEN_SUBJECTS))):
            name, own = _with_pace(part)
            found[self._subject(name.strip())] = _pace(own or pace)
        if sum(searches.is_search(subject) for subject in found) > searches.MAX_A_PERSON:
            raise _Refused(f"More than {searches.MAX_A_PERSON} searches are followed: leave some out.")
        return list((found or {EVERYTHING: _pace(pace)}).items())

    def _subject(self, name: str) -> str:
        try:
            subject = searches.checked(name) if name.startswith(searches.WISH) else self._by_name.get(name.casefold())
        except QuestionInvalid as error:
            raise _Refused(str(error)) from error
        if subject is None:
            raise _Refused(f"“{text.shorten(name, 60)}” is nothing that can be followed here.")
        return subject


def _with_pace(part: str) -> tuple[str, str]:
    """One thing followed and its own pace, empty for none; a search has signs of equality of its own."""
    name, _, own = part.rpartition("=")
    is_pace = bool(name) and (not part.startswith(searches.WISH) or own in Subscription.Pace.values)
    return (name, own) if is_pace else (part, "")


def _pace(written: str) -> str:
    pace = written.strip().lower().replace(" ", "_") or str(Subscription.Pace.AT_ONCE)
    if pace not in Subscription.Pace.values:
        raise _Refused(f"“{text.shorten(written, 40)}” is no pace: write at_once, daily or weekly.")
    return pace


def _noting_columns(lines: Iterable[str], report: Report) -> Iterator[str]:
    for number, written in enumerate(lines):
        if number == 0:
            for name in csv_files.strange_columns(written):
                said = f"The column “{text.shorten(name, 60)}” is not read."
                report.warnings.append({"id": "", "kind": "column", "text": said})
        yield written


def _understood(row: Row, known: _Names, report: Report, now: datetime) -> _Person | None:
    """The row as a person, or None with the reason in the report."""
    try:
        return _person(row, known, now)
    except (_Refused, addresses.AddressInvalid) as error:
        report.skip(row, str(error))
        return None


def _person(row: Row, known: _Names, now: datetime) -> _Person:
    cell = row.values.get
    address = addresses.parse(cell("email", ""))
    state = cell("state", "").lower() or str(_State.CONFIRMED)
    if state not in _State.values:
        raise _Refused(f"“{text.shorten(state, 40)}” is no state: write confirmed, pending or left.")
    consent_at, how = _moment(cell("consent_at", ""), now), headers.clean(cell("consent_how", ""))
    if state == _State.CONFIRMED and not (consent_at and how):
        raise _Refused("There is no proof of consent: fill in consent_at and consent_how, or write the state pending.")
    suppressed = cell("suppressed", "").lower()
    if suppressed and suppressed not in Suppression.Reason.values:
        suppressed = str(Suppression.Reason.IMPORTED)
    is_listed = state != _State.LEFT
    return _Person(
        row=row,
        address=address,
        address_hash=actions.hash_of(address.key),
        name=headers.clean(cell("name", ""), max_chars=_MAX_NAME_CHARS),
        state=state,
        choices=known.choices(cell("subjects", ""), cell("pace", "")) if is_listed else [],
        consent_at=consent_at,
        consent_how=how[:_MAX_HOW_CHARS],
        suppressed=suppressed,
        suppressed_at=_moment(cell("suppressed_at", ""), now),
    )


def _moment(written: str, now: datetime) -> datetime | None:
    """The instant a cell names, a day being its beginning in the institute's zone. Raises: _Refused."""
    if not written:
        return None
    zone = ZoneInfo(settings.TIME_ZONE)
    try:
        at = parse_datetime(written[:40])
        if at is None and (day := parse_date(written[:40])):
            at = datetime(day.year, day.month, day.day, tzinfo=zone)
    except ValueError:
        at = None
    if at is None:
        raise _Refused(f"“{text.shorten(written, 40)}” is no date: write one such as 2026-11-23.")
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    if at > now:
        raise _Refused(f"“{text.shorten(written, 40)}” has not come yet.")
    return at


def _save(people: list[_Person], report: Report, *, source: str, now: datetime) -> None:
    """One batch, in one transaction; of one address twice in it, the first row counts."""
    with transaction.atomic():
        people = [replace(person, choices=searches.numbered(person.choices, now=now)) for person in people]
        hashes = [person.address_hash for person in people]
        barred = queries.suppressed_among(hashes)
        there = {row.address_hash: row for row in Subscriber.objects.filter(address_hash__in=hashes)}
        new: dict[str, _Person] = {}
        for person in people:
            row, bar = there.get(person.address_hash), barred.get(person.address_hash)
            if row is None and bar is not None:
                report.skip(person.row, f"Nothing is sent to this address: {bar.get_reason_display()}.")
            elif person.suppressed == Suppression.Reason.ERASED:
                _suppress(person, now)
                report.skip(person.row, "The list says that this person was erased: only that is noted.")
            elif person.address_hash in new:
                report.count("unchanged")
            elif row is None:
                new[person.address_hash] = person
                report.count("created")
            else:
                report.count(_merge(row, person, is_barred=bar is not None, source=source, now=now))
        _create(list(new.values()), source=source, now=now)


def _merge(row: Subscriber, person: _Person, *, is_barred: bool, source: str, now: datetime) -> str:
    """What a list adds to somebody who is here: a suppression, a name, the proof that a wish waited for."""
    outcome = "unchanged"
    if person.suppressed and not is_barred:
        _suppress(person, now)
        outcome = "updated"
    if person.name and not row.name:
        row.name = person.name
        row.save(update_fields=["name"])
        outcome = "updated"
    waits = row.state == _State.PENDING and row.left_at is None
    if waits and person.state == _State.CONFIRMED and not is_barred:
        row.state, row.confirmed_at = person.state, person.consent_at
        row.save(update_fields=["state", "confirmed_at"])
        row.subscriptions.all().delete()
        Subscription.objects.bulk_create(_subscriptions(row, person, now))
        _consent(row, person, source).save()
        outcome = "updated"
    return outcome


def _create(people: list[_Person], *, source: str, now: datetime) -> None:
    rows = [_subscriber(person, now) for person in people]
    bulk.insert_many(rows)
    pairs = list(zip(rows, people, strict=True))
    bulk.insert_many([followed for row, person in pairs for followed in _subscriptions(row, person, now)])
    bulk.insert_many([_consent(row, person, source) for row, person in pairs if person.consent_at])
    for person in people:
        if person.suppressed:
            _suppress(person, now)


def _subscriber(person: _Person, now: datetime) -> Subscriber:
    return Subscriber(
        email=person.address.email,
        email_key=person.address.key,
        address_hash=person.address_hash,
        domain=person.address.domain,
        name=person.name,
        state=person.state,
        created_at=now,
        confirmed_at=person.consent_at if person.state == _State.CONFIRMED else None,
        left_at=now if person.state == _State.LEFT else None,
    )


def _subscriptions(row: Subscriber, person: _Person, now: datetime) -> list[Subscription]:
    at = person.consent_at if person.state == _State.CONFIRMED else None
    return [
        Subscription(subscriber=row, subject=subject, pace=pace, created_at=now, confirmed_at=at)
        for subject, pace in person.choices
    ]


def _consent(row: Subscriber, person: _Person, source: str) -> Consent:
    return Consent(
        subscriber=row,
        what=Consent.What.IMPORTED,
        subjects=[list(choice) for choice in person.choices],
        form=person.consent_how,
        how=f"import of {text.shorten(headers.clean(source), 200)}, line {person.row.line}",
        at=person.consent_at,
    )


def _suppress(person: _Person, now: datetime) -> None:
    at, note = person.suppressed_at or now, "came with an import"
    actions.suppress(person.address_hash, reason=person.suppressed, note=note, now=at)
