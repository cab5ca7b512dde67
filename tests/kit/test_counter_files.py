"""Lines of counts: whole, bounded, and counted once."""

import os

import pytest

from isthmus.kit import counter_files
from isthmus.kit.locks import file_lock


def _fold_lines(path):
    def add_up(taken):
        n = len(taken.read_bytes().splitlines())
        taken.unlink()
        return n

    return counter_files.fold(path, add_up)


def test_lines_are_appended_whole_and_counted_once(tmp_path):
    path = tmp_path / "run" / "counts.log"
    counter_files.append(path, b"a\nb\n", max_bytes=1_000)
    counter_files.append(path, b"c\n", max_bytes=1_000)

    assert _fold_lines(path) == 3
    assert _fold_lines(path) == 0


def test_a_full_file_takes_no_more_lines(tmp_path):
    path = tmp_path / "counts.log"

    for _ in range(20):
        counter_files.append(path, b"ten bytes\n", max_bytes=50)

    assert path.read_bytes() == b"ten bytes\n" * 5


def test_many_lines_are_cut_between_lines(tmp_path):
    path, lines = tmp_path / "counts.log", b"".join(b"%07d\n" % number for number in range(20_000))

    counter_files.append(path, lines, max_bytes=1_000_000)

    assert path.read_bytes() == lines


def test_a_line_without_end_does_not_hang(tmp_path):
    path = tmp_path / "counts.log"

    counter_files.append(path, b"no end", max_bytes=1_000)

    assert path.read_bytes() == b""


def test_what_lies_there_in_place_of_a_file_is_not_opened(tmp_path):
    (tmp_path / "elsewhere").write_bytes(b"")
    (tmp_path / "link.log").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "pipe.log")

    for name in ("link.log", "pipe.log"):
        with pytest.raises(OSError):
            counter_files.append(tmp_path / name, b"a\n", max_bytes=1_000)
    assert (tmp_path / "elsewhere").read_bytes() == b""


def test_lines_whose_counting_failed_come_again(tmp_path):
    path = tmp_path / "counts.log"
    counter_files.append(path, b"a\n", max_bytes=1_000)

    with pytest.raises(ZeroDivisionError):
        counter_files.fold(path, lambda _: 1 // 0)
    counter_files.append(path, b"b\n", max_bytes=1_000)

    assert _fold_lines(path) == 1
    assert _fold_lines(path) == 1


def test_where_another_is_at_work_nothing_is_taken(tmp_path):
    path = tmp_path / "counts.log"
    counter_files.append(path, b"a\n", max_bytes=1_000)

    with file_lock(path.with_suffix(".lock")):
        assert _fold_lines(path) == 0
    assert _fold_lines(path) == 1
