"""Kinds of text other than news: a war of ten years ago, a memory, a speech, chronologies, a wire story. All ours."""

from __future__ import annotations

import re
from datetime import date

import pytest

from isthmus.dossiers.extract import tag

_MARK = re.compile(r"\{(.+?)\|(.+?)\}")

# By kind: the day of publication and the text; `{words|value}` for each expression in it.
TEXTS = {
    "a war of some years ago, by one who names today": (
        date(2010, 6, 1),
        """
        The invasion of the island in {2003|2003} was planned after the raids of {September 2001|2001-09}. On
        {March 17, 2003|2003-03-17}, the council gave the general {48 hours|PT48H}. By {April 9|2003-04-09} the port had
        fallen.

        During {the summer of 2003|2003-SU}, raids increased. On {August 19|2003-08-19} the customs house burned;
        {ten days later|2003-08-29} a judge was killed. The general was caught on {December 13|2003-12-13}.
        {The following spring|2004-SP} saw the heaviest fighting. On {March 31, 2004|2004-03-31}, four pilots were lost.
        A truce was agreed on {May 1|2004-05-01}, but in {November|2004-11} the town was stormed.

        In {February 2006|2006-02} a shrine was bombed. By {the end of the year|2006} it was rebuilt. In
        {January 2007|2007-01} a fifth brigade was sent; it arrived in {June|2007-06}. In {late 2008|2008} they left.
        As of {May 2010|2010-05}, few remain, down from 160,000 {three years ago|2007}.
        """,
    ),
    "a memory": (
        date(1999, 2, 10),
        """
        I was born in {1921|1921}. In {the summer of 1939|1939-SU}, when I was eighteen, I went to the city. On
        {the first of September|1939-09-01} the war began. {The next morning|1939-09-02TMO} the bombs fell. We left
        {that night|1939-09-02TNI}, and {three days later|1939-09-05} we reached the river. {That winter|1939-WI} was
        terrible. In {the spring|1940-SP} they built the wall. In {July of '42|1942-07} they came for us.
        {One day|P1D} in {August|1942-08} they took my mother. {A week later|FUTURE_REF}, on {a Sunday|XXXX-WXX-7}, my
        brother. {The following January|1943-01} we fought. In {April|1943-04} it ended. {Ten years ago|1989} I went
        back.
        """,
    ),
    "a speech": (
        date(2003, 5, 1),
        """
        {Tonight|2003-05-01TNI} we give thanks. {Nineteen months ago|2001-10} they came; on {that day|XXXX-XX-XX}, many
        died. {Seventy years ago this week|1933-W18} the treaty was signed. Since {September the 11th|2002-09-11} we
        have changed. {Some day|FUTURE_REF} children will ask. {Thirty-five years ago|1968}, on {a Sunday|XXXX-WXX-7} in
        {August|1968-08}, a man stood here. {Ten years ago today|1993-05-01} he died.
        """,
    ),
    "a chronology that goes forward": (
        date(2018, 7, 1),
        """
        {Jan. 1, 2018|2018-01-01}: In his address, the chairman offers talks.

        {Jan. 9|2018-01-09}: Officials meet. They agree to meet again {the following week|2018-W03}.

        {Feb. 9|2018-02-09}-{11|2018-02-11}: A team attends the Winter Games.

        {May 24|2018-05-24}: The president cancels the visit planned for {June 12|2018-06-12}.
        {A day later|2018-05-25}, he says that it may still take place.

        {Late June|2018-06}: Exercises scheduled for {August|2018-08} are put off.
        """,
    ),
    "a chronology by years": (
        date(2003, 2, 10),
        """
        {1994|1994}

        {October 21|1994-10-21} - The agreement is signed.

        {2002|2002}

        {Oct. 3|2002-10-03}-{5|2002-10-05} - An envoy visits. {Two weeks later|2002-W42} the visit is made public.

        {November 14|2002-11-14} - Oil is withheld from {December|2002-12}.

        {2003|2003}

        {January 10|2003-01-10} - The treaty is left.
        """,
    ),
    "a chronology that goes back": (
        date(2019, 3, 10),
        """
        {March 5|2019-03-05}: New pictures are published.

        {January 8|2019-01-08}: A fourth visit takes place.

        {Dec. 12|2018-12-12}: Guard posts are inspected.

        {Sept. 19|2018-09-19}: A declaration is signed.
        """,
    ),
    "a wire story": (
        date(2013, 3, 26),
        """
        The island's banks will stay shut until {Thursday|2013-03-28}, the minister said {late Monday|2013-03-25}. He
        expected the money in {early May|2013-05}. They shut on {March 16|2013-03-16}. The shops reopen on
        {Friday|2013-03-22}. At {10 a.m.|2013-03-22T10:00} one was robbed. The works had burned until
        {late afternoon|2013-03-22TAF}.
        """,
    ),
    "the first centuries": (
        date(2009, 11, 20),
        """
        The city fell in {September of 70 AD|0070-09} after {seven months|P7M}. The last fort held out until
        {the spring of AD 73|0073-SP}. It was buried on {24 August AD 79|0079-08-24}. Between {132|0132} and
        {135 AD|0135} they rose again. In {637|0637} or {638|0638} it was taken. He was beaten on
        {October 19, 202 BC|BC0202-10-19}, and killed on {15 March 44 BC|BC0044-03-15}.
        """,
    ),
}  # fmt: skip


def _laid_out(passage):
    """The text without its marks, and the marked words with their values."""
    text = "\n\n".join(" ".join(line.split()) for line in passage.strip().split("\n\n"))
    return _MARK.sub(r"\1", text), [found.groups() for found in _MARK.finditer(text)]


@pytest.mark.parametrize(("published_on", "passage"), TEXTS.values(), ids=TEXTS)
def test_each_kind_of_text_is_read_as_a_reader_would(published_on, passage):
    text, wanted = _laid_out(passage)

    assert [(one.quote, one.value) for one in tag(text, published_on=published_on)] == wanted


@pytest.mark.parametrize(
    "text",
    [
        "She wrote for USA Today and then for Country Weekly.",
        "The band sang “From Yesterday” and was called the best group of the Year by all its readers.",
        "He said so on the channel's “This Week” programme.",
        "The January Uprising and the October Revolution are told of in the Winter Palace.",
        "Under 50 U.S.C. 1622(d) it ends.",
        "Named Tree Farmer of the Year at the Convention of the Walnut Council",
        "In today's world it counts for little.",
    ],
)
def test_a_name_and_a_word_for_these_times_date_nothing(text):
    assert tag(text, published_on=date(2008, 3, 10)) == ()


def test_capitals_at_the_head_of_a_sentence_or_all_over_it_make_no_name():
    for text in (
        "He fell. Today he rose.",
        "THE COUNCIL MEETS TODAY",
        "  * Today the council meets again, for the last time.",
        "The Council Will Meet Again Today",
        "“Today we won.”",
    ):
        assert [one.value for one in tag(text, published_on=date(2008, 3, 10))] == ["2008-03-10"], text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("They will sit again the week of September 29.", "2014-W40"),
        ("It was sold in the week ending 12 July 2014.", "2014-W28"),
        ("In FY14 it rose.", "2014"),
        ("In the last quarter, exports rose.", "2014-Q2"),
        ("They met on 21 february 2005.", "2005-02-21"),
        ("It shut a year ago this month.", "2013-09"),
        ("It shut a week ago Friday.", "2014-09-05"),
        ("It shut ten years ago this Friday.", "2004-09-19"),
        ("It opens at 12 noon tomorrow.", "2014-09-19T12:00"),
        ("The vote began at 0630 GMT on Tuesday.", "2014-09-16T06:30"),
        ("They met the day before last Tuesday.", "2014-09-15"),
        ("They met at half past 7 on Tuesday.", "2014-09-16T07:30"),
        ("It took two-and-a-half years.", "P2Y6M"),
        ("It began on the first day of July 2014.", "2014-07-01"),
        ("It fell on the night of 5–6 June 1944.", "1944-06-05TNI"),
        ("They met shortly after midnight on 6 July 2014.", "2014-07-06T24:00"),
        ("He hopes that it will one day reopen.", "FUTURE_REF"),
        ("It did not hold past January 10, 2012.", "2012-01-10"),
        ("They fell out the week before last.", "2014-W36"),
        ("They fell out the Saturday before last.", "2014-09-06"),
        ("In '68 he was there.", "1968"),
        ("It opened at 12:00 noon.", "2014-09-18T12:00"),
        ("It opened at 11:00 in the morning.", "2014-09-18T11:00"),
        ("It opened at 3:30 in the afternoon.", "2014-09-18T15:30"),
    ],
)
def test_further_ways_to_write_a_time_are_read(text, value):
    assert [one.value for one in tag(text, published_on=date(2014, 9, 18))] == [value]


def test_three_weeks_after_a_month_are_a_stretch_and_no_day_of_the_publication():
    _, later = tag("In June 2013 the two met. Three weeks later they fell out.", published_on=date(2014, 9, 18))

    assert (later.value, later.edtf, later.grade) == ("FUTURE_REF", "2013-06-17~/2013-07-21~", "approximate")


def test_three_weeks_after_a_year_are_nowhere():
    _, later = tag("In 2013 the two met. Three weeks later they fell out.", published_on=date(2014, 9, 18))

    assert (later.value, later.interval) == ("FUTURE_REF", None)


def test_what_is_told_as_later_is_not_worked_out_from_the_publication():
    for text in ("He left school. He came back three years later.", "She spoke today. Two years later she left."):
        assert tag(text, published_on=date(2014, 9, 18))[-1].interval is None, text


def test_an_hour_told_of_is_of_no_day_to_come_unless_its_sentence_says_so():
    alone = tag("It reopens on 3 October 2014. At 10 a.m. it was searched.", published_on=date(2014, 9, 18))
    programme = tag("The days begin on 3 October 2014.\n\n10 a.m. Coffee", published_on=date(2014, 9, 18))
    beside = tag("The doors open on 3 October 2014, at 10 a.m. sharp.", published_on=date(2014, 9, 18))

    assert alone[-1].value == "2014-09-18T10:00"
    assert (programme[-1].value, beside[-1].value) == ("2014-10-03T10:00", "2014-10-03T10:00")


def test_how_things_stand_as_of_a_month_is_of_the_year_of_publication():
    text = "Carol spoke on Tuesday.\n\nMany fled in 1948, and more in 1967. As of July, there were half a million."

    assert tag(text, published_on=date(2014, 9, 18))[-1].value == "2014-07"


def test_two_years_of_one_stretch_begin_no_tale():
    text = "Carol spoke on Tuesday.\n\nTheir number grew from 1948 to 1967. In July the council counted them."

    assert tag(text, published_on=date(2014, 9, 18))[-1].value == "2014-07"


def test_both_days_of_two_have_their_month():
    found = tag("It rained on the 10th and 11th of November 1918.", published_on=date(2014, 9, 18))

    assert [one.value for one in found] == ["1918-11-10", "1918-11-11"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Dan was arrested in March 2010 and freed on 5 November.", "2010-11-05"),
        ("The mill was shut in November 2010 and sold in February.", "2011-02"),
        ("The mill opened on March 5, 2010, and on November 29 it burned.", "2010-11-29"),
        ("In March 2010, the mill was sold; in June it was shut, and on August 4 it burned.", "2010-08-04"),
        # Another clause, or what is to come, is of the year of publication.
        ("The mill, shut since March 2010, was sold in November.", "2013-11"),
        ("Dan, who had been freed in May 2010, came in November.", "2013-11"),
        ("In March 2010, the mill was sold. In November it burned.", "2013-11"),
        ("They read his May 2012 note and June 15 order.", "2014-06-15"),
        ("The mill was shut in March 2010 and will be sold in November.", "2014-11"),
    ],
)
def test_what_is_joined_to_a_month_and_year_goes_on_from_it(text, value):
    assert tag(f"Carol spoke on Tuesday. {text}", published_on=date(2014, 9, 18))[-1].value == value


def test_news_without_a_today_is_no_tale_for_an_old_year_in_it():
    for text in (
        "Founded in 1996, the mill was sold on 3 March.",
        "18 September 2014. The mill was set up in 1996 and in 2003 it grew. It was sold on 3 March.",
    ):
        assert tag(text, published_on=date(2014, 9, 18))[-1].value == "2014-03-03", text
