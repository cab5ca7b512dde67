"""Lists of other systems: consent with its date, who left or bounced there, and nobody confirmed without proof."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from isthmus.mailing import list_dialects, moving_in
from isthmus.mailing.models import Subscriber, Suppression

LISTS = Path(__file__).parent / "lists"
NOW = datetime(2026, 11, 23, tzinfo=UTC)

# Each: name of the person, state, the day and words of consent, and why nothing may be sent.
EXPECTED = {
    "mailchimp.csv": {
        "carol@example.org": ("Carol Finch", "confirmed", "2015-03-05T14:02:00+00:00", "subscribed in Mailchimp", ""),
        "dan@example.org": ("Dan", "left", "", "", ""),
        "bob@example.org": ("", "left", "", "", "hard_bounce"),
        "alice@example.org": ("Alice", "pending", "", "", ""),
    },
    # The streets of a list's own column are no addresses of mail.
    "mailchimp-streets.csv": {
        "carol@example.org": ("Carol", "confirmed", "2019-03-04T05:07:00+00:00", "subscribed in Mailchimp", ""),
    },
    # Customers who never asked for mail; only the file's name says it.
    "nonsubscribed_members_export.csv": {"dan@example.org": ("Dan", "pending", "", "", "")},
    "ghost.csv": {
        "carol@example.org": ("Carol Finch", "confirmed", "2021-05-06T07:08:09+00:00", "subscribed in Ghost", ""),
        "dan@example.org": ("Dan", "left", "", "", ""),
    },
    "listmonk.csv": {
        "carol@example.org": ("Carol Finch", "confirmed", "2021-05-06T07:08:09+00:00", "subscribed in listmonk", ""),
        "dan@example.org": ("Dan", "left", "", "", "imported"),
        "bob@example.org": ("Bob", "left", "", "", ""),
    },
    "mailpoet.csv": {
        "carol@example.org": ("Carol Finch", "confirmed", "2021-05-06T07:08:09+00:00", "subscribed in MailPoet", ""),
        "dan@example.org": ("Dan", "pending", "", "", ""),
        "bob@example.org": ("Bob", "left", "", "", "hard_bounce"),
        "alice@example.org": ("Alice", "left", "", "", ""),
    },
    "mailman.txt": {
        "carol@example.org": ("Carol Finch", "pending", "", "", ""),
        "dan@example.org": ("", "pending", "", "", ""),
    },
    "mailman.csv": {
        "carol@example.org": ("Carol Finch", "pending", "", "", ""),
        "dan@example.org": ("Dan", "left", "", "", "hard_bounce"),
    },
}


def _as_kept(person: Subscriber) -> tuple[str, ...]:
    consent = person.consents.first()
    bar = Suppression.objects.filter(address_hash=person.address_hash).first()
    said = (consent.at.isoformat(), consent.form) if consent else ("", "")
    return (person.name, str(person.state), *said, bar.reason if bar else "")


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_list_of_another_system_keeps_consent_standing_and_suppression(name: str) -> None:
    report = moving_in.move_in(LISTS / name, now=NOW)

    assert report.counts["skipped"] == 0, report.skipped
    assert {person.email: _as_kept(person) for person in Subscriber.objects.all()} == EXPECTED[name]


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_same_list_again_changes_nothing(name: str) -> None:
    moving_in.move_in(LISTS / name, now=NOW)
    before = {person.email: _as_kept(person) for person in Subscriber.objects.all()}

    report = moving_in.move_in(LISTS / name, now=NOW)

    assert report.counts["created"] + report.counts["updated"] == 0
    assert {person.email: _as_kept(person) for person in Subscriber.objects.all()} == before


def test_our_own_columns_are_no_dialect() -> None:
    assert list_dialects.system_of(frozenset(["email", "name", "created_at", "consent_at", "uuid"])) == ""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2015-03-05 14:00:00", "2015-03-05T14:00:00Z"),
        ("2021-05-06 07:08:09.12345+00", "2021-05-06T07:08:09+00:00"),
        ("2021-05-06T07:08:09.000Z", "2021-05-06T07:08:09Z"),
        ("2021-05-06", "2021-05-06"),
        ("5/6/2021", "5/6/2021"),
    ],
)
def test_times_are_read_as_these_systems_write_them(written: str, expected: str) -> None:
    assert list_dialects.moment(written) == expected
