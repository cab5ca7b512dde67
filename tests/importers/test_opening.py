"""Packed archives: what is honest comes out whole; bombs, slips and links are refused with a reason."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
import zipfile
from functools import partial
from pathlib import Path

import pytest

from isthmus.importers import opening
from isthmus.kit.errors import IsthmusError


def packed(folder: Path, entries: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_an_honest_archive_comes_out_whole(tmp_path: Path, target: Path) -> None:
    path = packed(tmp_path, {"a/b.xml": b"<x/>", "c.md": b"# c", "__MACOSX/._c": b"x"})

    left_out = opening.unpack(path, target)

    assert left_out == []
    assert {str(file.relative_to(target)) for file in target.rglob("*") if file.is_file()} == {"a/b.xml", "c.md"}


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "..\\evil", "C:\\evil", "\\evil"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, target: Path, name: str) -> None:
    left_out = opening.unpack(packed(tmp_path, {name: b"x", "good.md": b"x"}), target)

    assert [loss.reason for loss in left_out] == ["its name leads out of the archive"]
    assert sorted(os.listdir(tmp_path)) == ["a.zip", "out"]
    assert os.listdir(target) == ["good.md"]


def test_a_link_is_left_out(tmp_path: Path, target: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("passwd")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")

    left_out = opening.unpack(path, target)

    assert "a link" in left_out[0].reason
    assert os.listdir(target) == []


def test_a_flat_bomb_is_refused_as_a_whole(tmp_path: Path, target: Path) -> None:
    path = packed(tmp_path, {f"{n}.txt": b"\0" * 20_000_000 for n in range(5)})

    with pytest.raises(IsthmusError, match="more than an honest archive"):
        opening.unpack(path, target)
    assert os.listdir(target) == []


def test_archives_inside_are_not_opened(tmp_path: Path, target: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x", b"x")

    left_out = opening.unpack(packed(tmp_path, {"inner.zip": inner.getvalue()}), target)

    assert "archive inside" in left_out[0].reason


def test_entries_that_share_bytes_are_refused(tmp_path: Path, target: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", b"a" * 1000)
        archive.writestr("b.txt", b"b" * 1000)
        archive.filelist[1].header_offset = archive.filelist[0].header_offset

    with pytest.raises(IsthmusError, match="overlap"):
        opening.unpack(path, target)


def test_an_entry_that_says_less_than_it_holds_gives_what_it_said(tmp_path: Path, target: Path) -> None:
    path = packed(tmp_path, {"a.txt": b"a" * 100_000})
    raw = path.read_bytes()
    path.write_bytes(raw.replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little")))

    opening.unpack(path, target)

    assert sum(file.stat().st_size for file in target.iterdir()) <= 10


def test_a_damaged_archive_is_refused_with_what_to_do(tmp_path: Path, target: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK\x03\x04" + b"junk" * 50)

    with pytest.raises(IsthmusError, match=r"no \.zip that can be read"):
        opening.unpack(path, target)


def test_a_packed_file_is_read_as_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a.xml.gz"
    path.write_bytes(gzip.compress(b"<x/>" * 1000))

    with opening.opened(path) as file:
        assert file.read() == b"<x/>" * 1000


def test_a_packed_bomb_breaks_off(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"\0" * 100_000_000))

    with opening.opened(path) as file, pytest.raises(OSError, match="no honest file"):
        list(iter(partial(file.read, 1 << 20), b""))


def _tarred(path: Path, entries: dict[str, bytes | tarfile.TarInfo]) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, content in entries.items():
            entry = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            entry.name = name
            words = content if isinstance(content, bytes) else b""
            entry.size = len(words)
            archive.addfile(entry, io.BytesIO(words))
    return path


def _entry(kind: bytes, leads_to: str = "/etc/passwd") -> tarfile.TarInfo:
    entry = tarfile.TarInfo()
    entry.type, entry.linkname = kind, leads_to
    return entry


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz"])
def test_a_tar_comes_out_without_what_is_no_plain_file_in_it(tmp_path: Path, name: str) -> None:
    entries: dict[str, bytes | tarfile.TarInfo] = {
        "./site/a.md": b"# A", "../evil.md": b"x", "/etc/evil.md": b"x", "link.md": _entry(tarfile.SYMTYPE),
        "hard.md": _entry(tarfile.LNKTYPE), "pipe.md": _entry(tarfile.FIFOTYPE), "disk.md": _entry(tarfile.BLKTYPE),
        "link.md/b.md": b"x", "inner.tar": b"x", "\udcff.md": b"x", "site/.git/config": b"x",
    }  # fmt: skip

    with opening.unpacked(_tarred(tmp_path / name, entries)) as archive:
        found = {str(file.relative_to(archive.root)) for file in archive.root.rglob("*") if not file.is_dir()}
        reasons = {loss.where: loss.reason for loss in archive.left_out}

    assert found == {"site/a.md", "link.md/b.md", "\ufffd.md"}
    assert sorted(reasons) == ["../evil.md", "/etc/evil.md", "disk.md", "hard.md", "inner.tar", "link.md", "pipe.md"]
    assert not (tmp_path / "evil.md").exists()


@pytest.mark.slow
def test_a_tar_that_unpacks_to_a_thousandfold_or_breaks_off_is_refused(tmp_path: Path, target: Path) -> None:
    bomb = _tarred(tmp_path / "bomb.tar.gz", {"a.md": bytes(66 * 1024 * 1024)})
    cut = _tarred(tmp_path / "cut.tar", {"a.md": os.urandom(40_000), "b.md": b"x"})
    cut.write_bytes(cut.read_bytes()[:30_000])

    for path in (bomb, cut):
        with pytest.raises(IsthmusError, match="unpack it yourself"):
            opening.unpack(path, target)
