"""What every source promises, whichever format it reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from isthmus.importers import sources
from isthmus.importers.source_item import BODY_FORMATS, Skipped, SourceItem, content_hash
from tests.importers import samples


def _records(folder: Path) -> Path:
    return samples.write_records(folder / "export.jsonl", [samples.record(1), samples.record(2)])


def _page(folder: Path) -> Path:
    path = folder / "page.txt"
    path.write_text(samples.PAGE, "utf-8")
    return path


def _copied(name: str) -> Callable[[Path], Path]:
    """A sample that stands in tests/importers/exports, copied so that nothing can happen to it."""

    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes((EXPORTS / name).read_bytes())
        return path

    return write


EXPORTS = Path(__file__).parent.parent / "importers" / "exports"
GOOD = {
    "pdf": _copied("report.pdf"),
    "html": _copied("page.html"),
    "feed": _copied("feed.xml"),
    "markdown": _copied("markdown.md"),
    "ghost": _copied("ghost-0.json"),
    "records": _records,
    "text": _page,
    "wordpress": _copied("wordpress.xml"),
}


@pytest.fixture(params=sorted(sources.SOURCES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_source_has_a_sample(name: str) -> None:
    assert name in GOOD


def test_a_source_recognises_its_own_files_and_no_others(name: str, tmp_path: Path) -> None:
    for other, write in GOOD.items():
        path = write(tmp_path)
        assert sources.SOURCES[name].recognises(path, path.read_bytes()[:4096]) == (other == name)


def test_items_are_whole_and_the_same_at_every_reading(name: str, tmp_path: Path) -> None:
    path = GOOD[name](tmp_path)

    first, second = (list(sources.SOURCES[name].read(path)) for _ in range(2))

    assert first == second
    assert any(isinstance(item, SourceItem) for item in first)
    for item in first:
        if isinstance(item, Skipped):
            assert item.reason
            continue
        assert item.id
        assert item.source
        assert item.where.startswith(path.name)
        assert sum(bool(getattr(item, name)) for name in BODY_FORMATS) <= 1
        assert len(content_hash(item)) == 32


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 100,
        b"\xff\xfe\xfa",
        b"{" * 100_000,
        b"[" * 100_000,
        b"\n\n\n",
        b"null\n1\n[]\n",
        "\ufeff한글".encode(),
    ],
)
def test_no_bytes_make_a_source_raise(name: str, raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / ("x.jsonl" if name == "records" else "x.txt")
    path.write_bytes(raw)

    for item in sources.SOURCES[name].read(path):
        assert isinstance(item, SourceItem | Skipped)
        if isinstance(item, Skipped):
            assert item.reason
            assert item.where


@pytest.mark.parametrize("raw", [b"", b"\x00\x01", b"<html>", b"PK\x03\x04", b"%PDF-1.7"])
def test_recognising_never_raises(name: str, raw: bytes) -> None:
    is_pdf = raw.startswith(b"%PDF")
    assert sources.SOURCES[name].recognises(Path("a.bin"), raw) is (is_pdf and name == "pdf")
