"""What a source item means."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.importers.cleaned import Cleaned, from_plain
from isthmus.importers.judgement import House, clean
from isthmus.importers.source_item import SourceItem, content_hash

HOUSE = House("UTC", "en", ("post", "event"), ())


def cleaned(**fields: Any) -> Cleaned:
    return clean(SourceItem(**{"id": "s/a-b", "source": "s", "where": "a:1", "title": "T", **fields}), HOUSE)


def test_a_title_loses_tags_and_entities() -> None:
    assert cleaned(title="Ships &amp; <b>ferries</b>&nbsp;&#8217;19<br />").title == "Ships & ferries ’19"


def test_a_piece_without_a_title_is_called_by_its_id_and_said_so() -> None:
    got = cleaned(title=" ", id="narrows:news/an-example")

    assert got.title == "An example"
    assert [kind for kind, _ in got.warnings] == ["no title"]


def test_a_lost_date_stays_lost_and_is_named() -> None:
    got = cleaned(published="Invalid date")

    assert got.published_on is None
    assert got.warnings[0][0] == "no date"


def test_uncategorized_is_no_category_and_each_label_comes_once() -> None:
    assert cleaned(categories=("Uncategorized", "Ports", "ports", "Sea &amp; land")).categories == [
        "Ports",
        "Sea & land",
    ]


def test_old_addresses_are_paths_with_a_slash_at_the_end() -> None:
    got = cleaned(
        source_url="https://old.example/a%20b", aliases=("/c.html", "https://old.example/?p=17", "/", "x", "//evil/")
    )

    assert got.former_paths == ["/a b/", "/c.html/", "/?p=17"]


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "ftp://x.example", "nonsense", "https://x.example/" + "a" * 2000]
)
def test_an_address_elsewhere_must_be_one_of_the_web(address: str) -> None:
    got = cleaned(external_url=address)

    assert got.external_url == ""
    assert got.warnings[0][0] == "bad address"


def test_what_crosses_from_the_child_comes_back_as_it_was() -> None:
    got = cleaned(markdown="a[^1]\n\n[^1]: b", categories=("c",))

    assert from_plain(got.plain()) == got


def test_the_content_hash_sees_every_field_but_not_the_place() -> None:
    base = SourceItem(id="a", source="s", where="x:1", title="ab", summary="c")

    assert content_hash(base) == content_hash(SourceItem(id="a", source="s", where="y:9", title="ab", summary="c"))
    assert content_hash(base) != content_hash(SourceItem(id="a", source="s", where="x:1", title="a", summary="bc"))
