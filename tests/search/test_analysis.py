import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.search import analysis

TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)


def words(text: str) -> list[str]:
    return analysis.tokens(analysis.plain(text))


def test_abbreviations_possessives_and_decimals_are_one_word():
    assert words("The U.S.'s 1.5 track, Kim’s O’Brien. At 3.") == [
        "the", "us", f"1{analysis.POINT}5", "track", "kim", "obrien", "at", "3",
    ]  # fmt: skip


def test_sentence_end_is_no_abbreviation():
    assert words("Vitamin C.A new line. J. Kim") == ["vitamin", "ca", "new", "line", "j", "kim"]


def test_korean_chinese_and_japanese_are_cut_into_characters():
    assert words("정책2024 日本語Tokyo") == ["정", "책", "2024", "日", "本", "語", "tokyo"]


def test_compounds_and_pairs_of_syllables_are_joined():
    assert analysis.joined_forms("Jong-un and Jae In in a state-of-the-art COVID-19 room") >= {
        "jongun", "jaein", "stateof", "ofthe", "theart", "stateofthe", "stateoftheart", "covid19",
    }  # fmt: skip


def test_lone_hyphens_join_nothing():
    assert analysis.joined_forms("- a -b c- 5 - 6 --") == set()


@given(TEXTS)
def test_plain_text_is_plain_already(text: str):
    once = analysis.plain(text)

    assert words(once) == words(text)


@given(TEXTS)
def test_every_letter_and_digit_is_in_some_word(text: str):
    kept = "".join(words(text))

    for sign in analysis.plain(text):
        if unicodedata.category(sign)[0] in "LN" and sign.isalnum():
            assert sign.lower() in kept


@given(TEXTS)
def test_spans_are_in_order_and_inside_the_text(text: str):
    at = 0
    for word, start, end in analysis.spans(text):
        assert at <= start < end <= len(text)
        assert word == "".join(words(text[start:end]))
        at = end


@given(TEXTS)
def test_joining_any_text_ends(text: str):
    assert all(" " not in form for form in analysis.joined_forms(analysis.plain(text)))


def test_capital_i_with_a_dot_is_an_i():
    assert words("İstanbul") == words("I\u0307stanbul") == ["istanbul"]
    assert [word for word, _, _ in analysis.spans("In İstanbul")] == ["in", "istanbul"]


@pytest.mark.parametrize(
    ("written", "typed"),
    [("كُوريا", "كوريا"), ("שָׁלוֹם", "שלום"), ("ёлка", "елка"), ("ΆΓΙΟΣ", "αγιος"), ("Zu\u0308rich", "Zurich")],
)
def test_points_and_accents_that_readers_leave_out_fall_away(written: str, typed: str):
    assert words(written) == words(typed)
    assert [word for word, _, _ in analysis.spans(written)] == words(typed)


def test_vowels_written_as_marks_are_parts_of_their_word():
    assert len(words("हिन्दी")) == len(words("ทำ")) == 1
    assert words("दिन") != words("दान")
    assert list(analysis.spans("हिन्दी भाषा")) == [(*words("हिन्दी"), 0, 6), (*words("भाषा"), 7, 11)]
