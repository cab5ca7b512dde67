"""Listings count from the oldest, reach the last piece, and hold one number."""

import random
import re

import pytest
from django.test import Client

from isthmus.kit import collecting
from isthmus.publications import actions, queries, visibility
from isthmus.publications.models import Publication
from tests import makers

pytestmark = pytest.mark.django_db


def many(n: int) -> None:
    staged = [actions.StagedPiece(Publication(title=f"No. {i}", slug=f"no-{i}")) for i in range(n)]
    actions.stage_many(staged, run="r")
    actions.release_staged([item.piece.pk for item in staged], run="r")


def titles(path: str) -> list[str]:
    return re.findall(r">(No\. \d+)<", Client().get(path).content.decode())


def test_paging_by_the_older_links_meets_every_piece_once():
    many(47)
    path, seen = "/publications/", []

    while path:
        page = Client().get(path).content.decode()
        seen += re.findall(r">(No\. \d+)<", page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found[1] if found else ""

    assert len(seen) == len(set(seen)) == 47


def test_a_full_page_is_the_same_after_a_release():
    many(45)
    before = titles("/publications/?page=1")

    makers.released("Newer")

    assert titles("/publications/?page=1") == before
    assert len(before) == 20


@pytest.mark.parametrize("number", ["0", "4", "-1", "x", "1e3", "٣", "99999999999999999999"])
def test_a_page_that_does_not_exist_is_not_found(number):
    many(45)

    assert Client().get("/publications/", {"page": number}).status_code == 404


def test_an_unknown_parameter_changes_no_byte():
    many(3)

    assert Client().get("/publications/").content == Client().get("/publications/?utm=x").content


def test_the_way_back_leads_to_the_page_the_piece_stands_on():
    many(45)
    oldest = visibility.publications().order_by("listed_at", "id").first()

    assert queries.page_number_of(oldest, size=20) == 1
    assert "Return to all publications" in Client().get(oldest.path).content.decode()


@pytest.mark.parametrize(("n", "words"), [(1, "Total Index: 1 publication."), (2, "Total Index: 2 publications.")])
def test_the_header_counts_in_words_that_fit(n, words):
    many(n)

    assert words in Client().get("/").content.decode()


def test_a_parent_category_counts_what_is_below_it_once():
    above = makers.category("Asia")
    below = makers.category("Korea", parent=above)
    makers.released("No. 1", categories=(above, below))
    makers.released("No. 2", categories=(below,))

    assert titles(above.path) == ["No. 2", "No. 1"]
    assert queries.category_counts()[above.pk] == 2


@pytest.mark.parametrize("path", ["/publications/", "/", "/people/", "/categories/"])
def test_listings_do_not_ask_more_for_more_pieces(path, django_assert_max_num_queries):
    one = makers.person()
    for n in range(6):
        makers.released(f"No. {n}", people=(one,), categories=(makers.category(),), series=makers.series())

    with django_assert_max_num_queries(14):
        Client().get(path)


def test_a_publication_page_asks_eight_queries_at_most(django_assert_max_num_queries):
    for n in range(3):
        piece = makers.released(
            f"No. {n}", people=(makers.person(),), categories=(makers.category(),), series=makers.series()
        )

    path = piece.path
    Client().get(path)

    with django_assert_max_num_queries(8):
        Client().get(path)


def test_pieces_asked_for_in_any_order_know_the_page_they_stand_on():
    many(23)
    Publication.objects.filter(slug__endswith="1").update(listed_at=Publication.objects.get(slug="no-7").listed_at)
    oldest_first = list(visibility.publications().order_by("listed_at", "id"))
    mixed = random.Random(6).sample(oldest_first, 23)

    with collecting.gathering("one state"):
        pages = {piece.pk: queries.page_number_of(piece, size=1) for piece in mixed}

    assert [pages[piece.pk] for piece in oldest_first] == list(range(1, 24))
