"""A reader searches, narrows, pages, goes back and shares: by keyboard alone, without script, while typing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest

from tests import axe
from tests.stories.site import Site

pytestmark = [pytest.mark.slow, pytest.mark.browser]

_ATOM = "{http://www.w3.org/2005/Atom}"
_MAX_TABS = 90
_CHOICE = re.compile(r"The Narrows ?[0-9]+ publications")
_HERE = (
    """() => ({id: document.activeElement.id, text: document.activeElement.textContent.trim().replace(/\\s+/g, " ")})"""
)


def tab_to(page: Any, is_it: Callable[[dict[str, str]], bool]) -> dict[str, str]:
    """Press Tab until the focus is where it should be; what is focused there."""
    for _ in range(_MAX_TABS):
        page.keyboard.press("Tab")
        here: dict[str, str] = page.evaluate(_HERE)
        if is_it(here):
            return here
    raise AssertionError(f"not reached with {_MAX_TABS} tabs from {page.url}")


def located(page: Any) -> int:
    """The number in the heading."""
    return int(page.text_content("h1").split()[0])


def test_search_filter_page_back_and_share_with_the_keyboard_alone(demo: Site, visit: Callable[..., Any]) -> None:
    page = visit()
    page.goto(demo.url)

    tab_to(page, lambda here: here["id"] == "site-search")
    page.keyboard.type("ferry")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=ferry")
    n_all = located(page)
    choice = tab_to(page, lambda here: _CHOICE.match(here["text"]) is not None)["text"]
    page.keyboard.press("Enter")
    page.wait_for_url("**series=the-narrows**")
    narrowed, n_narrowed = page.url, located(page)
    tab_to(page, lambda here: here["text"] == "Next")
    page.keyboard.press("Enter")
    page.wait_for_url("**page=2")
    second = page.text_content(".hits")
    page.go_back()
    shared = visit()
    shared.goto(narrowed)

    assert n_all > n_narrowed == int(choice.removeprefix("The Narrows").split()[0]) > 10
    assert page.url == narrowed
    assert page.text_content(".hits") == shared.text_content(".hits") != second
    assert located(shared) == n_narrowed


def test_a_choice_is_taken_off_again_where_it_was_put_on(demo: Site, visit: Callable[..., Any]) -> None:
    page = visit()
    page.goto(demo.address("/search/?q=ferry"))
    n_all = located(page)

    page.click("a.row:has-text('Testimony')")
    page.wait_for_url("**kind=testimony")
    n_testimonies = located(page)
    page.click("a.row[aria-current]:has-text('Testimony')")
    page.wait_for_url("**/search/?q=ferry")

    assert 0 < n_testimonies < n_all == located(page)


def test_a_phone_without_script_narrows_by_year_and_by_series(demo: Site, visit: Callable[..., Any]) -> None:
    page = visit(width=390, java_script_enabled=False)
    page.goto(demo.address("/search/?q=ferry"))
    n_all = located(page)

    page.click("summary:has-text('By year')")
    page.click(".columns a >> nth=0")
    page.wait_for_url("**year=**")
    n_of_year = located(page)
    page.click("summary:has-text('Narrow the search')")
    page.click("a.row >> nth=0")

    assert n_all > n_of_year >= located(page) > 0
    assert page.locator(".chips li a").count() == 3


@pytest.fixture
def typing(demo: Site, visit: Callable[..., Any]) -> Any:
    """A page on which somebody has typed "nar" and sees suggestions."""
    page = visit()
    page.goto(demo.address("/about/"))
    page.focus("#site-search")
    page.keyboard.type("nar", delay=30)
    page.wait_for_selector("[role=option]")
    return page


def test_suggestions_are_walked_with_arrows_while_the_field_keeps_the_focus(typing: Any) -> None:
    first = typing.text_content("[role=option] >> nth=0")

    typing.keyboard.press("ArrowDown")

    assert typing.evaluate("document.activeElement.id") == "site-search"
    assert typing.get_attribute("#site-search", "aria-expanded") == "true"
    current = typing.get_attribute("#site-search", "aria-activedescendant")
    assert typing.text_content(f"#{current}") == first
    typing.keyboard.press("ArrowUp")
    assert typing.get_attribute("#site-search", "aria-activedescendant") is None
    assert typing.input_value("#site-search") == "nar"


def test_enter_goes_to_the_suggestion_and_without_one_searches(typing: Any, demo: Site) -> None:
    wanted = typing.get_attribute("[role=option] >> nth=0", "data-url")

    typing.keyboard.press("ArrowDown")
    typing.keyboard.press("Enter")
    typing.wait_for_url(demo.address(wanted))
    typing.focus("#site-search")
    typing.keyboard.type("nar", delay=30)
    typing.wait_for_selector("[role=option]")
    typing.keyboard.press("Enter")

    typing.wait_for_url("**/search/?q=nar")


def test_escape_closes_the_suggestions_and_keeps_what_was_typed(typing: Any) -> None:
    typing.keyboard.press("Escape")

    assert typing.locator("[role=option]").count() == 0
    assert typing.get_attribute("#site-search", "aria-expanded") == "false"
    assert typing.input_value("#site-search") == "nar"


def test_a_suggestion_can_be_clicked(typing: Any, demo: Site) -> None:
    wanted = typing.get_attribute("[role=option] >> nth=0", "data-url")

    typing.click("[role=option] >> nth=0")

    typing.wait_for_url(demo.address(wanted))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_open_suggestions_are_accessible_and_said(demo: Site, visit: Callable[..., Any], scheme: str) -> None:
    page = visit(width=390, scheme=scheme)
    page.goto(demo.url)
    page.fill("#site-search", "nar")
    page.wait_for_selector("[role=option]")

    assert axe.violations(page) == []
    assert "suggestion" in page.text_content("form[role=search] [role=status]")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_feed_and_mail_of_a_search_hold_all_that_was_chosen(demo: Site, visit: Callable[..., Any]) -> None:
    page = visit()
    page.goto(demo.address("/search/?q=ferry&kind=testimony"))

    feed = page.get_attribute("a:has-text('Feed') >> nth=0", "href")
    follow = page.get_attribute("a:has-text('Follow this search')", "href")

    entries = ElementTree.fromstring(demo.get(feed).body).findall(f"{_ATOM}entry")
    assert len(entries) == located(page)
    [search] = parse_qs(urlsplit(follow).query)["search"]
    assert parse_qs(search) == {"q": ["ferry"], "kind": ["testimony"]}
    assert demo.get(follow).status == 200


def test_a_slip_is_offered_right_and_leads_to_hits(demo: Site, visit: Callable[..., Any]) -> None:
    page = visit()
    page.goto(demo.address("/search/?q=sanctons"))

    page.click(".offer a")

    page.wait_for_url("**/search/?q=sanctions")
    assert located(page) > 0
