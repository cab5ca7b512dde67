"""A new file under a public piece is a revision of it, and under a draft nothing that anybody may know of."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from isthmus.publications import actions, journal
from isthmus.publications.models import Document
from tests import makers
from tests.publications.editing.people import browser_of, user
from tests.publications.test_gate import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(db: None) -> Document:
    """A file that nobody uses yet."""
    return Document.objects.create(title="Figures", file=ContentFile(b"%PDF-1.7 old", "figures.pdf"))


def rows_after(seq: int) -> list[tuple[str, str]]:
    return [(row.subject, row.what) for row in journal.read_after(seq)]


def test_an_editor_who_replaces_a_file_revises_the_pieces_that_offer_it(document: Document):
    from isthmus.publications import setup

    setup.prepare_site("The Merrow Institute")
    erin = user("erin", "editor")
    body = [("file", {"document": document, "title": ""})]
    piece = makers.released(body=body)
    makers.draft("Not public", body=body)
    seq = journal.latest_seq()

    answer = browser_of(erin).post(
        reverse("wagtaildocs:edit", args=[document.pk]),
        {"title": "Figures", "file": ContentFile(b"%PDF-1.7 new", "figures.pdf"), "collection": document.collection_id},
    )

    assert answer.status_code == 302
    assert set(rows_after(seq)) == {(f"pub:{piece.pk}", "revised")}


@pytest.mark.parametrize(("field", "value"), [("creator", "Dan"), ("alt_text", "A quay"), ("licence", "CC BY")])
def test_a_changed_credit_revises_the_piece_that_shows_the_picture(field: str, value: str):
    image = picture("harbour")
    piece = makers.released(lead_image=image)
    seq = journal.latest_seq()

    setattr(image, field, value)
    image.save()
    image.save()

    assert rows_after(seq) == [(f"pub:{piece.pk}", "revised")]


def test_a_file_of_drafts_alone_leaves_no_row(document: Document):
    makers.draft(body=[("file", {"document": document, "title": ""})])
    seq = journal.latest_seq()

    document.title = "Other figures"
    document.save()

    assert rows_after(seq) == []


def test_a_picture_of_a_withdrawn_piece_leaves_no_row():
    image = picture("harbour")
    actions.withdraw(makers.released(lead_image=image))
    seq = journal.latest_seq()

    image.creator = "Dan"
    image.save()

    assert rows_after(seq) == []


def test_a_portrait_and_a_logo_revise_the_person_and_the_site(settings: Any):
    from isthmus.publications.models import SiteSettings

    image = picture("harbour")
    person = makers.person(photo=image, is_public=True)
    SiteSettings.objects.create(logo=image)
    seq = journal.latest_seq()

    image.alt_text = "A quay"
    image.save()

    assert set(rows_after(seq)) == {(f"person:{person.pk}", "revised"), ("site", "revised")}


def test_a_deleted_picture_revises_the_piece_that_showed_it():
    image = picture("harbour")
    piece = makers.released(lead_image=image)
    seq = journal.latest_seq()

    image.delete()

    assert rows_after(seq) == [(f"pub:{piece.pk}", "revised")]
