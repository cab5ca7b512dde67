"""What stands inside attached files is found as bodies are, in every engine, and outweighs no title."""

from __future__ import annotations

import pytest

from isthmus.search.engine import Engine, Sort
from isthmus.search.fields import ATTACHED_MARK
from isthmus.search.language import parse
from tests.contracts.documents import document


def found(engine: Engine, question: str, *, sort: Sort = Sort.NEWEST) -> list[int]:
    return [hit.id for hit in engine.search(parse(question), offset=0, limit=100, sort=sort).hits]


@pytest.mark.parametrize(
    "asked",
    ["telluroscope", "TELLUROSCOPES", "tellurosc*", '"yellow telluroscope"', "jongun", "jong-un", "summit lamp"],
)
def test_words_of_a_file_are_found_however_they_are_asked_for(engine: Engine, asked: str):
    inside = "The yellow telluroscope\nKim Jong-un held a lamp"
    engine.apply([document(1, "A summit", attached_text=inside), document(2, "A summit of lampposts")], (), seq=1)

    assert found(engine, asked) == [1]


def test_a_phrase_does_not_run_from_the_page_into_the_file(engine: Engine):
    engine.apply([document(1, body="the yellow", attached_text="telluroscope")], (), seq=1)

    assert found(engine, '"yellow telluroscope"') == []


def test_a_file_can_be_excluded_by_its_words(engine: Engine):
    engine.apply([document(1, "A summit", attached_text="telluroscope"), document(2, "A summit")], (), seq=1)

    assert found(engine, "summit -telluroscope") == [2]


def test_a_title_counts_however_long_the_attached_report_is(engine: Engine):
    report = " ".join(f"word{n} of the annals" for n in range(3000))
    in_passing = "Rice and salt were sold. " * 30 + "Tariff." + " Ships came and went." * 30
    rest = [document(n, f"Note {n}", "Of fish and nets") for n in range(3, 20)]
    engine.apply(
        [document(1, "Tariff", "A report.", attached_text=report), document(2, "News", in_passing), *rest], (), seq=1
    )

    assert found(engine, "tariff", sort=Sort.RELEVANCE) == [1, 2]


def test_passages_of_a_file_come_last_and_marked(engine: Engine):
    engine.apply([document(1, body="On the page", attached_text="In the file\nFurther down")], (), seq=1)

    (hit,) = engine.search(parse("page"), offset=0, limit=1).hits

    assert [passage for passage in hit.text.split("\n") if passage] == [
        "On the page", f"{ATTACHED_MARK}In the file", f"{ATTACHED_MARK}Further down"
    ]  # fmt: skip


def test_a_word_at_the_end_of_a_very_long_file_is_found_without_its_passage(engine: Engine):
    report = "\n".join(["Annals of the harbour and its keepers"] * 14_000) + "\nThe telluroscope"
    engine.apply([document(1, body="On the page", attached_text=report)], (), seq=1)

    (hit,) = engine.search(parse("telluroscope"), offset=0, limit=1).hits

    assert hit.text.startswith("On the page\n")
    assert len(hit.text) < len(report)
