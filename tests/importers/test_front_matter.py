from __future__ import annotations

import pytest

from isthmus.importers.front_matter import has_front_matter, page_of


@pytest.mark.parametrize(
    "words",
    [
        "---\ntitle: A\ndate: 2016-08-02\n---\nBody",
        "\n\n---\r\nTitle: A\r\ndate: 2016-08-02\r\n---\r\nBody",
        '+++\ntitle = "A"\ndate = 2016-08-02\n+++\nBody',
        '---json\n{"title": "A", "date": "2016-08-02"}\n---\nBody',
        '{"title": "A", "date": "2016-08-02"}Body',
        "---\n# a comment\n\"title\": 'A'\ndate: 2016-08-02\n---   \nBody",
    ],
)
def test_every_kind_of_front_matter_is_read_and_a_date_stays_as_printed(words: str) -> None:
    page = page_of(words)

    assert (page.meta, page.body, page.doubts) == ({"title": "A", "date": "2016-08-02"}, "Body", ())


def test_a_page_without_any_is_all_body() -> None:
    page = page_of("# A\n\n---\n\nB")

    assert (page.meta, page.has_meta, page.body) == ({}, False, "# A\n\n---\n\nB")


def test_one_bad_key_costs_only_itself() -> None:
    page = page_of("---\ntitle: A\nquote:\tsaid: so\ntags:\n- x\n---\nBody")

    assert page.meta == {"title": "A", "quote": "said: so", "tags": ["x"]}
    assert [kind for kind, _ in page.doubts] == ["front matter"]


def test_front_matter_is_told_by_its_first_line() -> None:
    assert has_front_matter(b"\xef\xbb\xbf---\ntitle: A\n---\n")
    assert not has_front_matter(b"<html>---\n")
