"""An export of our own that somebody forged, cut or damaged is refused with a reason, before the database sees it."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from isthmus.importers.own_export import coming_back, reading, shapes
from isthmus.kit.errors import IsthmusError

PICTURE = "files/original_images/quay.png"
PIECE: dict[str, Any] = {
    "series": "", "slug": "quay", "identity": "pub:1", "live": True, "title": "Quay", "lead_image": "",
    "categories": [], "bylines": [], "attachments": [], "published_on": "2020-01-02", "published_at": None,
    "body": [{"type": "text", "value": "<p onclick='x()'>Words<script>x()</script></p>", "id": "a"}],
}  # fmt: skip


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30)).save(file, "PNG")
    return file.getvalue()


def _write(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), "utf-8")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    _write(folder / "isthmus-export.json", {"isthmus_export": 1, "counts": {"publications": 1, "people": 1}})
    _write(folder / "publications/_/quay.json", PIECE)
    _write(folder / "people.jsonl", {"slug": "alice-moore", "name": "Alice Moore", "bio": "<p>Alice.</p>"})
    (folder / "files/original_images").mkdir(parents=True)
    (folder / "files/original_images/quay.png").write_bytes(_picture())
    _write(folder / "media.jsonl", _medium())
    return folder


def _medium(**changed: object) -> dict[str, object]:
    sha256 = hashlib.sha256(_picture()).hexdigest()
    return {"kind": "image", "file": "original_images/quay.png", "sha256": sha256, "tags": []} | changed


def _rows(folder: Path) -> list[tuple[str, Any]]:
    batches = reading.rows_of(str(folder), shapes.sections(), [], 1_000_000, ["pdf"])
    return [row for batch in batches for row in batch]


def test_an_honest_export_is_read_whole_and_its_texts_are_safe(export: Path) -> None:
    rows = _rows(export)

    assert [section for section, _ in rows] == ["manifest", "media", "people", "publications"]
    assert (rows[1][1]["width"], rows[1][1]["height"]) == (40, 30)
    assert rows[3][1]["body"][0]["value"] == "<p>Words</p>"


def _piece(**changed: object) -> Callable[[Path], None]:
    return lambda folder: _write(folder / "publications/_/quay.json", PIECE | changed)


def _row(file: str, *rows: object) -> Callable[[Path], None]:
    said = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    return lambda folder: _write(folder / f"{file}.jsonl", said)


def _instead(name: str, make: Callable[[Path], object]) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).unlink()
        make(folder / name)

    return change


def _linked_folder(folder: Path) -> None:
    (folder / "publications/_").rename(folder.parent / "elsewhere")
    (folder / "publications/_").symlink_to(folder.parent / "elsewhere")


FORGERIES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a piece lost": (lambda folder: (folder / "publications/_/quay.json").unlink(), "0 rows of publications"),
    "a file of rows lost": (lambda folder: (folder / "people.jsonl").unlink(), "0 rows of people"),
    "a linked piece": (_instead("publications/_/quay.json", lambda path: path.symlink_to("/etc/hostname")), "no file"),
    "a linked folder": (_linked_folder, "link among its folders"),
    "linked rows": (_instead("people.jsonl", lambda path: path.symlink_to("/etc/passwd")), "no file"),
    "a fifo": (_instead("people.jsonl", os.mkfifo), "no file"),
    "a linked picture": (_instead(PICTURE, lambda path: path.symlink_to("/etc/hostname")), "link in place"),
    "a picture outside": (_row("media", _medium(file="../../etc/hostname")), "outside of it"),
    "another picture": (_row("media", _medium(sha256="0" * 64)), "another file"),
    "a page as a file": (_row("media", _medium(kind="document", file="documents/x.html")), "not offered"),
    "no picture": (
        _instead(PICTURE, lambda path: path.write_bytes(b"<svg onload=x()>")), "another file"
    ),
    "a wrong type": (_piece(live="yes"), "yes or no"),
    "a text of lists": (_piece(title=["a"]), "a text must be"),
    "a body of text": (_piece(body="words"), "list of blocks"),
    "a byline of text": (_piece(bylines=["Alice"]), "list of objects"),
    "no title": (_piece(title=None), "nothing where"),
    "a date of words": (_piece(published_on="yesterday"), "a date in ISO 8601"),
    "a slug that climbs": (_piece(slug="../../etc"), "part of an address"),
    "a series elsewhere": (_piece(series="peninsula"), "in the folder"),
    "a title of a book": (_piece(title="x" * 10_000), "10,000 characters"),
    "a sign no text has": (_piece(title="a\x00b"), "signs, numbers"),
    "half a sign": (_row("people", '{"slug": "a", "name": "\\ud800"}'), "signs, numbers"),
    "a number beyond counting": (_piece(published_offset_min=10**30), "signs, numbers"),
    "no number": (_row("people", '{"slug": "a", "position": NaN}'), "no JSON"),
    "two of one name": (_row("people", {"slug": "a", "name": "A"}, {"slug": "a", "name": "B"}), "two rows of one name"),
    "nested a thousandfold": (_row("people", "[" * 100_000), "no JSON"),
    "nested a hundredfold": (_row("people", '{"slug": "a", "name":' + "[" * 100 + "]" * 100 + "}"), "depth"),
    "a redirect that climbs": (_row("redirects", {"path": "/a/../../x/"}), "below the root"),
    "rows cut off": (_row("people", '{"slug": "a", "na'), "no JSON"),
    "another encoding": (lambda folder: (folder / "people.jsonl").write_bytes(b'{"slug": "\xff\xfe"}'), "no JSON"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_export_is_refused_with_the_reason(export: Path, name: str) -> None:
    forge, reason = FORGERIES[name]
    forge(export)

    section, said = _rows(export)[-1]

    assert section == "refused"
    assert reason in said


def test_the_reason_is_said_by_the_throw_away_process(export: Path) -> None:
    _write(export / "people.jsonl", {"slug": "alice-moore", "name": 5})

    with pytest.raises(IsthmusError, match=r"has something else where a text must be \(people.jsonl:1, name\)"):
        list(coming_back._from_child(export))
