import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus.search.language import MAX_CHARS, MAX_WORDS, parse
from isthmus.search.query import Group, Phrase, Query, Word

TYPED = st.one_of(st.text(max_size=200), st.text(alphabet='ab" -(),“”’.정책1 \x00\ud800', max_size=300))


def tokens(question: str) -> list[str]:
    return [clause.token for clause in parse(question).clauses if isinstance(clause, Word)]


def n_required(query: Query) -> int:
    return query.found_by.n_required if isinstance(query.found_by, Group) else 0


def test_words_are_all_required():
    query = parse("trade policy")

    assert [clause.token for clause in query.clauses] == ["trade", "policy"]
    assert (n_required(query), query.notes, query.is_empty) == (2, (), False)


def test_quotation_marks_of_every_kind_make_a_phrase():
    for question in ('"sea of japan"', "“Sea of Japan”", "«Sea of Japan»", "„Sea of Japan“", "＂Sea of Japan＂"):
        assert parse(question).clauses == (Phrase(("sea", "of", "japan")),)


def test_words_and_phrases_mix():
    assert parse('north "working talks" korea').clauses == (
        Word("north"), Phrase(("working", "talks")), Word("korea"),
    )  # fmt: skip


def test_mark_that_is_never_closed_is_no_phrase():
    assert tokens('summit "working talks') == ["summit", "working", "talks"]


def test_hyphen_keeps_words_together_or_lets_them_stand_in_one():
    assert parse("Jong-un").clauses == (Phrase(("jong", "un"), joined="jongun"),)


def test_neighbours_may_stand_in_one():
    assert parse("jong un").clauses == (Word("jong", ("jongun",)), Word("un", ("jongun",)))


def test_korean_word_is_a_phrase_of_its_syllables():
    assert parse("정책").clauses == (Phrase(("정", "책")),)


def test_stop_words_are_left_out_beside_others_and_asked_alone():
    assert tokens("the rise of the city") == ["rise", "city"]
    assert tokens("what is it") == ["what", "is", "it"]


def test_operators_of_other_engines_are_words():
    assert tokens("trade AND (policy OR tariff) NOT field:value") == [
        "trade", "policy", "tariff", "not", "field", "value",
    ]  # fmt: skip


def test_long_question_needs_a_third_of_its_words_and_says_so():
    query = parse("why did working level talks in stockholm fail after the hanoi summit collapsed")

    assert (len(query.clauses), n_required(query)) == (9, 3)
    assert "long question" in query.notes[0]


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "\x00"])
def test_nothing_typed_asks_for_everything(question: str):
    assert parse(question).is_empty


def test_signs_without_a_word_find_nothing_and_it_is_said():
    query = parse("?! ((((")

    assert (query.is_empty, query.clauses, query.notes) == (False, (), ("There is no word in this question.",))


def test_what_is_beyond_the_limits_is_left_out_and_said():
    many = parse(" ".join(f"w{n}" for n in range(600)))
    long = parse("a" * 10_000)
    quoted = parse('"a b" ' * 40)

    assert len(many.clauses) == MAX_WORDS
    assert "512 words" in many.notes[0]
    assert len(long.text) == MAX_CHARS
    assert "4,096 characters" in long.notes[0]
    assert "24 phrases" in quoted.notes[0]


@settings(max_examples=400)
@given(TYPED)
def test_no_text_is_an_error(typed: str):
    query = parse(typed)

    assert 0 <= n_required(query) <= len(query.clauses)
    assert query.is_empty == (query.text == "")
    for clause in query.clauses:
        for token in [clause.token] if isinstance(clause, Word) else clause.tokens:
            token.encode("utf-8")
            assert token
            assert not any(sign.isspace() for sign in token)


@pytest.mark.parametrize(
    "bad", ["(" * 10_000, '"' * 1_000_000, "NOT " * 20_000, "a-" * 50_000, "정" * 1_000_000, "'" * 5000]
)
def test_pathological_texts_are_read_at_once(bad: str):
    began = time.process_time()
    parse(bad)

    assert time.process_time() - began < 0.5
