"""Each export in `exports/` beside the Python file that says what it holds: fields, bodies and named losses."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from isthmus.importers import bodies, roots, sources
from isthmus.importers.archive import Archive
from isthmus.importers.source_item import BODY_FORMATS, Skipped, SourceItem

EXPORTS = Path(__file__).parent / "exports"
NO_BODY: dict[str, Any] = dict.fromkeys(BODY_FORMATS, "")


def _expected(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"expected_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=sorted(EXPORTS.glob("*.py")), ids=lambda path: path.stem)
def expected_in(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def _files(export: Path, reader: Any) -> list[Path]:
    roots.begin(export)
    paths = sorted(path for path in export.rglob("*") if path.is_file()) if export.is_dir() else [export]
    return [path for path in paths if reader.recognises(path, path.read_bytes()[:4096])]


def _items(export: Path, source: str) -> list[SourceItem | Skipped]:
    _survey(export, source)
    reader = sources.SOURCES[source]
    return [item for path in _files(export, reader) for item in reader.read(path)]


def _survey(export: Path, source: str) -> Archive:
    archive, reader = Archive(), sources.SOURCES[source]
    if isinstance(reader, sources.Surveying):
        for path in _files(export, reader):
            for part in reader.survey(path):
                archive.add(part)
    return archive


def test_an_export_gives_its_items_field_by_field(expected_in: Path) -> None:
    expected = _expected(expected_in)

    items = _items(expected_in.with_suffix(""), expected.SOURCE)

    assert [replace(item, **NO_BODY) if isinstance(item, SourceItem) else item for item in items] == expected.ITEMS


def test_a_survey_finds_people_pictures_and_the_site(expected_in: Path) -> None:
    expected = _expected(expected_in)

    archive = _survey(expected_in.with_suffix(""), expected.SOURCE)

    assert [profile.name for profile in archive.profiles.values()] == getattr(expected, "PEOPLE", [])
    assert [media.address for by_id in archive.media.values() for media in by_id.values()] == getattr(
        expected, "MEDIA", []
    )
    assert archive.hosts == getattr(expected, "HOSTS", set())


def test_bodies_become_html_and_what_does_not_is_named(expected_in: Path) -> None:
    expected = _expected(expected_in)
    found, warnings = {}, {}
    archive = _survey(expected_in.with_suffix(""), expected.SOURCE)

    for item in _items(expected_in.with_suffix(""), expected.SOURCE):
        if isinstance(item, SourceItem):
            attached = archive.belonging_to(item.source, item.id)
            around = bodies.Surroundings(archive.media.get(item.source, {}), attached)
            found[item.id] = bodies.unclean_html(item, around)
            warnings[item.id] = around.warnings

    assert {key: body for key, body in found.items() if body} == expected.BODIES
    assert {key: said for key, said in warnings.items() if said} == getattr(expected, "WARNINGS", {})
