"""Alice and Bob at the admin, in a browser: writing, releasing, scheduling, withdrawing, and who may not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.stories.desk import Desk
from tests.stories.site import Answer, Site, until

pytestmark = [pytest.mark.slow, pytest.mark.browser]

_INDEXED_WITHIN_S = 5


@pytest.fixture
def desk(own: Site, visit: Callable[..., Any]) -> Desk:
    """A browser at the admin of the institute, nobody logged in."""
    return Desk(own, visit(height=1000))


@pytest.fixture
def alice(desk: Desk) -> Desk:
    """Alice, logged in: a publisher."""
    desk.log_in("alice")
    assert "/login/" not in desk.page.url
    return desk


def is_found(own: Site, word: str) -> bool:
    return own.page(f"/search/?q={word}").one("h1").text.startswith("1 publication")


def test_a_wrong_password_is_refused_and_too_many_of_them_say_how_long_to_wait(desk: Desk) -> None:
    said = []
    for attempt in range(7):
        desk.log_in("carol", password=f"a wrong guess {attempt}")
        said.append(" ".join(desk.page.locator("main").inner_text().split()))

    assert "/login/" in desk.page.url
    assert not any("Too many" in words for words in said[:5])
    assert re.search(r"Too many logins were tried in vain: wait \d+ minutes? and try again", said[-1])


def test_alice_writes_a_piece_looks_at_it_releases_it_and_the_world_has_it(alice: Desk, own: Site) -> None:
    total = own.total()
    alice.upload_picture("The bar at low water", creator="Dan Stranger")
    alice.new("The Ferry That Stayed Ashore", "It waited for canaryferry until noon.[^1] Nobody came.")
    alice.add_person(0, "Alice Ferrier")
    alice.add_person(1, "Bob Pilotson")
    alice.choose_lead_image("The bar at low water")
    alice.add_footnote("1", "The log of the harbour, canarynote.")
    alice.save()

    path = "/publications/the-ferry-that-stayed-ashore/"
    shown = alice.previewed()
    assert "Preview: nobody outside can see this yet." in shown
    assert "By Alice Ferrier and Bob Pilotson" in shown
    assert own.get(path).status == 404
    assert own.get("/people/alice-ferrier/").status == 404
    assert own.total() == total

    alice.edit_again("The Ferry That Stayed Ashore")
    alice.save("Publish")
    released = own.page(path)
    until(lambda: is_found(own, "canaryferry"), within_s=_INDEXED_WITHIN_S)

    assert own.total() == released.total_index == total + 1
    assert released.one(cls="byline").text == "By Alice Ferrier and Bob Pilotson"
    assert {found.text for found in released.one(cls="facts").all("a")} == {"Alice Ferrier", "Bob Pilotson"}
    assert "Dan Stranger" in released.text
    assert own.get(released.one(cls="lead-image").one("img").attributes["src"]).headers["content-type"] == "image/webp"
    assert "The log of the harbour, canarynote." in released.text
    assert released.one("sup").one("a").attributes["href"].removeprefix("#") in released.ids
    assert own.page("/people/alice-ferrier/").all("a", href=path)


def test_a_scheduled_piece_goes_live_by_itself(alice: Desk, own: Site) -> None:
    total = own.total()
    alice.new("The Pilot Who Came Early", "Everyone waited for canarypilot.")
    alice.save()
    due_at = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    if (due_at - datetime.now(UTC)).total_seconds() < 25:
        due_at += timedelta(minutes=1)

    alice.schedule(due_at)

    path = "/publications/the-pilot-who-came-early/"
    assert own.get(path).body == own.get("/publications/no-such-piece/").body
    assert own.total() == total
    assert not is_found(own, "canarypilot")

    left_s = (due_at - datetime.now(UTC)).total_seconds()
    until(lambda: own.get(path).status == 200, within_s=left_s + 5)
    assert datetime.now(UTC) >= due_at
    until(lambda: is_found(own, "canarypilot"), within_s=_INDEXED_WITHIN_S)
    assert own.total() == total + 1


def test_a_withdrawn_piece_answers_that_it_is_gone_and_is_in_no_list(alice: Desk, own: Site) -> None:
    alice.new("A Note to Withdraw", "It speaks of canarygull.")
    alice.save("Publish")
    path, total = "/publications/a-note-to-withdraw/", own.total()
    until(lambda: is_found(own, "canarygull"), within_s=_INDEXED_WITHIN_S)

    alice.withdraw("A Note to Withdraw")

    gone = own.get(path)
    assert gone.status == 410
    assert "A Note to Withdraw" in gone.text
    assert "canarygull" not in gone.text
    assert own.total() == total - 1
    assert path not in own.get("/publications/").text + own.get("/feed/").text + own.get("/").text
    until(lambda: not is_found(own, "canarygull"), within_s=_INDEXED_WITHIN_S)


def test_a_changed_address_leads_on_from_the_old_one(alice: Desk, own: Site) -> None:
    alice.new("A Note That Moves", "It stays what it was.")
    alice.save("Publish")

    alice.edit_again("A Note That Moves")
    alice.change_slug("a-note-that-moved")
    alice.save("Publish")

    former: Answer = own.get("/publications/a-note-that-moves/")
    assert former.status == 301
    assert former.headers["location"].endswith("/publications/a-note-that-moved/")
    assert own.page("/publications/a-note-that-moved/").one("h1").text == "A Note That Moves"


def test_bob_the_author_can_write_and_submit_but_not_release(desk: Desk, own: Site) -> None:
    total = own.total()
    desk.log_in("bob")
    desk.new("What Bob Thinks", "It is about canarybob.")
    desk.save()

    offered = desk.offered()
    assert "Publish" not in offered
    assert "Submit to Review" in offered
    assert desk.forced("action-publish") in (200, 302, 403)
    assert own.get("/publications/what-bob-thinks/").status == 404
    assert own.total() == total


def test_bob_sees_neither_the_drafts_of_others_nor_the_settings(desk: Desk, own: Site, visit: Any) -> None:
    alice = Desk(own, visit())
    alice.log_in("alice")
    alice.new("A Draft of Alice", "Nobody else reads canarydraft.")
    alice.save()
    address = alice.page.url

    desk.log_in("bob")
    listed = desk.open("/admin/publications/")
    there = desk.page.goto(address)

    assert "A Draft of Alice" not in listed
    assert there.status in (302, 403, 404) or "/edit/" not in desk.page.url
    assert "canarydraft" not in desk.page.content()
    assert "Settings" not in desk.page.locator("#wagtail-sidebar").inner_text()


def test_a_stranger_is_asked_to_log_in(own: Site) -> None:
    answer = own.get("/admin/publications/")

    assert answer.status == 302
    assert answer.headers["location"].startswith("/admin/login/")
