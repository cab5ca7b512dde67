"""Old HTML as blocks an editor can work with."""

from __future__ import annotations

import pytest

from isthmus.importers.body_blocks import body_of
from isthmus.kit import html, markdown


def blocks(raw: str, **options: str) -> list[tuple[str, object]]:
    return [(block["type"], block["value"]) for block in body_of(html.clean_html(raw), **options).blocks]


def test_simple_text_is_one_rich_text() -> None:
    got = blocks('<div><h1>Why</h1>\n<p style="x">A <strong>word</strong>\nor <span>two</span><br>here</p>loose</div>')

    assert got == [("text", "<h2>Why</h2><p>A <b>word</b> or two<br/>here</p><p>loose</p>")]


def test_a_table_and_code_are_kept_as_html_where_they_stand() -> None:
    got = blocks('<p>a</p><table><tr><td colspan="2">x</td></tr></table><pre><code>{{ if }}  y</code></pre><p>b</p>')

    assert [kind for kind, _ in got] == ["text", "html", "text"]
    assert 'colspan="2"' in str(got[1][1])
    assert "{{ if }}  y" in str(got[1][1])


def test_markdown_footnotes_become_footnotes() -> None:
    got = blocks(markdown.to_html("One[^a] and two[^b], again[^a].\n\n[^a]: The *first*.\n\n[^b]: Second.\n"))

    assert got[0] == ("text", "<p>One[^1] and two[^2], again[^1].</p>")
    notes = [(note["value"]["label"], note["value"]["text"].strip()) for note in got[1][1]]  # type: ignore[attr-defined]
    assert notes == [("1", "<p>The <i>first</i>.</p>"), ("2", "<p>Second.</p>")]


def test_footnotes_of_a_word_processor_become_footnotes() -> None:
    got = blocks(
        '<p>Said so<a href="#_ftn1" name="_ftnref1">[1]</a>.</p><hr>'
        '<p><a href="#_ftnref1" name="_ftn1">[1]</a> In a letter.</p>'
    )

    assert "Said so[^1]." in str(got[0][1])
    assert got[-1][1] == [{"type": "item", "value": {"label": "1", "text": "<p>In a letter.</p>"}}]


def test_links_inside_the_page_keep_their_target() -> None:
    got = blocks('<p><a href="#two">down</a></p><h2 id="two">Two</h2><h2 id="three">Three</h2>')

    assert got == [("text", '<p><a href="#two">down</a></p><h2 id="two">Two</h2><h2>Three</h2>')]


def test_a_picture_that_is_not_there_leaves_its_words_and_a_warning() -> None:
    body = body_of(
        html.clean_html('<p>See <img src="/a.png" alt="the & pier"> here <img src="b.png"></p>'),
        base_url="https://old.example/x/",
    )

    assert body.blocks[0]["value"] == '<p>See <a href="https://old.example/a.png">the &amp; pier</a> here</p>'
    assert body.warnings == [("missing image", "/a.png"), ("missing image", "b.png")]


def test_relative_links_lead_to_the_old_site() -> None:
    got = blocks('<p><a href="../b/">b</a> <a href="mailto:a@b.example">m</a></p>', base_url="https://old.example/a/c/")

    assert got[0][1] == '<p><a href="https://old.example/a/b/">b</a> <a href="mailto:a@b.example">m</a></p>'


@pytest.mark.parametrize(
    "raw",
    ["<p>" * 3000 + "deep", "<b><i>" * 2000 + "x", "<ul><li>" * 500 + "x", "<span><p>a</p></span><b><p>b</p>c</b>",
     '<a href="#x"><div id="x">a</div></a>', "<p><s>gone</s> kept</p>", "<blockquote><p>a</p><p>b</p></blockquote>"],
)  # fmt: skip
def test_no_words_are_lost_whatever_the_markup(raw: str) -> None:
    cleaned = html.clean_html(raw)

    got = "".join(str(value) for _, value in blocks(raw))

    assert html.text_of(got).split() == html.text_of(cleaned).split()


def test_nothing_that_runs_reaches_a_block() -> None:
    got = str(
        blocks(
            '<p onclick="x()">a<script>x()</script><a href="javascript:x()">b</a></p><iframe src="//evil.example"></iframe>'  # noqa: E501
        )
    )

    assert "onclick" not in got
    assert "script" not in got
    assert "<iframe" not in got
