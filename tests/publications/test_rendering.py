"""Bodies as readers see them: anchors that stay, footnotes linked both ways, nothing that breaks a page."""

import json
import re
import time

import pytest

from isthmus.kit import text
from isthmus.publications import preparation, rendering
from isthmus.publications.models import Publication

pytestmark = pytest.mark.django_db


def rendered(*blocks):
    return rendering.render_body([{"type": kind, "value": value} for kind, value in blocks])


def test_sections_have_anchors_and_a_contents_list_from_three_on():
    two = rendered(("text", "<h2>One</h2><p>a</p><h2>Two</h2>"))
    three = rendered(("text", "<h2>One</h2><h2>Two</h2><h2>One</h2>"))

    assert two.contents == ()
    assert [(s.id, s.text) for s in three.contents] == [("one", "One"), ("two", "Two"), ("one-2", "One")]
    assert '<h2 id="one-2">' in three.html


def test_footnotes_are_numbered_by_first_reference_and_link_both_ways():
    notes = [{"label": "b", "text": "<p>Second.</p>"}, {"label": "a", "text": "<p>First.</p>"}]

    html = rendered(("text", "<p>One[^a] two[^b] again[^a].</p>"), ("footnotes", notes)).html

    assert re.findall(r'href="#(fn-\w+)"[^>]*>(\d)</a>', html) == [("fn-a", "1"), ("fn-b", "2"), ("fn-a", "1")]
    assert html.index('id="fn-a"') < html.index('id="fn-b"')
    assert 'href="#fnref-a"' in html
    assert 'href="#fnref-a-2"' in html


def test_a_reference_without_a_note_stays_as_it_was_written():
    assert "[^9]" in rendered(("text", "<p>See [^9].</p>")).html


def test_a_reference_inside_code_is_code():
    html = rendered(("html", "<pre><code>a[^1]</code></pre>"), ("footnotes", [{"label": "1", "text": "n"}])).html

    assert "<code>a[^1]</code>" in html


def test_table_cells_are_escaped():
    html = rendered(("table", {"data": [["<b>x</b>", "y"]], "first_row_is_table_header": False})).html

    assert "&lt;b&gt;x&lt;/b&gt;" in html


def test_a_picture_that_is_gone_leaves_no_broken_frame():
    assert "<img" not in rendered(("image", {"image": 4711, "caption": "gone"})).html


def test_an_unknown_block_is_left_out():
    assert rendered(("from-the-future", "x"), ("text", "<p>stays</p>")).html.count("stays") == 1


def test_plain_text_holds_every_word_a_reader_sees():
    text = rendering.plain_text(
        [
            {"type": "text", "value": "<h2>Head</h2><p>Body &amp; soul[^1]</p>"},
            {"type": "quote", "value": {"text": "Quoted", "source": "Somebody"}},
            {"type": "table", "value": {"data": [["cell one", None]], "table_caption": "Caption"}},
            {"type": "image", "value": {"image": 1, "caption": "Picture caption"}},
            {"type": "footnotes", "value": [{"label": "1", "text": "<p>The note</p>"}]},
        ]
    )

    for words in ("Head", "Body & soul", "Quoted", "Somebody", "cell one", "Caption", "Picture caption", "The note"):
        assert words in text
    assert "[^1]" not in text


@pytest.mark.parametrize("opening", ["<code ", "<pre "])
def test_code_that_never_ends_is_read_in_a_moment(opening):
    quoted = [{"type": "quote", "value": {"text": opening * 50_000 + "[^1]", "source": ""}}]
    began = time.perf_counter()

    rendering.plain_text(quoted)

    assert time.perf_counter() - began < 5


def test_a_table_moved_in_scrolls_in_a_frame_of_its_own_and_a_table_inside_it_does_not():
    inner = "<table><tbody><tr><td>2</td></tr></tbody></table>"
    table = f'<table class="x"><tbody><tr><td>1{inner}</td></tr></tbody></table>'

    shown = str(rendering.render_body([{"type": "html", "value": f"<p>a</p>{table}<p>b</p>{inner}"}]).html)

    assert shown.count('<div class="scroll" tabindex="0" role="region" aria-label="Table">') == 2
    assert f'aria-label="Table">{table}</div>' in shown
    assert f'aria-label="Table">{inner}</div>' in shown


@pytest.mark.parametrize(
    "blocks",
    [
        [("text", "<h2>Left out</h2>" + "<p>Words &amp; words, all the same.</p>" * 40)],
        [("text", "<p>Short.</p>"), ("html", "<p>Then <a href='/x/'>a</a></p>" * 30), ("text", "<p>End</p>" * 50)],
        [("text", "<p>" + "no end of it " * 300)],
        [("text", "<p>" + "One[^1] <code>[^2]</code> word " * 9 + "</p><h2>A heading</h2><p>More[^3].</p>" * 9)],
        [("quote", {"text": "Not prose"}), ("text", "<p>" + "정책연구원은 " * 200 + "</p>")],
        [],
    ],
)  # fmt: skip
def test_an_excerpt_is_cut_from_the_same_opening_however_little_of_it_is_read(blocks):
    raw = [{"type": kind, "value": value} for kind, value in blocks]
    piece = Publication(title="One", body=json.dumps(raw))

    whole = rendering.opening(raw, n_chars=2000)

    assert preparation.excerpt(piece) == text.shorten(whole, 280)
