"""Whose figures are told of: "the quarter" and "a year earlier" in reports of accounts, trade and output. All ours."""

from __future__ import annotations

from datetime import date

import pytest

from isthmus.dossiers.extract import tag

PUBLISHED = date(2019, 11, 4)
THIRD = "Output of the mill rose in the third quarter."


def values(text):
    return [one.value for one in tag(text, published_on=PUBLISHED)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("It had fallen a year earlier.", ["2018-Q3"]),
        # Of a quarter to come nobody has figures.
        ("It will fall in the fourth quarter.\n\nA year ago it fell, too.", ["2019-Q4", "2018-Q3"]),
        ("It may fall until the first quarter of 2020.\n\nIn the year-ago quarter it fell.", ["2020-Q1", "2018-Q3"]),
        # A paragraph that names another quarter gives figures of that one, the next paragraph those of the report.
        ("In the second quarter it was flat, as a year earlier.", ["2019-Q2", "2018-Q2"]),
        ("The second quarter was flat.\n\nIn the year-earlier period it fell.", ["2019-Q2", "2018-Q3"]),
        # Figures of nine months are of a year.
        ("\n\nFor the nine months it rose, too, from 3 tons a year earlier.", ["P9M", "2018"]),
        ("\n\nIn the first nine months it was 5 tons, against 3 in the 2018 period.", ["P9M", "2018"]),
        ("\n\nIt took nine months.\n\nThe quarter was the best so far.", ["P9M", "2019-Q3"]),
    ],
)  # fmt: skip
def test_figures_are_compared_with_those_of_their_own_period(text, wanted):
    assert values(f"{THIRD} {text}") == ["2019-Q3", *wanted]


def test_figures_of_half_a_year_are_compared_with_those_of_half_a_year():
    text = "Output rose in the first half of 2019. A year earlier it had fallen."

    assert values(text) == ["2019-H1", "2018-H1"]


def test_from_quarter_to_quarter_is_no_quarter():
    assert values(f"{THIRD} The quarter-to-quarter growth was small.") == ["2019-Q3"]


def test_a_month_behind_last_year_is_not_taken_for_a_part_of_it():
    assert values("Dan was charged last year in the October 2017 robbery.") == ["2018", "2017-10"]
