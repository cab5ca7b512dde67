"""Dates as people write them: as precise as the text was, and never more."""

from __future__ import annotations

from datetime import date

import pytest

from isthmus.dossiers import dates_in_words, shown_entries
from isthmus.dossiers.queries import Act


@pytest.mark.parametrize(
    ("days", "precision", "edtf", "quote", "words"),
    [
        (((2019, 6, 12), (2019, 6, 13)), "D", "2019-06-12", "", "12 June 2019"),
        (((2019, 6, 1), (2019, 7, 1)), "M", "2019-06", "In June", "June 2019"),
        (((2020, 1, 1), (2020, 2, 1)), "M", "2020-01", "early January", "early January 2020"),
        (((2019, 6, 1), (2019, 7, 1)), "M", "2019-06", "the end of June", "end of June 2019"),
        (((2018, 3, 1), (2018, 6, 1)), "S", "2018-21", "", "spring 2018"),
        (((2018, 12, 1), (2019, 3, 1)), "S", "2018-24", "", "winter 2018–19"),
        (((2018, 4, 1), (2018, 7, 1)), "Q", "2018-34", "", "second quarter of 2018"),
        (((1990, 1, 1), (2000, 1, 1)), "E", "199X", "the late 1990s", "late 1990s"),
        (((1800, 1, 1), (1900, 1, 1)), "C", "18XX", "", "the 19th century"),
        (((2000, 1, 1), (2001, 1, 1)), "Y", "2000~", "", "about 2000"),
        (((2020, 1, 1), (2020, 11, 21)), "", "../2020-11-20", "", "by 20 November 2020"),
        (((2018, 3, 1), (2018, 4, 1)), "M", "2018-03/..", "", "since March 2018"),
        (((2019, 12, 30), (2020, 1, 3)), "", "", "", "30 December 2019 – 2 January 2020"),
        (((2019, 6, 3), (2019, 6, 10)), "W", "", "", "week of 3 June 2019"),
    ],
)  # fmt: skip
def test_a_stretch_is_named_as_precisely_as_it_is_known(days, precision, edtf, quote, words):
    first_on, before_on = (date(*day) for day in days)

    assert dates_in_words.in_words(first_on, before_on, precision=precision, edtf=edtf, quote=quote) == words


@pytest.mark.parametrize(
    ("first", "before", "edtf", "words"),
    [
        ((2019, 6, 12), (2019, 6, 13), "2019-06-12", "12 June 2019"),
        ((2019, 6, 1), (2019, 7, 1), "2019-06", "June 2019"),
        ((2019, 1, 1), (2020, 1, 1), "2019~", "about 2019"),
        ((2018, 3, 1), (2018, 6, 1), "2018-21", "spring 2018"),
        ((2019, 6, 1), (2019, 9, 1), "2019-06/2019-08", "June – August 2019"),
        ((2018, 3, 1), (2018, 4, 1), "2018-03/..", "since March 2018"),
    ],
)  # fmt: skip
def test_an_act_is_dated_no_more_precisely_than_its_sentence(first, before, edtf, words):
    act = Act(1, "k", 1, 1, 2, date(*first), date(*before), edtf, "warm", is_dated=True, decided="")

    assert shown_entries._act_words(act) == words
