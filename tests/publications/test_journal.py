"""Whatever changes what the public may see leaves exactly one journal row, and nothing else does."""

import pytest
from django.db import transaction

from isthmus.publications import actions, journal
from isthmus.publications.models import JournalEntry, Publication
from tests import makers

pytestmark = pytest.mark.django_db


def rows() -> list[tuple[str, str, bool]]:
    return list(JournalEntry.objects.order_by("seq").values_list("subject", "what", "is_news"))


def about(piece: Publication) -> list[tuple[str, bool]]:
    return [(what, is_news) for subject, what, is_news in rows() if subject == f"pub:{piece.pk}"]


def test_a_draft_leaves_no_row():
    piece = makers.draft()

    assert about(piece) == []


def test_a_first_release_is_news():
    piece = makers.released()

    assert about(piece) == [("released", True)]


def test_a_changed_draft_of_a_released_piece_leaves_no_row():
    piece = makers.released()

    makers.edited(piece, title="Ardor Cools")

    assert about(piece) == [("released", True)]


def test_a_released_change_is_a_revision_and_no_news():
    piece = makers.edited(makers.released(), title="Ardor Cools")

    actions.release(piece)

    assert about(piece) == [("released", True), ("revised", False)]


def test_saving_without_a_public_difference_leaves_no_row():
    piece = makers.released()

    piece.save()

    assert about(piece) == [("released", True)]


def test_withdrawing_and_releasing_again_is_no_news():
    piece = makers.released()

    actions.withdraw(piece)
    actions.release(Publication.objects.get(pk=piece.pk))

    assert about(piece) == [("released", True), ("withdrawn", False), ("released", False)]


def test_deleting_a_released_piece_withdraws_it():
    piece = makers.released()
    subject = piece.subject

    Publication.objects.filter(pk=piece.pk).delete()

    assert (subject, "withdrawn", False) in rows()


def test_deleting_a_draft_leaves_no_row():
    piece = makers.draft()
    subject = piece.subject

    piece.delete()

    assert all(row[0] != subject for row in rows())


def test_a_changed_byline_alone_is_a_revision():
    piece = makers.released(people=(makers.person(),))
    newest = Publication.objects.get(pk=piece.pk)
    line = newest.bylines.get()
    line.printed_name = "Robert R. King"
    newest.bylines = [line]

    actions.save_draft(newest)
    actions.release(Publication.objects.get(pk=piece.pk))

    assert about(piece)[-1] == ("revised", False)


def test_a_renamed_person_leaves_a_row_of_their_own():
    someone = makers.person()

    someone.name = "Robert R. King"
    someone.save()

    assert (f"person:{someone.pk}", "revised", False) in rows()


def test_a_row_without_a_transaction_is_refused(transactional_db):
    with pytest.raises(transaction.TransactionManagementError):
        journal.append("site", journal.What.REVISED)


def test_a_change_rolled_back_takes_its_row_with_it():
    before = rows()

    with transaction.atomic():
        makers.released()
        transaction.set_rollback(True)

    assert rows() == before


def test_a_follower_reads_on_from_its_own_cursor():
    makers.released("One")
    journal.move_cursor("search", journal.latest_seq())
    piece = makers.released("Two")

    found = journal.read_after(journal.cursor_of("search"))

    assert [row.subject for row in found] == [f"pub:{piece.pk}"]
    assert journal.lag("search") == 1
