"""Readers' questions are counted by their words alone, cheaply, boundedly, and never at the price of an answer."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from isthmus.kit import clock as now_clock
from isthmus.search import searched
from isthmus.search.models import SearchedWords

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def counted(db: None, settings: Any, tmp_path: Path, clock: Any) -> Path:
    """The file that a test's searches are noted in."""
    settings.DATA = tmp_path
    return tmp_path / "counters" / "searched.log"


def _fold() -> int:
    return searched.fold(now_clock.now())


def _break(*_: Any) -> None:
    raise RuntimeError


def _rows() -> dict[str, tuple[int, int]]:
    return {row.words: (row.n_asked, row.n_unfound) for row in SearchedWords.objects.all()}


def test_a_question_is_counted_by_its_folded_words_and_whether_it_found_anything(counted):
    searched.note("  Zürich   TALKS ", 12)
    searched.note("zurich talks", 12)
    searched.note("sanctons", 0)

    assert _fold() == 3
    assert _rows() == {"zurich talks": (2, 0), "sanctons": (1, 1)}
    assert not list(counted.parent.glob("*.folding"))


def test_what_is_folded_later_is_added_to_the_month(counted):
    for _ in range(3):
        searched.note("sanctions", 4)
        _fold()

    assert _rows() == {"sanctions": (3, 0)}
    assert SearchedWords.objects.get().month.day == 1


@pytest.mark.parametrize(
    "typed",
    [
        "carol@example.org",
        "who is Carol@Example.Org",
        "call +44 20 7946 0018",
        "4111-1111-1111-1111",
        "(202) 555 0173",
        "https://example.org/secret",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9abcdefghij",
        "a question " * 30,
        "",
        " \x00 ",
    ],
)
def test_what_may_say_who_typed_it_is_never_written_down(counted, typed: str):
    searched.note(typed, 0)

    assert not counted.exists()


def test_years_and_names_with_numbers_are_kept(counted):
    for typed in ("sanctions 2017", "UNSCR 2397", "1994-2003 talks", "KN-23"):
        searched.note(typed, 1)

    _fold()

    assert set(_rows()) == {"sanctions 2017", "unscr 2397", "1994-2003 talks", "kn-23"}


def test_robots_and_further_pages_do_not_count(counted):
    searched.note("sanctions", 4, agent="Mozilla/5.0 (compatible; Googlebot/2.1)")
    searched.note("sanctions", 4, agent="python-requests/2.32")
    searched.note("sanctions", 4, page=2)

    assert not counted.exists()


def test_a_browser_counts(counted):
    searched.note("sanctions", 4, agent="Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0")

    assert counted.read_text().endswith("\t0\tsanctions\n")


def test_the_file_holds_the_day_and_no_hour(counted):
    searched.note("sanctions", 4)

    day, is_unfound, words = counted.read_text().rstrip("\n").split("\t")
    assert date.fromisoformat(day)
    assert (is_unfound, words) == ("0", "sanctions")
    assert counted.stat().st_mode & 0o777 == 0o600


def test_a_full_file_takes_nothing_more(counted, monkeypatch):
    monkeypatch.setattr(searched, "MAX_FILE_BYTES", 60)
    for _ in range(10):
        searched.note("sanctions", 4)

    assert counted.stat().st_size < 120


def test_nothing_that_can_go_wrong_reaches_the_reader(counted, monkeypatch):
    def no_room(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", no_room)

    searched.note("sanctions", 4)
    searched.note("\ud800 surrogate", 0)


def test_a_pipe_in_the_place_of_the_file_makes_nobody_wait(counted):
    counted.parent.mkdir()
    os.mkfifo(counted)

    searched.note("sanctions", 4)


def test_a_fold_that_failed_is_made_up_for_by_the_next(counted, monkeypatch):
    searched.note("sanctions", 4)
    with monkeypatch.context() as broken:
        broken.setattr(searched, "_tidy", _break)
        with pytest.raises(RuntimeError):
            _fold()
    searched.note("sanctions", 4)

    assert _fold() == 1
    assert _fold() == 1
    assert _rows() == {"sanctions": (2, 0)}


def test_lines_that_are_none_of_ours_are_left_out(counted):
    counted.parent.mkdir()
    today = f"{now_clock.now():%Y-%m-%d}"
    counted.write_bytes(
        b"\xff\xfe\n1999-01-01\t0\told\nnot a line\n2026-13-77\t0\tx\n" + f"{today}\t0\tkept\ncut".encode()
    )

    _fold()

    assert set(_rows()) == {"kept"}


def test_a_month_keeps_its_most_asked_questions(counted, monkeypatch):
    monkeypatch.setattr(searched, "KEPT_A_MONTH", 3)
    monkeypatch.setattr(searched, "_TIDY_ABOVE", 5)
    for number in range(8):
        for _ in range(number + 1):
            searched.note(f"word{number}", 1)

    _fold()

    assert set(_rows()) == {"word5", "word6", "word7"}


def test_old_months_go_and_single_questions_of_months_that_are_over(db):
    this = date(2026, 11, 1)
    for months_ago, words, n in [(0, "now once", 1), (5, "often", 7), (5, "once", 1), (15, "long ago", 99)]:
        month = (this - timedelta(days=30.5 * months_ago)).replace(day=1)
        SearchedWords.objects.create(month=month, words=words, n_asked=n)

    searched.prune(NOW)

    assert set(_rows()) == {"now once", "often"}


@hypothesis_settings(max_examples=60)
@given(st.text(max_size=400), st.integers(0, 10))
def test_a_line_is_short_whatever_was_typed(typed: str, total: int):
    words = searched._words(typed)

    line = f"2026-11-23\t{int(total == 0)}\t{words}\n".encode()
    assert len(words) <= searched.MAX_CHARS
    assert "\n" not in words
    assert "\t" not in words
    assert line.count(b"\n") == 1
