"""A page saved as text from an institute's old site: every promise it makes stands in its place on our page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stories.page import Page
from tests.stories.site import Site

pytestmark = pytest.mark.slow

_PATH = "/the-estuary/pilots-return-to-the-outer-bar-but-the-harbour-council-keeps-the-old-chart/"
# What stands on the saved page, from top to bottom, but for the two sign-ups; where it must stand on ours.
_PROMISES = (
    ("header label", "Search All Site Content"),
    (".total-index", "publications."),
    (".kicker a", "The Estuary"),
    ("h1", "Pilots Return to the Outer Bar, but the Harbour Council Keeps the Old Chart"),
    (".facts time", "March 9, 2021"),
    (".facts a[href^='/people/']", "Alice Moore"),
    (".facts a[href^='/categories/']", "Inland Ports"),
    (".byline", "By Alice B. Moore"),
    (".body > p", "The pilots of the outer bar went back to work on Monday"),
    (".body h2", "What the Guild Asked For, and What It Got"),
    (".author-note", "Alice B. Moore is a Senior Fellow at the Institute of the Narrows."),
    (".disclaimer", "The views expressed here are her own."),
    (".photo-credit", "Photo from the Harbour Archive of Ostby, Creative Commons."),
    (".return a", "Return to the Estuary"),
)


@pytest.fixture
def piece(own: Site) -> Page:
    return own.page(_PATH)


@pytest.mark.parametrize(
    ("cls", "words"),
    [
        ("byline", "By Alice B. Moore"),
        ("facts", "Published March 9, 2021 Author: Alice Moore Category: Inland Ports"),
        (
            "author-note",
            "Alice B. Moore is a Senior Fellow at the Institute of the Narrows. "
            "She was harbour master of Ostby from 2004 to 2016.",
        ),
        ("disclaimer", "The views expressed here are her own."),
        ("photo-credit", "Photo from the Harbour Archive of Ostby, Creative Commons."),
        ("return", "Return to the Estuary"),
    ],
)
def test_each_promise_stands_in_a_field_of_its_own(piece: Page, cls: str, words: str) -> None:
    assert piece.one(cls=cls).text == words


def test_the_date_can_be_read_by_a_program(piece: Page) -> None:
    assert piece.one(cls="facts").one("time").attributes["datetime"].startswith("2021-03-09")


def test_the_headings_are_headings_with_anchors_and_the_paragraphs_all_there(piece: Page) -> None:
    body = piece.one(cls="body")

    headings = body.all("h2")
    assert [found.text for found in headings] == [
        "What the Guild Asked For, and What It Got", "A Survey Is Not a Verdict",
    ]  # fmt: skip
    assert all(found.attributes["id"] for found in headings)
    assert len(body.all("p")) == 7


def test_the_sites_own_words_and_the_notes_are_not_in_the_body(piece: Page) -> None:
    body = piece.one(cls="body").text

    for boilerplate in ("Mailing List", "Total Index", "Stay Informed", "Return to", "Published", "By Alice",
                        "Senior Fellow", "views expressed", "Photo from"):  # fmt: skip
        assert boilerplate not in body
    assert "347 publications" not in piece.text


def test_author_category_and_series_list_the_piece(own: Site, piece: Page) -> None:
    for words in ("Alice Moore", "Inland Ports", "Return to the Estuary"):
        there = own.page(piece.one("article").link(words))

        assert there.all("a", href=_PATH), words


def test_the_piece_is_found_by_a_phrase_of_its_body(own: Site) -> None:
    found = own.page("/search/?q=%22a+promise+about+the+bottom+of+a+river%22")

    assert found.one("h1").text.startswith("1 publication located")
    assert found.one(cls="snippet").one("mark").text == "a promise about the bottom of a river"


@pytest.mark.browser
def test_every_promise_is_seen_from_top_to_bottom_on_a_telephone(own: Site, visit: Any) -> None:
    page = visit(width=390)
    page.goto(own.address(_PATH))

    tops = []
    for where, words in _PROMISES:
        element = page.locator(where).filter(has_text=words).first
        assert element.is_visible(), f"{words!r} is not seen at {where}"
        tops.append((element.bounding_box()["y"], words))

    assert tops == sorted(tops, key=lambda pair: pair[0])
