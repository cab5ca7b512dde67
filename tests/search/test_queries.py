from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from isthmus.kit import clock
from isthmus.kit.errors import UsageError
from isthmus.publications import actions, visibility
from isthmus.publications.models import Publication
from isthmus.search import queries
from isthmus.search.engine import SearchAway
from isthmus.search.keeper import Keeper
from isthmus.search.queries import search
from tests import makers
from tests.search.notes import tariff_notes

CANARY = "telluroscope"


@pytest.fixture
def pieces(keeper: Keeper) -> list[Publication]:
    """Twelve pieces on tariffs, one a day."""
    made = tariff_notes(12)
    keeper.tick()
    return made


def test_json_is_what_the_contract_says(keeper: Keeper):
    makers.released(
        "Ardor <Fades>", people=(makers.person("Robert King"),), series=makers.series("The Peninsula"),
        published_on=date(2020, 1, 20), text="<p>A cordial &amp; positive relationship.</p>",
    )  # fmt: skip
    keeper.tick()

    assert search("cordial").as_json(with_html=True) == {
        "total": 1, "index_total": 1, "page": 1, "per_page": 10,
        "hits": [{
            "url": "/the-peninsula/ardor-fades/", "title": "Ardor <Fades>", "published_on": "2020-01-20",
            "people": ["Robert King"], "kind": "post", "series": "The Peninsula",
            "snippet": "A cordial & positive relationship.",
            "snippet_html": "A <mark>cordial</mark> &amp; positive relationship.",
        }],
        "facets": {
            "series": [{"value": "the-peninsula", "label": "The Peninsula", "n": 1, "selected": False}],
            "kind": [{"value": "post", "label": "Posts", "n": 1, "selected": False}],
            "author": [{"value": "robert-king", "label": "Robert King", "n": 1, "selected": False}],
            "year": [{"value": "2020", "label": "2020", "n": 1, "selected": False}],
        },
    }  # fmt: skip
    assert "snippet_html" not in search("cordial").as_json()["hits"][0]


def test_what_an_author_was_that_day_is_found_and_stands_on_the_page(keeper: Keeper, client: Client):
    makers.released("Harbours", people=(makers.person("Alice Moore", affiliation="Minister of Pilotage"),))
    keeper.tick()

    (hit,) = search('"minister of pilotage"').hits

    assert "(Minister of Pilotage)" in client.get(hit.card.url).content.decode()


def test_empty_question_is_everything_newest_first_even_without_an_index(keeper: Keeper):
    old = makers.released("Old", published_on=date(2019, 1, 1))
    new = makers.released("New", published_on=date(2020, 1, 1))

    found = search("  ")

    assert [hit.id for hit in found.hits] == [new.pk, old.pk]
    assert found.total == found.index_total == visibility.total() == 2
    assert [hit.id for hit in search("", sort="oldest").hits] == [old.pk, new.pk]


def test_word_without_an_index_is_away(keeper: Keeper):
    makers.released()

    with pytest.raises(SearchAway):
        search("cordial")


@pytest.mark.parametrize("question", ["tariff", ""])
def test_pages_lead_to_the_last_piece(pieces: list[Publication], question: str):
    pages = [search(question, page=page, per_page=5, sort="newest") for page in (1, 2, 3, 4)]

    assert [len(page.hits) for page in pages] == [5, 5, 2, 0]
    assert [hit.id for page in pages for hit in page.hits] == [piece.pk for piece in reversed(pieces)]
    assert {(page.total, page.n_pages) for page in pages} == {(12, 3)}


@pytest.mark.parametrize("wrong", [{"page": 0}, {"page": -1}, {"per_page": 0}, {"per_page": 101}, {"sort": "best"}])
def test_impossible_page_size_or_order_is_refused(keeper: Keeper, wrong: dict[str, Any]):
    with pytest.raises(UsageError):
        search("x", **wrong)


def test_withdrawn_piece_is_in_neither_hits_nor_total_although_the_index_still_has_it(pieces: list[Publication]):
    actions.withdraw(pieces[3])

    found = search("tariff", per_page=20)

    assert found.total == len(found.hits) == found.index_total == 11
    assert pieces[3].pk not in {hit.id for hit in found.hits}
    assert search("tariff", per_page=5, page=2).total == 11


def test_piece_withdrawn_and_released_again_before_the_index_follows_is_found(pieces: list[Publication]):
    actions.withdraw(pieces[3])
    actions.release(Publication.objects.get(pk=pieces[3].pk))

    assert search("tariff").total == 12


def test_piece_that_vanished_unseen_by_the_journal_is_not_shown(pieces: list[Publication]):
    Publication.objects.filter(pk=pieces[0].pk).update(live=False)

    found = search("tariff", per_page=20)

    assert found.total == len(found.hits) == 11


def hidden(state: str) -> None:
    piece = makers.draft(f"Tariff {CANARY}", text=f"<p>{CANARY}</p>", summary=CANARY)
    if state == "scheduled":
        actions.schedule(piece, clock.now() + timedelta(hours=1))
    elif state != "draft":
        released = actions.release(piece)
        if state == "withdrawn":
            actions.withdraw(released)
        elif state == "expired":
            Publication.objects.filter(pk=released.pk).update(expire_at=clock.now() - timedelta(hours=1))
            actions.release_due(clock.now())
        else:
            released.delete()


@pytest.mark.parametrize("indexed", ["before", "after", "never"])
@pytest.mark.parametrize("state", ["draft", "scheduled", "withdrawn", "expired", "deleted"])
def test_what_is_not_public_is_nowhere(pieces: list[Publication], keeper: Keeper, state: str, indexed: str):
    hidden(state)
    if indexed == "after":
        keeper.tick()
    elif indexed == "before":
        keeper.rebuild()

    assert search(CANARY).total == 0
    assert search("tariff").total == search("").total == search("").index_total == 12
    assert CANARY not in str(search("tariff", per_page=50).as_json()) + str(search("", per_page=50).as_json())
    assert queries.ids_of(CANARY, limit=5) == queries.newest_ids(CANARY, limit=5) == []


def test_total_is_the_same_number_everywhere(pieces: list[Publication], keeper: Keeper):
    makers.draft("Draft")
    actions.withdraw(pieces[0])
    keeper.tick()

    numbers = {
        visibility.total(), search("").total, search("").index_total, search("tariff").total,
        search("tariff").index_total, keeper.status().n_indexed, keeper.status().n_visible,
    }  # fmt: skip
    assert numbers == {11}


def test_search_costs_the_same_queries_for_any_number_of_hits(
    pieces: list[Publication], django_assert_max_num_queries: Any
):
    search("tariff")  # the names are read once after each change

    for per_page, n_queries in ((3, 7), (10, 7), (100, 9)):
        with django_assert_max_num_queries(n_queries):
            search("tariff", per_page=per_page)


def test_editors_list_finds_body_words(pieces: list[Publication]):
    from isthmus.publications import finding

    assert finding.find("cordial", limit=3) == queries.ids_of("cordial", limit=3) != []
