from django.db import connection
from django.test.utils import CaptureQueriesContext

from isthmus.publications import actions
from isthmus.search import queries, standing
from isthmus.search.keeper import Keeper
from isthmus.search.models import SynonymSet
from tests import makers


def n_queries() -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        standing.now()
    return len(asked)


def test_one_query_tells_that_nothing_changed(keeper: Keeper):
    makers.released("Tariff one")
    standing.now()

    assert n_queries() == 1


def test_whatever_changes_is_there_at_once(keeper: Keeper):
    before = standing.now()

    piece = makers.released("Tariff one", people=(makers.person("Robert King"),))
    with_piece = standing.now()
    SynonymSet.objects.create(terms="tariff, duty")
    with_synonyms = standing.now()
    actions.withdraw(piece)
    after = standing.now()

    assert [held.total for held in (before, with_piece, with_synonyms, after)] == [0, 1, 1, 0]
    assert list(with_piece.names.people.values()) == ["Robert King"]
    assert [bool(held.editors.synonyms.terms_of) for held in (with_piece, with_synonyms)] == [False, True]
    assert after.names.people == {}
    assert before.seq < with_piece.seq == with_synonyms.seq < after.seq


def test_a_journal_without_a_row_stands_too(db: None):
    SynonymSet.objects.create(terms="tariff, duty")

    held = standing.now()

    assert (held.seq, held.total, len(held.editors.synonyms.terms_of)) == (0, 0, 2)


def test_a_page_asks_for_withdrawn_pieces_only_while_the_index_is_behind(keeper: Keeper):
    pieces = [makers.released(f"Tariff {number}") for number in range(3)]
    keeper.tick()

    def asked() -> tuple[int, bool]:
        with CaptureQueriesContext(connection) as said:
            total = queries.search("tariff").total
        return total, any("withdrawn" in query["sql"] for query in said)

    assert asked() == (3, False)
    actions.withdraw(pieces[0])
    assert asked() == (2, True)
    keeper.tick()
    assert asked() == (2, False)
