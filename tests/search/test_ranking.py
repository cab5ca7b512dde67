from pathlib import Path

from isthmus.search import ranking
from isthmus.search.language import parse
from isthmus.search.query import Group, Phrase, Word
from isthmus.search.ranking import PAIR, TABLE, weigh, widened, words_of


def weights(question: str) -> dict[tuple[str, ...], float]:
    told: dict[tuple[str, ...], float] = {}
    for text, weight in weigh(parse(question)).weighed:
        tokens = text.tokens if isinstance(text, Phrase) else (text.token,) if isinstance(text, Word) else ("*",)
        told[tokens] = told.get(tokens, 0) + weight
    return told


def test_words_weigh_one_and_neighbours_a_little_more():
    assert weights("interest rate") == {("interest",): 1, ("rate",): 1, ("interest", "rate"): PAIR.value}


def test_word_typed_twice_weighs_twice():
    assert weights("trade talks trade")[("trade",)] == 2


def test_stop_words_make_no_pair_and_weigh_nothing():
    assert weights("the bank of korea") == {("bank",): 1, ("korea",): 1, ("bank", "korea"): PAIR.value}


def test_compound_is_its_words_and_a_pair():
    assert weights("slip-flow regime") == {
        ("slip",): 1, ("flow",): 1, ("regime",): 1, ("slip", "flow"): PAIR.value, ("flow", "regime"): PAIR.value,
    }  # fmt: skip


def test_phrase_in_quotation_marks_weighs_as_much_as_its_words():
    assert weights('"bank of korea"')[("bank", "of", "korea")] == 1


def test_characters_of_a_cjk_word_are_not_weighed_one_by_one():
    assert weights("정책") == {("정", "책"): 1}


def test_pairs_of_a_pasted_text_are_bounded():
    told = weights(" ".join(f"word{n}" for n in range(400)))

    assert sum(len(tokens) == 2 for tokens in told) == 40


def test_weighing_moves_nothing_in_or_out():
    query = parse("trade talks -japan")

    assert weigh(query).found_by == query.found_by


def test_widened_question_is_answered_by_any_of_its_words():
    wide = widened(weigh(parse("trade talks")))

    assert isinstance(wide.found_by, Group)
    assert wide.found_by.n_required == 1
    assert [node.token for node in wide.found_by.nodes if isinstance(node, Word)] == ["trade", "talks"]


def test_words_of_a_question_leave_out_what_it_excludes():
    assert words_of(parse('trade "bank of korea" -japan')) == ["trade", "bank", "korea"]


def test_every_line_of_the_table_has_a_reason():
    assert {line.name for line in TABLE} >= {"word", "pair", "meaning", "feedback"}
    assert all(len(line.reason) > 10 and line.measured for line in TABLE)
    assert int(ranking.DEPTH.value) >= 100


def test_meaning_counts_for_nothing_where_the_words_are_strange_to_it():
    assert ranking.share_of_meaning(0.2) == 0
    assert 0 < ranking.share_of_meaning(0.5) < ranking.MEANING.value
    assert ranking.share_of_meaning(0.9) == ranking.MEANING.value


def test_the_page_on_ranking_has_the_table_of_the_code():
    page = (Path(__file__).parents[2] / "docs" / "explanation" / "ranking.md").read_text(encoding="utf-8")

    assert [
        line for line in page.splitlines() if line.count("|") == 4 and line.split("|")[2].strip()[:1].isdigit()
    ] == [f"| {line.name} | {line.value:g} | {line.reason} |" for line in TABLE]
