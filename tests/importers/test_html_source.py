from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.importers import roots
from isthmus.importers.source_item import Skipped, SourceItem
from isthmus.importers.sources import html

PROSE = "<p>The ferries across the narrows have not sailed since the autumn, and nobody expects them to sail.</p>"


def _read(folder: Path, page: str | bytes, name: str = "page.html") -> SourceItem | Skipped:
    roots.begin(folder)
    path = folder / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(page if isinstance(page, bytes) else page.encode())
    return next(html.read(path))


def _item(folder: Path, page: str | bytes) -> SourceItem:
    item = _read(folder, page)
    assert isinstance(item, SourceItem)
    return item


def test_a_page_without_a_title_gets_none(tmp_path: Path) -> None:
    assert _item(tmp_path, f"<body>{PROSE * 3}</body>").title == ""


def test_the_sites_name_is_no_part_of_the_title(tmp_path: Path) -> None:
    head = '<meta property="og:site_name" content="The Lantern"><title>The Lantern | Ferries stop</title>'

    assert _item(tmp_path, f"<head>{head}</head><body><h1>The Lantern</h1>{PROSE * 3}</body>").title == "Ferries stop"


def test_a_menu_round_the_whole_page_does_not_take_the_text_with_it(tmp_path: Path) -> None:
    menu = "<ul><li><a href='/a'>A</a></li></ul>"

    item = _item(tmp_path, f"<body><nav class='menu'>{menu}<div><h2 id='toc-1'>Two</h2>{PROSE * 3}</div></nav></body>")

    assert item.html == f'<h2 id="toc-1">Two</h2>{PROSE * 3}'


def test_no_part_of_a_text_in_several_sections_is_lost(tmp_path: Path) -> None:
    sections = f"<section><p>Short lead.</p></section><section>{PROSE}</section><div>{PROSE * 9}</div>"

    item = _item(tmp_path, f"<body><main>{sections}</main></body>")

    assert item.html.count("<p>") == 11


def test_the_modification_is_not_the_publication(tmp_path: Path) -> None:
    head = '<meta property="article:modified_time" content="2025-01-03">'

    item = _item(tmp_path, f"<head>{head}</head><body>{PROSE * 3}</body>")

    assert (item.published, item.modified) == ("", "2025-01-03")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "euc-kr"])
def test_a_page_is_read_in_the_encoding_it_declares(encoding: str, tmp_path: Path) -> None:
    word = "조선로동당" if encoding == "euc-kr" else "Zürich’s café"
    page = f"<html><head><meta charset='{encoding}'></head><body>{PROSE}<p>{word}</p>{PROSE}</body></html>"

    assert word in _item(tmp_path, page.encode(encoding)).html


@pytest.mark.parametrize(
    ("name", "page", "reason"),
    [
        ("a.html", "", "empty"),
        ("a.html", "<body><nav><a href='/'>Home</a></nav></body>", "no text besides menus"),
        (
            "a.html",
            "<body><ul>" + "<li><a href='/x'>Another piece</a></li>" * 40 + "</ul></body>",
            "no text besides menus",
        ),
        ("page_files/ad.html", f"<body>{PROSE * 3}</body>", "a part of a saved page"),
    ],
)
def test_what_is_no_piece_is_named(name: str, page: str, reason: str, tmp_path: Path) -> None:
    item = _read(tmp_path, page, name)

    assert isinstance(item, Skipped)
    assert item.reason.startswith(reason)


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 20_000 + PROSE,
        "<script type='application/ld+json'>" + "[" * 50_000 + f"</script>{PROSE}",
        "<table><tr><td>" * 3000 + PROSE * 3,
        "<!DOCTYPE html [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><p>&x;</p>" + PROSE * 3,
    ],
)
def test_a_hostile_page_is_read_or_refused(page: str, tmp_path: Path) -> None:
    item = _read(tmp_path, page)

    assert "root:" not in repr(item)
