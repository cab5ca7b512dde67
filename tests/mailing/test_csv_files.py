"""Lists of people as files: every spelling of CSV is read, and no cell that is written runs in a spreadsheet."""

from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.mailing import csv_files
from isthmus.mailing.csv_files import ListUnreadable


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_cells_may_stand_between_commas_semicolons_or_tabs(delimiter: str) -> None:
    lines = [delimiter.join(("\ufeffEmail", " NAME ")) + "\r\n", delimiter.join(("carol@example.org", '"Carol, C."'))]

    row = next(csv_files.read(lines))

    assert (row.line, dict(row.values)) == (2, {"email": "carol@example.org", "name": "Carol, C."})


def test_a_name_over_two_lines_keeps_the_count_of_lines() -> None:
    rows = list(csv_files.read(["email,name\n", 'a@example.org,"Carol\n', 'C."\n', "\n", "b@example.org,Bob\n"]))

    assert [row.line for row in rows] == [3, 5]


def test_a_file_that_is_no_list_is_refused_with_what_to_do() -> None:
    for lines in ([], ["PK\x03\x04\n"], ["name,phone\n"], ["email\n", "x" * 200_000]):
        with pytest.raises(ListUnreadable):
            list(csv_files.read(lines))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"])
def test_no_cell_begins_a_formula(cell: str) -> None:
    written = csv_files.line([cell])

    assert written.strip('"').startswith("'")


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), min_size=2, max_size=6))
def test_what_is_written_reads_the_same(cells: list[str]) -> None:
    cells = ["carol@example.org", *(cell.strip() for cell in cells)]
    names = ["email", *(f"x{n}" for n in range(len(cells) - 1))]

    file = StringIO(csv_files.line(names) + csv_files.line(cells), newline="")
    row = next(csv_files.read(file))

    assert list(row.values.values()) == cells
