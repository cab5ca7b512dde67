"""The pages of the mailing list from outside: forms without a token, links that change nothing by being fetched."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from isthmus.kit.clock import FrozenClock
from isthmus.mailing import actions, links
from isthmus.mailing.models import Consent, Delivery, SignUp, Subscriber, Suppression
from tests import makers
from tests.mailing.readers import asked, confirmed, link_of

pytestmark = pytest.mark.django_db


def _signed_up(web: Client, email: str = "carol@example.org", **fields: Any) -> Any:
    return web.post("/subscribe/", {"email": email, **fields})


def _page_of(carol: Subscriber) -> str:
    return links.preferences_path(carol.pk, settings.DATA / "secrets")


def _one_click_of(carol: Subscriber, subject: str = "everything") -> str:
    return links.one_click_path(carol.pk, subject, settings.DATA / "secrets")


def test_every_page_offers_to_sign_up(client: Client, clock: FrozenClock) -> None:
    piece = makers.released(series=makers.series(), people=(makers.person(),), categories=(makers.category(),))

    home, shown = client.get("/").content.decode(), client.get(piece.path).content.decode()

    assert '<a href="/subscribe/">Subscribe to our Mailing List!</a>' in home
    assert "Stay Informed" in home
    assert '<input type="checkbox" name="follow" value="/the-peninsula/" checked> The Peninsula' in shown
    assert '<input type="checkbox" name="follow" value="/people/robert-king/"> Robert King' in shown
    assert '<input type="checkbox" name="follow" value="/categories/region/north-korea/"> North Korea' in shown


def test_an_address_alone_asks_for_everything_at_once(client: Client, clock: FrozenClock) -> None:
    client.post(
        "/subscribe/", {"email": "carol@example.org", "place": "footer"}, headers={"referer": "http://x/about/"}
    )

    consent = Consent.objects.get()
    assert (consent.subjects, consent.form) == ([["everything", "at_once"]], "foot of /about/")


def test_the_form_under_a_piece_knows_things_by_their_pages(client: Client, clock: FrozenClock) -> None:
    peninsula, king = makers.series("Pénínsula"), makers.person()
    makers.released(series=peninsula, people=(king,))

    links_of_piece = ["/p%C3%A9n%C3%ADnsula/", king.path]
    peninsula.slug = "pénínsula"
    peninsula.save()
    _signed_up(client, follow=links_of_piece)

    assert Consent.objects.get().subjects == [[f"series:{peninsula.pk}", "at_once"], [f"person:{king.pk}", "at_once"]]


def test_known_and_unknown_addresses_are_answered_with_the_same_bytes(client: Client, clock: FrozenClock) -> None:
    confirmed("carol@example.org")

    answers = [_signed_up(client, email) for email in ("carol@example.org", "dan@example.org", "carol@example.org")]

    assert len({(answer.status_code, answer["Location"], answer.content) for answer in answers}) == 1
    assert "Set-Cookie" not in answers[0].headers
    assert client.get(answers[0]["Location"]).status_code == 200


def test_a_wrong_address_is_said_where_it_was_typed(client: Client) -> None:
    answer = _signed_up(client, "carol@", scope="chosen", pace="weekly", follow=["everything"])

    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'value="carol@" aria-invalid="true"' in page
    assert 'value="weekly" checked' in page
    assert not SignUp.objects.exists()


def test_choosing_nothing_is_asked_back(client: Client) -> None:
    assert "Tick at least one" in _signed_up(client, scope="chosen").content.decode()


def test_a_robot_that_fills_in_every_field_is_thanked_and_forgotten(client: Client) -> None:
    answer = _signed_up(client, website="http://example.com/")

    assert answer["Location"] == "/subscribe/sent/"
    assert not Subscriber.objects.exists()


def test_another_site_cannot_sign_anybody_up(client: Client) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}):
        assert client.post("/subscribe/", {"email": "carol@example.org"}, headers=headers).status_code == 403

    assert not Subscriber.objects.exists()


def test_looking_at_the_confirmation_page_confirms_nothing(client: Client, clock: FrozenClock) -> None:
    carol = asked()
    path = f"/subscribe/confirm/{link_of(carol)}/"

    for method in (client.get, client.head, client.options):
        method(path)
    page = client.get(path)

    carol.refresh_from_db()
    assert carol.state == "pending"
    assert page.content.count(b'<button class="press"') == 1
    assert page.headers["Cache-Control"] == "no-store"


def test_the_button_confirms_and_pressing_again_is_harmless(client: Client, clock: FrozenClock) -> None:
    carol = asked()
    path = f"/subscribe/confirm/{link_of(carol)}/"

    for _ in range(2):
        answer = client.post(path, headers={"origin": "http://testserver"})
        assert answer.status_code == 303

    assert "You are on the list" in client.get(answer["Location"]).content.decode()
    carol.refresh_from_db()
    assert carol.state == "confirmed"
    assert carol.consents.count() == 2


def test_expired_link_offers_a_new_one(client: Client, clock: FrozenClock) -> None:
    carol = asked()
    path = f"/subscribe/confirm/{link_of(carol, days=2)}/"
    clock.advance(timedelta(days=3))

    page = client.get(path)
    answer = client.post(path)

    assert "Send me a new link" in page.content.decode()
    assert answer["Location"] == "/subscribe/sent/"
    assert Delivery.objects.filter(subscriber=carol).count() == 2


def test_a_link_that_is_none_of_ours_says_so(client: Client) -> None:
    for path in ("/subscribe/confirm/x/", "/subscriptions/x/", "/subscriptions/leave/x/", "/subscriptions/x/erase/"):
        answer = client.get(path)
        assert (answer.status_code, b"leads nowhere" in answer.content) == (404, True)


def test_a_link_for_one_purpose_serves_no_other(client: Client, clock: FrozenClock) -> None:
    carol = confirmed()
    token = _one_click_of(carol).split("/")[-2]

    assert client.get(f"/subscriptions/{token}/").status_code == 404
    assert client.get(f"/subscriptions/{token}/data.json").status_code == 404


def test_carol_changes_what_and_how_often_on_her_own_page(client: Client, clock: FrozenClock) -> None:
    king = makers.person(is_public=True)
    carol = confirmed()

    page = client.get(_page_of(carol)).content.decode()
    client.post(_page_of(carol), {"pace:everything": "weekly", "follow": [f"person:{king.pk}"], "pace": "daily"})

    assert "carol@example.org" in page
    assert 'rel="canonical"' not in page
    followed = dict(carol.subscriptions.values_list("subject", "pace"))
    assert followed == {"everything": "weekly", f"person:{king.pk}": "daily"}


def test_stopping_the_last_thing_is_leaving(client: Client, clock: FrozenClock) -> None:
    carol = confirmed()

    answer = client.post(_page_of(carol), {"pace:everything": "stop"})

    assert "Nothing is sent to" in client.get(answer["Location"]).content.decode()


def test_carol_pauses_until_a_day_and_begins_again(client: Client, clock: FrozenClock) -> None:
    carol = confirmed()

    client.post(_page_of(carol), {"press": "pause", "pause": "day", "until": "2026-12-24"})
    paused = client.get(_page_of(carol)).content.decode()
    client.post(_page_of(carol), {"press": "resume"})

    carol.refresh_from_db()
    assert "December 24, 2026" in paused
    assert carol.paused_until is None


@pytest.mark.parametrize("until", ["", "2020-01-01", "2026-13-45", "never", "9999-12-31"])
def test_a_pause_without_a_sensible_end_is_asked_back(client: Client, clock: FrozenClock, until: str) -> None:
    answer = client.post(_page_of(confirmed()), {"press": "pause", "pause": "day", "until": until})

    assert answer.status_code == 400
    assert b'role="alert"' in answer.content


def test_carol_downloads_all_that_is_known_of_her(client: Client, clock: FrozenClock) -> None:
    carol = confirmed()

    answer = client.get(f"{_page_of(carol)}data.json")

    known = json.loads(answer.content)
    assert known["email"] == "carol@example.org"
    assert [row["what"] for row in known["consents"]] == ["asked", "confirmed"]
    assert known["subscriptions"][0]["name"] == "Everything we publish"
    assert known["deliveries"][0]["kind"] == "confirmation"
    assert "attachment" in answer["Content-Disposition"]


def test_erasing_takes_two_steps(client: Client, clock: FrozenClock) -> None:
    carol = confirmed()

    client.get(f"{_page_of(carol)}erase/")
    assert Subscriber.objects.exists()
    client.post(f"{_page_of(carol)}erase/")

    assert not Subscriber.objects.exists()
    assert Suppression.objects.get().reason == "erased"
    assert client.get(_page_of(carol)).status_code == 404


def test_a_mail_program_unsubscribes_with_one_post_from_anywhere(client: Client, clock: FrozenClock) -> None:
    carol = confirmed()

    answer = client.post(
        _one_click_of(carol),
        "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
        headers={"origin": "https://mail.example", "sec-fetch-site": "cross-site"},
    )

    carol.refresh_from_db()
    assert (answer.status_code, carol.state) == (200, "left")
    assert "Set-Cookie" not in answer.headers


def test_fetching_the_one_click_address_changes_nothing(client: Client, clock: FrozenClock) -> None:
    carol = confirmed()

    for method in (client.get, client.head, client.options):
        method(_one_click_of(carol))

    carol.refresh_from_db()
    assert carol.state == "confirmed"
    assert b"<button" in client.get(_one_click_of(carol)).content


def test_one_click_of_somebody_erased_is_answered_as_any_other(client: Client, clock: FrozenClock) -> None:
    carol = confirmed()
    address = _one_click_of(carol)
    actions.erase(carol.pk, now=clock())

    assert client.post(address).status_code == 200


def test_pages_with_the_form_are_the_same_bytes_for_everybody(client: Client, clock: FrozenClock) -> None:
    makers.released()
    stranger = Client(headers={"user-agent": "other", "cookie": "a=b", "accept-language": "ko"})

    for path in ("/", "/subscribe/", "/subscribe/sent/", "/nothing-here/"):
        ours, theirs = client.get(path), stranger.get(path)
        assert ours.content == theirs.content
        assert "Set-Cookie" not in ours.headers
        assert b"csrf" not in ours.content
