"""A search that somebody follows: from the page of results to the mail about a new piece, and out again."""

from __future__ import annotations

import json
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings as django_settings
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from isthmus.kit.clock import FrozenClock
from isthmus.mailing import actions, alerts, cursors, digests, links, mail_checks, message, queries, reasons, searches
from isthmus.mailing.following import ChoiceInvalid
from isthmus.mailing.models import Consent, Delivery, Mailing, SavedSearch, Subscriber, Subscription
from isthmus.publications import actions as pieces
from isthmus.publications.models import Publication
from isthmus.search import saved
from isthmus.search.keeper import Keeper
from tests import makers
from tests.mailing.readers import asked, confirmed, link_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _from_here_on(db: None) -> None:
    cursors.install()
    message._kept.clear()


def _wish(typed: str, **chosen: str) -> str:
    return f"search?{urlencode({'q': typed, **chosen})}"


def _follower(typed: str, email: str = "carol@example.org", *more: str, pace: str = "at_once", **chosen: str) -> Any:
    return confirmed(email, choices=[(subject, pace) for subject in (_wish(typed, **chosen), *more)])


def _told() -> dict[str, str]:
    rows = Delivery.objects.filter(mailing__kind__in=["alert", "digest"])
    return dict(rows.values_list("subscriber__email", "because"))


def _page_of(carol: Subscriber) -> str:
    return links.preferences_path(carol.pk, django_settings.DATA / "secrets")


def _mail_to(delivery: Delivery) -> Any:
    [made] = message.render([delivery.pk]).values()
    return message_from_bytes(made.message, policy=policy.default)


def test_carol_follows_a_search_from_its_page_to_the_mail(client: Client, clock: FrozenClock):
    makers.released(series=makers.series())
    address = f"/subscribe/?{urlencode({'search': 'q=ferry+pier&series=the-peninsula&page=3'})}"

    page = client.get(address).content.decode()
    assert "New pieces that this search finds: <b>“ferry pier”, The Peninsula</b>" in page
    assert 'value="search" checked' in page

    sent = {"email": "carol@example.org", "scope": "search", "search": "series=the-peninsula&q=ferry+pier"}
    assert client.post("/subscribe/", sent).headers["Location"] == "/subscribe/sent/"
    carol = Subscriber.objects.get()
    confirmation = f"/subscribe/confirm/{link_of(carol)}/"
    assert "The search “ferry pier”, The Peninsula" in client.get(confirmation).content.decode()
    client.post(confirmation)

    makers.released("Nothing of the kind", series=makers.series())
    makers.released("A ferry at the pier", series=makers.series())
    makers.released("A ferry at another pier")
    alerts.tick()

    [delivery] = Delivery.objects.filter(mailing__kind="alert")
    assert delivery.mailing.title == "A ferry at the pier"
    assert reasons.words([delivery.because]) == {delivery.because: "you follow the search “ferry pier”, The Peninsula"}


def test_the_sign_up_says_how_much_a_search_brings(client: Client, clock: FrozenClock, settings: Any, tmp_path: Path):
    settings.DATA = tmp_path
    makers.released("A ferry at the pier", published_on=clock().date())
    makers.released("An old ferry", is_backdated=True, published_on=clock().date() - timedelta(days=900))
    Keeper().tick()

    page = client.get(f"/subscribe/?{urlencode({'search': 'q=ferry'})}").content.decode()

    assert "it finds 1 of the pieces of the last twelve months" in page


@pytest.mark.parametrize("asked_for", ["q=", "page=2", "q=???", "q=" + "x+" * 900, "&".join(["q=1"] * 900)])
def test_a_search_that_cannot_be_followed_is_answered_with_a_sentence(client: Client, asked_for: str):
    page = client.get("/subscribe/", {"search": asked_for})
    sent = client.post("/subscribe/", {"email": "carol@example.org", "scope": "search", "search": asked_for})

    assert page.status_code == 200
    assert 'class="problem"' in page.content.decode()
    assert 'value="everything" checked' in page.content.decode()
    assert sent.status_code == 400
    assert not Subscriber.objects.exists()


def test_what_a_stranger_typed_stands_in_no_mail_and_is_escaped_on_pages(client: Client, clock: FrozenClock):
    typed = "<script>alert(1)</script> buy gold at gold.example"
    page = client.get("/subscribe/", {"search": urlencode({"q": typed})}).content.decode()
    client.post(
        "/subscribe/", {"email": "carol@example.org", "scope": "search", "search": urlencode({"q": typed})},
        headers={"referer": f"http://x/search/?{urlencode({'q': typed})}"},
    )  # fmt: skip
    [delivery] = Delivery.objects.all()

    mail = str(_mail_to(delivery))
    confirmation = client.get(f"/subscribe/confirm/{link_of(Subscriber.objects.get())}/").content.decode()

    assert "gold" not in mail
    assert "<script>alert" not in page + confirmation
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;script&gt;alert(1)" in confirmation


def test_the_mail_names_the_search_as_it_was_typed_and_escaped(clock: FrozenClock):
    _follower("Ferry & <b>Pier</b>")

    makers.released("A ferry at pier b")
    alerts.tick()

    [delivery] = Delivery.objects.filter(mailing__kind="alert")
    mail = _mail_to(delivery)
    html, plain = mail.get_body(("html",)).get_content(), mail.get_body(("plain",)).get_content()
    assert "you follow the search “Ferry &amp; &lt;b&gt;Pier&lt;/b&gt;”" in html
    assert "you follow the search “Ferry & <b>Pier</b>”" in " ".join(plain.split())


def test_many_rules_are_one_mail_and_the_search_is_its_reason(clock: FrozenClock):
    robert = makers.person()
    makers.released(people=(robert,))
    alerts.tick()
    carol = confirmed(
        choices=[(_wish("ferry"), "at_once"), (f"person:{robert.pk}", "at_once"), ("everything", "at_once")]
    )

    makers.released("A ferry", people=(robert,))
    alerts.tick()

    [delivery] = Delivery.objects.filter(mailing__kind="alert")
    assert (delivery.subscriber, delivery.because) == (carol, SavedSearch.objects.get().subject)


def test_the_same_question_is_one_row_and_is_matched_once(clock: FrozenClock, monkeypatch):
    _follower("ferry  pier", kind="post")
    _follower("ferry pier", "dan@example.org", kind="post")
    asked_for: list[Any] = []
    matches = saved.matches
    monkeypatch.setattr(
        saved, "matches", lambda found, wanted: asked_for.append(list(wanted)) or matches(found, wanted)
    )

    makers.released("A ferry at the pier")
    alerts.tick()

    assert asked_for == [["q=ferry+pier&kind=post"]]
    assert set(_told()) == {"carol@example.org", "dan@example.org"}


def test_edits_and_releases_anew_are_no_news_for_a_search(clock: FrozenClock):
    _follower("ferry")
    piece = makers.released("A pier")
    alerts.tick()

    pieces.release(makers.edited(piece, title="A ferry at the pier"))
    pieces.withdraw(Publication.objects.get(pk=piece.pk))
    pieces.release(Publication.objects.get(pk=piece.pk))
    alerts.tick()

    assert _told() == {}


def test_only_what_is_confirmed_is_matched(clock: FrozenClock):
    asked(choices=[(_wish("ferry"), "at_once")])

    makers.released("A ferry")
    alerts.tick()

    assert _told() == {}


def test_a_digest_holds_what_the_searches_find_each_piece_once(clock: FrozenClock):
    _follower("ferry", "carol@example.org", _wish("pier"), pace="daily")
    _follower("cables", "dan@example.org", pace="daily")
    both, one = makers.released("A ferry at the pier"), makers.released("The ferry leaves")
    makers.released("Sanctions")

    clock.move_to(clock() + timedelta(days=1))
    digests.tick()

    [delivery] = Delivery.objects.filter(mailing__kind="digest")
    assert delivery.subscriber is not None
    assert delivery.subscriber.email == "carol@example.org"
    assert sorted(delivery.told.values_list("publication_id", flat=True)) == [both.pk, one.pk]


def test_when_searches_cannot_be_matched_the_others_are_told_and_doctor_says_so(
    clock: FrozenClock, monkeypatch, caplog
):
    _follower("ferry")
    confirmed("dan@example.org")

    def broken(*_: Any) -> Any:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(saved, "matches", broken)
    makers.released("A ferry")
    alerts.tick()

    assert _told() == {"dan@example.org": "everything"}
    assert "could not be matched" in caplog.text
    state, sentence = mail_checks.searches()
    assert state == "wrong"
    assert sentence.startswith("“A ferry”: The searches that people follow could not be matched")


def test_a_search_is_shown_changed_and_let_go_of_on_ones_own_page(client: Client, clock: FrozenClock):
    carol = _follower("ferry", "carol@example.org", "everything")
    subject = SavedSearch.objects.get().subject

    page = client.get(_page_of(carol)).content.decode()
    assert "The search “ferry”" in page
    assert 'href="/search/?q=ferry"' in page

    client.post(_page_of(carol), {"press": "change", f"pace:{subject}": "weekly", "pace:everything": "at_once"})
    assert Subscription.objects.get(subject=subject).pace == "weekly"

    client.post(_page_of(carol), {"press": "change", f"pace:{subject}": "stop", "pace:everything": "at_once"})
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize(
    "typed", ["ferry pier", "https://institute.example/search/?q=ferry+pier&page=2", "/search/?q=ferry%20pier"]
)
def test_a_search_is_added_on_ones_own_page_without_another_mail(client: Client, clock: FrozenClock, typed: str):
    carol = confirmed()

    client.post(_page_of(carol), {"press": "change", "pace:everything": "at_once", "search": typed, "pace": "daily"})

    assert {(line.label, line.pace) for line in queries.followed_by(carol)} == {
        ("Everything we publish", "at_once"), ("The search “ferry pier”", "daily"),
    }  # fmt: skip


def test_one_press_in_a_mail_lets_go_of_that_search_only(client: Client, clock: FrozenClock):
    carol = _follower("ferry", "carol@example.org", _wish("pier"))
    ferry = next(subject for subject, question in searches.questions(_subjects(carol)).items() if "ferry" in question)
    path = links.one_click_path(carol.pk, ferry, django_settings.DATA / "secrets")

    assert "No more about the search “ferry”?" in client.get(path).content.decode()
    client.post(path)

    assert [line.label for line in queries.followed_by(carol)] == ["The search “pier”"]
    assert [row.question for row in SavedSearch.objects.all()] == ["q=pier"]


def _subjects(person: Subscriber) -> list[str]:
    return list(person.subscriptions.values_list("subject", flat=True))


def test_a_person_has_room_for_twenty_searches(client: Client, clock: FrozenClock):
    carol = confirmed(choices=[(_wish(f"word{n}"), "at_once") for n in range(20)])
    kept = {f"pace:{subject}": "at_once" for subject in _subjects(carol)}

    answer = client.post(_page_of(carol), {"press": "change", **kept, "search": "one more"})
    asked(choices=[(_wish("another"), "at_once")])

    assert answer.status_code == 400
    assert "Only 20 searches can be followed" in answer.content.decode()
    assert len(_subjects(carol)) == 20
    with pytest.raises(ChoiceInvalid, match="Only 20 searches"):
        asked("dan@example.org", choices=[(_wish(f"word{n}"), "at_once") for n in range(21)])


def test_wishes_of_a_stranger_make_room_for_those_of_the_owner(clock: FrozenClock):
    carol = confirmed(choices=[(_wish("mine"), "at_once")])
    for number in range(30):
        wishes = [(_wish(f"stranger {number}"), "at_once")]
        actions.sign_up("carol@example.org", choices=wishes, form="", network=f"198.51.{number}.0/24", now=clock())
        clock.advance(timedelta(minutes=1))

    asked(choices=[(_wish("ferry"), "at_once")])

    labels = {line.label for line in queries.followed_by(carol, is_confirmed=False)}
    assert len(_subjects(carol)) == 20
    assert "The search “ferry”" in labels
    assert [line.label for line in queries.followed_by(carol)] == ["The search “mine”"]


def test_the_number_of_a_search_tells_nobody_what_others_follow(clock: FrozenClock):
    _follower("something private")
    subject = SavedSearch.objects.get().subject

    with pytest.raises(ChoiceInvalid, match="cannot be followed"):
        asked("dan@example.org", choices=[(subject, "at_once")])


def test_what_carol_typed_is_in_her_data_and_goes_with_her(clock: FrozenClock):
    carol = _follower("ferry", kind="post")

    data = queries.export_data(carol.pk)
    [line] = data["subscriptions"]
    assert (line["name"], line["search"]) == ("the search “ferry”, Posts", "/search/?q=ferry&kind=post")

    actions.erase(carol.pk, now=clock())
    assert "ferry" not in json.dumps(queries.export_data(carol.pk))
    assert not SavedSearch.objects.exists()


def test_a_search_that_another_follows_stays(clock: FrozenClock):
    carol = _follower("ferry")
    _follower("ferry", "dan@example.org")

    actions.leave(carol.pk, how="test", now=clock())

    assert [row.question for row in SavedSearch.objects.all()] == ["q=ferry"]


def test_wishes_nobody_confirmed_are_forgotten_with_their_words(clock: FrozenClock):
    asked(choices=[(_wish("ferry"), "at_once")])
    clock.advance(timedelta(days=32))

    actions.prune(clock())

    assert not SavedSearch.objects.exists()


def test_searches_move_to_another_institute_with_the_list(clock: FrozenClock):
    from isthmus.mailing import moving_in
    from isthmus.mailing.queries import Filter

    carol = _follower("ferry | pier", "carol@example.org", "everything", pace="daily", kind="post")
    lines = list(moving_in.lines_out(Filter()))
    before = {(line.label, line.pace) for line in queries.followed_by(carol)}
    Subscriber.objects.all().delete()
    SavedSearch.objects.all().delete()

    moving_in.move_in_lines(lines, source="list.csv", now=clock())

    assert {(line.label, line.pace) for line in queries.followed_by(Subscriber.objects.get())} == before


def test_a_list_may_name_a_search_without_a_pace(clock: FrozenClock):
    from isthmus.mailing import moving_in

    lines = [
        "email,subjects,pace,consent_at,consent_how\n",
        "carol@example.org,search?q=ferry,weekly,2026-01-02,letter\n",
    ]
    moving_in.move_in_lines(lines, source="list.csv", now=clock())

    assert Subscription.objects.get().pace == "weekly"
    assert SavedSearch.objects.get().question == "q=ferry"


def test_the_evidence_names_the_search_by_its_number(clock: FrozenClock):
    _follower("ferry")

    assert {json.dumps(row.subjects) for row in Consent.objects.all()} == {
        json.dumps([[SavedSearch.objects.get().subject, "at_once"]])
    }


def test_an_alert_without_followed_searches_makes_no_index(clock: FrozenClock, monkeypatch):
    confirmed()
    monkeypatch.setattr(saved, "_in_memory", lambda: pytest.fail("an index was made"))

    makers.released("A ferry")
    alerts.tick()

    assert Mailing.objects.filter(kind="alert", trouble="").count() == 1


_SAID = ("ferry", "pier", "sanctions", "korea", "cables")


@hypothesis_settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sets(st.sampled_from(_SAID), min_size=1, max_size=3), min_size=1, max_size=5),
    st.sets(st.sampled_from(_SAID), min_size=1, max_size=4),
)
def test_from_form_to_alert_everybody_whose_words_all_stand_in_a_piece_is_told(
    clock: FrozenClock, client: Client, wished: list[set[str]], title: set[str]
):
    Subscriber.objects.all().delete()
    Delivery.objects.all().delete()
    Mailing.objects.all().delete()
    for number, words in enumerate(wished):
        email = f"reader{number}@example.org"
        sent = {"email": email, "scope": "search", "search": urlencode({"q": " ".join(sorted(words))})}
        client.post("/subscribe/", sent, REMOTE_ADDR=f"198.51.{number}.7")
        client.post(f"/subscribe/confirm/{link_of(Subscriber.objects.get(email=email))}/")

    makers.released(" ".join(sorted(title)))
    alerts.tick()

    assert set(_told()) == {f"reader{number}@example.org" for number, words in enumerate(wished) if words <= title}
