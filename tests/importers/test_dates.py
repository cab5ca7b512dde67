"""Dates as archives print them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from isthmus.importers.dates import read_date


@pytest.mark.parametrize(
    "printed",
    ["2020-01-20", "January 20, 2020", "Jan. 20, 2020", "20 January 2020", "Monday, January 20th, 2020", "2020년 1월 20일",  # noqa: E501
     "2020. 1. 20.", "2020.01.20", "2020/01/20", " 20  Jan 2020 "],
)  # fmt: skip
def test_a_date_is_read_in_every_spelling(printed: str) -> None:
    found = read_date(printed, zone="UTC")

    assert found is not None
    assert (found.on.isoformat(), found.offset_min) == ("2020-01-20", None)


def test_the_date_stays_as_printed_in_its_own_offset() -> None:
    found = read_date("2017-10-11T23:30:00-05:00", zone="Asia/Seoul")

    assert found is not None
    assert found.on.isoformat() == "2017-10-11"
    assert found.at == datetime(2017, 10, 12, 4, 30, tzinfo=UTC)
    assert found.offset_min == -300


def test_without_an_offset_the_institutes_zone_holds() -> None:
    found = read_date("2017-10-11T08:00:00", zone="Asia/Seoul")

    assert found is not None
    assert found.at == datetime(2017, 10, 10, 23, 0, tzinfo=UTC)
    assert found.on.isoformat() == "2017-10-11"
    assert found.offset_min is None


def test_a_mail_date_is_read() -> None:
    found = read_date("Mon, 06 Sep 2010 00:01:00 +0900", zone="UTC")

    assert found is not None
    assert (found.on.isoformat(), found.offset_min) == ("2010-09-06", 540)


@pytest.mark.parametrize(("zone", "minutes"), [("-4", -240), ("+09", 540), ("-0430", -270), ("-930", -570)])
def test_an_offset_may_be_short(zone: str, minutes: int) -> None:
    found = read_date(f"2015-03-17 23:00:00 {zone}", zone="UTC")

    assert found is not None
    assert (found.on.isoformat(), found.offset_min) == ("2015-03-17", minutes)


@pytest.mark.parametrize(
    "printed",
    [
        "",
        "0000-00-00 00:00:00",
        "0001-01-01",
        "0100-01-01",
        "Invalid date",
        "2020-02-30",
        "soon",
        "2020-13-01",
        "9" * 5000,
    ],
)
def test_what_no_calendar_has_is_no_date(printed: str) -> None:
    assert read_date(printed, zone="UTC") is None
