"""What is said in each kind of mail, in HTML and as text."""

from __future__ import annotations

from datetime import date

import pytest

from isthmus.mailing import letters
from isthmus.mailing.models import Campaign, Mailing
from isthmus.publications import actions
from isthmus.publications.models import Byline, SiteSettings
from tests import makers

pytestmark = pytest.mark.django_db


def _piece(**fields):
    """A piece with all that stands on one of the institute's pages."""
    robert = makers.person("Robert King")
    return makers.released(
        **{
            "title": "Ardor Fades", "series": makers.series(), "people": (robert,),
            "categories": (makers.category(),), "published_on": date(2026, 11, 23),
            "author_note": "Robert King is a fellow.", "disclaimer": "The views are his own.",
            "photo_credit": "Photo from the White House.", **fields,
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    "promised",
    [
        "The Peninsula", "Ardor Fades", "Published November 23, 2026", "By Robert King", "North Korea",
        "The relationship has been cordial.", "Robert King is a fellow.", "The views are his own.",
        "Photo from the White House.", "Return to the Peninsula", "Read on our site",
    ],
)  # fmt: skip
def test_an_alert_holds_all_that_the_page_promises(clock, promised):
    letter = letters.alert(_piece().pk)

    assert promised in letter.html
    assert promised in letter.text


def test_a_byline_stands_as_printed(clock):
    piece = makers.draft()
    piece.bylines = [Byline(person=makers.person("Robert King"), printed_name="Robert R. King")]
    actions.save_draft(piece)

    assert "By Robert R. King" in letters.alert(actions.release(piece).pk).text


def test_footnotes_survive_in_both_parts(clock):
    piece = _piece(
        body=[
            ("text", "<p>It was cordial[^1].</p>"),
            ("footnotes", [{"label": "1", "text": "<p>Since March 2018.</p>"}]),
        ]
    )

    letter = letters.alert(piece.pk)

    assert "It was cordial[1]." in letter.text
    assert "[1] Since March 2018." in letter.text
    assert 'href="#fn-1"' in letter.html
    assert 'id="fn-1"' in letter.html


def test_no_address_in_a_mail_is_relative(clock):
    letter = letters.alert(_piece(text='<p><a href="/about/">About</a></p>').pk)

    assert 'href="/' not in letter.html
    assert 'src="/' not in letter.html
    assert "</about/>" not in letter.text


def test_styles_stand_in_the_elements_and_the_dark_in_a_sheet(clock):
    letter = letters.alert(_piece().pk)

    assert letter.html.count("<style>") == 1
    assert "prefers-color-scheme: dark" in letter.html
    assert '<meta name="color-scheme" content="light dark">' in letter.html
    assert "font-family" in letter.html.split("<body", 1)[1]


def test_a_piece_that_is_too_long_is_begun_and_linked(clock):
    text = "".join(f"<p>{number} {'The relationship has been cordial. ' * 12}</p>" for number in range(250))

    letter = letters.alert(_piece(text=text).pk)

    assert letter.n_html_bytes < letters.MAX_HTML_BYTES
    assert "Read the rest on our site" in letter.text
    assert "5 The relationship" in letter.text
    assert "200 The relationship" not in letter.text


def test_a_piece_that_nobody_may_see_is_in_no_mail(clock):
    piece = _piece()
    actions.withdraw(piece)

    with pytest.raises(letters.PieceNotPublic):
        letters.alert(piece.pk)


def test_a_korean_piece_says_that_it_is_korean(clock):
    letter = letters.alert(_piece(title="손님 없는 배", language="ko").pk)

    assert letter.subject == "손님 없는 배"
    assert '<html lang="ko">' in letter.html


def test_markup_in_what_people_typed_is_text(clock):
    SiteSettings.objects.create(name="<b>Institute</b> & Sons")
    letter = letters.alert(_piece(title="<script>alert(1)</script>", author_note="<img src=x onerror=y>").pk)

    assert "<script>" not in letter.html
    assert "<img src=x" not in letter.html
    assert "<b>Institute" not in letter.html
    assert "<script>alert(1)</script>" in letter.text


def test_a_colour_that_is_none_is_the_themes_own(clock):
    SiteSettings.objects.create(accent="red}</s", accent_dark="#112233")

    letter = letters.alert(_piece().pk)

    assert "red}" not in letter.html
    assert "#1d4e6b" in letter.html
    assert "#112233" in letter.html


def test_a_digest_shows_each_piece_with_title_author_and_link(clock):
    first, second = _piece(), _piece(title="Letters", summary="What was written.")

    letter = letters.digest(Mailing(key="digest:weekly:2026-11-23"), [first.pk, second.pk])

    assert letter.subject == "Letters and 1 more"
    assert "New this week" in letter.text
    assert "2 pieces from" in letter.text
    assert "What was written." in letter.text
    assert f"<http://localhost:8000{first.path}>" in letter.text


def test_a_digest_leaves_out_what_was_withdrawn(clock):
    first, second = _piece(), _piece(title="Letters")
    actions.withdraw(second)

    letter = letters.digest(Mailing(key="digest:daily:2026-11-23"), [first.pk, second.pk])

    assert letter.subject == "Ardor Fades"
    assert "Letters" not in letter.text


def test_a_confirmation_is_the_same_for_everybody_but_for_its_link(clock):
    one, other = letters.confirmation(), letters.confirmation()

    assert one.text.replace(one.marks.nonce, "") == other.text.replace(other.marks.nonce, "")
    assert one.marks.confirm in one.text
    assert one.list_name == ""


def test_a_campaign_shows_its_blocks_in_order(clock):
    piece = _piece()
    campaign = Campaign(
        title="Winter letter",
        body=[
            ("text", "<p>Dear readers,</p>"),
            ("publications", [piece]),
            ("quote", {"text": "We fell in love.", "source": "A president"}),
        ],
    )

    letter = letters.campaign(campaign, web_path="/mail/winter-letter/")

    places = [
        letter.text.index(words) for words in ("Dear readers", "Ardor Fades", "We fell in love", "Read this letter")
    ]
    assert places == sorted(places)
    assert letter.subject == "Winter letter"


def test_a_campaign_leaves_out_pieces_that_are_not_public(clock):
    campaign = Campaign(title="Winter letter", body=[("publications", [makers.draft("Secret plans")])])

    assert "Secret" not in letters.campaign(campaign).html
