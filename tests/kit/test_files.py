"""Files that are whole or absent."""

from __future__ import annotations

import errno
import os

import pytest

from isthmus.kit import files
from isthmus.kit.files import DiskFull, write_durably


def test_the_content_stands_with_its_mode_and_no_temporary_is_left(tmp_path):
    path = tmp_path / "key"

    write_durably(path, b"secret", mode=0o600)

    assert path.read_bytes() == b"secret"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_one_sentence_and_the_old_file_stays(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    write_durably(path, b"old")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(DiskFull, match=r"page\.html was not written .* make room"):
        write_durably(path, b"new")

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_another_error_is_not_called_a_full_disk(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_durably(tmp_path / "absent" / "x", b"")


def test_the_bytes_are_synced_before_the_rename_and_the_directory_after_it(tmp_path, monkeypatch):
    steps = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(files.os, "fsync", lambda handle: (steps.append("sync"), fsync(handle)))
    monkeypatch.setattr(files.os, "replace", lambda a, b: (steps.append("rename"), replace(a, b)))

    write_durably(tmp_path / "x", b"1")

    assert steps == ["sync", "rename", "sync"]
