"""Every kind of page in a browser: accessible, quiet, our own, within its width, light, readable without script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests import axe
from tests.stories.site import Site

pytestmark = [pytest.mark.slow, pytest.mark.browser]

# Of each kind of page one; `own:` stands on the other site. A piece of every kind, with all that a body can hold.
PAGES = {
    "home": "/",
    "newest page of the listing": "/publications/",
    "first page of the listing": "/publications/?page=1",
    "series": "/the-narrows/",
    "all series": "/series/",
    "person": "/people/robert-hale/",
    "people": "/people/",
    "category": "/categories/theme/diplomacy/",
    "categories": "/categories/",
    "flagship": "/the-narrows/ardor-cools-across-the-narrows/",
    "piece without a series or picture": "/publications/paper-weather/",
    "report with a file": "/two-shores-papers/cables-across-the-merrow/",
    "paper": "/two-shores-papers/what-is-left-of-the-memorandum/",
    "testimony": "/soundings/the-list-and-the-pier/",
    "podcast": "/soundings/eighty-one-days/",
    "video": "/soundings/the-causeway-in-four-drawings/",
    "event": "/soundings/what-a-third-summit-would-need/",
    "piece in Korean": "/the-narrows/six-years-and-one-table-ko/",
    "page proper": "/about/",
    "search with results": "/search/?q=summit",
    "search without results": "/search/?q=zzyzx",
    "empty search": "/search/",
    "narrowed search": "/search/?q=ferry&series=the-narrows&year=2018",
    "search with nothing chosen that is there": "/search/?q=ferry&series=gone",
    "the search for programs": "/api/v1/docs",
    "help": "/search/help/",
    "signing up": "/subscribe/",
    "signing up for a search": "/subscribe/?search=q%3Dferry%26kind%3Dpost",
    "signed up": "/subscribe/sent/",
    "a link that is none of ours": "/subscriptions/leave/none/",
    "dossiers": "/dossiers/",
    "dossier": "/dossiers/joren-tal-aldvik/",
    "two dossiers side by side": "/dossiers/ilse-marrant/joren-tal-aldvik/",
    "narrowed chronology": "/chronology/?subject=ilse-marrant&from=2018&to=2019&as-of=2020-12-31",
    "404": "/no-such-page/",
    "410": "own:/publications/a-note-that-was-taken-back/",
}
_WIDTHS = (1280, 390)
_MAX_ARTICLE_BYTES = 60_000

_each_page = pytest.mark.parametrize("where", PAGES.values(), ids=[name.replace(" ", "-") for name in PAGES])


@pytest.fixture
def address(request: pytest.FixtureRequest, where: str) -> str:
    """The whole address of a page; the other site is started only where it is needed."""
    site, _, path = where.rpartition(":")
    served: Site = request.getfixturevalue("own" if site else "demo")
    return served.address(path)


class Heard:
    """What a page told its browser and fetched, while it was open."""

    def __init__(self, page: Any) -> None:
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def _console(self, message: Any) -> None:
        # The status of the page itself is what is being looked at; Chromium calls a 404 an error.
        is_own_status = (
            message.text.startswith("Failed to load resource") and message.location["url"] == self.requests[0]
        )
        if message.type in ("error", "warning") and not is_own_status:
            self.errors.append(message.text)


@_each_page
def test_page_has_no_fault_and_is_quiet_and_fits(address: str, visit: Callable[..., Any]) -> None:
    """One visit for each width, since opening pages is what takes the time: axe in both schemes, console, width."""
    faults = []
    for width in _WIDTHS:
        page = visit(width=width)
        heard = Heard(page)
        page.goto(address, wait_until="networkidle")
        # What is folded away must be accessible, and fit, too.
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            faults += [f"{width} {scheme}: {fault}" for fault in axe.violations(page)]
        # A breach of the Content-Security-Policy is told on the console.
        faults += [f"{width}: console: {error}" for error in heard.errors]
        faults += [
            f"{width}: fetched {url}" for url in heard.requests if not url.startswith((_origin(address), "data:"))
        ]
        if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
            faults.append(f"{width}: the page is {needed} pixels wide")

    assert faults == []


def _origin(address: str) -> str:
    return "/".join(address.split("/")[:3]) + "/"


@pytest.mark.parametrize("kind", ["home", "newest page of the listing", "flagship", "people", "search with results"])
def test_page_reads_the_same_without_script(demo: Site, visit: Callable[..., Any], kind: str) -> None:
    with_script, without = visit(), visit(java_script_enabled=False)
    for page in (with_script, without):
        page.goto(demo.address(PAGES[kind]))

    words = _read(without)
    assert "Total Index: " in words
    assert words == _read(with_script)


def _read(page: Any) -> str:
    """The words that are seen; the time a search took is the one thing two answers may differ in."""
    return re.sub(r"\d+(\.\d+)? ms", "", " ".join(page.locator("body").inner_text().split()))


@pytest.mark.parametrize("width", _WIDTHS)
@pytest.mark.parametrize("kind", ["flagship", "piece in Korean", "testimony"])
def test_an_article_weighs_at_most_60_kb_in_all(demo: Site, visit: Callable[..., Any], kind: str, width: int) -> None:
    page = visit(width=width)
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    weights: list[float] = []
    network.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))

    page.goto(demo.address(PAGES[kind]), wait_until="networkidle")

    assert len(weights) >= 3
    assert sum(weights) <= _MAX_ARTICLE_BYTES, weights


@pytest.mark.parametrize("kind", ["flagship", "report with a file", "home"])
def test_on_paper_there_is_the_text_and_none_of_the_ways_around(
    demo: Site, visit: Callable[..., Any], kind: str
) -> None:
    page = visit()
    page.goto(demo.address(PAGES[kind]))
    page.emulate_media(media="print")

    assert page.locator("h1, h2").first.is_visible()
    for hidden in ("nav", "form", ".skip", ".finder"):
        assert not [found for found in page.locator(hidden).all() if found.is_visible()], f"{hidden} is printed"


def test_a_printed_piece_says_where_it_came_from(demo: Site, visit: Callable[..., Any]) -> None:
    page = visit()
    page.goto(demo.address(PAGES["flagship"]))
    page.emulate_media(media="print")

    assert demo.address(PAGES["flagship"]) in page.locator("body").inner_text()
    assert page.locator(".author-note").is_visible()


def test_the_first_key_offers_to_skip_to_the_content(demo: Site, visit: Callable[..., Any]) -> None:
    page = visit()
    page.goto(demo.address(PAGES["flagship"]))

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_search_is_reached_asked_and_read_with_the_keyboard_alone(demo: Site, visit: Callable[..., Any]) -> None:
    page = visit()
    page.goto(demo.address("/"))

    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "q":
            break
    page.keyboard.type('"pilot boat"')
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")

    assert page.locator("h1").inner_text().split()[1].startswith("publication")
    assert page.locator(".hit mark").first.is_visible()


def test_every_stop_of_the_keyboard_can_be_seen(demo: Site, visit: Callable[..., Any]) -> None:
    page = visit()
    page.goto(demo.address(PAGES["flagship"]))

    unseen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        said = page.evaluate(
            """() => {
                const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
                const ringed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
                return ringed && box.width > 0 && box.height > 0 ? "" : at.outerHTML.slice(0, 80);
            }"""
        )
        unseen += [said] if said else []

    assert unseen == []
