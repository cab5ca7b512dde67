from typing import Any

import pytest
from django.test import Client

from isthmus.publications import actions
from isthmus.search.keeper import Keeper
from isthmus.search.suggestions import suggestions
from tests import makers

CANARY = "Telluroscope"


@pytest.fixture
def archive(keeper: Keeper) -> Keeper:
    """Titles, people, series and a category with words in common."""
    north = makers.category("North Korea")
    makers.released(
        "The North and Its Neighbours", people=(makers.person("Norah Zürcher"), makers.person("Robert North")),
        series=makers.series("Northern Notes"), categories=(north,),
    )  # fmt: skip
    makers.released("Northern Winds of Seoul", text="<p>Elsewhere</p>")
    keeper.tick()
    return keeper


def texts(typed: str) -> list[str]:
    return [one.text for one in suggestions(typed)]


def test_what_begins_so_comes_before_what_goes_on_so(archive: Keeper):
    assert texts("north") == [
        "Northern Notes", "North Korea", "Northern Winds of Seoul", "Robert North", "The North and Its Neighbours",
    ]  # fmt: skip


@pytest.mark.parametrize("typed", ["zurch", "Zürch", "ZURCHER", "norah zu", "zurcher norah"])
def test_accents_case_and_order_do_not_matter(archive: Keeper, typed: str):
    assert texts(typed) == ["Norah Zürcher"]


def test_any_word_of_a_title_can_be_begun(archive: Keeper):
    assert texts("neigh") == ["The North and Its Neighbours"]
    assert texts("winds seo") == ["Northern Winds of Seoul"]


@pytest.mark.parametrize("typed", ["", " ", "?", "\0", "xyzzy", "nor xyzzy", "\ud800", "(" * 5000, "a" * 100_000])
def test_nothing_typed_is_an_error(archive: Keeper, typed: str):
    assert suggestions(typed) == []


def test_at_most_eight_and_room_for_titles(archive: Keeper):
    for n in range(12):
        makers.person(f"North Person {n}", is_public=True)

    found = suggestions("north")

    assert len(found) == 8
    assert {one.kind for one in found} >= {"person", "publication"}


def test_every_suggestion_leads_to_a_page(archive: Keeper, client: Client):
    for one in suggestions("nor"):
        assert client.get(one.url).status_code == 200, one


def test_nothing_that_is_not_public_is_suggested(archive: Keeper):
    makers.draft(
        f"{CANARY} draft", people=(makers.person(f"{CANARY} Person"),), series=makers.series(f"{CANARY} Series"),
        categories=(makers.category(CANARY),),
    )  # fmt: skip
    gone = makers.released(f"{CANARY} gone", people=(makers.person(f"{CANARY} Author"),))
    archive.tick()
    assert len(suggestions(CANARY)) == 2

    actions.withdraw(gone)

    assert suggestions(CANARY) == []


def test_names_are_suggested_without_an_index(archive: Keeper, settings: Any):
    from isthmus.search.shelf import POINTER, shelf

    (shelf().root / POINTER).unlink()
    shelf().close()

    assert texts("north") == ["Northern Notes", "North Korea", "Robert North"]


def test_api_answers_as_the_contract_says(archive: Keeper, client: Client):
    answer = client.get("/api/v1/suggest?q=norah")

    assert answer.json() == [{"text": "Norah Zürcher", "kind": "person", "url": "/people/norah-zurcher/"}]
    assert client.get("/api/v1/suggest").json() == []
    assert client.post("/api/v1/suggest").status_code in (403, 405)


def test_browsers_get_their_own_form(archive: Keeper, client: Client):
    answer = client.get("/api/v1/suggest/browser?q=norah")

    assert answer["Content-Type"] == "application/x-suggestions+json"
    assert answer.json() == ["norah", ["Norah Zürcher"], ["person"], ["http://localhost:8000/people/norah-zurcher/"]]


def test_suggestions_cost_three_queries(archive: Keeper, django_assert_max_num_queries: Any):
    suggestions("north")  # the names are read once after each change

    with django_assert_max_num_queries(3):
        suggestions("north")
