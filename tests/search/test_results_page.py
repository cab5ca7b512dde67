"""What stands on the page of results beside its hits."""

import re
from html import unescape

import pytest
from django.test import Client

from isthmus.publications import actions
from isthmus.publications.models import Publication
from isthmus.search.keeper import Keeper
from isthmus.search.models import Pin
from isthmus.search.queries import Results, search
from tests import makers
from tests.search.notes import tariff_notes


@pytest.fixture
def notes(keeper: Keeper) -> list[Publication]:
    """Twelve pieces on tariffs, and one on herring that says nothing of them."""
    made = tariff_notes(12)
    makers.released("Herring", text="<p>A season on the bank.</p>")
    keeper.tick()
    return made


def titles(found: Results) -> list[str]:
    return [hit.card.title for hit in found.hits]


def text_of(client: Client, address: str) -> str:
    return unescape(client.get(address).content.decode())


def links(page: str, cls: str) -> list[str]:
    return re.findall(rf'<a class="{cls}" rel="nofollow" href="([^"]*)"', page)


def test_pinned_pieces_come_first_and_every_piece_once(notes: list[Publication]):
    in_order = [title for page in (1, 2, 3) for title in titles(search("tariff", page=page, per_page=5))]
    chosen = [in_order[10], in_order[2]]
    first, second = (Publication.objects.get(title=title) for title in chosen)
    Pin.objects.create(question="tariff", first=first, second=second)

    pages = [search("tariff", page=page, per_page=5) for page in (1, 2, 3)]

    shown = [title for page in pages for title in titles(page)]
    assert shown == chosen + [title for title in in_order if title not in chosen]
    assert {page.total for page in pages} == {12}
    assert [hit.is_pinned for hit in pages[0].hits] == [True, True, False, False, False]
    assert titles(search("tariff", sort="newest"))[0] == "Tariff note 12"


def test_a_pinned_piece_without_the_words_is_shown_and_not_counted(notes: list[Publication], client: Client):
    Pin.objects.create(question="tariff", first=Publication.objects.get(title="Herring"))

    found, page = search("tariff"), text_of(client, "/search/?q=tariff")

    assert ([hit.card.title for hit in found.pinned], found.total, len(found.hits)) == (["Herring"], 12, 10)
    assert page.index("Chosen by the editors") < page.index("Herring") < page.index("Tariff note")
    assert "Herring" not in text_of(client, "/search/?q=tariff&page=2")
    assert "Herring" not in text_of(client, "/search/?q=tariff&year=2020")


def test_a_withdrawn_pin_is_gone_at_once(notes: list[Publication]):
    herring = Publication.objects.get(title="Herring")
    Pin.objects.create(question="tariff", first=herring)

    actions.withdraw(herring)

    assert search("tariff").pinned == ()


def test_what_comes_close_follows_the_last_page_and_is_not_counted(notes: list[Publication], client: Client):
    found = search("tariff 11")

    assert found.total == 1
    assert "Tariff note 11" not in [hit.card.title for hit in found.close]
    assert 0 < len(found.close) <= 10
    assert len(found.as_json()["close"]) == len(found.close)
    assert "Close to it" in text_of(client, "/search/?q=tariff+11")


def test_nothing_is_close_on_other_pages_than_the_last_or_to_a_question_with_signs(notes: list[Publication]):
    assert search("tariff").close == ()
    assert search("tariff 11", page=2).close == ()
    assert "close" not in search("tariff").as_json()
    assert search('"tariff note 11"').close == ()


def test_nothing_that_is_not_public_is_close(notes: list[Publication]):
    actions.withdraw(Publication.objects.get(title="Tariff note 3"))

    assert "Tariff note 3" not in str(search("tariff 11", per_page=20).as_json())


def test_page_offers_choices_that_lead_where_they_say(notes: list[Publication], client: Client):
    makers.released("Tariff paper", kind="paper", series=makers.series("Papers"))
    Keeper().tick()
    page = text_of(client, "/search/?q=tariff")

    offered = links(page, "row")

    assert "/search/?q=tariff&kind=paper" in offered
    assert "/search/?q=tariff&series=-" in offered
    for address in offered:
        assert "0 publications located" not in text_of(client, address)


def test_what_is_chosen_stands_on_top_and_can_be_taken_off(notes: list[Publication], client: Client):
    page = text_of(client, "/search/?q=tariff&year=2020&kind=gone")

    assert "0 publications located" in page
    assert re.findall(r'<a rel="nofollow" href="([^"]*)"><span class="unseen">Take off', page) == [
        "/search/?q=tariff&kind=gone",
        "/search/?q=tariff&year=2020",
    ]
    assert 'href="/search/?q=tariff">All off</a>' in page
    assert 'href="/search/?q=tariff&year=2020">Not only Gone</a>' in page


def test_page_leads_to_its_feed_to_mail_and_to_the_description(notes: list[Publication], client: Client):
    page = text_of(client, "/search/?q=tariff&year=2020&sort=oldest")

    assert 'href="/search/feed/?q=tariff&year=2020"' in page
    assert 'href="/subscribe/?search=q%3Dtariff%26year%3D2020"' in page
    assert 'rel="search" type="application/opensearchdescription+xml"' in page
    assert '<meta name="robots" content="noindex">' in page


def test_feed_holds_what_was_chosen(notes: list[Publication], client: Client):
    makers.released("Tariff paper", kind="paper")
    Keeper().tick()

    feed = text_of(client, "/search/feed/?q=tariff&kind=paper")

    assert feed.count("<entry>") == 1
    assert "/search/feed/?q=tariff&kind=paper" in feed


def test_words_and_names_in_choices_are_escaped(keeper: Keeper, client: Client):
    makers.released("A tariff", people=(makers.person("<img src=x onerror=alert(1)>"), makers.person("B")))
    keeper.tick()

    for address in ("/search/?q=tariff", "/search/?q=tariff&kind=%3Cimg%20src=x%3E&series=%22%3E%3Cimg"):
        assert "<img" not in client.get(address).content.decode()
