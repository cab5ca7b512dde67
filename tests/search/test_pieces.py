from django.db import connection
from django.test.utils import CaptureQueriesContext

from isthmus.publications import actions
from isthmus.publications.models import Publication
from isthmus.search import pieces, standing
from isthmus.search.pieces import Piece
from tests import makers


def seen(*numbers: int) -> dict[int, Piece]:
    return pieces.visible(numbers, standing.now().journal)


def titles(*numbers: int) -> set[str]:
    return {piece.card.title for piece in seen(*numbers).values()}


def test_pieces_are_read_once_and_the_gate_is_asked_each_time(db: None):
    numbers = [makers.released(f"Tariff {n}").pk for n in range(12)]
    journal = standing.now().journal
    first = pieces.visible(numbers, journal)

    with CaptureQueriesContext(connection, ) as asked:  # fmt: skip
        again = pieces.visible(numbers, journal)

    assert set(again) == set(numbers)
    assert all(again[number] is first[number] for number in numbers)
    # Ten numbers go in one statement.
    assert len(asked) == 2


def test_a_kept_piece_is_gone_the_moment_it_is_no_longer_public(db: None):
    stays, goes = makers.released("Stays"), makers.released("Goes")
    journal = standing.now().journal
    assert titles(stays.pk, goes.pk) == {"Stays", "Goes"}

    # Behind the journal's back: not even then.
    Publication.objects.filter(pk=goes.pk).update(live=False)

    assert list(pieces.visible([stays.pk, goes.pk], journal)) == [stays.pk]


def test_whatever_is_shown_of_a_piece_changes_at_once(db: None):
    king, papers = makers.person("Robert King"), makers.series("Papers")
    piece = makers.released("Tariffs", people=(king,), series=papers)
    assert titles(piece.pk) == {"Tariffs"}

    actions.release(makers.edited(piece, title="Customs"))
    king.name = "Bob King"
    king.save()
    papers.title = "Working Papers"
    papers.save()

    shown = seen(piece.pk)[piece.pk]
    assert (shown.card.title, shown.people) == ("Customs", ("Bob King",))
    assert shown.card.series is not None
    assert shown.card.series.title == "Working Papers"


def test_a_piece_withdrawn_and_released_again_is_read_again(db: None):
    piece = makers.released("Tariffs: confidential")
    assert titles(piece.pk) == {"Tariffs: confidential"}

    actions.withdraw(piece)
    assert titles(piece.pk) == set()
    actions.release(makers.edited(piece, title="Tariffs"))

    assert titles(piece.pk) == {"Tariffs"}


def test_no_more_is_kept_than_a_bound(db: None, monkeypatch):
    monkeypatch.setattr(pieces, "MAX_KEPT", 3)
    numbers = [makers.released(f"Tariff {n}").pk for n in range(5)]
    journal = standing.now().journal

    for number in numbers:
        assert list(pieces.visible([number], journal)) == [number]

    assert len(pieces._kept_at(journal)) <= 3


def test_nothing_is_kept_for_an_empty_journal(db: None):
    piece = makers.released("Tariffs")

    assert list(pieces.visible([piece.pk, 999], None)) == [piece.pk]
    assert pieces._kept is None
