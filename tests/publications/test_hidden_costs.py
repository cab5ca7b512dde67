"""What is hidden costs as many questions as what does not exist: the time of an answer must not tell them apart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from isthmus.kit import clock
from isthmus.publications import actions
from isthmus.publications.models import Attachment, Document, FormerAddress, HomePage, Publication, StandardPage
from isthmus.publications.setup import prepare_site
from tests import makers
from tests.publications.test_gate import picture

pytestmark = pytest.mark.django_db


def n_queries(address: str) -> int:
    """How many questions an address costs that answers 404, with what every page asks already known."""
    Client().get("/never/was/")
    with CaptureQueriesContext(connection) as asked:
        assert Client().get(address).status_code == 404
    return len(asked)


@pytest.fixture
def hidden() -> Publication:
    """A scheduled piece with a picture, a file, an author and a category of its own, beside a public one."""
    prepare_site("The Merrow Institute")
    makers.released("Open", series=makers.series(), categories=(makers.category(),))
    made = makers.draft(
        "Ardor Fades",
        series=makers.series(),
        people=(makers.person("Dan Strange"),),
        categories=(makers.category("Reserved", axis="theme"),),
        lead_image=picture("reserved"),
    )
    document = Document.objects.create(title="Figures", file=ContentFile(b"%PDF-1.7", "figures.pdf"))
    made.attachments = [Attachment(document=document)]
    actions.save_draft(made)
    made.save()
    actions.schedule(made, clock.now() + timedelta(days=1))
    return made


def file_of(piece: Publication) -> str:
    return piece.attachments.get().document.url


def picture_of(piece: Publication) -> str:
    return f"/images/{piece.lead_image.pk}/{piece.lead_image.file_hash[:10] or '0'}/800.webp"


def former_of(piece: Publication) -> str:
    FormerAddress.objects.create(path="/blog/ardor/", publication=piece)
    return "/blog/ardor/"


def former_of_person(piece: Publication) -> str:
    FormerAddress.objects.create(path="/people/mr-strange/", person=piece.bylines.get().person)
    return "/people/mr-strange/"


def former_of_category(piece: Publication) -> str:
    FormerAddress.objects.create(path="/categories/theme/secret/", category=piece.categories.get())
    return "/categories/theme/secret/"


def draft_page(piece: Publication) -> str:
    HomePage.objects.get().add_child(instance=StandardPage(title="Method", slug="method", live=False))
    return "/method/"


@pytest.mark.parametrize(
    ("address", "absent"),
    [
        (file_of, "/files/999999/figures.pdf"),
        (picture_of, "/images/999999/0123456789/800.webp"),
        (lambda piece: piece.path, "/the-peninsula/never-was/"),
        (lambda piece: f"{piece.path}cite.bib", "/the-peninsula/never-was/cite.bib"),
        (draft_page, "/never/"),
        (former_of, "/blog/never/"),
        (former_of_person, "/people/never/"),
        (former_of_category, "/categories/theme/never/"),
        (lambda piece: "/people/dan-strange/", "/people/never/"),
        (lambda piece: "/people/dan-strange/feed/", "/people/never/feed/"),
        (lambda piece: "/categories/theme/reserved/", "/categories/theme/never/"),
        (lambda piece: "/categories/theme/reserved/feed/", "/categories/theme/never/feed/"),
    ],
)
def test_the_hidden_costs_as_many_queries_as_the_absent(
    hidden: Publication, address: Callable[[Publication], str], absent: str
):
    there = address(hidden)

    assert n_queries(there) == n_queries(absent)
