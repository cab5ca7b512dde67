"""Each family of rules: words, and the value they have. The words are ours; the values follow TIMEX3."""

from __future__ import annotations

from datetime import date

import pytest

from isthmus.dossiers.extract import tag
from isthmus.dossiers.extract.rules.holidays import easter_of

# A Thursday.
PUBLISHED = date(2019, 10, 31)


def values(text):
    return [(one.quote, one.value) for one in tag(text, published_on=PUBLISHED)]


def _cases(table):
    """`sentence with (words) in brackets = value`, one a line."""
    for line in table.strip().splitlines():
        sentence, _, value = line.strip().rpartition(" = ")
        words = sentence[sentence.index("(") + 1 : sentence.index(")")]
        yield pytest.param(sentence.replace("(", "").replace(")", ""), words, value, id=words)


DATES = """
    They met on (5 March 1998). = 1998-03-05
    They met on (March 5, 1998). = 1998-03-05
    They met on (Thursday, 5 March 1998). = 1998-03-05
    They met on (the 5th of March, 1998). = 1998-03-05
    They met on (the fifth of March 1998). = 1998-03-05
    They met on (1998-03-05). = 1998-03-05
    They met on (05.03.1998). = 1998-03-05
    They met on (3/25/98). = 1998-03-25
    They met at (10 p.m. on 5 March 1998). = 1998-03-05T22:00
    They met at (14:30 UTC on Tuesday). = 2019-10-29T14:30
    They met at (0630 hours on 6 June 1944). = 1944-06-06T06:30
    They met on (the evening of 7 June 1917). = 1917-06-07TEV
    They met at (dawn on 8 June 1917). = 1917-06-08TMO
    They met in (mid-March 1998). = 1998-03
    They met at (the end of March 1998). = 1998-03
    They met on (the last day of February 2000). = 2000-02-29
    They met on (the first Monday in October 2001). = 2001-10-01
    They met in (July last year). = 2018-07
    They will meet in (April next year). = 2020-04
    They met in (October). = 2019-10
    They met in (December). = 2018-12
    They will meet on (Jan. 14). = 2020-01-14
    They met on (Nov. 5). = 2019-11-05
"""

YEARS = """
    It began in (1998). = 1998
    It began in (the late 1990s). = 199
    It began in (the '80s). = 198
    It began in (the early eighties). = 198
    It began in (the 19th century). = 18
    It began in (the first half of 1941). = 1941-H1
    It began in (the third quarter of 2018). = 2018-Q3
    It began in (this year's second quarter). = 2019-Q2
    It began in (Q2 2018). = 2018-Q2
    It began in (fiscal 2018). = 2018
    It began in (the 2018 fiscal year). = 2018
    It began in (the 2017-18 season). = 2017
    It began in (the summer of 1942). = 1942-SU
    It began in (the winter of 1941-42). = 1941-WI
    It began in (nineteen ninety-one). = 1991
    It began in (the winter of nineteen ninety-four). = 1994-WI
    It began in (March nineteen ninety-four). = 1994-03
    It began in (the fiscal-first quarter). = 2019-Q1
    It began about the time of the siege in (490 BC). = BC0490
    It began in (AD 66). = 0066
    It began in (the fifth century BC). = BC04
    It began in (the third quarter). = 2019-Q3
    It began in (the third quarter of the year). = 2019-Q3
    It began with (first-half) profit. = 2019-H1
    It began in the last quarter of (the 19th century). = 18
    Sales fell in (the fourth quarter). = 2019-Q4
"""

RELATIVE = """
    They spoke (yesterday). = 2019-10-30
    They spoke (the day before yesterday). = 2019-10-29
    They will speak (tomorrow morning). = 2019-11-01TMO
    They spoke (tonight). = 2019-10-31TNI
    They spoke (last night). = 2019-10-30TNI
    They spoke (last week). = 2019-W43
    They will speak (next month). = 2019-11
    They spoke (earlier this year). = 2019
    They spoke (last Friday). = 2019-10-25
    They will speak (next Tuesday). = 2019-11-05
    They spoke on (Tuesday night). = 2019-10-29TNI
    They spoke (last Oct. 23). = 2018-10-23
    They spoke (last summer). = 2019-SU
    They spoke over (the weekend). = 2019-W43-WE
    They spoke (ten days ago). = 2019-10-21
    They spoke (two months ago). = 2019-08
    They spoke (a decade ago). = 2009
    They spoke (half a century ago). = 1969
    They spoke at (the end of the year). = 2019
    It must be done by (year-end). = 2019-12
    They spoke on (the first day of the month). = 2019-10-01
    They spoke on (Christmas Day). = 2018-12-25
    They spoke on (Labor Day). = 2019-09-02
    They spoke over the (Labor Day weekend). = 2019-W35-WE
    They spoke in (Easter week). = 2019-W16
    They spoke during (the fiscal year). = 2019
    They spoke in (the latest fiscal year). = 2018
    They spoke in (the latest period). = 2019-Q3
    They spoke on (Easter Sunday 2016). = 2016-03-27
    They spoke on (Thanksgiving 1999). = 1999-11-25
"""

LENGTHS = """
    It lasted (three days). = P3D
    It lasted (nearly forty years). = P40Y
    It lasted (two to six days). = P6D
    It lasted (a minute and a half). = PT1M30S
    It lasted (2 1/2 years). = P2Y6M
    It lasted (a year and a half). = P1Y6M
    It lasted (a few weeks). = PXW
    It lasted (two decades). = P20Y
    It was a (two-week) journey. = P2W
    It lasted (half an hour). = PT30M
    It was over (hours later). = PTXH
    It was closed in (the fiscal year) ended long ago. = P1Y
    It came after (several quarters) of losses. = PXQ
    It was a (decades-long) feud. = PXY
    It was (a century-long) feud. = P100Y
    It was said in (the last quarter century). = P25Y
    It was said in (recent months). = PXM
    It happens (every day). = P1D
    It happens (each Thursday). = XXXX-WXX-4
    It happens (every July). = XXXX-07
    It happens (daily). = P1D
    It costs $5 (a year). = P1Y
    It happens on (Tuesday nights). = XXXX-WXX-2TNI
    It is said (now). = PRESENT_REF
    It was said (recently). = PAST_REF
    It was said in (those days). = PAST_REF
    It matters in (the near future). = FUTURE_REF
    It matters in (the future). = FUTURE_REF
    It matters in (coming quarters). = FUTURE_REF
    It can be done at (a later date). = FUTURE_REF
"""


@pytest.mark.parametrize(("sentence", "words", "value"), [*_cases(DATES), *_cases(YEARS)])
def test_dates_and_years_are_read_as_they_are_written(sentence, words, value):
    assert (words, value) in values(sentence)


@pytest.mark.parametrize(("sentence", "words", "value"), _cases(RELATIVE))
def test_relative_words_lean_on_the_publication(sentence, words, value):
    assert values(sentence) == [(words, value)]


@pytest.mark.parametrize(("sentence", "words", "value"), _cases(LENGTHS))
def test_lengths_and_sets_are_kept_apart_from_dates(sentence, words, value):
    assert (words, value) in values(sentence)
    assert all(one.interval is None for one in tag(sentence, published_on=PUBLISHED))


def test_the_future_of_a_thing_and_the_past_of_a_few_are_not_times():
    for text in ("The future of the mill is open.", "The future looks bright.", "It rained in the past three summers."):
        assert values(text) == []


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("de", "Sie trafen sich am 12. Juni 2018 in Singapur.", "2018-06-12"),
        ("de-AT", "Im Jänner 2018 begann es.", "2018-01"),
        ("fr", "Le 1er août 2018, ils se sont rencontrés.", "2018-08-01"),
        ("es", "Se reunieron el 12 de junio de 2018.", "2018-06-12"),
        ("ru", "Они встретились 12 июня 2018 года.", "2018-06-12"),
        ("ko", "회담은 2018년 6월 12일에 열렸다.", "2018-06-12"),
        ("ja", "会談は2018年6月に行われた。", "2018-06"),
        ("ja", "会談は２０１８年６月１２日に行われた。", "2018-06-12"),
        ("ar", "عقد الاجتماع في ١٢/٠٦/٢٠١٨.", "2018-06-12"),
        ("hi", "बैठक १२.०६.२०१८ को हुई।", "2018-06-12"),
        ("zh", "双方于2018年会晤。", "2018"),
        ("zh", "双方于二〇一八年六月十二日会晤。", "2018-06-12"),
        ("zh", "雙方於一九九四年十月二十一日會晤。", "1994-10-21"),
        ("ja", "二〇二〇年十二月三十日に閉会した。", "2020-12-30"),
        ("ja", "一九四五年八月に終わった。", "1945-08"),
        ("de", "Im Jahr 2018 begann es.", "2018"),
        ("fr", "En 2018, ils se sont rencontrés.", "2018"),
        ("es", "Se reunieron en 2018.", "2018"),
        ("nl", "In 2018 kwamen zij bijeen.", "2018"),
        ("ru", "Они встретились в 2018 году.", "2018"),
        ("pl", "Spotkali się w 2018 r. w stolicy.", "2018"),
        ("xx", "2018-06-12", "2018-06-12"),
    ],
)
def test_other_languages_have_dates_in_full_read(language, text, value):
    (found,) = tag(text, published_on=PUBLISHED, language=language)

    assert found.value == value


def test_other_languages_have_nothing_worked_out():
    assert tag("Sie trafen sich gestern und im Juni.", published_on=PUBLISHED, language="de") == ()


def test_a_year_in_another_language_is_quoted_without_its_preposition():
    (found,) = tag("Se reunieron en 2018-06-12 y en 2019.", published_on=PUBLISHED, language="es")[1:]

    assert (found.quote, found.value) == ("2019", "2019")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Un livre en 2000 exemplaires."),
        ("de", "Es kamen 2018 Leute."),
        ("zh", "二十一年"),
        ("es", "En 2019.500 casos"),
    ],
)
def test_a_count_in_another_language_is_no_year(language, text):
    assert tag(text, published_on=PUBLISHED, language=language) == ()


@pytest.mark.parametrize(
    ("year", "day"), [(1916, (4, 23)), (1998, (4, 12)), (2000, (4, 23)), (2011, (4, 24)), (2038, (4, 25))]
)
def test_easter_is_when_the_churches_keep_it(year, day):
    assert easter_of(year) == date(year, *day)
