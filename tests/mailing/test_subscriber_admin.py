"""What publishers see and do with subscribers in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from isthmus.kit.clock import FrozenClock
from isthmus.mailing import actions, queries, subscriber_admin
from isthmus.mailing.models import Subscriber, Subscription, Suppression
from isthmus.mailing.queries import Filter
from tests import makers
from tests.mailing.readers import asked, confirmed

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(alice: Any) -> Client:
    """Alice's browser."""
    client = Client()
    client.force_login(alice)
    return client


def _found(**wanted: str) -> set[str]:
    return {person.email for person in queries.people_page(Filter(**wanted)).people}


def _many(n: int) -> None:
    rows = [
        Subscriber(
            email=f"reader{k}@d{k % 90}.example.org", email_key=f"reader{k}@d{k % 90}.example.org",
            address_hash=f"{k:064x}", domain=f"d{k % 90}.example.org", name=f"Reader {k}", state="confirmed",
            created_at="2026-11-23T09:00:00Z",
        )
        for k in range(n)
    ]  # fmt: skip
    Subscriber.objects.bulk_create(rows, batch_size=5000)


def test_people_are_found_by_address_name_domain_state_pace_subject_and_suppression(clock: FrozenClock) -> None:
    peninsula = makers.series(is_public=True)
    carol = confirmed(choices=[("everything", "weekly"), (f"series:{peninsula.pk}", "at_once")])
    Subscriber.objects.filter(pk=carol.pk).update(name="Carol Finch")
    barred = confirmed("dan@dan.example")
    actions.suppress(barred.address_hash, reason="complaint", now=clock())
    asked("bob@example.org")

    assert _found(words="CAROL@") == _found(words="finch") == _found(pace="weekly") == {"carol@example.org"}
    assert _found(subject=f"series:{peninsula.pk}") == {"carol@example.org"}
    assert _found(words="@dan.example") == _found(suppressed="yes") == {"dan@dan.example"}
    assert _found(state="pending") == {"bob@example.org"}
    assert _found(subject="everything", pace="at_once") == {"dan@dan.example"}
    assert _found(words="100%_'; --") == set()


def test_pages_go_on_by_number_in_both_directions() -> None:
    _many(120)

    first = queries.people_page(Filter())
    second = queries.people_page(Filter(), before=first.older)
    third = queries.people_page(Filter(), before=second.older)
    back = queries.people_page(Filter(), after=third.newer)

    assert [len(page.people) for page in (first, second, third)] == [50, 50, 20]
    assert (first.newer, third.older) == (None, None)
    assert [person.pk for person in back.people] == [person.pk for person in second.people]
    assert first.n == 120


def test_the_list_and_a_person_show_what_is_known(desk: Client, clock: FrozenClock) -> None:
    carol = confirmed()

    people = desk.get(reverse("isthmus_subscribers")).content.decode()
    page = desk.get(reverse("isthmus_subscriber", args=[carol.pk])).content.decode()

    assert "carol@example.org" in people
    assert "button behind the link in confirmation" in page
    assert "Everything we publish" in page
    assert "Confirmations of 2026-11-23" in page


def test_the_list_costs_the_same_queries_however_long_it_is(desk: Client, django_assert_max_num_queries: Any) -> None:
    _many(50)
    desk.get(reverse("isthmus_subscribers"))

    with django_assert_max_num_queries(16):
        desk.get(reverse("isthmus_subscribers"))


def test_alice_suppresses_an_address_and_lifts_it_again(desk: Client, clock: FrozenClock) -> None:
    carol = confirmed()

    desk.post(reverse("isthmus_subscriber_suppress", args=[carol.pk]), {"note": "asked by telephone"})
    row = Suppression.objects.get()
    assert (row.reason, row.note) == ("editor", "alice@institute.example: asked by telephone")
    desk.post(reverse("isthmus_subscriber_lift", args=[carol.pk]))

    row.refresh_from_db()
    assert row.lifted_by == "alice@institute.example"


def test_alice_erases_who_asked_for_it(desk: Client, clock: FrozenClock) -> None:
    carol = confirmed()

    answer = desk.post(reverse("isthmus_subscriber_erase", args=[carol.pk]))

    assert answer["Location"] == reverse("isthmus_subscribers")
    assert Suppression.objects.get().reason == "erased"


def test_bob_sees_no_subscribers(bob: Any, clock: FrozenClock) -> None:
    carol, client = confirmed(), Client()
    client.force_login(bob)

    for name, args in (
        ("isthmus_subscribers", []),
        ("isthmus_subscribers_csv", []),
        ("isthmus_subscriber", [carol.pk]),
    ):
        answer = client.get(reverse(name, args=args))
        assert b"carol@example.org" not in answer.content
        assert answer.status_code in (302, 403)


def test_what_goes_out_is_what_was_looked_for(desk: Client, clock: FrozenClock) -> None:
    confirmed()
    asked("dan@example.org")

    answer = desk.get(reverse("isthmus_subscribers_csv"), {"state": "confirmed"})

    text = b"".join(answer.streaming_content).decode()
    assert [line.split(",")[0] for line in text.splitlines()] == ["email", "carol@example.org"]


def test_a_list_comes_in_with_a_report(desk: Client, clock: FrozenClock) -> None:
    content = b"email,consent_at,consent_how\ncarol@example.org,2024-05-06,form\ndan@,2024-05-06,form\n"

    answer = desk.post(reverse("isthmus_subscribers_import"), {"list": SimpleUploadedFile("list.csv", content)})

    page = answer.content.decode()
    assert "2 people read: 1 created, 0 updated, 0 unchanged, 1 skipped." in page
    assert "line 3" in page
    assert Subscription.objects.get().confirmed_at is not None


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"PK\x03\x04", b"", b"x" * (subscriber_admin.MAX_UPLOAD_BYTES + 1)]
)
def test_what_is_no_list_is_refused_in_a_sentence(desk: Client, content: bytes) -> None:
    answer = desk.post(reverse("isthmus_subscribers_import"), {"list": SimpleUploadedFile("list.csv", content)})

    assert answer.status_code == 200
    assert len(answer.context["messages"]) == 1


@pytest.mark.slow
@pytest.mark.large
def test_the_list_is_quick_at_a_hundred_thousand(desk: Client) -> None:
    import time

    _many(100_000)
    took = {}
    for query in ("", "words=reader99", "words=@d7.example.org", "state=confirmed", "suppressed=no", "pace=weekly"):
        began = time.perf_counter()
        assert desk.get(f"{reverse('isthmus_subscribers')}?{query}").status_code == 200
        took[query] = time.perf_counter() - began

    print(took)
    # Some tenths of a second on two quiet cores; the bound leaves room for others working beside.
    assert max(took.values()) < 10, took
