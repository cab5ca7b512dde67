"""Words that editors keep as the same are found by each other, and a reader who insists on a word gets that word."""

from __future__ import annotations

import pytest

from isthmus.search import editors, synonyms
from isthmus.search.engine import Sort
from isthmus.search.language import parse
from isthmus.search.models import SynonymSet
from isthmus.search.query import Group, In, Not, Phrase, Query, Word
from isthmus.search.synonyms import Synonyms, widened

NORTH, KOREA, SANCTIONS, DPRK = Word("north"), Word("korea"), Word("sanctions"), Word("dprk")
NORTH_KOREA = Phrase(("north", "korea"))
KEPT = Synonyms.of([(["DPRK", "North Korea"], False)])


def _asked(*nodes, n_required: int | None = None, text: str = "words", **fields) -> Query:
    found_by = nodes[0] if len(nodes) == 1 else Group(nodes, n_required or len(nodes))
    return Query(text, found_by, **fields)


def test_a_word_is_found_by_what_means_the_same():
    query = widened(_asked(DPRK, clauses=(DPRK,)), KEPT)

    assert query.found_by == Group((DPRK, NORTH_KOREA), 1)
    assert (query.clauses, query.beside) == ((DPRK,), (NORTH_KOREA,))
    assert query.notes == ("Also searched for: North Korea.",)


def test_words_side_by_side_are_one_term_and_still_count_one_by_one():
    query = widened(_asked(SANCTIONS, NORTH, KOREA), KEPT)

    assert query.found_by == Group((SANCTIONS, Group((NORTH, DPRK), 1), Group((KOREA, DPRK), 1)), 3)


def test_a_long_question_needs_as_many_words_as_before():
    query = widened(_asked(SANCTIONS, NORTH, KOREA, Word("trade"), n_required=2), KEPT)

    assert isinstance(query.found_by, Group)
    assert (query.found_by.n_required, len(query.found_by.nodes)) == (2, 4)


@pytest.mark.parametrize("typed", ["dprk", "DPRK", "Dprk", "D.P.R.K."])
def test_terms_are_compared_folded(typed: str):
    from isthmus.search import analysis

    [token] = analysis.tokens(analysis.plain(typed))

    assert widened(_asked(Word(token)), KEPT).notes


def test_one_way_goes_from_the_first_only():
    kept = Synonyms.of([(["missile", "KN-23", "Hwasong"], True)])

    assert widened(_asked(Word("missile")), kept).notes == ("Also searched for: KN-23, Hwasong.",)
    assert widened(_asked(Word("hwasong")), kept).notes == ()


def test_a_term_in_several_sets_finds_all_of_theirs():
    kept = Synonyms.of([(["DPRK", "North Korea"], False), (["DPRK", "Pyongyang"], True)])

    assert widened(_asked(DPRK), kept).notes == ("Also searched for: North Korea, Pyongyang.",)


def test_a_term_is_known_without_the_words_that_questions_lose():
    kept = Synonyms.of([(["ROK", "Republic of Korea"], False)])

    query = widened(_asked(Word("republic"), KOREA), kept)

    assert query.notes == ("Also searched for: ROK.",)


def test_what_stands_in_quotation_marks_is_left_as_it_is():
    assert widened(_asked(NORTH_KOREA, text='"north korea"', is_plain=False), KEPT).found_by == NORTH_KOREA


def test_one_word_in_quotation_marks_is_left_as_it_is_too():
    assert widened(parse("“DPRK” sanctions"), KEPT).notes == ()
    kept = Synonyms.of([(["COVID-19", "pandemic"], False)])
    assert widened(parse('"COVID-19"'), kept).notes == ()
    assert widened(parse('"sanctions" DPRK'), KEPT).notes == ("Also searched for: North Korea.",)


def test_a_compound_is_a_term_and_stays_one_beside_a_quotation():
    kept = Synonyms.of([(["COVID-19", "pandemic"], False)])
    compound = Phrase(("covid", "19"), joined="covid19")

    assert widened(_asked(compound, text="COVID-19"), kept).found_by == Group((compound, Word("pandemic")), 1)
    assert widened(_asked(Word("pandemic")), kept).found_by == Group((Word("pandemic"), compound), 1)


def test_characters_without_spaces_are_a_term():
    kept = Synonyms.of([(["제재", "sanctions"], False)])
    korean = Phrase(("제", "재"))

    assert widened(_asked(korean, text="제재"), kept).found_by == Group((korean, SANCTIONS), 1)


@pytest.mark.parametrize("node", [Not(DPRK), In("title", DPRK)])
def test_whoever_names_a_field_or_excludes_a_word_means_that_word(node):
    query = _asked(SANCTIONS, node)

    assert widened(query, KEPT) is query


def test_groups_inside_groups_are_widened():
    inner = Group((DPRK, Word("iran")), 1)

    query = widened(_asked(SANCTIONS, inner), KEPT)

    assert query.found_by == Group((SANCTIONS, Group((Group((DPRK, NORTH_KOREA), 1), Word("iran")), 1)), 2)


def test_what_was_typed_comes_before_what_means_the_same_and_both_are_marked():
    from isthmus.search.engines.tantivy import TantivyEngine
    from isthmus.search.language import parse
    from isthmus.search.retrieval import retrieve
    from isthmus.search.snippet import snippet
    from tests.contracts.documents import document

    kept = Synonyms.of([(["hotline", "telephone line", "직통 전화"], False)])
    engine = TantivyEngine.create(None)
    said = ("직통 전화가 다시 이어진 뒤", "The hotline rang.", "A telephone line of another kind.", "On the hotline.")
    more = (document(number, "More", "cables and ferries") for number in range(10, 30))
    engine.apply([*(document(number, "One", body) for number, body in enumerate(said, 1)), *more], (), seq=1)
    query = widened(parse("hotline"), kept)

    found = retrieve(engine, query, filters={}, offset=0, limit=30, sort=Sort.RELEVANCE, without=(), n_close=0)

    assert {hit.id for hit in found.hits[:2]} == {2, 4}
    assert {hit.id for hit in found.hits[2:]} == {1, 3}
    assert "<mark>telephone line</mark>" in snippet("A telephone line.", query, engine.forms).html


def test_the_empty_question_and_one_without_words_stay():
    for query in (Query("", None), Query("???", None)):
        assert widened(query, KEPT) is query


def test_no_question_becomes_more_than_a_few_dozen_others():
    terms = [f"term{number}" for number in range(60)]
    kept = Synonyms.of([(["korea", term], False) for term in terms])

    query = widened(_asked(KOREA), kept)

    assert isinstance(query.found_by, Group)
    assert len(query.found_by.nodes) == synonyms.MAX_ADDED + 1
    assert query.notes == ("Also searched for: term0, term1, term2, term3, term4, term5 and more.",)


def test_a_set_that_is_changed_or_deleted_holds_at_once(db):
    assert widened(_asked(DPRK)).notes == ()

    row = SynonymSet.objects.create(terms="DPRK, North Korea")
    assert widened(_asked(DPRK)).notes == ("Also searched for: North Korea.",)

    row.terms = "DPRK, Pyongyang"
    row.save()
    assert widened(_asked(DPRK)).notes == ("Also searched for: Pyongyang.",)

    SynonymSet.objects.all().delete()
    assert widened(_asked(DPRK)).notes == ()


def test_what_did_not_change_costs_one_query(db, django_assert_num_queries):
    SynonymSet.objects.create(terms="DPRK, North Korea")
    editors.kept()

    with django_assert_num_queries(1):
        assert widened(_asked(DPRK)).notes


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ("DPRK", "two to 8"),
        ("DPRK, dprk, D.P.R.K.", "two to 8"),
        (", ".join(f"word{n}" for n in range(9)), "two to 8"),
        ("DPRK, " + "long " * 9, "too long"),
        ("DPRK, " + "x" * 81, "too long"),
        ("DPRK, ???", "two to 8"),
    ],
)
def test_a_set_that_cannot_be_is_refused_with_a_sentence(db, terms: str, said: str):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError, match=said):
        SynonymSet(terms=terms).full_clean()
