"""A word inside a report is found within a tick of its reading; one inside the file of a hidden piece on no channel."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from isthmus.kit import clock
from isthmus.publications import actions, attached_text, setup
from isthmus.publications.models import Attachment, Document, Publication
from isthmus.search import queries
from isthmus.search.keeper import Keeper
from tests import makers, pdfs

CANARY = "telluroscope"
_CHANNELS = (
    "/search/?q={}", "/search/?q={}&sort=newest", "/search/?q=%22a+{}%22", "/search/?q=tellur*", "/search/feed/?q={}",
    "/api/v1/search?q={}", "/api/v1/suggest?q=tellur", "/search/?q=telluroscop", "/", "/publications/", "/feed/",
    "/sitemap-publications-1.xml", "/publications/cables/",
)  # fmt: skip


@pytest.fixture
def report() -> Document:
    """A report that a worker has read."""
    content = pdfs.pdf("Cables across the Merrow", f"The ship towed a {CANARY} over the bank.")
    document = Document.objects.create(title="Report", file=ContentFile(content, "report.pdf"))
    attached_text.read_file.call(document.pk)
    return document


def attaching(document: Document) -> Publication:
    piece = makers.draft("Cables", text="<p>Read the report.</p>")
    piece.attachments = [Attachment(document=document)]
    actions.save_draft(piece)
    piece.save()
    return piece


def test_a_word_of_the_report_finds_the_piece_and_the_hit_says_where_it_stands(keeper: Keeper, report: Document):
    actions.release(attaching(report))
    keeper.tick()

    found = queries.search(CANARY)

    assert [hit.card.title for hit in found.hits] == ["Cables"]
    assert found.hits[0].snippet.text == f"In the attached file: The ship towed a {CANARY} over the bank."
    assert found.hits[0].url_with_fragment == "/publications/cables/"


def test_a_text_that_comes_after_the_release_is_in_the_index_with_the_next_tick(keeper: Keeper):
    document = Document.objects.create(title="R", file=ContentFile(pdfs.pdf(f"The {CANARY} itself"), "late.pdf"))
    actions.release(attaching(document))
    keeper.tick()
    assert queries.search(CANARY).total == 0

    attached_text.read_file.call(document.pk)
    keeper.tick()

    assert queries.search(CANARY).total == 1
    assert keeper.check().is_clean


def test_an_index_that_lost_a_text_is_repaired(keeper: Keeper, report: Document):
    from isthmus.publications import journal
    from isthmus.publications.models import FileText
    from isthmus.search.keeper import FOLLOWER

    actions.release(attaching(report))
    FileText.objects.update(state=FileText.State.WAITING)
    keeper.tick()
    # A text that no journal row told of, as after a restored database.
    FileText.objects.update(state=FileText.State.EXTRACTED)
    journal.move_cursor(FOLLOWER, journal.latest_seq())

    assert len(keeper.check().stale) == 1
    assert queries.search(CANARY).total == 1


@pytest.mark.parametrize("state", ["draft", "scheduled", "staged", "withdrawn", "draft of a public piece"])
def test_the_text_of_a_hidden_pieces_file_is_on_no_channel(
    state: str, keeper: Keeper, report: Document, client: Client
):
    setup.prepare_site("The Merrow Institute")
    makers.released("Open")
    _hidden(state, report)
    attached_text.read_file.call(report.pk)
    keeper.tick()

    for channel in _CHANNELS:
        told = client.get(channel.format(CANARY)).content.decode()

        # The question itself stands on the page that answers it.
        assert told.count(CANARY) == client.get(channel.format("telluroscopx")).content.decode().count("telluroscopx")
        assert "towed" not in told


def _hidden(state: str, report: Document) -> None:
    if state == "draft of a public piece":
        piece = makers.released("Cables", text="<p>Read the report.</p>")
        piece.attachments = [Attachment(document=report)]
        actions.save_draft(piece)
        return
    piece = attaching(report)
    if state == "scheduled":
        actions.schedule(piece, clock.now() + timedelta(days=1))
    if state == "staged":
        Publication.objects.filter(pk=piece.pk).update(staged_in="run")
    if state == "withdrawn":
        actions.withdraw(actions.release(piece))
