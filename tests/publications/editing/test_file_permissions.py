"""Authors change the files they uploaded until somebody who may release relies on them."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import PIL.Image
import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from isthmus.kit import clock
from isthmus.publications import actions
from isthmus.publications.models import Document, Image
from tests import makers
from tests.publications.editing.people import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture(bob: Any) -> Image:
    """Bob's picture."""
    stored = io.BytesIO()
    PIL.Image.new("RGB", (900, 600), "navy").save(stored, "PNG")
    file = ContentFile(stored.getvalue(), "harbour.png")
    return Image.objects.create(title="Harbour", file=file, uploaded_by_user=bob)


@pytest.fixture
def file(bob: Any) -> Document:
    """Bob's file."""
    return Document.objects.create(title="Figures", file=ContentFile(b"%PDF-1.7", "a.pdf"), uploaded_by_user=bob)


def doors(picture: Image, file: Document) -> dict[str, dict[str, str]]:
    """Every address that changes a picture or file, and what is sent there."""
    return {
        reverse("wagtailimages:edit", args=[picture.pk]): {"title": "Replaced"},
        reverse("wagtailimages:edit_multiple", args=[picture.pk]): {f"image-{picture.pk}-title": "Replaced"},
        reverse("wagtailimages:delete", args=[picture.pk]): {},
        reverse("wagtailimages:delete_multiple", args=[picture.pk]): {},
        f"/admin/bulk/isthmus_publications/image/delete/?id={picture.pk}": {"confirm": "true"},
        reverse("wagtaildocs:edit", args=[file.pk]): {"title": "Replaced"},
        reverse("wagtaildocs:edit_multiple", args=[file.pk]): {f"doc-{file.pk}-title": "Replaced"},
        reverse("wagtaildocs:delete", args=[file.pk]): {},
        reverse("wagtaildocs:delete_multiple", args=[file.pk]): {},
        f"/admin/bulk/isthmus_publications/document/delete/?id={file.pk}": {"confirm": "true"},
    }


@pytest.mark.parametrize("state", ["released", "scheduled", "a colleague's draft"])
def test_an_author_cannot_change_a_file_that_others_answer_for(
    request: pytest.FixtureRequest, bob: Any, picture: Image, file: Document, state: str
):
    owner = request.getfixturevalue("erin") if state == "a colleague's draft" else bob
    piece = makers.draft(owner=owner, lead_image=picture, body=[("file", {"document": file, "title": ""})])
    if state == "released":
        actions.release(piece)
    if state == "scheduled":
        actions.schedule(piece, clock.now() + timedelta(days=1))

    for address, sent in doors(picture, file).items():
        browser_of(bob).post(address, sent, headers={"X-Requested-With": "XMLHttpRequest"})

    assert (Image.objects.get().title, Document.objects.get().title) == ("Harbour", "Figures")


def test_an_author_changes_a_file_of_an_own_draft(bob: Any, picture: Image, file: Document):
    makers.draft(owner=bob, lead_image=picture)

    browser_of(bob).post(
        reverse("wagtailimages:edit", args=[picture.pk]), {"title": "Replaced", "collection": picture.collection_id}
    )
    browser_of(bob).post(reverse("wagtaildocs:delete", args=[file.pk]))

    assert Image.objects.get().title == "Replaced"
    assert not Document.objects.exists()
