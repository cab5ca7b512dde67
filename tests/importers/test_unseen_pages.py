"""Saved pages and feeds of sites that say who, when and what in other ways than most."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from isthmus.importers.cleaned import Cleaned
from isthmus.importers.source_item import Skipped
from tests.importers.samples import cleaned_in

PROSE = "<p>" + "The ferries stopped, and nobody on the quay was told for how long. " * 3 + "</p>"
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><author><name>Bob Hale</name></author>{}</feed>'


def _page(head: str, body: str = PROSE) -> str:
    return f"<html lang=en><head><title>Quay</title>{head}</head><body><article>{body}</article></body></html>"


def _only(folder: Path, name: str, words: str) -> Cleaned:
    (item,) = cleaned_in(folder, {name: words}).values()
    assert isinstance(item, Cleaned)
    return item


def _linked(**said: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "Article", "headline": "Quay", **said})}</script>'


def test_linked_data_says_terms_summary_editor_and_credit(tmp_path: Path) -> None:
    head = _linked(
        author=["Alice Moore"], editor={"name": "Carol Finch"}, articleSection=["Asia"], keywords="sea, ice",
        description="What the quay saw.",
        image={"url": "https://q.example/a.jpg", "caption": "The quay", "creditText": "Harbour Archive"},
    )  # fmt: skip

    page = _only(tmp_path, "a.html", _page(head))

    assert [(line.name, line.role) for line in page.bylines] == [("Alice Moore", "author"), ("Carol Finch", "editor")]
    assert (page.categories, page.tags, page.summary) == (["Asia"], ["sea", "ice"], "What the quay saw.")
    assert (page.image_caption, page.photo_credit) == ("The quay", "Harbour Archive")


@pytest.mark.parametrize(
    ("body", "names", "date"),
    [
        ('<p class="byline">By Alice Moore and Bob Hale</p><p class="date">June 5, 2011</p>', 2, "2011-06-05"),
        ('<span class="author vcard"><a class="url fn n">Alice Moore</a></span>', 1, None),
        ('<p class="byline">By the staff of the harbour and friends</p>', 0, None),
    ],
)
def test_names_and_dates_that_only_readers_are_told(tmp_path: Path, body: str, names: int, date: str | None) -> None:
    terms = '<a rel="category tag" href="/c/asia">Asia</a> <a rel="tag" href="/t/ice">ice</a>'

    page = _only(tmp_path, "a.html", _page("", f"<h1>Quay</h1>{body}{PROSE}<footer>{terms}</footer>"))

    assert [line.name for line in page.bylines] == ["Alice Moore", "Bob Hale"][:names]
    assert page.published_on == date
    assert (page.categories, page.tags) == (["Asia"], ["ice"])


def test_an_institution_belongs_to_the_author_before_it(tmp_path: Path) -> None:
    names = ("citation_author", "citation_author_institution", "citation_author", "dc.subject")
    values = ("Alice Moore", "Strait House", "Hale, Bob", "Trade")
    head = "".join(f'<meta name="{name}" content="{value}">' for name, value in zip(names, values, strict=True))

    page = _only(tmp_path, "a.html", _page(head))

    assert [(line.name, line.affiliation) for line in page.bylines] == [
        ("Alice Moore", "Strait House"), ("Bob Hale", ""),
    ]  # fmt: skip
    assert page.tags == ["Trade"]


def test_signs_that_no_xml_may_hold_do_not_cost_the_page(tmp_path: Path) -> None:
    page = _only(tmp_path, "a.html", _page("", f"<h1>Qu\x0bay\x1f</h1>{PROSE}\x0b").replace("<title>", "<title>\x01"))

    assert page.title == "Quay"


def test_what_a_server_sends_where_there_is_no_page_is_none(tmp_path: Path) -> None:
    (item,) = cleaned_in(tmp_path, {"a.html": _page("", f"<h1>Page not found</h1>{PROSE}")}).values()

    assert isinstance(item, Skipped)


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("a.xml", ATOM.format("<entry><id>tag:a</id><title>A</title><content>Words</content></entry>"), ["Bob Hale"]),
        (
            "a.json",
            json.dumps(
                {
                    "version": "https://jsonfeed.org/version/1", "author": {"name": "Bob Hale"},
                    "items": [{"id": "1", "title": "A", "content_text": "Words"}],
                }
            ),
            ["Bob Hale"],
        ),
        (
            "a.xml",
            "<rss version='2.0'><channel><managingEditor>b@q.example (Bob Hale)</managingEditor><item><guid>a</guid>"
            "<title>A</title><description>Words</description></item></channel></rss>",
            [],
        ),
        (
            "a.xml",
            "<rss version='2.0'><channel><item><guid>a</guid><title>A</title><description>Words</description>"
            "<author>alice@quay.example (Alice Moore)</author></item></channel></rss>",
            ["Alice Moore"],
        ),
    ],
    ids=["of the feed", "of a JSON Feed", "who runs a channel", "behind an address"],
)  # fmt: skip
def test_the_authors_of_a_feeds_item(tmp_path: Path, name: str, words: str, expected: list[str]) -> None:
    assert [line.name for line in _only(tmp_path, name, words).bylines] == expected
