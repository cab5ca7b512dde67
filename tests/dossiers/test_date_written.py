"""What an editor writes as a date is read as precisely as it was written, or not at all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.dossiers import date_written
from isthmus.dossiers.date_written import DateUnreadable
from isthmus.dossiers.extract.moments import Unit, containing, edtf_of


@pytest.mark.parametrize(
    ("text", "first_on", "before_on", "precision"),
    [
        ("2019", "2019-01-01", "2020-01-01", "Y"),
        (" 2019-06 ", "2019-06-01", "2019-07-01", "M"),
        ("2019-06-12", "2019-06-12", "2019-06-13", "D"),
        ("2019-12~", "2019-12-01", "2020-01-01", "M"),
        ("201x", "2010-01-01", "2020-01-01", "E"),
        ("19XX", "1900-01-01", "2000-01-01", "C"),
        ("2019-22", "2019-06-01", "2019-09-01", "S"),
        ("2019-36", "2019-10-01", "2020-01-01", "Q"),
        ("2019-41", "2019-07-01", "2020-01-01", "H"),
        ("2019-06/2019-08", "2019-06-01", "2019-09-01", ""),
        ("../2020-11-20", "2020-11-20", "2020-11-21", "D"),
        ("2020-11/..", "2020-11-01", "2020-12-01", "M"),
    ],
)
def test_dates_are_read_as_written(text: str, first_on: str, before_on: str, precision: str):
    written = date_written.read(text)

    assert (str(written.first_on), str(written.before_on), written.precision) == (first_on, before_on, precision)
    assert written.edtf == text.strip().upper()


@pytest.mark.parametrize(
    "text",
    ["", "June 2019", "2019-13", "2019-02-30", "2019-6", "2020/2019", "../..", "201X-06", "9999", "99XX", "2019~~"],
)  # fmt: skip
def test_what_is_no_date_is_refused_and_says_what_to_write(text: str):
    with pytest.raises(DateUnreadable, match="write 2019"):
        date_written.read(text)


@given(st.text(alphabet="0129X-/.~ ", max_size=24))
def test_whatever_is_typed_is_read_or_refused(text: str):
    try:
        written = date_written.read(text)
    except DateUnreadable:
        return

    assert written.first_on < written.before_on


@given(
    st.sampled_from([Unit.DAY, Unit.MONTH, Unit.SEASON, Unit.QUARTER, Unit.HALF, Unit.YEAR, Unit.DECADE, Unit.CENTURY]),
    st.dates(min_value=date(1000, 1, 1), max_value=date(3899, 1, 1)),
)
def test_what_the_tagger_writes_is_read_as_it_meant(unit: Unit, day: date):
    moment = containing(unit, day)

    written = date_written.read(edtf_of(moment))

    assert (written.first_on, written.before_on) == (moment.first, moment.last + timedelta(days=1))
