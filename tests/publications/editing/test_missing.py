"""The checks name what a careful editor would ask about, and nothing that is there."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile

from isthmus.publications.editing.missing import missing
from isthmus.publications.models import Image, Publication
from tests import makers

pytestmark = pytest.mark.django_db
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f0005fe02fe0def46b8"
    "0000000049454e44ae426082"
)


def picture(**fields: str) -> Image:
    """A saved picture of one point."""
    return Image.objects.create(title="Harbour", file=ContentFile(_PNG, "harbour.png"), **fields)


def piece_with(*blocks: tuple[str, object], **fields: object) -> Publication:
    """A draft in which nothing else is missing."""
    return makers.draft(people=(makers.person(),), summary="In short.", body=list(blocks), **fields)


def test_a_complete_piece_misses_nothing():
    note = ("footnotes", [{"label": "1", "text": "<p>A note.</p>"}])

    assert missing(piece_with(("text", "<p>Words[^1].</p>"), note)) == []


def test_author_summary_and_text_are_asked_for():
    assert len(missing(makers.draft(body=[]))) == 3


def test_footnotes_are_asked_for_both_ways():
    notes = ("footnotes", [{"label": "2", "text": "<p>A note.</p>"}])

    said = missing(piece_with(("text", "<p>Words[^1], and <code>[^3]</code> as code.</p>"), notes))

    assert [("[^1]" in said[0], "“2”" in said[1]), len(said)] == [(True, True), 2]


def test_a_reference_inside_a_note_or_a_quotation_counts():
    notes = ("footnotes", [{"label": "q", "text": "<p>A note.</p>"}])

    assert missing(piece_with(("quote", {"text": "Said[^q].", "source": ""}), notes)) == []


def test_the_parts_of_a_credit_are_named():
    said = missing(
        piece_with(
            ("text", "<p>W.</p>"), lead_image=picture(alt_text="A harbour.", creator="A. Prado", licence="CC BY")
        )
    )

    assert said == ["The credit of the picture “Harbour” does not say the licence's version or its source."]


def test_text_for_people_who_do_not_see_may_stand_on_the_block_or_on_the_picture():
    whole = {"creator": "A. Prado", "licence": "All rights reserved"}
    shown = picture(**whole)

    assert missing(piece_with(("image", {"image": shown, "alt": "A harbour.", "caption": ""}))) == []
    assert "no text for people" in missing(piece_with(("image", {"image": shown, "alt": "", "caption": ""})))[0]
