"""Long chronologies: whole years together, a busy year in parts, and where a reader begins."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from isthmus.dossiers import drawing, pages, shown_entries
from isthmus.dossiers.asked import Asked
from isthmus.dossiers.queries import Entry
from isthmus.dossiers.shown_entries import Happening, Shown, Source

TODAY = date(2020, 6, 15)
_DAY = timedelta(days=1)


def _entry(number: int, on: date) -> Entry:
    return Entry(
        number, f"{number:032x}", number, 0, 0, on, on + _DAY, "D", on.isoformat(), "stated", "happened",
        frozenset({1}), "", "",
    )  # fmt: skip


def _shown(number: int, first: date, before: date, *, grade: str = "stated", modality: str = "happened") -> Happening:
    one = Shown(
        key=f"{number:032x}", anchor=f"e-{number}", first_on=first, before_on=before, edtf="", words=str(first),
        quote="", why="", grade=grade, grade_label=shown_entries.GRADES.get(grade, grade), modality=modality, label="",
        sentence="", sentence_html="", source=Source("", "", "en", None, None), subjects=[], report_url="",
    )  # fmt: skip
    return Happening([one], one.words, "")


@pytest.fixture
def chronology(monkeypatch: pytest.MonkeyPatch):
    """A chronology of so many days a year, without a database: what is shown is each entry alone."""
    monkeypatch.setattr(pages, "today", lambda: TODAY)

    def shown(groups: Iterable[list[Entry]], *_: object, **__: object) -> list[Happening]:
        return [_shown(first.pk, first.first_on, first.before_on) for first, *_ in groups]

    monkeypatch.setattr(shown_entries, "shown", shown)

    def made(years: dict[int, int], **asked: int) -> pages.Chronology:
        days = [date(year, 1, 1) + n * _DAY // 2 for year, count in years.items() for n in range(count)]
        found = [_entry(number, on) for number, on in enumerate(days)]
        return pages.chronology(found, Asked(**asked), {}, path="/chronology/")

    return made


def test_few_years_are_one_page_without_a_way_to_others(chronology):
    told = chronology({2018: 3, 2019: 2})

    assert (told.pages, told.page, told.n) == ([], 1, 5)


def test_years_stay_together_until_a_page_is_full(chronology):
    told = chronology({2016: 90, 2017: 100, 2018: 150, 2019: 60})

    assert [(link.label, link.n) for link in told.pages] == [("2016–2017", 190), ("2018", 150), ("2019", 60)]


def test_a_busy_year_is_parted_by_months_and_days(chronology):
    told = chronology({2018: 20, 2019: 650})

    assert [link.label for link in told.pages] == [
        "2018", "January – April 2019", "April – July 2019", "July – November 2019",
    ]  # fmt: skip
    assert sum(link.n for link in told.pages) == told.n == 670


def test_parts_of_a_year_that_are_called_alike_are_numbered(chronology):
    assert pages._labels([[[_entry(n, date(2019, 1, 1))]] for n in range(3)]) == [
        "1 January 2019", "1 January 2019 (2)", "1 January 2019 (3)",
    ]  # fmt: skip
    cut = [[[_entry(1, date(2019, 3, 5))], [_entry(2, date(2019, 3, 9))]], [[_entry(3, date(2019, 12, 31))]]]
    assert pages._labels(cut) == ["5–9 March 2019", "31 December 2019"]


def test_the_bare_address_is_the_last_page_that_has_begun(chronology):
    told = chronology({2018: 150, 2019: 150, 2030: 150})

    assert (told.page, told.newest, told.years[0].year) == (2, 2, 2019)
    assert chronology({2018: 150, 2019: 150, 2030: 150}, page=3).years[0].year == 2030
    assert chronology({2030: 2}).page == 1
    with pytest.raises(pages.NoSuchPage):
        chronology({2018: 150}, page=2)


def test_quiet_years_are_said_and_not_drawn_in_full(chronology):
    told = chronology({1994: 1, 2018: 1})

    assert [year.gap for year in told.years] == ["", "1995–2017"]
    assert told.timeline is not None
    assert [part.label for part in told.timeline.parts] == ["1994", "1995–2017", "2018"]


def test_a_month_is_a_bar_of_its_length_and_a_day_a_dot():
    line = drawing.timeline(
        [_shown(1, date(2019, 6, 1), date(2019, 7, 1)), _shown(2, date(2019, 9, 1), date(2019, 9, 2))]
    )

    assert line is not None
    month, day = line.bars
    [year] = line.parts
    assert abs(month.width - year.width / 12) < 2
    assert (month.is_day, day.is_day) == (False, True)
    assert month.x < day.x


def test_no_sign_of_the_timeline_lies_on_another():
    days = [date(2019, 1, 1) + n * _DAY for n in range(0, 300, 2)]
    line = drawing.timeline([_shown(n, on, on + _DAY * (1 + n % 40)) for n, on in enumerate(days)])

    assert line is not None
    assert sum(bar.n for bar in line.bars) == len(days)
    _apart(line.bars)
    assert all(bar.y >= 0 and bar.y + 11 <= line.axis for bar in line.bars)


def _apart(bars: Iterable[drawing.Bar]) -> None:
    ends: dict[int, int] = {}
    for bar in sorted(bars, key=lambda bar: (bar.y, bar.x)):
        assert bar.x > ends.get(bar.y, -1), bar
        ends[bar.y] = bar.x + bar.width


def test_many_that_look_alike_in_one_place_are_one_sign_with_their_number():
    year = [_shown(n, date(2019, 1, 1), date(2020, 1, 1)) for n in range(200)]
    ahead = [_shown(300 + n, date(2019, 1, 1), date(2020, 1, 1), modality="expected") for n in range(3)]

    line = drawing.timeline([*year, *ahead])

    assert line is not None
    assert sorted(bar.n for bar in line.bars) == [1, 1, 1, 200]
    assert [bar.title for bar in line.bars if bar.n > 1] == ["2019: 200 happenings, stated in full"]
    assert line.height < 150


def test_a_busy_fortnight_makes_no_tower():
    days = [date(2021, 7, 12) + (n % 14) * _DAY for n in range(200)]
    grades = ("stated", "publication", "confirmed")

    line = drawing.timeline([_shown(n, on, on + _DAY, grade=grades[n % 3]) for n, on in enumerate(days)])

    assert line is not None
    assert sum(bar.n for bar in line.bars) == 200
    assert line.height < 300
    _apart(line.bars)
