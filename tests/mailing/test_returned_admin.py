"""Editors see what came back and what it did, and undo it; what strangers wrote is for administrators alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from isthmus.kit import clock
from isthmus.mailing import actions, returned_list, returns
from isthmus.mailing.models import Returned, Suppression
from isthmus.mailing.returns import Kind, Verdict
from tests.mailing.ledger_makers import NOW, subscriber
from tests.mailing.test_returns import delivery, reason_of, soft

pytestmark = pytest.mark.django_db

SCRIPT = b"Subject: <script>alert(1)</script>\n\n\x00\xff<img src=x onerror=alert(2)>"


@pytest.fixture
def desk(alice: object) -> Client:
    """Alice, a publisher, at the admin."""
    browser = Client()
    browser.force_login(alice)
    return browser


@pytest.fixture
def office(desk: Client, alice) -> Client:
    """Alice as the administrator."""
    from isthmus.publications import roles

    roles.assign(alice, "administrator")
    return desk


def bounced(email: str = "carol@example.net", kind: Kind = Kind.HARD) -> Returned:
    person = subscriber(email, "everything", address_hash=actions.hash_of(email))
    return returns.keep(
        SCRIPT + email.encode(), Verdict(kind, delivery(person).pk, "550 5.1.1 <b>no</b>"), source="pipe", now=NOW
    )


def test_the_list_says_who_it_was_what_was_said_and_what_it_did(desk: Client):
    bounced()

    text = desk.get("/admin/mail/returned/").content.decode()

    assert "carol@example.net" in text
    assert "550 5.1.1 &lt;b&gt;no&lt;/b&gt;" in text
    assert "Suppressed: the address does not exist." in text


def test_a_bounce_is_undone_with_a_button_and_says_who_did(desk: Client):
    row = bounced()

    answer = desk.post(f"/admin/mail/returned/{row.pk}/lift/", follow=True)

    assert reason_of(row.delivery.subscriber) is None
    assert Suppression.objects.get().lifted_by == "alice@institute.example"
    assert "Lifted since." in answer.content.decode()


def test_a_get_undoes_nothing(desk: Client):
    row = bounced()

    assert desk.get(f"/admin/mail/returned/{row.pk}/lift/").status_code == 405
    assert reason_of(row.delivery.subscriber) == "hard_bounce"


def test_the_list_shows_one_kind_alone(desk: Client):
    bounced("carol@example.net", Kind.HARD)
    bounced("dan@example.org", Kind.COMPLAINT)

    text = desk.get("/admin/mail/returned/?kind=complaint").content.decode()

    assert ("dan@example.org" in text, "carol@example.net" in text) == (True, False)


def test_a_message_is_shown_as_text_to_administrators(office: Client):
    row = bounced()

    answer = office.get(f"/admin/mail/returned/{row.pk}/")

    assert b"&lt;script&gt;alert(1)&lt;/script&gt;" in answer.content
    assert b"<script>alert(1)" not in answer.content
    assert b"<img src=x" not in answer.content
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_publisher_does_not_read_what_people_wrote(desk: Client):
    row = bounced()

    assert desk.get(f"/admin/mail/returned/{row.pk}/").status_code == 302
    assert f"/admin/mail/returned/{row.pk}/" not in desk.get("/admin/mail/returned/").content.decode().replace(
        f"/admin/mail/returned/{row.pk}/lift/", ""
    )


def test_a_suppressed_address_is_found_by_writing_it_out(desk: Client):
    actions.suppress(actions.hash_of("dan@example.org"), reason="editor", note="By letter.", now=clock.now())

    found = desk.get("/admin/mail/suppressions/?email=Dan@example.org").content.decode()
    other = desk.get("/admin/mail/suppressions/?email=carol@example.net").content.decode()
    nonsense = desk.get("/admin/mail/suppressions/?email=dan").content.decode()

    assert "By letter." in found
    assert "carol@example.net is not suppressed." in other
    assert "By letter." not in nonsense


def test_an_address_is_added_and_lifted_by_hand(desk: Client):
    desk.post("/admin/mail/suppressions/add/", {"email": "dan@example.org", "note": "By letter."})
    row = Suppression.objects.get()

    assert (row.reason, row.note) == ("editor", "alice@institute.example: By letter.")
    assert row.address_hash == actions.hash_of("dan@example.org")

    desk.post(f"/admin/mail/suppressions/{row.pk}/lift/")

    row.refresh_from_db()
    assert row.lifted_by == "alice@institute.example"


def test_what_is_no_address_is_not_added(desk: Client):
    answer = desk.post("/admin/mail/suppressions/add/", {"email": "dan\r\n@", "note": "\x00"}, follow=True)

    assert "not an e-mail address" in answer.content.decode()
    assert not Suppression.objects.exists()


def test_an_erased_address_stays_suppressed(desk: Client):
    carol = subscriber("carol@example.net", address_hash=actions.hash_of("carol@example.net"))
    actions.erase(carol.pk, now=NOW)
    row = Suppression.objects.get()

    text = desk.post(f"/admin/mail/suppressions/{row.pk}/lift/", follow=True).content.decode()

    row.refresh_from_db()
    assert row.lifted_at is None
    assert "only its owner can sign up again" in text


def test_an_author_is_kept_out(bob: object):
    browser = Client()
    browser.force_login(bob)

    assert browser.get("/admin/mail/returned/").status_code == 302
    assert browser.get("/admin/mail/suppressions/").status_code == 302
    assert browser.post("/admin/mail/suppressions/add/", {"email": "dan@example.org"}).status_code == 302
    assert not Suppression.objects.exists()


def test_a_page_of_what_came_back_costs_the_same_however_long_it_is(django_assert_num_queries):
    for number in range(60):
        bounced(f"carol{number}@example.net")

    with django_assert_num_queries(2):
        page = returned_list.returned_page()
    with django_assert_num_queries(2):
        rest = returned_list.returned_page(before=page.older)

    assert (len(page.lines), len(rest.lines), rest.older) == (50, 10, None)


def test_the_last_of_three_soft_bounces_offers_to_undo(desk: Client):
    carol = subscriber("carol@example.net", "everything")
    for number in range(3):
        soft(delivery(carol, f"campaign:{number}:1"), now=NOW + timedelta(hours=number))

    assert desk.get("/admin/mail/returned/").content.decode().count("Counted: ") == 2
    assert reason_of(carol) == "soft_bounces"
