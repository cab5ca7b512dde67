"""Markdown with tables, footnotes and raw HTML."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from isthmus.kit.html import clean_html
from isthmus.kit.markdown import to_html


def test_a_table_is_a_table():
    assert '<td align="right">2</td>' in to_html("|a|b|\n|-|-:|\n|1|2|\n")


def test_a_footnote_is_linked_both_ways_and_survives_cleaning():
    html = clean_html(to_html("Talks[^1].\n\n[^1]: In Ostrand.\n"))

    assert 'href="#fn-1" id="fnref-1"' in html
    assert '<li id="fn-1">' in html
    assert 'href="#fnref-1"' in html


def test_raw_html_is_kept_for_the_sanitizer_to_judge():
    assert "<iframe src='x'></iframe>" in to_html("<iframe src='x'></iframe>\n")


def test_bare_links_strikethrough_and_code_are_read():
    html = to_html("https://a.example ~~gone~~\n\n```python\nx\n```\n")

    assert '<a href="https://a.example">' in html
    assert "<del>gone</del>" in html
    assert '<code class="language-python">' in html


def test_half_a_surrogate_pair_does_no_harm():
    assert to_html("a\ud800b") == "<p>a?b</p>\n"


@given(st.text())
def test_every_text_is_markdown(anything):
    assert isinstance(to_html(anything), str)
