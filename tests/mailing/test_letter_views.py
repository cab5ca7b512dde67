"""A letter on a page: previews that run nothing, and a public page whose styles a strict policy allows."""

from __future__ import annotations

import base64
import hashlib
import re

from isthmus.mailing import letter_views
from isthmus.mailing.splicing import Letter, Marks

_MARKS = Marks("qz" + "a" * 24)


def _letter(body: str) -> Letter:
    html = f"<html><head><style>.x{{color:red}}</style></head><body>{body}</body></html>"
    return Letter("Subject", html, f"You get this because {_MARKS.becausetext}.", _MARKS)


def _web(body: str) -> letter_views.WebPage:
    return letter_views.web_page(
        _letter(body), public_url="https://institute.example", path="/mail/one/", line="The Institute"
    )


def test_every_sheet_is_named_by_its_hash_and_no_other():
    page = _web('<p style="color: #111">One</p>')

    sheets = re.findall(r"<style>(.*?)</style>", page.html, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode() for sheet in sheets]
    assert [f"'sha256-{digest}'" for digest in hashes] == list(page.style_hashes)


def test_the_same_style_is_one_class_and_known_classes_stay():
    page = _web('<p style="margin: 0">One</p><p class="lead" style="margin: 0">Two</p>')

    assert '<p class="s0">One</p><p class="lead s0">Two</p>' in page.html
    assert page.html.count("margin: 0}") == 1


def test_quotes_in_a_style_are_css_again():
    page = _web('<p style="font-family: &quot;Iowan Old Style&quot;, serif">One</p>')

    assert '.s0{font-family: "Iowan Old Style", serif}' in page.html


def test_no_style_can_end_the_sheet():
    page = _web('<p style="content: &quot;&lt;/style&gt;&lt;script&gt;&quot;">One</p>')

    assert page.html.count("</style>") == 2
    assert "<script" not in page.html


def test_paragraphs_about_a_person_and_the_link_to_itself_are_left_out():
    page = _web(
        f'<p>Words.</p><p class="x">You get this because {_MARKS.becausehtml}.</p>'
        f'<p><a href="{_MARKS.leave}">Leave</a></p><p><a href="https://institute.example/mail/one/">Read here</a></p>'
    )

    assert "Words." in page.html
    assert all(said not in page.html for said in ("You get this", "Leave", "Read here"))


def test_a_preview_takes_its_pictures_past_the_gate_and_opens_links_beside():
    shown = letter_views.preview(
        _letter('<img src="https://institute.example/images/3/ab/480.webp">'), "https://institute.example/"
    )

    assert 'src="/admin/pictures/3/ab/480.webp"' in shown
    assert '<base target="_blank">' in shown


def test_the_text_says_where_a_persons_own_words_go():
    assert letter_views.preview_text(_letter("")) == "You get this because you are on our mailing list."
