"""What stands inside a file is read once, kept beside it, and reaches Documents of visible pieces alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from isthmus.publications import actions, attached_text, documents, journal
from isthmus.publications.models import Attachment, Document, FileText, Publication
from isthmus.publications.pdf_text import PdfText
from isthmus.publications.setup import prepare_site
from isthmus.server import task_backend
from isthmus.server.models import BackgroundTask
from tests import makers, pdfs
from tests.publications.editing.people import browser_of, user
from tests.publications.test_gate import hidden_piece

pytestmark = pytest.mark.django_db
State = FileText.State


def file(content: bytes = b"", name: str = "report.pdf") -> Document:
    return Document.objects.create(title="Report", file=ContentFile(content or pdfs.pdf("The Telluroscope"), name))


def read(document: Document) -> FileText:
    """As the worker does it."""
    attached_text.read_file.call(document.pk)
    return FileText.objects.get(document=document)


def offering(document: Document, *, released: bool = True) -> Publication:
    piece = makers.draft(body=[("file", {"document": document, "title": ""})])
    return actions.release(piece) if released else piece


def attached_to(piece: Publication) -> list[str]:
    return [found.attached_text for found in documents.documents([piece.pk])]


def test_a_new_file_waits_and_is_asked_for_in_the_same_transaction():
    document = file()

    assert document.file_text.state == State.WAITING
    task = BackgroundTask.objects.get(function="isthmus.publications.attached_text.read_file")
    assert (task.queue, task.arguments["args"]) == ("files", [document.pk])


def test_a_changed_title_asks_for_nothing():
    document = file()

    document.title = "Another title"
    document.save()
    document.get_file_hash()

    assert BackgroundTask.objects.filter(queue="files").count() == 1


def test_the_text_of_a_public_piece_arrives_as_a_revision_and_no_news():
    document = file()
    piece = offering(document)
    before, seq = documents.revisions()[piece.pk], journal.latest_seq()

    found = read(document)

    assert (found.state, found.text, found.n_pages) == (State.EXTRACTED, "The Telluroscope", 1)
    assert [(row.subject, row.what, row.is_news) for row in journal.read_after(seq)] == [
        (f"pub:{piece.pk}", "revised", False)
    ]
    assert attached_to(piece) == ["The Telluroscope"]
    assert documents.revisions()[piece.pk] != before
    assert [one.revision for one in documents.documents([piece.pk])] == [documents.revisions()[piece.pk]]


def test_reading_again_changes_nothing():
    document = file()
    offering(document)
    read(document)
    seq = journal.latest_seq()

    read(document)

    assert journal.latest_seq() == seq


def test_the_same_content_is_read_once(monkeypatch: pytest.MonkeyPatch):
    content = pdfs.pdf("The Telluroscope")
    read(file(content))

    def never(_: Any) -> PdfText:
        raise AssertionError("read twice")

    monkeypatch.setattr(attached_text, "pdf_text", never)
    again = read(file(content, "copy.pdf"))

    assert (again.state, again.text) == (State.EXTRACTED, "The Telluroscope")


def test_a_replaced_file_loses_its_old_text_at_once():
    document = file()
    piece = offering(document)
    read(document)

    document.file = ContentFile(pdfs.pdf("The corrected report"), "report.pdf")
    document.save()

    assert attached_to(piece) == [""]
    assert read(document).text == "The corrected report"
    assert attached_to(piece) == ["The corrected report"]


def test_a_file_replaced_while_it_was_read_keeps_waiting(monkeypatch: pytest.MonkeyPatch):
    document = file()

    def replaced_meanwhile(_: Any) -> PdfText:
        other = Document.objects.get(pk=document.pk)
        other.file = ContentFile(pdfs.pdf("The corrected report"), "report.pdf")
        other.save()
        return PdfText("The old report", 1, 1)

    monkeypatch.setattr(attached_text, "pdf_text", replaced_meanwhile)

    assert read(document).state == State.WAITING


@pytest.mark.parametrize(
    ("content", "name", "state", "reason"),
    [
        (pdfs.pdf(""), "scan.pdf", State.NOTHING, "scans"),
        (b"a,b\n1,2\n", "figures.csv", State.NOTHING, "only the text of PDFs"),
        (b"PK\x03\x04", "zip.pdf", State.REFUSED, "damaged"),
        (pdfs.encrypted("The lamp", password="narrows"), "locked.pdf", State.REFUSED, "password"),
    ],
    ids=["scan", "table", "no PDF", "locked"],
)
def test_what_gives_no_text_says_why(content: bytes, name: str, state: str, reason: str):
    document = file(content, name)
    piece = offering(document)
    seq = journal.latest_seq()

    found = read(document)

    assert found.state == state
    assert reason in found.reason
    assert attached_to(piece) == [""]
    assert journal.latest_seq() == seq


def test_a_file_that_is_gone_from_the_disk_is_refused():
    document = file()
    document.file.storage.delete(document.file.name)

    assert "not there" in read(document).reason


def test_a_file_of_a_draft_leaves_no_row_in_the_journal():
    document = file()
    offering(document, released=False)
    seq = journal.latest_seq()

    read(document)

    assert journal.latest_seq() == seq


def test_a_file_that_only_the_draft_of_a_public_piece_names_is_not_in_its_document():
    document = file()
    read(document)
    piece = makers.released()
    makers.edited(piece, body=[("file", {"document": document, "title": ""})])

    assert attached_to(piece) == [""]


def test_attachments_and_files_of_the_kind_count_as_well():
    attached, named = file(), file(pdfs.pdf("The longer annex"), "annex.pdf")
    piece = makers.draft("A paper", kind="paper", details={"pdf": named.pk})
    piece.attachments = [Attachment(document=attached)]
    actions.save_draft(piece)
    piece = actions.release(piece)

    read(attached)
    read(named)

    assert attached_to(piece) == ["The Telluroscope\nThe longer annex"]


def test_files_from_before_are_asked_for_once():
    old, known = file(), file(pdfs.pdf("Known"), "known.pdf")
    read(known)
    FileText.objects.filter(document=old).delete()
    BackgroundTask.objects.all().delete()

    assert attached_text.ask_for_missing() == 1
    assert attached_text.ask_for_missing() == 0
    assert [task.arguments["args"] for task in BackgroundTask.objects.all()] == [[old.pk]]


def test_a_file_forgotten_for_a_day_is_asked_for_again(clock: Any):
    file()

    clock.advance(timedelta(days=1, seconds=1))

    assert attached_text.ask_for_missing() == 1


def test_what_an_earlier_version_read_is_read_again(monkeypatch: pytest.MonkeyPatch):
    document = file()
    read(document)
    monkeypatch.setattr(attached_text, "VERSION", attached_text.VERSION + 1)

    assert attached_text.ask_for_missing() == 1
    assert read(document).version == attached_text.VERSION


@pytest.mark.django_db(transaction=True)
def test_a_worker_reads_what_waits_and_a_deleted_file_is_no_trouble():
    document, deleted = file(), file(pdfs.pdf("Other"), "other.pdf")
    deleted.delete()

    n_read = sum(task_backend.run_one("worker", queue=attached_text.QUEUE) for _ in range(3))

    assert n_read == 2
    assert FileText.objects.get().state == State.EXTRACTED
    assert FileText.objects.get().document_id == document.pk


@pytest.mark.django_db(transaction=True)
def test_what_readers_wait_for_is_not_behind_a_long_file():
    file()

    while task_backend.run_one("worker"):
        pass

    assert FileText.objects.get().state == State.WAITING


@pytest.mark.parametrize("state", ["draft", "scheduled", "staged", "withdrawn"])
def test_the_text_in_a_file_of_a_hidden_piece_is_in_no_document(state: str):
    hidden = hidden_piece(state, makers.released("Open", series=makers.series()))
    if state == "withdrawn":
        actions.release(hidden)
        actions.withdraw(Publication.objects.get(pk=hidden.pk))
    document = file()
    Attachment.objects.filter(publication=hidden).update(document=document)
    Publication.objects.get(pk=hidden.pk).save()
    seq = journal.latest_seq()

    read(document)

    assert list(documents.documents([hidden.pk])) == []
    assert journal.latest_seq() == seq


def test_a_text_read_before_the_release_is_there_with_it():
    document = file()
    piece = offering(document, released=False)
    read(document)

    actions.release(piece)

    assert attached_to(piece) == ["The Telluroscope"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pdfs.pdf("The first page", "The second page"), "Search finds every word of its 2 pages."),
        (pdfs.encrypted("The lamp", password="narrows"), "it opens only with a password."),
    ],
    ids=["read", "locked"],
)
def test_an_editor_sees_what_became_of_the_file(content: bytes, said: str):
    prepare_site("The Merrow Institute")
    document = file(content)
    browser, page = browser_of(user("erin", "editor")), reverse("wagtaildocs:edit", args=[document.pk])
    assert "It waits to be read" in _words(browser, page)

    read(document)

    assert said in _words(browser, page)


def _words(browser: Client, page: str) -> str:
    return " ".join(browser.get(page).content.decode().split())


def test_documents_of_many_pieces_cost_one_question_more_for_each_file(
    django_assert_num_queries: Callable[..., Any],
):
    read(document := file())
    pieces = [makers.released(f"Piece {n}").pk for n in range(5)]
    with django_assert_num_queries(5):
        list(documents.documents(pieces))

    pieces.append(offering(document).pk)

    with django_assert_num_queries(6):
        list(documents.documents(pieces))
