"""Lists of people come in with their proof, and never bring back who has gone."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from isthmus.kit.clock import FrozenClock
from isthmus.mailing import actions, moving_in
from isthmus.mailing.csv_files import ListUnreadable
from isthmus.mailing.models import Consent, Delivery, Subscriber, Subscription, Suppression
from isthmus.mailing.queries import Filter
from tests import makers
from tests.mailing.readers import asked, confirmed

pytestmark = pytest.mark.django_db

_HEAD = "email,name,subjects,pace,consent_at,consent_how,state,suppressed\n"
_CAROL = "carol@example.org,Carol,,daily,2024-05-06,paper form of the spring conference,,\n"


def _moved_in(*lines: str) -> moving_in.Report:
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    return moving_in.move_in_lines([_HEAD, *lines], source="list.csv", now=now)


def _counts(report: moving_in.Report) -> tuple[int, ...]:
    counts = report.as_json()["counts"]
    assert counts["read"] == sum(counts.values()) - counts["read"]
    return tuple(counts[name] for name in ("created", "updated", "unchanged", "skipped"))


def _list() -> str:
    return "".join(moving_in.lines_out(Filter()))


def test_a_person_comes_in_with_the_proof_of_their_consent() -> None:
    report = _moved_in(_CAROL)

    carol = Subscriber.objects.get()
    assert _counts(report) == (1, 0, 0, 0)
    assert (carol.email, carol.name, carol.state) == ("carol@example.org", "Carol", "confirmed")
    assert list(carol.subscriptions.values_list("subject", "pace")) == [("everything", "daily")]
    proof = carol.consents.get()
    assert (proof.what, proof.form, proof.how) == (
        "imported", "paper form of the spring conference", "import of list.csv, line 2",
    )  # fmt: skip
    assert proof.at == datetime(2024, 5, 6, tzinfo=UTC)
    assert not Delivery.objects.exists()


def test_without_proof_nobody_comes_in_as_confirmed() -> None:
    report = _moved_in("carol@example.org,,,,,,,\n", "dan@example.org,,,,,,pending,\n")

    assert _counts(report) == (1, 0, 0, 1)
    assert report.skipped[0]["where"] == "line 2"
    assert "proof of consent" in report.skipped[0]["reason"]
    assert Subscriber.objects.get().state == "pending"


def test_things_may_be_named_as_readers_know_them() -> None:
    peninsula, king = makers.series(is_public=True), makers.person(is_public=True)

    _moved_in(f"carol@example.org,,the peninsula|person:{king.pk}=weekly,daily,2024-05-06,form,,\n")

    followed = dict(Subscription.objects.values_list("subject", "pace"))
    assert followed == {f"series:{peninsula.pk}": "daily", f"person:{king.pk}": "weekly"}


@pytest.mark.parametrize(
    "row",
    [
        "carol@,,,,2024-05-06,form,,",
        "carol@example.org,,Nowhere,,2024-05-06,form,,",
        "carol@example.org,,,hourly,2024-05-06,form,,",
        "carol@example.org,,,,yesterday,form,,",
        "carol@example.org,,,,2029-01-01,form,,",
        "carol@example.org,,,,2024-05-06,form,friend,",
        ",,,,,,,x",
    ],
)
def test_a_row_that_cannot_come_in_is_named(row: str) -> None:
    report = _moved_in(f"{row}\n")

    assert _counts(report) == (0, 0, 0, 1)
    assert report.skipped[0]["reason"].endswith(".")
    assert not Subscriber.objects.exists()


def test_the_same_list_again_changes_nothing() -> None:
    _moved_in(_CAROL, "dan@example.org,,,,2024-05-06,form,,hard_bounce\n")

    assert _counts(_moved_in(_CAROL, _CAROL, "dan@example.org,,,,2024-05-06,form,,hard_bounce\n")) == (0, 0, 3, 0)
    assert Consent.objects.count() == 2


def test_a_list_never_brings_back_who_left(clock: FrozenClock) -> None:
    carol = confirmed()
    actions.leave(carol.pk, how="preference page", now=clock())

    assert _counts(_moved_in(_CAROL)) == (0, 1, 0, 0)  # Only the name is new.

    carol.refresh_from_db()
    assert (carol.state, carol.subscriptions.count()) == ("left", 0)


def test_what_somebody_stopped_following_stays_stopped(clock: FrozenClock) -> None:
    peninsula = makers.series(is_public=True)
    carol = confirmed(choices=[("everything", "weekly"), (f"series:{peninsula.pk}", "weekly")])
    actions.change(carol.pk, choices=[(f"series:{peninsula.pk}", "weekly")], how="preference page", now=clock())

    _moved_in(_CAROL)

    assert list(carol.subscriptions.values_list("subject", flat=True)) == [f"series:{peninsula.pk}"]


def test_a_proof_confirms_who_was_asked_and_did_not_answer(clock: FrozenClock) -> None:
    carol = asked()

    assert _counts(_moved_in(_CAROL)) == (0, 1, 0, 0)

    carol.refresh_from_db()
    assert carol.state == "confirmed"


@pytest.mark.parametrize("n", [20, pytest.param(1000, marks=[pytest.mark.slow, pytest.mark.large])])
def test_erased_people_stay_erased_through_three_imports(clock: FrozenClock, n: int) -> None:
    rows = [f"reader{number}@example.org,,,,2024-05-06,form,,\n" for number in range(n)]
    _moved_in(*rows)
    for pk in Subscriber.objects.values_list("pk", flat=True):
        actions.erase(pk, now=clock())

    for _ in range(3):
        assert _counts(_moved_in(*rows)) == (0, 0, 0, n)

    assert not Subscriber.objects.exists()
    assert Suppression.objects.filter(reason="erased", lifted_at=None).count() == n


def test_a_list_that_says_erased_brings_in_nobody() -> None:
    report = _moved_in("carol@example.org,,,,2024-05-06,form,,erased\n")

    assert _counts(report) == (0, 0, 0, 1)
    assert Suppression.objects.get().reason == "erased"


def test_a_list_that_went_out_comes_in_as_the_same_list(clock: FrozenClock) -> None:
    peninsula = makers.series(is_public=True)
    confirmed(choices=[("everything", "weekly"), (f"series:{peninsula.pk}", "at_once")])
    asked("+dan@example.org")
    left = confirmed("bob@example.org")
    actions.leave(left.pk, how="preference page", now=clock())
    barred = confirmed("alice@example.org")
    actions.suppress(barred.address_hash, reason="complaint", now=clock())
    Subscriber.objects.filter(pk=barred.pk).update(name="=HYPERLINK(1)")
    went_out = _list()

    for model in (Subscriber, Suppression):
        model.objects.all().delete()
    report = moving_in.move_in_lines(went_out.splitlines(keepends=True), source="list.csv", now=clock())

    assert _counts(report) == (4, 0, 0, 0)
    assert _list() == went_out
    assert "'+dan@example.org" in went_out
    assert "'=HYPERLINK(1)" in went_out


def test_a_wish_not_yet_confirmed_does_not_go_out_as_confirmed(clock: FrozenClock) -> None:
    peninsula = makers.series(is_public=True)
    confirmed()
    asked(choices=[(f"series:{peninsula.pk}", "at_once")])

    assert f"series:{peninsula.pk}" not in _list()


def test_a_file_in_another_encoding_is_refused_with_what_to_do(tmp_path: Path, clock: FrozenClock) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"email,name\ncarol@example.org,Zo\xeb\n")

    with pytest.raises(ListUnreadable, match="CSV UTF-8"):
        moving_in.move_in(path, now=clock())


@pytest.mark.slow
@pytest.mark.large
def test_a_hundred_thousand_people_come_in_within_minutes() -> None:
    rows = (f"reader{n}@d{n % 900}.example.org,Reader {n},,weekly,2024-05-06,form,,\n" for n in range(100_000))

    began = time.monotonic()
    report = _moved_in(*rows)

    assert _counts(report) == (100_000, 0, 0, 0)
    assert time.monotonic() - began < timedelta(minutes=5).total_seconds()
