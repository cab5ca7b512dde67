"""Only a signed address counts: what comes back suppresses, or is kept and changes nothing."""

from __future__ import annotations

import random
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from isthmus.mailing import actions, ledger, links, returns
from isthmus.mailing.models import Delivery, DeliveryNote, Mailing, Returned, Subscriber, Suppression
from isthmus.mailing.returns import Kind, Verdict
from tests.mailing.ledger_makers import NOW, mailing, subscriber

pytestmark = pytest.mark.django_db

SAMPLES = Path(__file__).parent / "samples"
PLACEHOLDER = b"bounce+812-1-aaaaaaaaaaaaaaaa@mail.example.org"
BASE = "bounce@mail.example.org"


def delivery(person: Subscriber, key: str = "campaign:5:1", kind: str = "campaign") -> Delivery:
    """One letter that was submitted to them."""
    sent, _ = Mailing.objects.get_or_create(
        key=key, kind=kind, defaults={"title": "Ferries", "created_at": NOW, "starts_at": NOW}
    )
    return Delivery.objects.create(
        mailing=sent, subscriber=person, state="submitted", because="everything", next_try_at=NOW, ended_at=NOW
    )


def verp(row: Delivery) -> str:
    return links.verp(row.pk, BASE, settings.DATA / "secrets")


def sample(name: str, address: str) -> bytes:
    return (SAMPLES / f"{name}.eml").read_bytes().replace(PLACEHOLDER, address.encode())


def came_back(name: str, row: Delivery, *, now: datetime = NOW, source: str = "pipe") -> Returned:
    return returns.take(sample(name, verp(row)), source=source, now=now)


def reason_of(person: Subscriber) -> str | None:
    return returns.active(person.address_hash).values_list("reason", flat=True).first()


def soft(row: Delivery, *, now: datetime = NOW, raw: bytes = b"") -> Returned:
    """A soft bounce of this delivery, without the reading of it."""
    text = raw or f"{row.pk} {now}".encode()
    return returns.keep(text, Verdict(Kind.SOFT, row.pk, "452 4.2.2 full"), source="pipe", now=now)


def test_an_address_that_does_not_exist_is_suppressed_at_its_first_bounce():
    carol = subscriber("carol@example.net", "everything")
    sent = delivery(carol)

    row = came_back("postfix_unknown_user", sent)

    assert (row.kind, row.delivery_id, reason_of(carol)) == ("hard", sent.pk, "hard_bounce")
    assert row.did == "Suppressed: the address does not exist."
    assert DeliveryNote.objects.get().what == "hard bounce"
    sent.refresh_from_db()
    assert sent.state == "submitted"


def test_the_suppression_does_not_tell_the_address():
    carol = subscriber("carol@example.net", "everything")

    came_back("postfix_unknown_user", delivery(carol))

    assert "5.1.1" in Suppression.objects.get().note
    assert "carol" not in Suppression.objects.get().note


def test_the_next_mailing_leaves_out_whom_a_bounce_suppressed():
    carol, dan = subscriber("carol@example.net", "everything"), subscriber("dan@example.org", "everything")
    came_back("postfix_unknown_user", delivery(carol))

    sent = ledger.prepare(mailing("alert:pub:18"), subjects={"everything"}, paces={"at_once"}, now=NOW)

    assert sent.excluded == {"suppressed": 1}
    assert list(sent.deliveries.values_list("subscriber", flat=True)) == [dan.pk]


def test_three_soft_bounces_within_thirty_days_suppress_and_two_do_not():
    carol = subscriber("carol@example.net", "everything")
    letters = [delivery(carol, f"campaign:{number}:1") for number in range(3)]

    told = [soft(row, now=NOW + timedelta(days=10 * number)).did for number, row in enumerate(letters)]

    assert told[:2] == ["Counted: 1 of 3 in 30 days.", "Counted: 2 of 3 in 30 days."]
    assert (told[2], reason_of(carol)) == ("Suppressed: three bounces in thirty days.", "soft_bounces")


def test_soft_bounces_from_long_ago_are_forgotten():
    carol = subscriber("carol@example.net", "everything")

    for number in range(4):
        soft(delivery(carol, f"campaign:{number}:1"), now=NOW + timedelta(days=16 * number))

    assert reason_of(carol) is None


def test_a_server_that_complains_thrice_of_one_letter_is_counted_once():
    carol = subscriber("carol@example.net", "everything")
    sent = delivery(carol)

    for number in range(3):
        soft(sent, raw=b"said again %d" % number)

    assert reason_of(carol) is None


def test_the_same_message_twice_counts_once():
    carol = subscriber("carol@example.net", "everything")
    sent = delivery(carol)

    first, second = came_back("gmail_over_quota", sent), came_back("gmail_over_quota", sent, source="maildir")

    assert first.pk == second.pk
    assert (Returned.objects.count(), DeliveryNote.objects.count()) == (1, 1)


def test_a_complaint_suppresses_at_once_and_outweighs_a_bounce():
    carol = subscriber("carol@example.net", "everything")
    sent = delivery(carol)
    came_back("postfix_unknown_user", sent)

    row = came_back("complaint", sent)

    assert (row.kind, reason_of(carol)) == ("complaint", "complaint")


def test_a_bounce_does_not_outweigh_what_an_editor_said():
    carol = subscriber("carol@example.net", "everything")
    actions.suppress(carol.address_hash, reason="editor", note="By letter.", now=NOW)

    row = came_back("postfix_unknown_user", delivery(carol))

    assert (reason_of(carol), row.did) == ("editor", "Nothing more: it was suppressed already (an editor said so).")


@pytest.mark.parametrize(
    "name", ["vacation", "vacation_without_fields", "read_receipt", "postfix_delayed", "answer_of_a_person", "not_spam"]
)
def test_what_is_no_bounce_changes_nothing_and_is_kept(name: str):
    carol = subscriber("carol@example.net", "everything")
    sent = delivery(carol)

    row = came_back(name, sent)

    assert row.kind in ("auto_reply", "notice", "unknown")
    assert (row.did, reason_of(carol), DeliveryNote.objects.count()) == ("", None, 0)
    assert (row.delivery_id, bytes(row.raw)) == (sent.pk, sample(name, verp(sent)))


def test_mail_to_the_address_in_list_unsubscribe_leaves():
    carol = subscriber("carol@example.net", "everything")

    row = came_back("unsubscribe", delivery(carol))

    carol.refresh_from_db()
    assert (row.kind, row.did, carol.state) == ("leave", "They left, as they asked.", "left")
    assert "mail to the address" in carol.consents.get().how


def test_mail_to_leave_a_series_leaves_that_series_alone():
    carol = subscriber("carol@example.net", "everything", "series:2")
    sent = delivery(carol, "alert:pub:17", "alert")
    Delivery.objects.filter(pk=sent.pk).update(because="series:2")

    came_back("unsubscribe", sent)

    assert list(carol.subscriptions.values_list("subject", flat=True)) == ["everything"]


@pytest.mark.parametrize("name", ["postfix_unknown_user", "complaint", "unsubscribe", "qmail"])
def test_an_unsigned_message_changes_nothing_and_is_kept(name: str):
    carol = subscriber("carol@example.net", "everything")
    delivery(carol)

    row = returns.take((SAMPLES / f"{name}.eml").read_bytes(), source="pipe", now=NOW)

    carol.refresh_from_db()
    assert (row.kind, row.delivery_id, row.did) == ("unknown", None, "")
    assert (reason_of(carol), carol.state) == (None, "confirmed")


def test_the_recipient_that_the_mail_server_names_counts_where_the_message_names_none():
    carol = subscriber("carol@example.net", "everything")
    raw = sample("postfix_unknown_user", "news@mail.example.org")

    unread = returns.take(raw, source="pipe", now=NOW)
    read = returns.take(raw, source="pipe", envelope_to=verp(delivery(carol)), now=NOW)

    assert (unread.kind, read.kind, read.pk) == ("unknown", "hard", unread.pk)
    assert reason_of(carol) == "hard_bounce"


def test_a_signature_holds_for_its_delivery_alone():
    carol, dan = subscriber("carol@example.net", "everything"), subscriber("dan@example.org", "everything")
    of_carol, of_dan = verp(delivery(carol)), delivery(dan)
    mac = of_carol.partition("@")[0].rpartition("-")[2]
    forged = f"bounce+{of_dan.pk}-1-{mac}@mail.example.org"

    row = returns.take(sample("postfix_unknown_user", forged), source="pipe", now=NOW)

    assert (row.kind, Suppression.objects.count()) == ("unknown", 0)


@pytest.mark.slow
@pytest.mark.large
def test_of_100_000_mutated_addresses_none_is_accepted():
    secrets = settings.DATA / "secrets"
    good = links.verp(812, BASE, secrets)
    chance = random.Random(17)
    letters = "abcdefghijklmnopqrstuvwxyz234567+-@.0189=_ A"

    def mutated() -> str:
        signs = list(good)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len("bounce+"), good.index("@"))
            signs[at] = chance.choice(letters)
        return "".join(signs)

    # Another spelling of the same signature is the same: case does not count, since relays fold it.
    tried = [address for address in (mutated() for _ in range(100_000)) if address.lower() != good]

    assert len(tried) > 95_000
    assert [address for address in tried if links.read_verp(address, secrets) is not None] == []


def test_an_erased_person_leaves_nothing_in_a_bounce_that_comes_later():
    carol = subscriber("carol@example.net", "everything")
    sent = delivery(carol)
    address = verp(sent)
    actions.erase(carol.pk, now=NOW)

    row = returns.take(sample("postfix_unknown_user", address), source="pipe", now=NOW)

    assert (bytes(row.raw), row.said, row.did) == (b"", "", "Nothing: the person was erased.")


def test_an_editor_lifts_what_returned_mail_brought_and_old_soft_bounces_count_no_more():
    carol = subscriber("carol@example.net", "everything")
    rows = [soft(delivery(carol, f"campaign:{number}:1"), now=NOW + timedelta(hours=number)) for number in range(3)]

    is_lifted = returns.lift(rows[-1], by="Alice", now=NOW + timedelta(days=1))
    soft(delivery(carol, "campaign:4:1"), now=NOW + timedelta(days=2))

    assert is_lifted
    assert reason_of(carol) is None
    assert Suppression.objects.get().lifted_by == "Alice"


def test_what_an_editor_suppressed_is_not_lifted_from_a_bounce():
    carol = subscriber("carol@example.net", "everything")
    actions.suppress(carol.address_hash, reason="editor", now=NOW)
    row = came_back("postfix_unknown_user", delivery(carol))

    assert not returns.lift(row, by="Bob", now=NOW)
    assert reason_of(carol) == "editor"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("550 5.1.1 no such user", "hard_bounce"),
        ("552 5.2.2 over quota", None),
        ("554 5.7.1 relay access denied", None),
    ],
)
def test_a_refusal_at_the_door_counts_as_a_bounce_does(said: str, expected: str | None):
    carol = subscriber("carol@example.net", "everything")

    returns.refused(delivery(carol).pk, said, now=NOW)

    assert reason_of(carol) == expected


def test_a_relay_that_takes_nothing_from_us_suppresses_nobody():
    carol = subscriber("carol@example.net", "everything")

    for number in range(5):
        returns.refused(delivery(carol, f"campaign:{number}:1").pk, "550 5.7.1 relaying denied", now=NOW)

    assert (reason_of(carol), DeliveryNote.objects.count()) == (None, 0)


def test_a_message_of_any_length_is_kept_up_to_256_kb():
    carol = subscriber("carol@example.net", "everything")
    raw = sample("postfix_unknown_user", verp(delivery(carol))) + b"x" * 1_000_000

    row = returns.take(raw, source="pipe", now=NOW)

    assert (len(row.raw), row.kind) == (256 * 1024, "hard")


def test_mail_that_breaks_its_reader_is_kept_and_the_others_are_read():
    carol = subscriber("carol@example.net", "everything")
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth) for depth in range(5000)
    )
    raws = [nested, sample("postfix_unknown_user", verp(delivery(carol)))]

    first, second = returns.take_each(raws, source="pipe", now=NOW)

    assert (first.kind, second.kind) == ("unknown", "hard")
    assert re.search("in its own process", first.said)


@pytest.mark.parametrize(
    "subject",
    [b"\xff\xfe\x00", "캐럴".encode(), b"=?utf-8?b?AP/+?=", b"=?x-unknown?q?=00?=", b"\xed\xa0\x80", b"x" * 5000],
)
def test_words_in_any_bytes_can_be_kept(subject: bytes):
    row = returns.take(b"From: dan@example.net\nSubject: " + subject + b"\n\nx", source="pipe", now=NOW)

    row.refresh_from_db()
    assert (row.kind, len(row.said) <= 500) == ("unknown", True)


def test_words_of_a_provider_can_hold_anything():
    row = returns.keep(b"x", Verdict(Kind.UNKNOWN, None, "a\x00b\ud800c"), source="postmark", now=NOW)

    row.refresh_from_db()
    assert row.said == "ab?c"


def test_what_came_back_is_forgotten_after_ninety_days():
    carol = subscriber("carol@example.net", "everything")
    came_back("postfix_unknown_user", delivery(carol))

    assert returns.prune(NOW + timedelta(days=89)) == 0
    assert returns.prune(NOW + timedelta(days=91)) == 1
    assert reason_of(carol) == "hard_bounce"


def test_junk_fills_no_more_than_its_share(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(returns, "MOST_UNSIGNED", 3)
    carol = subscriber("carol@example.net", "everything")
    soft(delivery(carol))
    for number in range(5):
        returns.keep(b"junk %d" % number, Verdict(Kind.UNKNOWN, None), source="pipe", now=NOW)

    returns.prune(NOW)

    kept = [bytes(row.raw)[:6] for row in Returned.objects.filter(delivery=None).order_by("pk")]
    assert (kept, Returned.objects.count()) == ([b"junk 2", b"junk 3", b"junk 4"], 4)
