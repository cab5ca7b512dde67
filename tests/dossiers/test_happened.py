"""`happened:` finds what readers may see as having happened, and follows every ruling."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from isthmus.dossiers import happened
from isthmus.dossiers.keeper import Keeper
from isthmus.dossiers.models import Occurrence, Ruling, Subject
from isthmus.publications import actions
from isthmus.search.keeper import Keeper as SearchKeeper
from tests.dossiers import archive


def follow(miner: Keeper) -> None:
    while miner.tick():
        pass
    SearchKeeper().tick()


def found(question: str) -> list[str]:
    from isthmus.search.language import parse
    from isthmus.search.shelf import shelf

    hits = shelf().current().search(parse(question), limit=100).hits
    return sorted(str(hit.id) for hit in hits)


def rule(key: str, what: str, **values: Any) -> None:
    ruling = Ruling(about="occurrence", key=key, what=what, values=values, at=timezone.now())
    ruling.publication_id = Occurrence.objects.get(key=key).text_id
    ruling.save()


@pytest.mark.parametrize(
    ("question", "is_found"),
    [
        ("2019-03-04", True), ("2019-03", True), ("2019/3", True), ("2019", True), ("2015-2019", True),
        ("2010s", True), ("2019-03-05", False), ("2019-04", False), ("2020", False), ("2020s", False),
    ],
)  # fmt: skip
def test_piece_is_found_by_day_month_and_year_of_what_happened(miner: Keeper, question: str, is_found: bool):
    archive.two()
    piece = archive.piece(archive.MEETING)
    follow(miner)

    assert found(f"happened:{question}") == ([str(piece.pk)] if is_found else [])


def test_month_is_not_found_by_what_is_only_known_to_be_of_the_year(miner: Keeper):
    archive.two()
    archive.piece("In 2019 Orla Verin met Han Sol-bi.")
    follow(miner)

    assert (len(found("happened:2019")), found("happened:2019-06")) == (1, [])


def test_nothing_is_found_before_an_editor_opened_a_dossier(miner: Keeper):
    subject = archive.subject("Orla Verin", is_open=False)
    archive.piece(archive.MEETING)
    follow(miner)
    assert found("happened:2019") == []

    Subject.objects.filter(pk=subject.pk).update(is_open=True)
    happened.append_pieces_of(subject)
    follow(miner)

    assert len(found("happened:2019")) == 1


def test_rulings_decide(miner: Keeper):
    archive.two()
    piece = archive.piece(archive.MEETING)
    follow(miner)
    key = Occurrence.objects.get().key

    rule(key, "corrected", first_on="2018-03-04", before_on="2018-03-05")
    happened.append_pieces([piece.pk])
    follow(miner)
    assert (len(found("happened:2018-03-04")), found("happened:2019")) == (1, [])

    rule(key, "refused")
    happened.append_pieces([piece.pk])
    follow(miner)
    assert found("happened:2018") == []


def test_date_that_waits_for_an_editor_is_not_found(miner: Keeper):
    archive.two()
    piece = archive.piece(
        archive.MEETING, "In March 2018 they quarrelled. Two months later Orla Verin called Han Sol-bi."
    )
    follow(miner)
    waiting = Occurrence.objects.get(grade="text", is_carried=False)
    month = f"happened:{waiting.first_on:%Y-%m}"
    assert found(month) == []

    rule(waiting.key, "accepted")
    happened.append_pieces([piece.pk])
    follow(miner)

    assert found(month) == [str(piece.pk)]


def test_withdrawn_piece_is_not_found_and_comes_to_rest(miner: Keeper):
    archive.two()
    piece = archive.piece(archive.MEETING)
    follow(miner)

    actions.withdraw(piece)
    follow(miner)

    assert found("happened:2019") == []
    assert miner.tick() == 0


def test_stretch_counts_where_it_lies_whole():
    week, season = (date(2019, 6, 10), date(2019, 6, 17)), (date(2019, 12, 1), date(2020, 3, 1))

    assert happened.tokens([week, season]) == ["2019", "2019-06"]


def test_what_is_no_date_is_searched_as_words_and_said_so(miner: Keeper):
    follow(miner)

    from isthmus.search.language import parse

    assert parse("happened:yesterday").notes
    assert parse("happened:2019-02-30").notes
