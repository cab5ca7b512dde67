"""Pages such as About keep what a draft of them holds to themselves, and end when they were told to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from isthmus.publications import actions, journal
from isthmus.publications.models import Document, HomePage, StandardPage
from isthmus.publications.setup import prepare_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> StandardPage:
    """A live page called Method."""
    prepare_site("The Merrow Institute")
    made = StandardPage(title="Method", slug="method")
    HomePage.objects.get().add_child(instance=made)
    made.save_revision().publish()
    return StandardPage.objects.get(pk=made.pk)


def offering(page: StandardPage, document: Document) -> StandardPage:
    """The page with the file in its text, not saved."""
    page.body = [("file", {"document": document, "title": "The figures"})]
    return page


@pytest.fixture
def document(db: None) -> Document:
    """A file that nothing refers to."""
    return Document.objects.create(title="Figures", file=ContentFile(b"%PDF-1.7", "figures.pdf"))


def test_a_file_in_the_draft_of_a_live_page_is_not_public(page: StandardPage, document: Document):
    revision = offering(page, document).save_revision()

    before = Client().get(document.url).status_code
    revision.publish()
    after = Client().get(document.url).status_code

    assert (before, after) == (404, 200)


def test_a_page_past_its_end_is_gone_from_every_channel(page: StandardPage, clock: Any):
    page.expire_at = clock() + timedelta(hours=1)
    page.save_revision().publish()
    seen = journal.latest_seq()

    early = actions.release_due(clock())
    clock.advance(timedelta(hours=1))

    assert (early, actions.release_due(clock())) == (0, 1)
    assert Client().get("/method/").status_code == 404
    assert b"/method/" not in Client().get("/sitemap-pages.xml").content
    assert journal.latest_seq() > seen
