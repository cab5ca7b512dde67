import time
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils.html import escape

from isthmus.publications import actions
from isthmus.search import keywords as registry
from isthmus.search.keeper import Keeper
from isthmus.search.shelf import POINTER, shelf
from tests import makers
from tests.search.notes import tariff_notes

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def site(keeper: Keeper, client: Client) -> Client:
    """Twenty-five pieces on tariffs, indexed."""
    tariff_notes(25)
    keeper.tick()
    return client


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


def test_page_says_how_many_were_located_and_marks_the_words(site: Client):
    page = text_of(site, "/search/?q=tariff+cordial")

    assert "25 publications located" in page
    assert "<mark>cordial</mark>" in page
    assert "Total Index: 25 publications." in page


def test_pager_leads_from_the_best_to_the_last_and_back(site: Client):
    first, last = text_of(site, "/search/?q=tariff"), text_of(site, "/search/?q=tariff&page=3")

    assert 'rel="next" href="/search/?q=tariff&amp;page=2"' in first
    assert 'rel="prev"' not in first
    assert 'rel="prev" href="/search/?q=tariff&amp;page=2"' in last
    assert 'rel="next"' not in last
    assert last.count('class="hit"') == 5


def test_page_beyond_the_last_or_no_number_is_not_found(site: Client):
    for address in (
        "?q=tariff&page=4",
        "?q=tariff&page=0",
        "?q=tariff&page=x",
        "?q=tariff&sort=best",
        "?page=" + "9" * 5000,
    ):
        text_of(site, f"/search/{address}", 404)


def test_order_is_kept_from_page_to_page(site: Client):
    page = text_of(site, "/search/?q=tariff&sort=oldest")

    assert page.index("Tariff note 1<") < page.index("Tariff note 2<")
    assert "sort=oldest&amp;page=2" in page


def test_empty_search_shows_everything(site: Client):
    page = text_of(site, "/search/")

    assert "25 publications located" in page
    assert page.index("Tariff note 25<") < page.index("Tariff note 24<")


def test_search_without_hits_helps_and_says_what_was_not_understood(site: Client):
    assert "<q>absent</q> stands in no publication" in text_of(site, "/search/?q=absent")
    assert "There is no word in this question." in text_of(site, "/search/?q=%3F%21")


def test_what_a_visitor_types_is_shown_and_not_run(site: Client):
    page = text_of(site, "/search/?q=%3Cscript%3Ealert(1)%3C/script%3E%22%20onload=x")

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    "bad", ["%00", "%ED%A0%80", "(" * 3000, "%22" * 3000, "%E2%80%AE", "a" * 7000, "NOT%20" * 1000]
)
def test_no_question_is_an_error(site: Client, bad: str):
    text_of(site, f"/search/?q={bad}")
    text_of(site, f"/search/feed/?q={bad}")
    assert site.get(f"/api/v1/search?q={bad}").json()["index_total"] == 25


def test_page_is_the_same_bytes_for_everyone(site: Client):
    assert text_of(site, "/search/?q=tariff") == text_of(site, "/search/?q=tariff")
    assert not site.cookies


def test_get_and_head_only(site: Client):
    for address in ("/search/", "/search/feed/", "/search/help/", "/api/v1/search", "/opensearch.xml"):
        assert site.post(address).status_code in (403, 405)
        assert site.head(address).status_code == 200


def test_feed_has_the_newest_first_and_valid_addresses(site: Client):
    feed = ElementTree.fromstring(text_of(site, "/search/feed/?q=tariff"))

    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert titles[:2] == ["Tariff note 25", "Tariff note 24"]
    assert len(titles) == 20
    assert all(link.get("href", "").startswith("http") for link in feed.iter(f"{ATOM}link"))


def test_api_answers_in_json_and_names_what_is_wrong(site: Client):
    found = site.get("/api/v1/search?q=tariff&per_page=3&page=2&sort=newest").json()

    assert (found["total"], found["page"], found["per_page"]) == (25, 2, 3)
    assert [hit["title"] for hit in found["hits"]] == ["Tariff note 22", "Tariff note 21", "Tariff note 20"]
    assert "snippet_html" in found["hits"][0]
    for wrong in ("page=x", "page=0", "per_page=101", "per_page=", "sort=best"):
        response = site.get(f"/api/v1/search?q=tariff&{wrong}")
        if wrong == "per_page=":
            assert response.status_code == 200
            continue
        assert response.status_code == 400
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["status"] == 400


@pytest.mark.parametrize("damage", ["missing", "broken"])
def test_search_that_is_away_says_so_at_once_and_nothing_else_fails(site: Client, keeper: Keeper, damage: str):
    root = shelf().root
    shelf().close()
    if damage == "missing":
        (root / POINTER).unlink()
    else:
        for path in root.glob("*/meta.json"):
            path.write_text("{")
    began = time.monotonic()

    page = text_of(site, "/search/?q=tariff", 503)
    api = site.get("/api/v1/search?q=tariff")

    # Some 10 ms; what waits for a lock or tries again waits for half a minute.
    assert time.monotonic() - began < 10
    assert "The search is away" in page
    assert (api.status_code, api["Content-Type"], api["Retry-After"]) == (503, "application/problem+json", "30")
    assert site.get("/search/feed/?q=tariff").status_code == 503
    for address in ("/search/", "/search/help/", "/publications/", "/feed/"):
        text_of(site, address)

    keeper.tick()
    assert "25 publications located" in text_of(site, "/search/?q=tariff")


def test_canary_of_a_withdrawn_piece_is_in_no_channel_before_the_index_follows(site: Client, keeper: Keeper):
    piece = makers.released("Telluroscope tariff", text="<p>Telluroscope</p>")
    keeper.tick()
    assert "1 publication located" in text_of(site, "/search/?q=telluroscope")

    actions.withdraw(piece)

    for address in ("/search/?q=tariff", "/search/", "/search/feed/?q=tariff", "/api/v1/search?q=tariff&per_page=100"):
        assert "elluroscope" not in text_of(site, address)
    assert "0 publications located" in text_of(site, "/search/?q=telluroscope")


@pytest.mark.parametrize("method", ["post", "put", "delete", "options"])
def test_another_method_than_reading_is_a_problem_in_json(method: str):
    answer = getattr(Client(), method)("/api/v1/search?q=tariff")

    assert (answer.status_code, answer["Content-Type"], answer["Allow"]) == (
        405, "application/problem+json", "GET, HEAD",
    )  # fmt: skip
    assert answer.json()["status"] == 405


def test_description_names_the_search(site: Client):
    document: Any = ElementTree.fromstring(text_of(site, "/opensearch.xml"))

    addresses = [url.get("template") for url in document.iter("{http://a9.com/-/spec/opensearch/1.1/}Url")]
    assert any("/search/?q={searchTerms}" in str(address) for address in addresses)


@pytest.mark.parametrize("address", ["/api/", "/api/v1/", "/api/v1/serch?q=a", "/api/v2/search/", "/api"])
def test_an_address_of_the_api_that_is_not_there_is_a_problem_in_json(address: str):
    answer = Client().get(address)

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.json() == {
        "type": "about:blank", "title": "There is nothing at this address", "status": 404,
        "detail": "The search is at /api/v1/search?q=words.",
    }  # fmt: skip


def test_help_explains_every_keyword_with_the_names_of_this_site(db: None, client: Client):
    page = text_of(client, "/search/help/")

    assert all(escape(keyword.example) in page for keyword in registry.standard().values())
    assert "testimony" in page
