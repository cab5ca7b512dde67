"""`isthmus demo` in a fresh directory: three addresses, a flagship piece with all it promises, and nothing dead."""

from __future__ import annotations

import json
import re

import pytest

from tests.stories.crawl import crawl
from tests.stories.page import Page
from tests.stories.scheduled import CHANNELS, PATH, Before, telling
from tests.stories.site import Site, until

pytestmark = pytest.mark.slow


def test_the_demo_prints_three_addresses_and_each_of_them_answers(demo: Site) -> None:
    home, piece, admin = re.findall(rf"{demo.url}/\S*", demo.printed)

    assert demo.get(home).status == 200
    assert demo.get(piece).status == 200
    assert "password" in demo.get(admin, follow=True).text
    assert re.search(r"editor@merrow\.example +\S{12,}", demo.printed)


def test_the_flagship_carries_every_element_of_a_real_page_in_its_order(demo: Site, flagship: str) -> None:
    words = demo.page(flagship).text

    wanted = [
        "Search All Site Content", "Total Index: ", "The Narrows", "Ardor Cools across the Narrows",
        "Published January 20, 2020", "Author: Robert Hale", "Category: Vardhal", "By Robert E. Hale",
        "For nearly two years", "A Birthday Letter", "Robert E. Hale is a Non-Resident Fellow",
        "The views expressed here are his own.", "Picture by Piet van der Zee", "Return to the Narrows",
    ]  # fmt: skip
    at = 0
    for element in wanted:
        at = words.find(element, at)
        assert at >= 0, f"{element!r} is missing or out of its order"


def test_the_flagships_date_is_a_time_and_its_title_the_one_heading(demo: Site, flagship: str) -> None:
    page = demo.page(flagship)

    assert page.one(cls="facts").one("time").attributes["datetime"].startswith("2020-01-20")
    assert page.one("h1").text.startswith("Ardor Cools")


@pytest.mark.parametrize("words", ["Robert Hale", "Vardhal"])
def test_author_and_category_lead_to_a_listing_that_has_the_piece(demo: Site, flagship: str, words: str) -> None:
    there = demo.page(flagship).one(cls="facts").link(words)

    assert any(_lists(page, flagship) for page in demo.paged(there))


def test_the_way_back_leads_to_the_very_page_that_lists_the_piece(demo: Site, flagship: str) -> None:
    back = demo.page(flagship).link("Return to the Narrows")

    assert back.startswith("/the-narrows/")
    assert _lists(demo.page(back), flagship)


def _lists(page: Page, path: str) -> bool:
    return any(found.all("a", href=path) for found in page.all(cls="card-title"))


def test_the_contents_lead_to_sections_that_are_there(demo: Site, flagship: str) -> None:
    page = demo.page(flagship)
    sections = {found.attributes["id"]: found.text for found in page.one(cls="body").all("h2")}

    listed = {found.attributes["href"].removeprefix("#"): found.text for found in page.one(cls="contents").all("a")}

    assert len(listed) >= 3
    assert listed == sections


def test_nothing_on_any_page_is_dead(demo: Site) -> None:
    found = crawl(demo)

    assert found.dead == {}
    assert found.lost == set()
    assert found.strange == set()
    assert len(found.statuses) > 250


@pytest.mark.told_last
def test_the_scheduled_piece_is_nowhere_before_its_minute_and_everywhere_after(demo: Site, before: Before) -> None:
    assert before.telling == set()
    assert (before.page.status, before.page.body) == (404, before.never.body)

    until(lambda: telling(demo) == set(CHANNELS), within_s=120)

    assert demo.total() == before.total + 1
    assert demo.page(PATH).total_index == before.total + 1
    assert "By Helene Zürcher" in demo.page(PATH).text


def test_a_word_inside_the_attached_report_finds_the_piece_that_offers_it(demo: Site) -> None:
    """It stands in the PDF alone, which the worker read after the start."""
    hits = until(lambda: json.loads(demo.get("/api/v1/search?q=telluroscope").text)["hits"], within_s=60)

    assert [hit["url"] for hit in hits] == ["/two-shores-papers/cables-across-the-merrow/"]
    assert hits[0]["snippet"].startswith("In the attached file: ")
