"""What every engine behind `search.engine.Engine` must do; `test_engine_questions` is the second half of it.

A new engine adds a line to ENGINES in `engines.py` and passes both.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from isthmus.publications.documents import Document
from isthmus.search.engine import Engine, EngineBusy, SearchAway, Sort, State
from isthmus.search.engines.tantivy import TantivyEngine
from isthmus.search.fields import revision_number
from isthmus.search.language import parse
from tests.contracts.documents import document
from tests.contracts.engines import Opener


def found(engine: Engine, question: str, *, sort: Sort = Sort.NEWEST) -> list[int]:
    hits = engine.search(parse(question), offset=0, limit=100, sort=sort)
    assert hits.total == len(hits.hits)
    return [hit.id for hit in hits.hits]


def test_new_index_is_empty_and_answers(engine: Engine):
    assert (engine.state(), dict(engine.revisions())) == (State(0, 0), {})
    assert found(engine, "summit") == []


def test_word_of_title_or_body_is_found(engine: Engine):
    engine.apply([document(1, "The summit"), document(2, body="After the summit"), document(3, body="Rice")], (), seq=1)

    assert found(engine, "summit") == [2, 1]


def test_all_words_must_be_there(engine: Engine):
    engine.apply(
        [document(1, body="trade with Korea"), document(2, body="trade"), document(3, body="Korea")], (), seq=1
    )

    assert found(engine, "korea trade") == [1]


def test_name_of_an_author_is_found(engine: Engine):
    engine.apply([document(1, by="Robert R. King"), document(2)], (), seq=1)

    assert found(engine, "robert king") == [1]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("the policies of", "policy"),
        ("Zürich agreed", "zurich"),
        ("in Zurich", "Zürich"),
        ("Robert O’Brien said", "O'Brien"),
        ("Robert O'Brien said", "O’BRIEN"),
        ("Kim’s letter", "kim"),
        ("the U.S. president", "US"),
        ("the US president", "U.S."),
        ("COVID-19 cases", "covid-19"),
        ("COVID\u201119 cases", "COVID-19"),
        ("Kim Jong-un spoke", "jong un"),
        ("Kim Jong-un spoke", "Jongun"),
        ("Kim Jong-un spoke", "JONG UN"),
        ("Kim Jong Un spoke", "Jong-un"),
        ("Kim Jong Un spoke", "Jongun"),
        ("Kim Jongun spoke", "Jong-un"),
        ("Kim Jongun spoke", "jong un"),
        ("a 1.5 track talk", "1.5 track"),
        ("no\u00a0break", "break"),
        ("soft\u00adened", "softened"),
        ("the KORUS pact", "korus"),
        ("한국의 정책연구원은 서울에", "정책"),
        ("정책연구원은", "연구원"),
        ("日本語の文章", "日本"),
        ("It is what it is", "what is it"),
    ],
)
def test_what_reads_alike_is_found(engine: Engine, written: str, asked: str):
    engine.apply([document(1, body=written), document(2, body="nothing of the kind")], (), seq=1)

    assert found(engine, asked) == [1]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("1 and 5 tracks", '"1.5 track"'),
        ("책정", "정책"),
        ("track of 15", "1.5"),
        ("un jong", "Jong-un"),
        ("talks that worked", '"working talks"'),
    ],
)
def test_what_reads_otherwise_is_not_found(engine: Engine, written: str, asked: str):
    engine.apply([document(1, body=written)], (), seq=1)

    assert found(engine, asked) == []


def test_phrase_means_side_by_side_and_in_order(engine: Engine):
    engine.apply(
        [document(1, body="the Sea of Japan"), document(2, body="Japan and the sea"), document(3, "sea of")], (), seq=1
    )

    assert found(engine, '"sea of japan"') == [1]


def test_phrase_does_not_run_from_the_title_into_the_body(engine: Engine):
    engine.apply([document(1, "Talks in Hanoi", "Summit over")], (), seq=1)

    assert found(engine, '"hanoi summit"') == []


def test_title_weighs_more_than_body(engine: Engine):
    rest = "words about other things that fill the piece"
    engine.apply([document(1, "Rice", rest), document(2, "Wheat", f"rice {rest}")], (), seq=1)

    assert found(engine, "rice", sort=Sort.RELEVANCE) == [1, 2]


def test_pages_follow_each_other_without_gap_or_overlap(engine: Engine):
    engine.apply([document(n, body="tariff") for n in range(1, 26)], (), seq=1)

    for sort in Sort:
        pages = [engine.search(parse("tariff"), offset=at, limit=10, sort=sort) for at in (0, 10, 20, 30)]

        assert [page.total for page in pages] == [25] * 4
        assert sorted(hit.id for page in pages for hit in page.hits) == list(range(1, 26))


def test_newest_and_oldest_are_ordered_by_date_and_undated_pieces_are_the_oldest(engine: Engine):
    engine.apply([document(3, "x"), document(2, "x", published_at=None), document(1, "x"), document(5, "x")], (), seq=1)

    assert found(engine, "x", sort=Sort.NEWEST) == [5, 3, 1, 2]
    assert found(engine, "x", sort=Sort.OLDEST) == [2, 1, 3, 5]


def test_newer_version_replaces_the_older(engine: Engine):
    engine.apply([document(1, body="draft wording")], (), seq=1)
    engine.apply([document(1, body="final wording", revision="b")], (), seq=2)

    assert (found(engine, "draft"), found(engine, "final"), engine.state().n_documents) == ([], [1], 1)
    assert dict(engine.revisions()) == {1: revision_number("b")}


def test_deleted_document_is_gone_and_one_that_is_also_brought_in_stays(engine: Engine):
    engine.apply([document(1, body="one"), document(2, body="one")], (), seq=1)
    engine.apply([document(2, body="one")], [1, 2, 99], seq=2)

    assert (found(engine, "one"), engine.state().n_documents) == ([2], 1)


def test_same_change_again_changes_nothing(engine: Engine):
    for _ in range(2):
        engine.apply([document(1, body="one"), document(2, body="one")], [3], seq=7)

    assert (found(engine, "one"), engine.state().n_documents, engine.state().seq) == ([2, 1], 2, 7)


def test_what_was_applied_is_there_for_every_other_process(opened: Opener):
    reader = opened()
    writer = opened()
    writer.apply([document(1, body="one")], (), seq=12)
    writer.close()

    assert found(reader, "one") == [1]
    assert (opened().state().n_documents, opened().state().seq, reader.state().seq) == (1, 12, 12)


def test_failing_source_leaves_the_index_as_it_was_and_free_for_the_next_writer(engine: Engine):
    def source() -> Iterator[Document]:
        yield document(2, body="two")
        raise RuntimeError("the database went away")

    engine.apply([document(1, body="one")], (), seq=1)

    with pytest.raises(RuntimeError):
        engine.apply(source(), [1], seq=2)

    assert (found(engine, "one two"), found(engine, "one"), engine.state().seq) == ([], [1], 1)
    assert engine.apply([document(3, body="one")], (), seq=3) == 1


def test_second_writer_is_told_that_one_is_at_work(opened: Opener):
    one, other = opened(), opened()

    def source() -> Iterator[Document]:
        with pytest.raises(EngineBusy):
            other.apply([document(9)], (), seq=9)
        yield document(1, body="one")

    one.apply(source(), (), seq=1)

    assert (one.state().n_documents, other.state().seq) == (1, 1)


def test_number_that_counts_as_absent_is_in_neither_total_nor_hits(engine: Engine):
    engine.apply([document(1, body="one"), document(2, body="one")], (), seq=1)

    hits = engine.search(parse("one"), offset=0, limit=10, sort=Sort.RELEVANCE, without={2})

    assert (hits.total, [hit.id for hit in hits.hits]) == (1, [1])


def test_hit_brings_its_paragraphs(engine: Engine):
    engine.apply([document(1, body="First paragraph.\nSecond: “one”.")], (), seq=1)

    (hit,) = engine.search(parse("one"), offset=0, limit=1, sort=Sort.RELEVANCE).hits

    assert hit.text == "First paragraph.\nSecond: “one”."


def test_forms_of_one_word_are_the_same_and_those_of_others_are_not(engine: Engine):
    policy, policies, police, accented = engine.forms(["policy", "policies", "rice", "zürich"])

    assert policy == policies != police
    assert accented == engine.forms(["zurich"])[0]


def test_no_question_is_too_strange(engine: Engine):
    engine.apply([document(n, body="tariff 정책 Jong-un 1.5") for n in range(1, 6)], (), seq=1)
    chance = random.Random(4)
    signs = [
        *'ab1 -"().:~^*?+[]{}/\\&|!',
        "tariff",
        "정",
        "ß",
        "İ",
        "ﬁ",
        "\u0301",
        "\x00",
        "\ud800",
        "🙂",
        "\u202e",
        "日",
        "NOT ",
    ]

    for _ in range(400):
        typed = "".join(chance.choices(signs, k=chance.choice((1, 5, 40, 600))))
        hits = engine.search(parse(typed), offset=chance.choice((0, 3)), limit=2, sort=chance.choice(list(Sort)))

        assert 0 <= hits.total <= 5
        assert len(hits.hits) <= 2


def test_question_without_a_word_finds_nothing(engine: Engine):
    engine.apply([document(1, body="one")], (), seq=1)

    assert found(engine, "?!") == []


def test_bulk_is_the_same_as_little_by_little(engine: Engine):
    engine.apply((document(n, body=f"tariff number{n}") for n in range(1, 401)), (), seq=1, is_bulk=True)

    assert engine.state().n_documents == 400
    assert found(engine, "number77 tariff") == [77]


def test_several_threads_search_at_once(engine: Engine):
    engine.apply([document(n, body="one") for n in range(1, 51)], (), seq=1)
    totals: list[int] = []

    def ask() -> None:
        totals.extend(engine.search(parse("one"), offset=0, limit=5, sort=Sort.RELEVANCE).total for _ in range(50))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert totals == [50] * 200


def test_closed_engine_says_that_it_is_away(engine: Engine):
    engine.close()

    with pytest.raises(SearchAway):
        engine.state()


def test_directory_without_an_index_is_away(tmp_path: Path):
    with pytest.raises(SearchAway):
        TantivyEngine.open(tmp_path / "nothing")


def test_damaged_index_is_away_and_no_crash(tmp_path: Path):
    engine = TantivyEngine.create(tmp_path)
    engine.apply([document(1, body="one")], (), seq=1)
    (tmp_path / "meta.json").write_text("{")

    with pytest.raises(SearchAway):
        TantivyEngine.open(tmp_path).state()
