"""A mail as people read it who see no HTML."""

import pytest

from isthmus.mailing import mail_text


def _text(html: str) -> str:
    return mail_text.text_of(html)


def test_paragraphs_are_wrapped_at_72_columns_with_an_empty_line_between():
    read = _text("<p>" + "The relationship has been cordial. " * 6 + "</p><p>And so on.</p>")

    lines = read.splitlines()
    assert max(len(line) for line in lines) <= 72
    assert lines[-2:] == ["", "And so on."]


def test_hangul_is_two_columns_wide():
    lines = _text("<p>" + "통일 정책 " * 30 + "</p>").splitlines()

    assert max(sum(1 if sign == " " else 2 for sign in line) for line in lines) <= 72


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<p>See <a href="https://example.org/a">the letter</a>.</p>', "See the letter <https://example.org/a>.\n"),
        ('<p><a href="https://example.org/">https://example.org/</a></p>', "https://example.org/\n"),
        ('<p><a href="mailto:alice@example.org">Alice</a></p>', "Alice <alice@example.org>\n"),
        ('<p><a href="#part">below</a></p>', "below\n"),
        ('<h1>A <a href="/x/" data-text="words">title</a></h1>', "A title\n-------\n"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two\n"),
        ("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two\n"),
        ("<ul><li>one<ul><li>inside</li></ul></li></ul>", "- one\n  - inside\n"),
        ("<blockquote><p>Letters</p><p>Love</p></blockquote>", "> Letters\n\n> Love\n"),
        ("<p>one<br>two</p>", "one\ntwo\n"),
        ("<pre>a  b\n  c</pre>", "    a  b\n      c\n"),
        (
            "<table><caption>Meetings</caption><tr><th>Year</th><th>Met</th></tr><tr><td>2018</td><td>1</td></tr></table>",
            "Meetings\n\nYear | Met\n2018 | 1\n",
        ),
        ('<img src="/x" alt="A pier">', "[Picture: A pier]\n"),
        ('<img src="/x" alt="">', "\n"),
        ("<p>R&amp;D &lt;ok&gt;</p>", "R&D <ok>\n"),
        ('<div data-text="no">unseen<p>x</p></div><p>seen</p>', "seen\n"),
        ("<head><title>t</title><style>p{}</style></head><p>seen</p>", "seen\n"),
        ("<p>a</p></div></p><p>b", "a\n\nb\n"),
        ("", "\n"),
    ],
)  # fmt: skip
def test_each_element_has_its_form(html, text):
    assert _text(html) == text


def test_a_footnote_is_marked_and_its_note_kept():
    html = (
        '<p>Cordial<sup class="fnref"><a id="fnref-1" href="#fn-1">1</a></sup>.</p>'
        '<section class="footnotes"><h2>Notes</h2><ol><li id="fn-1" value="1">Since 2018. '
        '<a class="back" href="#fnref-1">↩</a></li></ol></section>'
    )

    read = _text(html)

    assert "Cordial[1]." in read
    assert "[1] Since 2018.\n" in read
    assert "↩" not in read


def test_an_item_of_a_list_hangs_under_its_number():
    read = _text("<ol><li>" + "word " * 30 + "</li></ol>")

    assert [line[:3] for line in read.splitlines()] == ["1. ", "   ", "   "][: len(read.splitlines())]
