"""WordPress's own dialects as HTML: line ends, shortcodes, players, and what Word left in a paste."""
# ruff: noqa: E501 -- tables, a case a line

from __future__ import annotations

import pytest

from isthmus.importers.bodies import media_tags, shortcodes, unclean_html, word_paste
from isthmus.importers.bodies.surroundings import Surroundings
from isthmus.importers.bodies.wordpress_paragraphs import paragraphs
from isthmus.importers.source_item import SourceItem, SourceMedia


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("One\n\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("One\nTwo", "<p>One<br />\nTwo</p>"),
        ("One<br />\nTwo", "<p>One<br />\nTwo</p>"),
        ("One<br><br>Two", "<p>One</p>\n<p>Two</p>"),
        ("One\r\n\r\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("One\n \t\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("<p>One</p>\n\n<p>Two</p>", "<p>One</p><p>Two</p>"),
        ("<p>One\nTwo</p>", "<p>One<br />\nTwo</p>"),
        ("One\n<h2>Why</h2>\nTwo", "<p>One</p><h2>Why</h2><p>Two</p>"),
        (
            "<ul>\n<li>One</li>\n\n<li>Two\n\nThree</li>\n</ul>",
            "<ul><li>One</li><li><p>Two</p>\n<p>Three</p></li></ul>",
        ),
        ("<blockquote>One</blockquote>", "<blockquote><p>One</p></blockquote>"),
        ("<table>\n<tr>\n<td>One</td>\n</tr>\n</table>", "<table><tr><td>One</td></tr></table>"),
        ("Be\n<pre>a\n\nb</pre>\nAf", "<p>Be</p><pre>a\n\nb</pre><p>Af</p>"),
        ("<a\nhref='x'>One</a>", "<p><a\nhref='x'>One</a></p>"),
        ("One<!--more-->Two", "<p>One</p>\n<p>Two</p>"),
        ("<div>One\n\nTwo</div>", "<div><p>One</p>\n<p>Two</p></div>"),
        ("One <em>two\nthree</em>", "<p>One <em>two<br />\nthree</em></p>"),
        ("", ""),
        (" \n\n ", ""),
    ],
)
def test_line_ends_mean_what_wordpress_means_by_them(written: str, shown: str) -> None:
    assert paragraphs(written) == shown


def test_paragraphs_once_written_out_stay_as_they_are() -> None:
    once = paragraphs("One\n\nTwo\nThree\n<ul><li>Four</li></ul>\nFive")

    assert paragraphs(once).replace("\n", "") == once.replace("\n", "")


MEDIA = {
    "7": SourceMedia("https://old.example/7.jpg", id="7", alt="Seven", caption="The <b>seventh</b>"),
    "8": SourceMedia("https://old.example/8.jpg", id="8", title="Eight"),
}


def shown(written: str, *attached: SourceMedia) -> tuple[str, dict[str, str]]:
    around = Surroundings(MEDIA, attached)
    html = shortcodes.to_html(written, around)
    return " ".join(html.split()), dict(around.warnings)


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ('[caption caption="Old form"]<img src="a.jpg">[/caption]', '<figure><img src="a.jpg"><figcaption>Old form</figcaption></figure>'),
        ("[embed]https://youtu.be/abcdefghijk[/embed]", '<iframe src="https://www.youtube.com/embed/abcdefghijk"></iframe>'),
        ("[youtube=http://www.youtube.com/watch?v=abcdefghijk&w=320]", '<iframe src="https://www.youtube.com/embed/abcdefghijk"></iframe>'),
        ("[vimeo 123456]", '<iframe src="https://player.vimeo.com/video/123456"></iframe>'),
        ('[audio src="https://old.example/a.mp3"]', '<a href="https://old.example/a.mp3">https://old.example/a.mp3</a>'),
        ('[video mp4="https://old.example/a.mp4" title="A talk"][/video]', '<a href="https://old.example/a.mp4">A talk</a>'),
        ("[sourcecode language=\"php\"]<?php echo [1]; ?>[/sourcecode]", '<pre><code class="language-php">&lt;?php echo [1]; ?&gt;</code></pre>'),
        ("[sic] and [1] and [the United States]", "[sic] and [1] and [the United States]"),
        ("[[gallery]] is a word", "[gallery] is a word"),
        ("<code>[gallery]</code> <pre>[x y=1]</pre>", "<code>[gallery]</code> <pre>[x y=1]</pre>"),
        ("[vc_row][vc_column_text]Words[/vc_column_text][/vc_row]", "Words"),
        ("https://other.example/page", '<a href="https://other.example/page">https://other.example/page</a>'),
    ],
)  # fmt: skip
def test_shortcodes_become_what_they_showed(written: str, html: str) -> None:
    assert shown(written) == (html, {})


def test_galleries_take_their_pictures_from_the_archive_and_name_those_that_are_not_there() -> None:
    html, said = shown('[gallery ids="7, 8,9"]')

    assert html.count("<figure>") == 2
    assert '<img src="https://old.example/7.jpg" alt="Seven"/><figcaption>The <b>seventh</b></figcaption>' in html
    assert said == {"gallery": "pictures 9 are not in the archive"}
    assert shown("[gallery]", MEDIA["8"])[0].count("8.jpg") == 1


def test_unknown_shortcodes_are_named_and_their_words_stay() -> None:
    html, said = shown('Before [box style="a"]kept [weather city="x"] words[/box] after [/orphan]')

    assert html == "Before kept words after [/orphan]"
    assert said == {"unknown shortcode": "weather, box"}


@pytest.mark.parametrize(
    "written",
    [
        "One[footnote]Not so.[/footnote] two.",
        "One[ref]Not so.[/ref] two.",
        "One[efn_note]Not so.[/efn_note] two.",
        "One[1. Not so.] two.",
        "One ((This is not so.)) two.",
    ],
)
def test_footnotes_of_every_plugin_are_linked_both_ways(written: str) -> None:
    html, _ = shown(written)

    assert '<sup><a href="#isthmus-note-1" id="isthmus-note-ref-1">1</a></sup> two.' in html
    assert '<li id="isthmus-note-1">' in html
    assert '<a href="#isthmus-note-ref-1">' in html


def test_a_named_footnote_is_one_note_however_often_it_is_referred_to() -> None:
    html, _ = shown('a[ref name="x"]Not so.[/ref] b[ref name="x"][/ref] c')

    assert html.count("<li ") == 1
    assert html.count('href="#isthmus-note-1"') == 2


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ('<object><param name="movie" value="http://www.youtube.com/v/abcdefghijk&fs=1"></object>', "youtube.com/embed/abcdefghijk"),
        ('<embed src="http://blip.tv/play/x" type="a">', '<a href="http://blip.tv/play/x">'),
        ('<video controls><source src="/a.mp4"></video>', '<a href="/a.mp4">'),
        ('<audio src="https://old.example/a.mp3"></audio>', '<a href="https://old.example/a.mp3">'),
        ('<object data="javascript:alert(1)"><a href="/x">Film</a></object>', '<a href="/x">Film</a>'),
    ],
)  # fmt: skip
def test_a_player_leaves_a_frame_or_a_link(written: str, kept: str) -> None:
    html = media_tags.without_players(written)

    assert kept in html
    assert "javascript" not in html


def test_what_word_left_goes_and_its_lists_become_lists() -> None:
    pasted = (
        "<!--[if gte mso 9]><xml><w:WordDocument>Normal 0</w:WordDocument></xml><![endif]-->"
        '<style>p.MsoNormal {margin:0}</style><p class="MsoNormal">One<o:p></o:p></p>'
        '<p class="MsoListParagraph"><span>·<span>&nbsp;&nbsp; </span></span>Two</p>'
        '<p class="MsoListParagraph"><span>·<span>&nbsp; </span></span>Three</p>'
    )

    assert word_paste.without_office(pasted).count("<li>") == 2
    assert "Normal 0" not in word_paste.without_office(pasted)
    assert "margin" not in word_paste.without_office(pasted)
    assert word_paste.without_office("<p>Plain</p>") == "<p>Plain</p>"


def test_the_words_below_a_table_are_its_caption_and_those_below_a_picture_stay() -> None:
    table = (
        "<figure><table class='x'><tbody><tr><td>1</td></tr></tbody></table><figcaption>Ferries</figcaption></figure>"
    )
    picture = "<figure><img src='/quay.jpg'><figcaption>The quay</figcaption></figure>"

    shown = unclean_html(SourceItem("1", "a", "a:1", html=table + picture), Surroundings())

    assert "<caption>Ferries</caption><tbody>" in shown
    assert shown.endswith(picture)
