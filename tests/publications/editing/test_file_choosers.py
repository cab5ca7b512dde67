"""Authors are shown what is public and what they brought themselves, wherever pictures and files are chosen."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from isthmus.publications.models import Document, Image
from tests import makers
from tests.publications.editing.people import browser_of
from tests.publications.test_gate import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(bob: Any, erin: Any) -> dict[str, int]:
    """Bob's, a public one, and Erin's that only her draft uses; pictures and files alike, by title."""
    pks = {}
    for title, owner in (("Own", bob), ("Public", erin), ("Reserved", erin)):
        image = picture(title)
        Image.objects.filter(pk=image.pk).update(uploaded_by_user=owner)
        file = Document.objects.create(title=title, file=ContentFile(b"x", f"{title}.pdf"), uploaded_by_user=owner)
        pks[f"picture {title}"], pks[f"file {title}"] = image.pk, file.pk
        fields = {"lead_image": image, "body": [("file", {"document": file, "title": ""})]}
        if title == "Public":
            makers.released("Open", **fields)
        if title == "Reserved":
            makers.draft("Ardor Fades", owner=erin, **fields)
    return pks


LISTS = [
    "/admin/images/chooser/", "/admin/images/chooser/results/", "/admin/documents/chooser/",
    "/admin/documents/chooser/results/", "/admin/api/main/images/", "/admin/api/main/documents/",
]  # fmt: skip


@pytest.mark.parametrize("address", LISTS)
def test_an_author_is_shown_own_and_public_ones(shelf: dict[str, int], bob: Any, address: str):
    said = browser_of(bob).get(address).content.decode()

    assert [title for title in ("Own", "Public", "Reserved") if title in said] == ["Own", "Public"]


@pytest.mark.parametrize("address", LISTS)
def test_an_editor_is_shown_all(shelf: dict[str, int], erin: Any, address: str):
    said = browser_of(erin).get(address).content.decode()

    assert [title for title in ("Own", "Public", "Reserved") if title in said] == ["Own", "Public", "Reserved"]


@pytest.mark.parametrize(("kind", "name"), [("picture", "wagtailimages"), ("file", "wagtaildocs")])
def test_naming_a_reserved_one_by_its_number_shows_nothing(shelf: dict[str, int], bob: Any, kind: str, name: str):
    names = {"wagtailimages": "wagtailimages_chooser:chosen", "wagtaildocs": "wagtaildocs_chooser:chosen"}

    own, reserved = (browser_of(bob).get(reverse(names[name], args=[shelf[f"{kind} {title}"]])) for title in
                     ("Own", "Reserved"))  # fmt: skip

    assert own.status_code == 200
    assert "Reserved" not in reserved.content.decode()
