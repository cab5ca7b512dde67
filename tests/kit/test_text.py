"""Folding, addresses and shortening of text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.kit import text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zürich", "ZURICH"),
        ("O’Brien", "o'brien"),
        ("Søndal", "sondal"),
        ("Jong\u2011un", "jong-un"),
        ("ﬁnal\u00a0text", "final text"),
        ("Straße", "STRASSE"),
        ("“quoted”", '"QUOTED"'),
        ("co\u00adoperate", "cooperate"),
    ],
)
def test_spellings_a_reader_takes_for_the_same_fold_alike(one, other):
    assert text.fold(one) == text.fold(other)


def test_marks_that_make_another_word_are_kept():
    assert text.fold("が") != text.fold("か")
    assert text.fold("서울") == "서울"


@given(st.text())
def test_folding_twice_changes_nothing_more(anything):
    once = text.fold(anything)

    assert text.fold(once) == once


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Ardor Fades between Trump & Kim", "ardor-fades-between-trump-and-kim"),
        ("O’Brien’s U.S. Answer", "obriens-us-answer"),
        ("Growth of 3.5%", "growth-of-3-5"),
        ("Łódź, Søndal", "lodz-sondal"),
        ("Пхеньян", "pkhenyan"),
        ("서울의 봄", "서울의-봄"),
        ("北朝鮮 and Zürich", "北朝鮮-and-zurich"),
        ("???", "untitled"),
    ],
)
def test_a_title_becomes_a_slug(title, expected):
    assert text.slug(title) == expected


def test_a_long_slug_is_cut_between_words():
    assert text.slug("sanctions and their limits", max_chars=20) == "sanctions-and-their"


@given(st.text(), st.integers(min_value=8, max_value=90))
def test_a_slug_is_never_empty_never_too_long_and_safe_in_a_path(title, max_chars):
    slug = text.slug(title, max_chars=max_chars)

    assert 0 < len(slug) <= max_chars
    assert not set(slug) & set("/?#% \"'<>\\.\n")
    assert not slug.startswith("-")
    assert not slug.endswith("-")


@given(st.text())
def test_the_slug_of_a_slug_is_the_slug(title):
    once = text.slug(title)

    assert text.slug(once) == once


def test_every_kind_of_space_collapses_to_one():
    assert text.collapse("\u3000a\u00a0 b\r\n\tc\u200bd\ufeff") == "a b c d"


def test_a_short_text_is_not_marked_as_cut():
    assert text.shorten("two  words", 10) == "two words"


def test_a_long_text_is_cut_between_words_and_marked():
    assert text.shorten("The ferries began again, in October", 25) == "The ferries began again…"


def test_text_without_spaces_is_cut_where_it_must_be():
    assert text.shorten("가" * 50, 10) == "가" * 9 + "…"


@given(st.text(), st.integers(min_value=1, max_value=60))
def test_a_shortened_text_keeps_to_its_length(anything, max_chars):
    assert len(text.shorten(anything, max_chars)) <= max_chars


@pytest.mark.parametrize(("n", "said"), [(0, "0 publications"), (1, "1 publication"), (5822, "5822 publications")])
def test_a_number_takes_its_word(n, said):
    assert text.plural(n, "publication", "publications") == said


@pytest.mark.parametrize("made", [text.fold, text.slug])
def test_a_heap_of_accents_on_one_letter_is_read_in_a_moment(made):
    began = time.perf_counter()

    made("a" + "\u0316\u0300" * 500_000)

    assert time.perf_counter() - began < 5


def test_the_accents_of_real_text_all_count():
    assert text.fold("Tie\u0302\u0301ng Vie\u0323\u0302t") == "tieng viet"


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_of_a_spreadsheet_begins_like_a_formula(value: str):
    assert text.cell(value) == "'" + value


def test_other_cells_stay_as_they_are():
    assert [text.cell(value) for value in ("", "Ardor Fades", "1 = 1")] == ["", "Ardor Fades", "1 = 1"]
