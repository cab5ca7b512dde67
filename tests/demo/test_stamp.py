from pathlib import Path

import pytest

from isthmus.demo import stamp
from isthmus.kit.errors import UsageError


def test_demo_of_this_content_is_complete(tmp_path: Path):
    stamp.begin(tmp_path)
    assert not stamp.is_complete(tmp_path)

    stamp.complete(tmp_path)
    assert stamp.is_complete(tmp_path)


def test_demo_of_another_version_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stamp.begin(tmp_path)
    stamp.complete(tmp_path)

    monkeypatch.setattr(stamp, "__version__", "0.0.1")

    assert not stamp.is_complete(tmp_path)


def test_directory_that_is_no_demo_is_never_cleared(tmp_path: Path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "isthmus.db").write_text("nine thousand publications")

    with pytest.raises(UsageError, match="is no demo"):
        stamp.clear(tmp_path)

    assert (tmp_path / "data" / "isthmus.db").exists()


def test_clearing_keeps_the_theme_and_the_stamp(tmp_path: Path):
    stamp.begin(tmp_path)
    for name in ("isthmus.toml", "data/isthmus.db", "data/media/a.webp", "theme/static/site.css"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")

    stamp.clear(tmp_path)

    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["data/demo.json", "theme/static/site.css"]


def test_empty_or_missing_directory_needs_no_clearing(tmp_path: Path):
    stamp.clear(tmp_path)
    stamp.clear(tmp_path / "missing")
