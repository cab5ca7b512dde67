from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.importers import roots
from isthmus.importers.source_item import Skipped, SourceItem
from isthmus.importers.sources import markdown


def _read(folder: Path, pages: dict[str, str]) -> dict[str, SourceItem | Skipped]:
    roots.begin(folder)
    paths = []
    for name, words in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words, "utf-8")
        paths.append(path)
    for path in paths:
        list(markdown.survey(path))
    return {name: next(markdown.read(path)) for name, path in zip(pages, paths, strict=True)}


def test_content_without_its_configuration_keeps_the_addresses_most_sites_have(tmp_path: Path) -> None:
    item = _read(tmp_path, {"posts/2015-12-1-fog.md": "---\ntitle: Fog\n---\nFog"})["posts/2015-12-1-fog.md"]

    assert isinstance(item, SourceItem)
    assert item.aliases == ("/2015/12/01/fog/",)


def test_pages_of_one_name_in_two_folders_are_two(tmp_path: Path) -> None:
    items = _read(tmp_path, {"a/index.md": "# A\n\nText", "b/index.md": "# B\n\nText"})

    assert [item.id for item in items.values()] == ["a/index.md", "b/index.md"]


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("draft: true", "draft"),
        ("published: false", "draft"),
        ("private: true", "private"),
        ("password: x", "password"),
        ("permalink: false", "draft"),
        ("status: pending", "pending"),
        ("draft: false", "release"),
    ],
)
def test_what_the_old_site_hid_stays_hidden(head: str, status: str, tmp_path: Path) -> None:
    item = _read(tmp_path, {"posts/a.md": f"---\ntitle: A\n{head}\n---\nText"})["posts/a.md"]

    assert isinstance(item, SourceItem)
    assert item.status == status


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("README.md", "# The repository"),
        ("posts/_index.md", "---\ntitle: All posts\n---\n"),
        ("old.md", "---\nredirect_to: https://example.org/\n---\n"),
        ("404.md", "---\ntitle: Not found\n---\nNothing here"),
        ("parts/x.md", "---\ntitle: X\nheadless: true\n---\nText"),
    ],
)
def test_what_is_no_piece_is_named_with_the_reason(name: str, words: str, tmp_path: Path) -> None:
    item = _read(tmp_path, {name: words})[name]

    assert isinstance(item, Skipped)
    assert item.reason


def test_a_link_post_without_a_body_is_a_piece(tmp_path: Path) -> None:
    head = "title: Elsewhere\ndate: 2014-01-02\nsource_url: https://example.org/x"

    item = _read(tmp_path, {"posts/a.md": f"---\n{head}\n---\n"})["posts/a.md"]

    assert isinstance(item, SourceItem)
    assert item.external_url == "https://example.org/x"


def test_an_alias_of_yaml_that_grows_is_refused_and_the_page_still_read(tmp_path: Path) -> None:
    bomb = "a: &a [x]\n" + "".join(
        f"l{n}: &l{n} [{','.join(['*' + ('a' if n == 0 else f'l{n - 1}')] * 10)}]\n" for n in range(9)
    )

    item = _read(tmp_path, {"posts/a.md": f"---\ntitle: A\n{bomb}---\nText"})["posts/a.md"]

    assert isinstance(item, SourceItem)
    assert item.title == "A"
    assert [kind for kind, _ in item.doubts] == ["front matter"]
