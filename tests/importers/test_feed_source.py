from __future__ import annotations

import os
from pathlib import Path

import pytest

from isthmus.importers import roots
from isthmus.importers.source_item import Skipped, SourceItem
from isthmus.importers.sources import feed
from isthmus.kit import fetch
from isthmus.server.commands import imports

RSS = '<rss version="2.0"><channel><lastBuildDate>{made}</lastBuildDate>{items}</channel></rss>'


def _copy(folder: Path, name: str, made: str, *words: str) -> Path:
    items = "".join(f"<item><guid>https://x.org/{n}</guid><title>{word}</title></item>" for n, word in enumerate(words))
    path = folder / name
    path.write_text(RSS.format(made=made, items=items), "utf-8")
    return path


def test_of_several_copies_the_newest_version_of_each_item_counts(tmp_path: Path) -> None:
    roots.begin(tmp_path)
    # The newer one comes first by its name, so that only its date can tell.
    new = _copy(tmp_path, "a.xml", "Sun, 30 May 2021 00:00:00 +0000", "New")
    old = _copy(tmp_path, "b.xml", "Sat, 29 May 2021 00:00:00 +0000", "Old", "Only here")
    for path in (new, old):
        list(feed.survey(path))

    items = [*feed.read(new), *feed.read(old)]

    assert [item.title for item in items if isinstance(item, SourceItem)] == ["New", "Only here"]
    assert [(item.id, item.where) for item in items if isinstance(item, Skipped)] == [
        ("https://x.org/0", "b.xml:item 1")
    ]


def test_broken_xml_gives_the_items_that_can_be_read_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text("<rss><channel><item><guid>https://x.org/1</guid><title>A &nbsp; B</item><item><title>C", "utf-8")

    items = [item for item in feed.read(path) if isinstance(item, SourceItem)]

    assert items[0].id == "https://x.org/1"
    assert [kind for kind, _ in items[0].doubts] == ["broken XML"]


@pytest.mark.parametrize(
    "entity", ['<!ENTITY x SYSTEM "file:///etc/passwd">', '<!ENTITY x SYSTEM "http://127.0.0.1:9/x">']
)
def test_nothing_outside_of_the_feed_is_read(entity: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    head = f"<?xml version='1.0'?><!DOCTYPE rss [{entity}]>"
    path.write_text(
        f"{head}<rss><channel><item><guid>https://x.org/1</guid><title>[&x;]</title></item></channel></rss>", "utf-8"
    )

    said = repr(list(feed.read(path)))

    assert "root:" not in said


def test_a_bomb_of_entities_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">{levels}]>'
        "<rss><channel><item><guid>https://x.org/1</guid><title>&l9;</title></item></channel></rss>",
        "utf-8",
    )

    assert len(repr(list(feed.read(path)))) < 10_000


def test_a_file_that_names_another_one_opens_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(os.fspath(Path(__file__)), "utf-8")

    assert [type(item) for item in feed.read(path)] == [Skipped]


def test_a_feed_at_an_address_is_kept_as_one_file_that_the_next_import_finds(
    monkeypatch: pytest.MonkeyPatch, settings: object, tmp_path: Path
) -> None:
    settings.DATA = tmp_path  # type: ignore[attr-defined]
    copies = iter([b"<rss>1</rss>", b"<rss>2</rss>"])

    def fetched(address: str) -> fetch.Fetched:
        return fetch.Fetched(address, 200, "application/rss+xml", next(copies))

    monkeypatch.setattr(fetch, "fetch", fetched)

    first, second = (imports._fetched("https://lantern.example.org/feed/") for _ in range(2))

    assert first == second
    assert first.read_bytes() == b"<rss>2</rss>"
