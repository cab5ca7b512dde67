"""What the tagger makes of texts as a whole: anchors, reports and tales, grades, contradictions, hostile input."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.dossiers.extract import Grade, Kind, Modality, Unit, tag

PUBLISHED = date(2020, 1, 20)


def values(text, published_on=PUBLISHED, **more):
    """(words, TIMEX value) of each expression."""
    return [(one.quote, one.value) for one in tag(text, published_on=published_on, **more)]


def only(text, published_on=PUBLISHED, **more):
    (found,) = tag(text, published_on=published_on, **more)
    return found


# --- grades and precision ---------------------------------------------------------------------------------------------


def test_a_month_stays_a_month():
    found = only("Alice met Bob in June 2019.")

    assert found.interval == (date(2019, 6, 1), date(2019, 7, 1))
    assert (found.precision, found.edtf, found.grade) == (Unit.MONTH, "2019-06", Grade.STATED)


def test_a_bare_month_is_worked_out_from_the_publication_and_says_so():
    found = only("In June the two met at the border.")

    assert (found.edtf, found.grade, found.anchor) == ("2019-06", Grade.FROM_PUBLICATION, "2020-01-20")


def test_a_later_day_is_worked_out_from_the_date_named_before_it():
    _, later = tag("The envoys met on 3 May 2011. Two days later they left.", published_on=PUBLISHED)

    assert (later.edtf, later.grade, later.anchor) == ("2011-05-05", Grade.FROM_TEXT, "2011-05-03")


def test_about_a_year_is_approximate():
    found = only("The post was founded about 1995.")

    assert (found.edtf, found.grade, found.mod) == ("1995~", Grade.APPROXIMATE, "APPROX")


def test_a_few_weeks_ago_is_a_stretch_and_no_day():
    found = only("A few weeks ago the talks failed.")

    assert (found.value, found.grade, found.precision) == ("PAST_REF", Grade.APPROXIMATE, None)
    assert found.interval is not None
    assert found.interval[1] <= PUBLISHED
    assert found.edtf.count("~") == 2


def test_words_without_a_place_on_the_calendar_have_no_interval_and_no_grade():
    for text in ("The talks lasted three days.", "Talks are held every Monday.", "It is now quiet."):
        found = only(text)
        assert (found.interval, found.grade, found.edtf) == (None, None, "")


def test_by_and_since_leave_one_side_open():
    assert only("The plant must close by March 2021.").edtf == "../2021-03"
    assert only("The border has been shut since March 2017.").edtf == "2017-03/.."
    assert tag("It rained from May 2017 to June 2017.", published_on=PUBLISHED)[0].edtf == "2017-05"


def test_a_vote_in_less_than_ten_months_has_a_last_day():
    found = only("In less than ten months, the country will hold its election.")

    assert (found.kind, found.value, found.edtf) == (Kind.DURATION, "P10M", "../2020-11-20")


# --- which date words lean on -----------------------------------------------------------------------------------------


def test_a_month_ahead_is_the_next_one_only_where_the_clause_looks_ahead():
    assert values("The council met in November.") == [("November", "2019-11")]
    assert values("The council will meet in November.") == [("November", "2020-11")]


def test_by_or_would_count_for_a_month_that_is_near():
    october = date(2019, 10, 30)

    assert values("Sales had fallen by August.", october) == [("August", "2019-08")]
    assert values("The works would close by February.", october) == [("February", "2020-02")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("She said the feast would still be held at the castle on April 24.", "2020-04-24"),
        ("The board has decided to admit Bob in early February.", "2020-02"),
        ("The firms announced an accord to buy the mill in March.", "2020-03"),
        ("Alice said the envoy would be leaving the capital on Thursday.", "2020-01-23"),
        ("Alice said she would look for ways around Thursday’s ruling.", "2020-01-16"),
        ("They went to the mill in March.", "2019-03"),
        ("Bob flew to Japan in March.", "2019-03"),
        ("Bob will follow Carol R. Reed on June 1.", "2020-06-01"),
        ("The work was held up by the loss of a crane in March.", "2019-03"),
        ("On Friday, Bob gave up his long planned journey.", "2020-01-17"),
        ("On Friday, the council is expected to meet.", "2020-01-24"),
        ("The last day for votes is Friday.", "2020-01-24"),
        ("The hearing opens on Friday.", "2020-01-24"),
        ("The feast of the mill is in May.", "2020-05"),
        (
            "The line will send its ships from the old harbour and carry cars, lorries and all on wheels from May 30.",
            "2020-05-30",
        ),
    ],
)
def test_what_was_to_come_is_ahead_in_a_report_of_it(text, value):
    assert only(text).value == value


def test_a_year_before_a_quarter_counts_nothing():
    assert values("Sales rose in the third quarter. In the 2018 quarter they fell; the quarter was good.") == [
        ("the third quarter", "2019-Q3"), ("the 2018 quarter", "2018-Q3"), ("the quarter", "2019-Q3"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "They fought the Seven Years’ War.",
        "She saw it on 48 Hours.",
        "At high noon he left.",
        "Food for the Future.",
        "It fell on Black Monday.",
        'Carol spoke on the air in "This Week" with Dan.',
        "She took an overnight train.",
    ],
)
def test_a_name_made_of_words_of_time_tells_no_time(text):
    assert values(text) == []


def test_a_rescue_by_fishermen_is_no_deadline():
    assert values("Rescued on Nov. 25 by fishermen, he went home.") == [("Nov. 25", "2019-11-25")]


def test_the_month_of_publication_is_that_of_this_year():
    assert values("Carol wrote in early January.") == [("early January", "2020-01")]


def test_last_february_in_january_is_eleven_months_back():
    assert values("They have not met since last February.") == [("last February", "2019-02")]


def test_a_weekday_is_the_last_one_and_its_own_day_is_today():
    assert values("He spoke on Friday.") == [("Friday", "2020-01-17")]
    assert values("He spoke on Monday.") == [("Monday", "2020-01-20")]
    assert values("The court will rule on Friday.") == [("Friday", "2020-01-24")]


def test_the_second_of_two_weekdays_follows_the_first():
    assert values("They will meet from Tuesday to Sunday.")[1][1] == "2020-01-26"
    assert values("They met on Wednesday and Thursday.")[1][1] == "2020-01-16"
    assert values("They fly on Monday and Tuesday nights.") == [
        ("Monday", "XXXX-WXX-1TNI"), ("Tuesday nights", "XXXX-WXX-2TNI"),
    ]  # fmt: skip


def test_the_day_after_a_happening_is_not_the_day_after_publication():
    assert values("The day after his election he left.") == []
    assert values("He was elected on 3 May 2011. The day after his election he left.")[1][1] == "2011-05-04"


def test_a_weekday_that_does_not_fit_the_year_moves_the_year():
    assert values("Dan arrived on Wednesday, June 12.") == [("Wednesday, June 12", "2019-06-12")]


def test_without_a_trusted_publication_nothing_is_worked_out_from_one():
    found = tag("They met yesterday, last week and in June.", published_on=None)

    assert [one.interval for one in found] == [None, None, None]
    assert values("They met in June 2019 and in July.", published_on=None) == [
        ("June 2019", "2019-06"),
        ("July", "2019-07"),
    ]


TALE = (
    "The siege of 1871 was followed by that of 1873. In 1874 the fort was rebuilt, and in 1876 it fell. "
    "On 9 October 1876 the garrison left.\n\nIn November the town was burned. The following spring the river rose. "
    "On 4 May 1877 the mayor fled. The next day the council met. That night it rained. By January it was over."
)


def test_a_tale_goes_forward_from_the_date_last_named():
    assert values(TALE)[5:] == [
        ("November", "1876-11"),
        ("The following spring", "1877-SP"),
        ("4 May 1877", "1877-05-04"),
        ("The next day", "1877-05-05"),
        ("That night", "1877-05-05TNI"),
        ("January", "1877-01"),
    ]


def test_a_comment_that_names_years_is_no_tale():
    text = (
        "Alice went there in March 2018, in 2009, in 1994, in 2000 and in 2001.\n\n"
        "The talks have not moved since last February. In June the two met briefly."
    )

    assert values(text)[-2:] == [("last February", "2019-02"), ("June", "2019-06")]


def test_a_paragraph_may_tell_of_the_past_inside_a_report():
    text = (
        "Carol spoke yesterday.\n\nThe fort fell in 1950. It was retaken in 1951. In September the front froze.\n\n"
        "In September Carol resigned."
    )

    assert [value for words, value in values(text) if words == "September"] == ["1951-09", "2019-09"]


def test_four_months_later_in_october_agree():
    text = "In June they met. Four months later in October they met again."

    assert values(text)[1:] == [("Four months later", "2019-10"), ("October", "2019-10")]


def test_an_approximate_distance_yields_to_the_exact_day_that_gainsays_it():
    text = "He spoke on December 31. Just a week or so earlier, on Thanksgiving, there were tests."

    assert [one.edtf for one in tag(text, published_on=PUBLISHED)] == ["2019-12-31", "", "2019-11-28"]


def test_a_list_has_one_date_each():
    assert values("He was there in June 1994, August 2010 and April 2011.") == [
        ("June 1994", "1994-06"), ("August 2010", "2010-08"), ("April 2011", "2011-04"),
    ]  # fmt: skip
    assert values("They fought in June and July 1942.") == [("June", "1942-06"), ("July 1942", "1942-07")]
    assert values("It lasted from December to January 1943.")[0] == ("December", "1942-12")
    assert values("They sat on May 5, 7 and 9.") == [("May 5", "2019-05-05"), ("7", "2019-05-07"), ("9", "2019-05-09")]
    assert values("It fell on 30 April/1 May 1945.") == [("30 April", "1945-04-30"), ("1 May 1945", "1945-05-01")]
    assert values("Leave, May–June 1940.") == [("May", "1940-05"), ("June 1940", "1940-06")]
    assert values("It fell in Sept–Oct 1939.") == [("Sept", "1939-09"), ("Oct 1939", "1939-10")]
    assert values("In the years 1941 and 1942 it fell.") == [("1941", "1941"), ("1942", "1942")]
    assert values("They sat on 5-7 June 1967.") == [("5", "1967-06-05"), ("7 June 1967", "1967-06-07")]


def test_years_before_christ_count_down():
    assert values("War came in the spring of 431 BC. Two years later the plague came; in March 421 BC, peace.") == [
        ("the spring of 431 BC", "BC0431-SP"), ("Two years later", "BC0429"), ("March 421 BC", "BC0421-03"),
    ]  # fmt: skip
    assert only("It fell in 431 BC.").interval is None
    assert only("It fell in 431 BC.").edtf == "-0430"


@pytest.mark.parametrize(
    "text",
    [
        "See [the report](2014/06/600-x-350-June-30-2014.jpg).",
        "See https://example.org/2015/07/06/the-content-2015/ for more.",
        "It cost $1990 and weighed 1500 pounds.",
        "He may march in; it was an august body.",
        "She sent a Christmas present.",
        "The 2,019 men of Resolution 1874 stood on page 1998.",
        "She is 45 years old and he was in his thirties.",
        "They led in the first half of the match.",
        "Three-quarters of them left, more than a quarter of the town.",
    ],
)
def test_nothing_is_dated_that_has_no_date(text):
    assert [one for one in tag(text, published_on=PUBLISHED) if one.interval is not None] == []


# --- modality ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("The two met on June 12, 2018 in the capital.", Modality.HAPPENED),
        ("On June 12, 2018 the minister said the plant was safe.", Modality.SAID),
        ("In May 2018 he denied that there had been a test.", Modality.DENIED),
        ("In May 2018 he threatened to leave.", Modality.THREATENED),
        ("In May 2018 the ministry announced a summit.", Modality.ANNOUNCED),
        ("The council will vote in May 2021.", Modality.EXPECTED),
        ("“We fell out in May 2018” were her words.", Modality.SAID),
    ],
)
def test_what_the_sentence_makes_of_the_happening_is_told_apart(text, modality):
    assert only(text).modality is modality


# --- promises about any text ------------------------------------------------------------------------------------------

_ODD = """
the last | next | of | in | May | March 2018 | 1998 | 12 | 31 June | 30 February | two | few | years | ago | later | BC
- | – | / | . | , | AD | '98 | the 1990s | Monday | night | 10:30 | a.m. | 99:99 | 9999 | 0000 | December 31, 9999
1 January 1 | Christmas | week | before | after | quarter | first | half | century | forty-five | hundred | thousand
a | every | Q3 | 2019-06-31 | 2019-13-01 | ’ | “ | é | 年 | ６月 | 31 February | 2019-13-45 | 0 BC | 5000 BC | AD 0
0th century | 9999 years later | 99999 days ago | 25:61 | T10:00+14:00 | Easter 1 | 31.02.2019 | FY0 | Q5 9999
29 February 1900 | the 0000s | ١٢ | २०१८ | 🕛 | will | by | next millennium
"""
_PIECES = st.sampled_from(["\n\n", "\t", "\xa0", "\x00", "\ud800", *re.split(r" \| |\n", _ODD.strip())])


@given(st.lists(_PIECES, max_size=40).map(" ".join) | st.text(max_size=200), st.none() | st.dates())
def test_offsets_always_quote_the_text_and_nothing_raises(text, published_on):
    end = 0
    for found in tag(text, published_on=published_on):
        assert found.start >= end
        assert found.quote == text[found.start : found.end] != ""
        assert found.interval is None or found.interval[0] < found.interval[1]
        assert found.kind in Kind
        end = found.end


@given(
    st.lists(_PIECES, max_size=40).map(" ".join) | st.text(max_size=200),
    st.sampled_from(["de", "fr", "ko", "zh", "ja", "ru", "xx"]),
)
def test_other_languages_quote_the_text_too(text, language):
    for found in tag(text, published_on=PUBLISHED, language=language):
        assert found.quote == text[found.start : found.end]
        assert found.grade is Grade.STATED


_ENDLESS = [
    "the ",
    "last ",
    "12 ",
    "1",
    "two hundred ",
    "the end of the ",
    "May 5, ",
    "\n",
    " ",
    "a",
    "five-",
    "5–",
    "in the late ",
    "Monday, ",
    '"',
    ". ",
    "10:",
    "about about ",
    "forty five ",
    "first half of the ",
    "June 5 and ",
    "Christmas ",
    "ago ",
    "sometime in the very ",
    "every other ",
    "年",
    "the the next ",
]


def _cpu_s(text):
    before = time.process_time()
    tag(text, published_on=PUBLISHED)
    return time.process_time() - before


@pytest.mark.slow
@pytest.mark.parametrize("n_chars", [100_000, pytest.param(1_000_000, marks=pytest.mark.large)])
@pytest.mark.parametrize("piece", _ENDLESS)
def test_a_megabyte_of_anything_takes_time_in_proportion(piece, n_chars):
    text = (piece * (n_chars // len(piece) + 1))[:n_chars]
    _cpu_s(text[:1_000])

    small, large = _cpu_s(text[: n_chars // 20]), _cpu_s(text)

    # Twenty times the text; what is quadratic would take four hundred times as long.
    assert large < 200 * max(small, 0.01)


def test_the_tagger_loads_neither_django_nor_the_rest_of_isthmus():
    code = (
        "import sys; from datetime import date; from isthmus.dossiers.extract import tag;"
        "tag('in June', published_on=date(2020, 1, 20));"
        "sys.exit(any(name.split('.')[0] in ('django', 'wagtail') or (name.startswith('isthmus.') and "
        "not name.startswith('isthmus.dossiers')) for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_sentence_without_end_is_read_so_far_and_the_next_in_full():
    found = tag("May 5, " * 100_000 + "she left. Bob came on 3 May 2011.", published_on=PUBLISHED)

    assert 1_000 < len(found) < 5_000
    assert found[-1].value == "2011-05-03"
