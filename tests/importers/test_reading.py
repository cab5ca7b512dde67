"""The throw-away process: what kills it is named, and the items around it come in."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from isthmus.importers import judgement, reading
from isthmus.importers.cleaned import Cleaned
from isthmus.importers.source_item import Skipped
from isthmus.importers.sources import SOURCES
from isthmus.kit import child
from tests.importers import samples

HOUSE = judgement.House("UTC", "en", ("post",), ())


def dying_at_item_60(*args: object) -> Iterator[list[object]]:
    """As the real one, but for an item that nobody survives."""
    deadly = args[5]
    real = judgement.clean

    def clean(item: object, house: object, archive: object) -> object:
        if item.id == "notes/60" and 60 not in deadly:  # type: ignore[attr-defined,operator]
            os.kill(os.getpid(), signal.SIGKILL)
        return real(item, house, archive)  # type: ignore[arg-type]

    judgement.clean = clean  # type: ignore[assignment]
    yield from reading.clean_files(*args)  # type: ignore[arg-type]


def test_an_item_that_kills_the_process_is_skipped_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = samples.write_records(tmp_path / "a.jsonl", [samples.record(n) for n in range(130)])
    stream = child.stream_limited
    monkeypatch.setattr(
        reading.child, "stream_limited", lambda target, *args, **limits: stream(dying_at_item_60, *args, **limits)
    )

    got = list(reading.read_cleaned({path: "records"}, HOUSE, known={}))

    assert [item.id for item in got] == [f"notes/{n}" for n in range(130)]
    assert [item.where for item in got if isinstance(item, Skipped)] == ["a.jsonl:61"]
    assert sum(isinstance(item, Cleaned) for item in got) == 129


def test_a_folder_is_told_apart_file_by_file_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.jsonl").write_text("{}", "utf-8")
    folder = tmp_path / "archive"
    (folder / "uploads").mkdir(parents=True)
    samples.write_wordpress(folder / "export.xml", range(2))
    (folder / "uploads" / "report.pdf").write_bytes(b"%PDF-1.4")
    (folder / "uploads" / "quay.jpg").write_bytes(b"\xff\xd8")
    (folder / "odd.bin").write_bytes(b"\x00\x01")
    (folder / "link.jsonl").symlink_to(tmp_path / "outside" / "secret.jsonl")
    (folder / "folder").symlink_to(tmp_path / "outside")

    files, unknown = reading.files_of(folder, source=None)

    assert {str(path.relative_to(folder)): name for path, name in files.items()} == {"export.xml": "wordpress"}
    assert {loss.where: loss.reason for loss in unknown} == {
        "folder": "a link to another file, which is not followed",
        "link.jsonl": "a link to another file, which is not followed",
        "odd.bin": "in no format we read",
    }


def test_in_a_folder_of_nothing_but_pdfs_each_is_a_piece(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.4")

    assert list(reading.files_of(tmp_path, source=None)[0].values()) == ["pdf"]


def test_names_pipes_and_folders_that_nobody_can_read_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: A\n---\nWords")
    (tmp_path / "photo.md").write_bytes(b"\x89PNG\r\n")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.md")).write_text("Words")
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "closed").mkdir()
    scan = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)

    files, unknown = reading.files_of(tmp_path, source=None)

    assert [path.name for path in files] == ["a.md"]
    assert sorted((loss.where, loss.reason.split(":")[0].split(" (")[0]) for loss in unknown) == [
        ("b\ufffd.md", "its name is not in UTF-8"),
        ("closed", "a folder that cannot be read"),
        ("photo.md", "in no format we read"),
        ("pipe.md", "no file, but a pipe, a socket or a device"),
    ]


@pytest.mark.parametrize("broken", ["read", "clean"])
def test_what_breaks_a_source_or_the_cleaning_costs_one_item(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.md").write_text(f"---\ntitle: {name}\n---\nWords")
    where = SOURCES["markdown"] if broken == "read" else judgement
    real = getattr(where, broken)

    def break_at_a(one: object, *rest: object) -> object:
        if "a.md" in str(getattr(one, "where", one)):
            raise ValueError("unforeseen")
        return real(one, *rest)

    monkeypatch.setattr(where, broken, break_at_a)

    found = samples.cleaned_in(tmp_path, {})

    assert [type(item).__name__ for item in found.values()] == ["Skipped", "Cleaned"]
    assert "unforeseen" in str(found)
