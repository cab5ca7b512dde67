"""What every engine makes of a question, of filters and of facets; the second half of the contract's suite."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from isthmus.publications.documents import CategoryName, Document, PersonName
from isthmus.search.engine import NO_FILTERS, Engine, Sort, UnknownField
from isthmus.search.fields import DAY
from isthmus.search.query import (
    Between,
    Filters,
    Group,
    Has,
    In,
    Node,
    Not,
    Phrase,
    Prefix,
    Query,
    Text,
    Word,
)
from tests.contracts.documents import document

ASIA = CategoryName(1, "region", "asia", "Asia")
KOREA = CategoryName(2, "region", "korea", "Korean Peninsula", (ASIA,))
TRADE = CategoryName(3, "topic", "trade", "Trade policies")
EVERYTHING = Query("", None)


def asking(node: Node | None, *weighed: tuple[Text, float], clauses: Sequence[Text] = ()) -> Query:
    return Query("typed", node, tuple(clauses), weighed)


def every(*nodes: Node) -> Group:
    return Group(nodes, len(nodes))


def either(*nodes: Node) -> Group:
    return Group(nodes, 1)


def found(engine: Engine, asked: Query | Node, **more: Any) -> list[int]:
    query = asked if isinstance(asked, Query) else asking(asked)
    hits = engine.search(query, **({"limit": 100, "sort": Sort.OLDEST} | more))
    assert hits.total == len(hits.hits)
    return [hit.id for hit in hits.hits]


def taking(engine: Engine, *documents: Document) -> Engine:
    engine.apply(documents, (), seq=1)
    return engine


def people(*slugs: str) -> tuple[PersonName, ...]:
    return tuple(PersonName(n, slug.title(), slug.title(), "author", slug) for n, slug in enumerate(slugs))


def written(number: int, *slugs: str, **more: Any) -> Document:
    """A Document by these people."""
    made = document(number, **more)
    return Document(**{name: getattr(made, name) for name in made.__slots__} | {"people": people(*slugs)})


@pytest.fixture
def shelf(engine: Engine) -> Engine:
    """Four pieces that differ in everything facets know."""
    return taking(
        engine,
        written(1, "alice", title="Rice", series_slug="north", series_title="The North", categories=(KOREA,)),
        written(2, "alice", "bob", title="Rice", series_slug="north", series_title="The North"),
        written(3, "bob", title="Wheat", kind="report", language="ko", categories=(ASIA, TRADE)),
        written(4, title="Rice", kind="report", published_at=None, categories=(TRADE,)),
    )  # fmt: skip


def test_empty_question_finds_everything_and_scores_nothing(shelf: Engine):
    hits = shelf.search(EVERYTHING, limit=10)

    assert (hits.total, {hit.id for hit in hits.hits}) == (4, {1, 2, 3, 4})
    assert {hit.score for hit in hits.hits} == {0}


def test_question_with_nothing_to_be_found_by_finds_nothing(shelf: Engine):
    assert found(shelf, asking(None)) == []
    assert shelf.facets(asking(None), filters={}, groups=["kind"]) == {"kind": {}}


def test_what_is_weighed_moves_hits_and_never_the_total(engine: Engine):
    rest = "words that fill the piece"
    taking(engine, document(1, body=f"rice {rest}"), document(2, body=f"rice wheat {rest}"), document(3, body="wheat"))

    hits = engine.search(asking(Word("rice"), (Word("rice"), 1), (Word("wheat"), 5)), limit=10)

    assert (hits.total, [hit.id for hit in hits.hits]) == (2, [2, 1])


def test_score_is_the_sum_of_what_is_weighed(engine: Engine):
    taking(engine, document(1, body="rice wheat"), document(2, body="rice"), document(3, body="wheat"), document(4))

    def score(*weighed: tuple[Text, float]) -> float:
        return engine.search(asking(either(Word("rice"), Word("wheat")), *weighed), limit=1, among=[1]).hits[0].score

    alone, other = score((Word("rice"), 1)), score((Word("wheat"), 1))
    assert alone > 0
    assert score((Word("rice"), 1), (Word("wheat"), 1)) == pytest.approx(alone + other)
    assert score((Word("rice"), 0.5), (Word("rice"), 2.5)) == pytest.approx(3 * alone)
    assert score((Word("absent"), 1)) == 0


def test_word_is_weighed_where_the_part_that_asks_for_it_does_not_hold(engine: Engine):
    taking(engine, document(1, body="rice wheat"), document(2, body="rice"), document(3, body="wheat"), document(4))
    rice, wheat, absent = Word("rice"), Word("wheat"), Word("absent")
    parts = (either(every(rice, absent), wheat), Group((every(rice, absent), wheat, either(absent, wheat)), 2))

    for node in (*parts, either(Group((rice, absent, Not(wheat)), 2), wheat), every(wheat, either(wheat, Not(rice)))):
        (best, *_) = engine.search(asking(node, (rice, 1), (wheat, 1)), limit=4).hits
        (other,) = engine.search(asking(wheat, (rice, 1), (wheat, 1)), limit=4, among=[1]).hits

        assert (best.id, best.score) == (1, pytest.approx(other.score))


def test_clauses_are_weighed_where_nothing_else_is(engine: Engine):
    taking(engine, document(1, body="rice"), document(2, body="rice wheat"), document(3, body="other"))
    rice, wheat = Word("rice"), Word("wheat")

    by_clauses = engine.search(asking(rice, clauses=(rice, wheat)), limit=9).hits
    by_weights = engine.search(asking(rice, (rice, 1), (wheat, 1)), limit=9).hits

    assert [hit.id for hit in by_clauses] == [2, 1]
    assert by_clauses == by_weights


def test_not_takes_out_and_alone_finds_all_the_rest(shelf: Engine):
    assert found(shelf, every(Word("rice"), Not(Has("kind", ("report",))))) == [1, 2]
    assert found(shelf, Not(Word("rice"))) == [3]
    assert found(shelf, every(Not(Word("rice")), Not(Word("wheat")))) == []
    assert found(shelf, Not(Not(Word("wheat")))) == [3]
    assert found(shelf, either(Word("wheat"), Not(Has("kind", ("post",))))) == [4, 3]


def test_groups_stand_in_groups_and_ask_for_some(engine: Engine):
    taking(engine, document(1, body="a1 b1"), document(2, body="b1 c1"), document(3, body="c1"), document(4, body="a1"))
    a, b, c = Word("a1"), Word("b1"), Word("c1")

    assert found(engine, every(either(a, c), b)) == [1, 2]
    assert found(engine, either(every(a, b), every(c, Not(b)))) == [1, 3]
    assert found(engine, Group((a, b, c), 2)) == [1, 2]
    assert found(engine, Group((a, b, c), 0)) == [1, 2, 3, 4]
    assert found(engine, Group((a, b), 3)) == []
    assert found(engine, Group((), 0)) == [1, 2, 3, 4]


def test_words_may_be_asked_of_one_field(shelf: Engine):
    taking(shelf, document(9, body="Rice, Alice and the North: trade policy in Asia"))

    assert found(shelf, In("title", Word("rice"))) == [4, 1, 2]
    assert found(shelf, In("author", Word("alice"))) == [1, 2]
    assert found(shelf, In("series", Phrase(("the", "north")))) == [1, 2]
    assert found(shelf, In("series", Prefix("nor"))) == [1, 2]
    assert found(shelf, In("category", Word("policy"))) == [4, 3]
    assert found(shelf, In("category", Word("asia"))) == [1, 3]
    assert found(shelf, In("title", Prefix("whe"))) == [3]


def test_name_is_found_in_its_field_however_it_is_written(engine: Engine):
    taking(engine, document(1, by="Kim Jong-un"), document(2, by="Jongun Lee"), document(3, "Jong-un"))

    assert found(engine, In("author", Phrase(("jong", "un"), joined="jongun"))) == [1, 2]
    assert found(engine, In("author", Word("jongun"))) == [1, 2]
    assert found(engine, In("title", Word("jongun"))) == [3]


def test_series_and_categories_are_found_by_any_word(shelf: Engine):
    assert found(shelf, Word("north")) == [1, 2]
    assert found(shelf, Phrase(("trade", "policies"))) == [4, 3]
    assert found(shelf, Word("peninsula")) == [1]


@pytest.mark.parametrize(
    ("slop", "numbers"), [(0, [1]), (1, [1, 2, 3]), (2, [1, 2, 3, 4, 5])]
)  # ordered; one between, or changed places; two between, or changed places with one between
def test_words_of_a_phrase_may_be_moved(engine: Engine, slop: int, numbers: list[int]):
    bodies = (
        "alpha beta",
        "alpha one beta",
        "beta alpha",
        "alpha one two beta",
        "beta one alpha",
        "beta one two alpha",
    )
    taking(engine, *(document(number, body=body) for number, body in enumerate(bodies, 1)))

    assert found(engine, Phrase(("alpha", "beta"), slop=slop)) == numbers


def test_longer_phrase_may_have_a_word_between(engine: Engine):
    taking(engine, document(1, body="sea of the japan"), document(2, body="sea one of two three japan"))

    assert found(engine, Phrase(("sea", "of", "japan"))) == []
    assert found(engine, Phrase(("sea", "of", "japan"), slop=1)) == [1]


def test_prefix_finds_whatever_begins_so(engine: Engine):
    bodies = ("Policy", "POLICING", "Pólis", "a po")
    taking(engine, *(document(number, body=body) for number, body in enumerate(bodies, 1)))

    assert found(engine, Prefix("poli")) == [1, 2, 3]
    assert found(engine, Prefix("PÓLI")) == [1, 2, 3]
    assert found(engine, Prefix("policyx")) == []
    assert found(engine, every(Prefix("po"), Not(Prefix("poli")))) == [4]


def test_prefix_leaves_none_out_however_many_words_there_are(engine: Engine):
    taking(engine, *(document(number, body=f"tariff{number:03} rice") for number in range(1, 301)))

    assert engine.search(asking(Prefix("ta")), limit=1).total == 300
    assert engine.search(asking(Prefix("tariff2")), limit=1).total == 100


@pytest.mark.parametrize("start", ["", ".*", "(", "[a", "\\", "a|b", "\x00", "\ud800"])
def test_prefix_of_signs_is_no_pattern(engine: Engine, start: str):
    taking(engine, document(1, body="rice"))

    assert engine.search(asking(Prefix(start)), limit=1).total in (0, 1)


def test_values_are_compared_whole(shelf: Engine):
    assert found(shelf, Has("kind", ("report",))) == [4, 3]
    assert found(shelf, Has("language", ("ko", "fr"))) == [3]
    assert found(shelf, Has("author", ("bob",))) == [2, 3]
    assert found(shelf, Has("category", ("region/asia",))) == [1, 3]
    assert found(shelf, Has("year", ("2020",))) == [1, 2, 3]
    assert found(shelf, Has("year", ("",))) == [4]
    assert found(shelf, Has("series", ("nort",))) == []
    assert found(shelf, Has("kind", ())) == []


def test_days_have_a_first_and_an_end_and_undated_pieces_have_none(shelf: Engine):
    assert found(shelf, Between(DAY, 20200102, 20200104)) == [1, 2]
    assert found(shelf, Between(DAY, 20200103, None)) == [2, 3]
    assert found(shelf, Between(DAY, None, 20200103)) == [1]
    assert found(shelf, Between(DAY, None, None)) == found(shelf, Between(DAY, -(10**30), 10**30)) == [1, 2, 3]
    assert found(shelf, every(Word("rice"), Not(Between(DAY, None, None)))) == [4]


def test_day_is_the_one_that_is_printed(engine: Engine):
    late = document(1, published_at=datetime(2020, 1, 1, 2, tzinfo=UTC), published_on=date(2019, 12, 31))
    taking(engine, late)

    assert found(engine, Between(DAY, None, 20200101)) == [1]


def test_unknown_field_is_the_callers_mistake(shelf: Engine):
    for node in (In("body", Word("x")), Has("colour", ("red",)), Between("height", 1, 2)):
        with pytest.raises(UnknownField):
            found(shelf, node)
    with pytest.raises(UnknownField):
        shelf.facets(EVERYTHING, filters={}, groups=["colour"])
    with pytest.raises(UnknownField):
        found(shelf, EVERYTHING, filters={"colour": ("red",)})


def test_filters_narrow_by_one_of_each_group(shelf: Engine):
    assert found(shelf, Word("rice"), filters={"author": ("alice", "bob")}) == [1, 2]
    assert found(shelf, Word("rice"), filters={"author": ("bob",), "kind": ("post",)}) == [2]
    assert found(shelf, EVERYTHING, filters={"category.region": ("asia",)}) == [1, 3]
    assert found(shelf, EVERYTHING, filters={"category.topic": ("trade",), "series": ("",)}) == [4, 3]
    assert found(shelf, EVERYTHING, filters={"kind": ()}) == [4, 1, 2, 3]
    assert found(shelf, EVERYTHING, filters={"category.topic": ("asia",)}) == []


def test_only_numbers_among_those_given_are_found(shelf: Engine):
    assert found(shelf, Word("rice"), among=[2, 3, 4]) == [4, 2]
    assert found(shelf, Word("rice"), among=[]) == []
    assert found(shelf, EVERYTHING, among=range(3), without=[1]) == [2]


def test_texts_are_left_out_where_nobody_shows_them(engine: Engine):
    taking(engine, document(1, body="rice"))

    assert engine.search(asking(Word("rice")), limit=1, with_texts=False).hits[0].text == ""


def test_offset_beyond_the_last_hit_is_answered_with_the_total(shelf: Engine):
    for offset in (4, 5, 100_000_000):
        assert shelf.search(EVERYTHING, offset=offset, limit=100) == shelf.search(EVERYTHING, offset=9, limit=0)
    assert shelf.search(EVERYTHING, offset=100_000_000, limit=100).total == 4


def test_facets_count_every_value_once_a_piece(shelf: Engine):
    groups = ["kind", "series", "author", "category.region", "category.topic", "year", "language"]

    assert shelf.facets(EVERYTHING, filters={}, groups=groups) == {
        "kind": {"post": 2, "report": 2},
        "series": {"north": 2, "": 2},
        "author": {"alice": 2, "bob": 2},
        "category.region": {"asia": 2, "korea": 1},
        "category.topic": {"trade": 2},
        "year": {"2020": 3, "": 1},
        "language": {"en": 3, "ko": 1},
    }


def test_facets_count_only_what_is_located(shelf: Engine):
    assert shelf.facets(asking(Word("rice")), filters={}, groups=["kind"], without=[1]) == {
        "kind": {"post": 1, "report": 1}
    }


def test_chosen_value_narrows_all_groups_but_its_own(shelf: Engine):
    counts = shelf.facets(EVERYTHING, filters={"kind": ("report",)}, groups=["kind", "author", "category.region"])

    assert counts == {"kind": {"post": 2, "report": 2}, "author": {"bob": 1}, "category.region": {"asia": 1}}


def test_every_count_is_what_choosing_the_value_finds(engine: Engine):
    chance = random.Random(11)
    taking(engine, *(_any_document(number, chance) for number in range(1, 121)))
    groups = ["kind", "series", "author", "category.region", "category.topic", "year", "language"]

    for _ in range(12):
        query, filters = asking(_any_node(chance, depth=2)), _any_filters(chance)
        for group, counts in engine.facets(query, filters=filters, groups=groups).items():
            for value, n in counts.items():
                assert engine.search(query, filters={**filters, group: (value,)}, limit=1).total == n > 0


@pytest.mark.parametrize("name", ["tantivy", "tantivy in arrays"])
def test_two_engines_locate_and_count_the_same_whatever_is_asked(tmp_path: Any, name: str):
    from tests.contracts.engines import ENGINES

    chance = random.Random(5)
    documents = [_any_document(number, chance) for number in range(1, 81)]
    one, other = (taking(ENGINES[made](tmp_path)(), *documents) for made in ("fake", name))
    groups = ["kind", "series", "author", "category.region", "category.topic", "year", "language"]

    for _ in range(300):
        query, filters = asking(_any_node(chance, depth=4)), chance.choice((NO_FILTERS, _any_filters(chance)))
        narrowed: dict[str, Any] = {"filters": filters, "without": chance.sample(range(1, 81), 3)}
        # By relevance before by date, as a page asks.
        best = [
            sorted(found(engine, query, sort=Sort.RELEVANCE, with_texts=False, **narrowed)) for engine in (one, other)
        ]
        among = chance.sample(range(100), 30)

        assert best[0] == best[1], (query, filters)
        assert found(one, query, **narrowed) == found(other, query, **narrowed), (query, filters)
        assert found(one, query, among=among, **narrowed) == found(other, query, among=among, **narrowed)
        assert one.facets(query, groups=groups, **narrowed) == other.facets(query, groups=groups, **narrowed)


def test_vocabulary_lists_words_as_they_stand_the_commonest_first(engine: Engine):
    taking(
        engine, document(1, "Policies", "policies police"), document(2, "x", "Police Pólice"), document(3, "x", "rice")
    )

    assert engine.vocabulary("pol", limit=10) == [("police", 2), ("policies", 1)]
    assert engine.vocabulary("PÓL", limit=1) == [("police", 2)]
    assert engine.vocabulary("zz", limit=10) == []


_WORDS = ("rice", "wheat", "summit", "policy", "tariff", "trade", "korea")


def _any_document(number: int, chance: random.Random) -> Document:
    categories = tuple(chance.sample((ASIA, KOREA, TRADE), chance.choice((0, 1, 2))))
    day = datetime(2018 + number % 3, 1 + number % 12, 1 + number % 28, number % 24, tzinfo=UTC)
    series = chance.choice(("", "north", "south"))
    return written(
        number,
        *chance.sample(("alice", "bob", "carol"), chance.choice((0, 1, 2))),
        title=" ".join(chance.choices(_WORDS, k=2)),
        body=" ".join(chance.choices(_WORDS, k=chance.choice((0, 2, 5)))),
        kind=chance.choice(("post", "report")),
        language=chance.choice(("en", "ko")),
        series_slug=series,
        series_title=f"The {series}" if series else "",
        categories=categories,
        published_at=chance.choice((None, day, day)),
    )


def _any_filters(chance: random.Random) -> Filters:
    there = {"kind": "report", "author": "alice", "category.region": "asia", "year": "2019", "series": "north"}
    return {group: (there[group],) for group in chance.sample(sorted(there), chance.choice((1, 2)))}


def _any_text(chance: random.Random) -> Text:
    words = tuple(chance.choices(_WORDS, k=2))
    # No slop: with it a phrase may run from the title into the body, in an engine that sets them one place apart.
    return chance.choice((Word(words[0]), Word(words[0], words[1:]), Phrase(words), Prefix(words[0][:2])))


def _any_node(chance: random.Random, *, depth: int) -> Node:
    text = _any_text(chance)
    leaves: tuple[Node, ...] = (
        text, text, In("title", text), In("category", Word("asia")), Has("author", ("bob", "carol")),
        Has("year", ("",)), Between(DAY, 20190101, 20200601), Between(DAY, None, 20190301),
    )  # fmt: skip
    kind = chance.choice(("leaf", "leaf", "not", "all", "some")) if depth else "leaf"
    if kind == "leaf":
        return chance.choice(leaves)
    if kind == "not":
        return Not(_any_node(chance, depth=depth - 1))
    nodes = tuple(_any_node(chance, depth=depth - 1) for _ in range(chance.choice((1, 2, 3))))
    return Group(nodes, len(nodes) if kind == "all" else chance.randint(0, len(nodes)))
