"""Counts become rows once and once only, of pieces that the public may see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError

from isthmus.edition.readership import actions, queries
from isthmus.edition.readership.counting import log_path
from isthmus.edition.readership.models import Reading
from isthmus.edition.readership.queries import Period
from isthmus.kit.clock import now
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(clock: Any) -> Iterator[Path]:
    path = log_path(Path(settings.DATA))
    path.parent.mkdir(exist_ok=True)
    yield path
    for left in path.parent.glob("readership.*"):
        left.unlink()


def test_what_was_counted_is_added_to_its_piece_and_day(log: Path):
    piece = makers.released("Ardor Fades", series=makers.series("The Peninsula"))
    Reading.objects.create(publication=piece, day=date(2026, 11, 23), n=5)
    log.write_text(f"2026-11-22\t3\t{piece.path}\n2026-11-23\t4\t{piece.path}\n2026-11-23\t1\t{piece.path}\n")

    assert actions.fold(now()) == 8
    assert actions.fold(now()) == 0

    assert sorted(Reading.objects.values_list("day", "n")) == [(date(2026, 11, 22), 3), (date(2026, 11, 23), 10)]


def test_an_address_in_other_letters_is_found_as_browsers_ask_for_it(log: Path):
    piece = makers.released("Über die Enge", slug="über-die-enge")
    log.write_text("2026-11-23\t2\t/publications/%C3%BCber-die-enge/\n")

    actions.fold(now())

    assert Reading.objects.get().publication_id == piece.pk


def test_nothing_is_counted_of_what_is_no_visible_piece(log: Path):
    draft = makers.draft("Not Yet")
    log.write_text(f"2026-11-23\t2\t{draft.path}\n2026-11-23\t2\t/\n2026-11-23\t7\t/people/\n")

    assert actions.fold(now()) == 0
    assert not Reading.objects.exists()


@pytest.mark.parametrize(
    "line", ["", "junk", "2026-11-23\t-2\t{}", "2026-11-23\t9999999999\t{}", "1999-01-01\t2\t{}", "2026-13-40\t1\t{}",
             "2026-11-23\tx\t{}", "\x00\xff"],
)  # fmt: skip
def test_a_line_that_is_none_of_ours_is_skipped(log: Path, line: str):
    piece = makers.released()
    log.write_bytes(f"{line.format(piece.path)}\n2026-11-23\t1\t{piece.path}\n".encode("utf-8", "replace"))

    assert actions.fold(now()) == 1


def test_a_database_in_trouble_counts_later_and_once(log: Path, monkeypatch: pytest.MonkeyPatch):
    piece = makers.released()
    log.write_text(f"2026-11-23\t2\t{piece.path}\n")

    def fails(_: object) -> None:
        raise DatabaseError("locked")

    with monkeypatch.context() as patch:
        patch.setattr(actions, "_add", fails)
        with pytest.raises(DatabaseError):
            actions.fold(now())
    log.write_text(f"2026-11-23\t3\t{piece.path}\n")
    folded = actions.fold(now()), actions.fold(now())

    assert folded == (2, 3)
    assert Reading.objects.get().n == 5


def test_days_of_over_a_year_ago_become_months_and_no_reading_is_lost(clock: Any):
    piece, other = makers.released("One"), makers.released("Two")
    first = date(2025, 8, 1)
    for n in range(92):
        Reading.objects.create(publication=piece, day=first + timedelta(days=n), n=1)
    Reading.objects.create(publication=other, day=date(2025, 8, 20), n=7)

    went = [actions.prune(now()) for _ in range(4)]

    assert went == [31, 29, 17, 0]
    assert sorted(Reading.objects.filter(day__lt=date(2025, 10, 19)).values_list("publication", "day", "n")) == [
        (piece.pk, date(2025, 8, 1), 31), (piece.pk, date(2025, 9, 1), 30), (piece.pk, date(2025, 10, 1), 18),
        (other.pk, date(2025, 8, 1), 7),
    ]  # fmt: skip
    assert queries.n_read(Period(first, date(2025, 12, 31))) == 99


def test_series_and_authors_are_the_sums_of_their_pieces():
    peninsula, king = makers.series("The Peninsula"), makers.person("Robert King")
    for n, people in enumerate([(king,), (king, makers.person("Ada Quill")), ()], start=1):
        piece = makers.released(f"Piece {n}", series=peninsula if n < 3 else None, people=people)
        Reading.objects.create(publication=piece, day=date(2026, 11, 23), n=n)

    week = Period.until(date(2026, 11, 23), n_days=7)

    assert [(line.what.title, line.n) for line in queries.pieces(week)] == [
        ("Piece 3", 3),
        ("Piece 2", 2),
        ("Piece 1", 1),
    ]
    assert [(line.what.title, line.n) for line in queries.series(week)] == [("The Peninsula", 3)]
    assert [(line.what.name, line.n) for line in queries.authors(week)] == [("Robert King", 3), ("Ada Quill", 2)]
    assert queries.n_read(week.before) == 0
