"""What a start makes anew: the scheduled piece, nowhere before its minute and everywhere after it; the login."""

from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from isthmus.demo import starting
from isthmus.demo.entries import Content
from isthmus.kit.clock import FrozenClock
from isthmus.publications import actions, visibility
from isthmus.publications.models import FormerAddress, Publication, User, Withdrawal

pytestmark = pytest.mark.slow

_PATH = "/the-narrows/a-third-summit-has-a-place/"
_CANARIES = ("a-third-summit-has-a-place", "A Third Summit Has a Place but No Date", "thinking aloud")
# Every channel that tells of a released piece of the series, by Helene Zürcher, on summits.
_LISTS = (
    "/", "/the-narrows/", "/publications/", "/people/helene-zurcher/", "/categories/theme/summits/",
    "/categories/region/the-narrows-strait/", "/feed/", "/the-narrows/feed/", "/people/helene-zurcher/feed/",
    "/categories/theme/summits/feed/", "/sitemap-publications-1.xml", "/search/?q=gulls", "/search/?q=",
    "/api/v1/search?q=gulls", "/api/v1/search?q=",
)  # fmt: skip


@pytest.fixture
def keys(keeper: Any, tmp_path: Path) -> None:
    """A directory for the keys of links in mail, as `isthmus init` makes it."""
    (tmp_path / "secrets").mkdir(mode=0o700)


@pytest.fixture
def keeper(demo: Content, settings: Any, tmp_path: Path) -> Any:
    from isthmus.search.keeper import Keeper

    settings.DATA = tmp_path
    return Keeper()


def telling(client: Client) -> set[str]:
    """The channels in which any canary stands."""
    found = set()
    for address in _LISTS:
        answer = client.get(address)
        assert answer.status_code == 200, address
        if any(canary in answer.content.decode() for canary in _CANARIES):
            found.add(address)
    return found


def test_scheduled_piece_is_nowhere_before_its_minute(demo: Content, keeper: Any, client: Client, clock: FrozenClock):
    due_at = starting.renew_scheduled(demo.scheduled, now=clock())
    clock.advance(timedelta(seconds=89))
    actions.release_due(clock())
    keeper.tick()

    assert due_at == clock() + timedelta(seconds=1)
    assert telling(client) == set()
    assert client.get(_PATH).content == client.get("/the-narrows/no-such-piece/").content
    assert visibility.total() == len(demo.pieces)


def test_scheduled_piece_is_everywhere_after_its_minute(demo: Content, keeper: Any, client: Client, clock: FrozenClock):
    starting.renew_scheduled(demo.scheduled, now=clock())
    clock.advance(timedelta(seconds=90))
    actions.release_due(clock())
    keeper.tick()

    assert telling(client) == set(_LISTS)
    page = client.get(_PATH).content.decode()
    assert f"Total Index: {len(demo.pieces) + 1} publications." in page
    assert "November 23, 2026" in page
    assert "By Helene Zürcher" in page


def test_next_start_takes_the_released_piece_back_without_a_trace(
    demo: Content, keeper: Any, client: Client, clock: FrozenClock
):
    starting.renew_scheduled(demo.scheduled, now=clock())
    clock.advance(timedelta(seconds=90))
    actions.release_due(clock())
    keeper.tick()

    starting.renew_scheduled(demo.scheduled, now=clock())
    keeper.tick()

    assert telling(client) == set()
    assert client.get(_PATH).status_code == 404
    assert Publication.objects.filter(slug="a-third-summit-has-a-place").count() == 1
    assert not Withdrawal.objects.exists()
    assert not FormerAddress.objects.filter(path=_PATH).exists()
    clock.advance(timedelta(seconds=90))
    actions.release_due(clock())
    assert client.get(_PATH).status_code == 200


def test_start_survives_what_an_editor_removed(demo: Content, clock: FrozenClock):
    from isthmus.publications.models import Category

    Category.objects.filter(slug="summits").delete()

    starting.renew_scheduled(demo.scheduled, now=clock())

    piece = Publication.objects.get(slug="a-third-summit-has-a-place")
    assert sorted(row.slug for row in piece.categories.all()) == ["diplomacy", "the-narrows-strait"]


def test_each_start_has_its_own_password(demo: Content, client: Client):
    first, second = starting.renew_editor(), starting.renew_editor()

    editor = User.objects.get(email=starting.EDITOR_EMAIL)
    assert first != second
    assert not editor.check_password(first)
    assert editor.check_password(second)
    assert editor.has_perm("isthmus_publications.publish_publication")


def test_a_subscriber_is_mailed_the_piece_once_it_is_out(demo: Content, keys: None, clock: FrozenClock):
    from isthmus.mailing import alerts, cursors, message
    from isthmus.mailing.models import Delivery

    cursors.install()
    starting.keep_subscriber(now=clock())
    starting.renew_scheduled(demo.scheduled, now=clock())
    clock.advance(timedelta(seconds=90))
    actions.release_due(clock())
    alerts.tick()

    delivery = Delivery.objects.get(mailing__kind="alert")
    envelope = message.render([delivery.pk])[delivery.pk]
    assert envelope.recipient == starting.SUBSCRIBER_EMAIL
    assert b"Subject: A Third Summit Has a Place but No Date" in envelope.message
    said = message_from_bytes(envelope.message, policy=policy.default).get_body(("plain",)).get_content()
    assert 'you follow the search "third summit"' in " ".join(said.split())


def test_a_subscriber_who_left_stays_away_at_the_next_start(demo: Content, keys: None, clock: FrozenClock):
    from isthmus.mailing.models import Subscriber

    starting.keep_subscriber(now=clock())
    Subscriber.objects.update(state="left")

    starting.keep_subscriber(now=clock())

    assert Subscriber.objects.get().state == "left"
