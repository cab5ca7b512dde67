"""A comment on affairs of the day, as institutes write them: every date in it is found and nothing else. Ours."""

from __future__ import annotations

import re
from datetime import date

import pytest

from isthmus.dossiers.extract import Grade, tag

PUBLISHED = date(2016, 2, 15)

# `{words|EDTF}`; what has no braces has no date.
SENTENCES = [
    "The friendship of the two premiers has been the talk of the region since {May 2014|2014-05/..}.",
    "Since that time, however, the results have been few. Trade stood at 1,400 tons and 2,000 lorries a week.",
    "They have met at two full conferences (Lund in {August 2014|2014-08} and Tarn in {April 2015|2015-04}) and took "
    "one walk along the canal in {August 2015|2015-08}.",
    "(Former Premier Alma Roth came in {October 2005|2005-10}, and her predecessor was there in {August 1990|1990-08}, "
    "{October 2006|2006-10} and {June 2007|2007-06}.)",
    "Periodically since the first meeting in {August 2014|2014-08}, he has called it “the best of friendships.”",
    "But friends may fall out. A policy that rests on one friendship could end in a day.",
    "Nobody has forgotten his speech to the assembly in {November 2013|2013-11} against “the miser of the north.”",
    "{A few months later|2014-01-01~/2014-06-30~} he agreed to come to Lund.",
    "Since the failure of the Tarn conference {last April|2015-04}, neither side has moved.",
    "In {August|2015-08} the two met briefly at the lock with the mayor. This was during the regatta.",
    "A meeting of envoys in Oberau {four months later|2015-12} in {December|2015-12} was to revive the talks.",
    "He has done little since giving an hour or two to the walk in {August|2015-08}.",
    "Most recently, in her five-hour speech to the party on {January 31|2016-01-31}, she said the mills would reopen.",
    "She spoke of a new dam “in the near future.” At the same time she would not say when.",
    "On a visit to the south in {July|2015-07}, he denied that there had been a breach.",
    "In {January|2016-01}, a few weeks before her long speech on {January 31|2016-01-31}, she threatened to send "
    "an “Easter present.”",
    "Just a week or so earlier, the north had shut the locks on {New Year's Day|2016-01-01}.",
    "He hoped that she would send a basket of eggs rather than a blockade for {Christmas|2015-12-25}.",
    "Even after her {January 31|2016-01-31} speech he sent wishes for her birthday, which is {February 8|2016-02-08}.",
    "Bob, the envoy, met her in {early February|2016-02} and carried a letter.",
    "Alice, once a minister and currently adviser, a voice in these affairs for the last quarter century, was curt.",
    "{Just a few days ago|2016-02-08~/2016-02-13~} Carol said that her side was ready to talk.",
    "{Christmas|2015-12-25} has come and gone without a word, she noted.",
    "“We were deceived by them for over one year and a half, and that was lost time.”",
    "The coming vote is a cause for doubt at this point. More importantly, "
    "in {less than six months|../2016-08-15}, the country will hold its election.",
    "An earlier government made a last minute effort in {1999|1999} by sending the speaker for a visit.",
    "Near the end of a term of office the north tends to wait. Photo 1600 by Dan, 35, under licence.",
]


_MARK = re.compile(r"\{(.+?)\|(.+?)\}")
TEXT = _MARK.sub(r"\1", " ".join(SENTENCES))
WANTED = [found.groups() for found in _MARK.finditer(" ".join(SENTENCES))]


def dated(text, published_on=PUBLISHED):
    return [one for one in tag(text, published_on=published_on) if one.interval is not None]


def test_every_date_of_a_comment_is_found_and_nothing_else():
    assert [(one.quote, one.edtf) for one in dated(TEXT)] == WANTED


def test_only_what_is_stated_or_follows_from_the_publication_may_be_shown_unattended():
    waiting = [one.quote for one in dated(TEXT) if one.grade in (Grade.FROM_TEXT, Grade.APPROXIMATE)]

    assert waiting == ["A few months later", "four months later", "Just a few days ago"]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_alone_has_the_dates_it_has_in_the_text(sentence):
    """But for what leans on the sentence before it."""
    wanted = [found.groups() for found in _MARK.finditer(sentence) if "later" not in found[1]]

    found = [(one.quote, one.edtf) for one in dated(_MARK.sub(r"\1", sentence))]

    assert [one for one in found if "later" not in one[0]] == wanted
