"""History as it is told in encyclopaedias: the year is carried from the date last named. The passages are ours."""

from __future__ import annotations

from datetime import date

import pytest

from isthmus.dossiers.extract import tag

PUBLISHED = date(2012, 2, 20)

# `(words)` in brackets are followed by their value in square ones.
PASSAGES = {
    "a war that begins in summer": """
        The Frontier War (1911)[1911]–(1913)[1913] was fought between the League and the Sultanate.

        Tension had grown since (the late 19th century)[18]. On (28 June 1911)[1911-06-28] a patrol was ambushed near
        the ford. (A week later)[1911-W27] the League sent an ultimatum. It ran out on (12 July)[1911-07-12], and
        (the following day)[1911-07-13] the first troops crossed the river. On (5 August)[1911-08-05] the army reached
        the capital. (That night)[1911-08-05TNI] the Sultan fled. By (October)[1911-10] the north was lost.

        In (January 1912)[1912-01] the Sultanate struck back. In (March)[1912-03] it retook the ford. Fighting died
        down (that summer)[1912-SU]. On (11 November)[1912-11-11] an armistice was signed. Peace was made
        (four months later)[1913-03].
        """,
    "a winter across the turn of a year": """
        Snow closed the passes in (November 1846)[1846-11]. On (16 December)[1846-12-16] a party set out on foot. They
        were found on (17 January)[1847-01-17], and relief left (two weeks later)[1847-W04]. The last survivor came
        down in (April)[1847-04]. By (the following spring)[1848-SP] the camp had been burned.
        """,
    "late and early": """
        The offensive began in (late 1941)[1941] and was spent by (early 1942)[1942]. During
        (the winter of 1941–42)[1941-WI] both sides dug in. In (the summer of 1942)[1942-SU] the southern wing
        advanced again; it stood on the river in (August)[1942-08] and was cut off in (November)[1942-11]. It
        surrendered on (2 February 1943)[1943-02-02]. (Three days later)[1943-02-05] there was mourning in the capital.
        """,
    "a treaty and what came of it": """
        The treaty was signed on (10 February 1763)[1763-02-10], and ratified (the same month)[1763-02]. It was to
        last (twenty years)[P20Y]. In (1765)[1765] the tax was passed; it was repealed
        (the following year)[1766]. (Two years later)[1768] the harbour was closed.
        """,
    "hours of one day": """
        At (dawn on 6 June 1944)[1944-06-06TMO] the ships lay off the coast. The landing began at
        (06:30)[1944-06-06T06:30]. By (midnight)[1944-06-06T24:00] five beaches were held.
        (The next morning)[1944-06-07TMO] the port was attacked. It fell on (27 June)[1944-06-27]. The break-out
        followed on (25 July)[1944-07-25], and the city was free (a month later)[1944-08].
        """,
    "a day before and a year before": """
        The election of (May 1936)[1936-05] was lost by twelve seats. (A year earlier)[1935] the party had split.
        On (17 July)[1936-07-17] the garrison rose. (The day before)[1936-07-16] its general had been recalled. The
        siege lasted (70 days)[P70D] and was lifted on (27 September)[1936-09-27].
        """,
    "months in a row": """
        Between (September 1939)[1939-09] and (May 1940)[1940-05] little happened in the west. In (June)[1940-06] the
        capital fell. The air war lasted from (July)[1940-07] to (October)[1940-10]. On
        (the night of 14 November)[1940-11-14TNI] the cathedral burned. In (December)[1940-12] the army moved in the
        desert, and by (February)[1941-02] it had taken the whole coast.
        """,
    "a chronicle up to its own year": """
        The river fleet sailed on (20 March 2007)[2007-03-20]. In (April)[2007-04] the delta was taken; on
        (13 December)[2007-12-13] its governor fled. A vote was held on (31 January 2008)[2008-01-31] and a second one
        on (15 October)[2008-10-15]. On (22 February 2009)[2009-02-22] the shrine burned. On (20 May)[2009-05-20]
        a new council sat. On (10 January 2010)[2010-01-10] more boats were sent; by (mid-June)[2010-06] all were there.
        In (March 2010)[2010-03] the south rose. On (4 December)[2010-12-04] an accord was signed. On
        (1 January 2011)[2011-01-01] the harbour was handed over, and on (30 June)[2011-06-30] the boats left.
        """,
    "background beside the tale": """
        The envoy flew out in (May 1974)[1974-05] to speak of the land lost in the (1967)[1967] war. He was back on
        (9 June)[1974-06-09]; it was the dawn of a new age. The war had broken out on (5 June 1967)[1967-06-05];
        (six days later)[1967-06-11] it was over.

        In (1975)[1975] the second treaty came. (Three days later)[FUTURE_REF] a third was lost. On
        (Christmas Eve)[1975-12-24] all had signed, and by (year's end)[1975] the border was open. In
        (August 1976)[1976-08] it was closed again, and opened on (the last day of the month)[1976-08-31].
        """,
    "a war of the ancients": """
        In (431 BC)[BC0431] the allies marched. The plague came in (the spring of 430 BC)[BC0430-SP], in
        (August)[BC0430-08] and again (three years later)[BC0427]. In (winter 427/426 BC)[BC0427-WI] he died.
        Between (425)[BC0425] and (422 BC)[BC0422] his heirs fought. Peace was sworn in (421 BC)[BC0421] and held for
        (six years)[P6Y]. In (the summer of 413)[BC0413-SU] the fleet was lost, and (the following year)[BC0412] the
        islands rose.
        """,
    "looking back in a recent war": """
        The rebellion of (2004)[2004] followed that of (1996)[1996]. On (5 February 2004)[2004-02-05] rebels took the
        town. By (22 February)[2004-02-22] they held the north. The president left on (29 February)[2004-02-29].
        Elections were put off until (February 2006)[2006-02]. In (May)[2006-05] a government was formed.
        """,
}


def _laid_out(passage):
    """The text without its marks, and the marked words with their values."""
    paragraphs = [" ".join(line.split()) for line in passage.strip().split("\n\n")]
    text, wanted = "", []
    for piece in "\n\n".join(paragraphs).split("("):
        words, mark, rest = piece.partition(")[")
        if mark:
            value, _, rest = rest.partition("]")
            wanted.append((words, value))
        text += words + rest
    return text, wanted


@pytest.mark.parametrize("passage", PASSAGES.values(), ids=PASSAGES)
def test_a_tale_carries_its_year_from_date_to_date(passage):
    text, wanted = _laid_out(passage)

    assert [(one.quote, one.value) for one in tag(text, published_on=PUBLISHED)] == wanted


@pytest.mark.parametrize("passage", PASSAGES.values(), ids=PASSAGES)
def test_a_tale_reads_the_same_in_another_year_and_without_one(passage):
    text, wanted = _laid_out(passage)

    for published_on in (date(2019, 11, 5), None):
        assert [(one.quote, one.value) for one in tag(text, published_on=published_on)] == wanted


CHAPTERS = """
    Carol, who wrote the book, spoke to us yesterday. She will open the archive in June.

    The campaign of 1904

    On 8 February the fleet was surprised in harbour. In May the army crossed the river.

    The campaign of 1905

    On 10 March the city fell. In May the second fleet was lost.

    What it means to us

    In May Carol showed the papers to her colleague Bob.
"""


def test_a_heading_gives_its_year_to_the_chapter_and_not_to_the_next():
    text = "\n\n".join(" ".join(line.split()) for line in CHAPTERS.strip().split("\n\n"))

    found = [(one.quote, one.value) for one in tag(text, published_on=PUBLISHED) if len(one.value) > 4]

    assert found == [
        ("yesterday", "2012-02-19"), ("June", "2012-06"), ("8 February", "1904-02-08"), ("May", "1904-05"),
        ("10 March", "1905-03-10"), ("May", "1905-05"), ("May", "2011-05"),
    ]  # fmt: skip


def test_a_report_tells_of_the_past_behind_one_day_of_it():
    text = (
        "The two met again on Tuesday.\n\nThe accord was signed on 3 July 1987. In August both parliaments agreed to "
        "it, and on 1 September it came into force.\n\nIn August Alice left."
    )

    assert [one.value for one in tag(text, published_on=PUBLISHED)] == [
        "2012-02-14", "1987-07-03", "1987-08", "1987-09-01", "2011-08",
    ]  # fmt: skip


def test_one_old_year_is_background_and_moves_nothing():
    text = "Bob, in office since 1998, spoke on Tuesday. In June he met Alice, and on 1 July they signed."

    assert [one.value for one in tag(text, published_on=PUBLISHED)][2:] == ["2011-06", "2011-07-01"]


def test_a_day_that_only_names_a_thing_begins_no_tale():
    text = "The two met on Tuesday. They left the May 3, 1987, accord alone. In August they had agreed to keep it."

    assert [one.value for one in tag(text, published_on=PUBLISHED)][1:] == ["1987-05-03", "2011-08"]


def test_the_life_of_one_who_died_on_tuesday_is_told_from_that_week():
    text = (
        "Alma Roth, who dug the canal, died on Tuesday.\n\nShe was born in 1931, went to sea in 1950 and came back in "
        "1955. In 1962 the canal was begun, and in May 1970 it was opened. A service will be held on Friday."
    )

    found = [one.value for one in tag(text, published_on=PUBLISHED)]

    assert (found[0], found[-1]) == ("2012-02-14", "2012-02-24")


def test_many_years_in_any_order_and_nothing_of_today_make_a_tale():
    years = [2011, 2006, 2010, 2007, 2011, 2008, 2010, 2009] * 3
    text = "\n\n".join(f"In {year} the river rose." for year in years)
    text += "\n\nOn 5 May 2010 it was dammed. On 7 June it broke."

    assert tag(text, published_on=PUBLISHED)[-1].value == "2010-06-07"
    assert tag(f"It rose yesterday.\n\n{text}", published_on=PUBLISHED)[-1].value == "2011-06-07"


def test_the_next_year_of_a_tale_points_at_no_today():
    text = "The revolt began on 1 May 1954. The next year a new governor came, and on 2 March peace was made."

    assert [one.value for one in tag(text, published_on=PUBLISHED)] == ["1954-05-01", "1955", "1955-03-02"]


def test_the_day_of_the_week_tells_an_old_year_from_a_near_one():
    text = "Carol wrote on Friday. The war of 1899 was long past. On Monday, 18 December, the fort had been shelled."

    assert [one.value for one in tag(text, published_on=PUBLISHED)] == ["2012-02-17", "1899", "1899-12-18"]

    near = tag("Carol wrote on Friday. In 2009 Bob was ill. On Sunday, 18 December, he left.", published_on=PUBLISHED)

    assert near[-1].value == "2011-12-18"
