"""Who wrote it, and the byline that archives repeat as the first paragraph."""

from __future__ import annotations

import pytest

from isthmus.importers.bylines import bylines_of, without_repeated
from isthmus.importers.source_item import SourceAuthor


def named(name: str, affiliation: str = "") -> list[SourceAuthor]:
    return [SourceAuthor(name, affiliation=affiliation)]


def test_a_comma_opens_an_affiliation_and_never_a_second_author() -> None:
    (line,) = bylines_of(named("Alice B. Moore, Secretary of Fisheries"))

    assert (line.name, line.affiliation) == ("Alice B. Moore", "Secretary of Fisheries")


def test_a_suffix_stays_with_the_name() -> None:
    assert bylines_of(named("Bob Hale, Jr."))[0].name == "Bob Hale, Jr."


@pytest.mark.parametrize("office", ["Bureau of Fisheries, Ports, and Tides", "Office of Tide Policy, Harbours"])
def test_the_commas_in_the_name_of_an_office_belong_to_it(office: str) -> None:
    (line,) = bylines_of(named(office))

    assert (line.name, line.affiliation) == (office, "")


def test_stray_signs_around_a_name_go_and_nobody_is_named_twice() -> None:
    assert [line.name for line in bylines_of([*named(" · Alice&nbsp;Moore, "), *named("ALICE MOORE")])] == [
        "Alice Moore"
    ]


@pytest.mark.parametrize(
    ("first", "printed", "affiliation"),
    [
        ("Alice Moore, Secretary of Fisheries", "", "Secretary of Fisheries"),
        ("By Alice B. Moore", "Alice B. Moore", ""),
        ("<b>Alice Moore</b>", "", ""),
    ],
)
def test_a_first_paragraph_that_only_repeats_the_byline_goes(first: str, printed: str, affiliation: str) -> None:
    got = without_repeated(bylines_of(named("Alice Moore")), f"<p>{first}</p><p>Text.</p>")

    assert got.html == "<p>Text.</p>"
    assert (got.bylines[0].printed_name, got.bylines[0].affiliation) == (printed, affiliation)


@pytest.mark.parametrize(
    "first", ["Alice Moore, who was there, left early.", "Alice Moore spoke.", "Bob Hale, Minister", "Alice"]
)
def test_a_sentence_about_the_author_stays(first: str) -> None:
    html = f"<p>{first}</p><p>Text.</p>"

    assert without_repeated(bylines_of(named("Alice Moore")), html).html == html
