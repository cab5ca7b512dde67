"""Archives as nobody should make them: each item comes in or is named, and what was hidden stays hidden."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from isthmus.importers import reading, roots, sources
from isthmus.importers.source_item import Skipped, SourceItem, SourceMedia, SourceProfile, SourceSite
from isthmus.kit.errors import IsthmusError
from tests import pdfs

_WXR = '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/"><channel>'
_END = "</channel></rss>"


def _item(number: int, title: str = "", *, status: str = "publish") -> str:
    return (
        f"<item><title>{title or f'Piece {number}'}</title><wp:post_id>{number}</wp:post_id>"
        f"<wp:post_date>2019-03-04 10:00:00</wp:post_date><wp:status>{status}</wp:status>"
        f"<content:encoded><![CDATA[Words.]]></content:encoded></item>"
    )


def _read(folder: Path, files: dict[str, str | bytes]) -> dict[str, SourceItem | Skipped]:
    """Every item of these files, as an import of the folder meets them, by title or by the place of the loss."""
    for name, words in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(words if isinstance(words, bytes) else words.encode())
    roots.begin(folder)
    paths, unknown = reading.files_of(folder, source=None)
    for path, name in paths.items():
        source = sources.SOURCES[name]
        if isinstance(source, sources.Surveying):
            for part in source.survey(path):
                assert isinstance(part, SourceProfile | SourceMedia | SourceSite)
    items = [item for path, name in paths.items() for item in sources.SOURCES[name].read(path)]
    return {item.title if isinstance(item, SourceItem) else item.where: item for item in [*items, *unknown]}


def _statuses(folder: Path, files: dict[str, str | bytes]) -> dict[str, str]:
    return {
        title: item.status if isinstance(item, SourceItem) else "skipped"
        for title, item in _read(folder, files).items()
    }


@pytest.mark.parametrize(
    "words",
    [
        _WXR + _item(1, "Secret", status="draft") + _END,
        (_WXR + _item(1, "Secret", status="draft") + _END).replace("wp:", "wordpress:").replace(":wp=", ":wordpress="),
        "<rss><channel>" + _item(1, "Secret", status="draft") + _END,
        _WXR + _item(1, "Secret").replace("<wp:status>publish</wp:status>", "") + _END,
        _WXR + _item(1, "Secret", status="Secretly-Scheduled") + _END,
    ],
    ids=["as usual", "another prefix", "no namespace", "no status", "unknown status"],
)
def test_a_wordpress_draft_is_one_however_the_file_says_it(tmp_path: Path, words: str) -> None:
    assert _statuses(tmp_path, {"export.xml": words}) == {"Secret": "draft"}


def test_an_item_in_a_comment_of_the_file_is_none(tmp_path: Path) -> None:
    words = f"{_WXR}<!-- {_item(1, 'Taken out')} -->{_item(2, 'Left in')}<!-- {_item(3, 'Cut off')}"

    assert _statuses(tmp_path, {"export.xml": words}) == {"Left in": "release"}


def test_bytes_that_are_no_utf_8_are_read_as_windows_wrote_them_and_named(tmp_path: Path) -> None:
    words = (_WXR + _item(1, "Déjà “vu”") + _item(2, "Plain") + _END).encode("cp1252")

    items = _read(tmp_path, {"export.xml": words})

    doubted, plain = items["Déjà “vu”"], items["Plain"]
    assert isinstance(doubted, SourceItem)
    assert isinstance(plain, SourceItem)
    assert [kind for kind, _ in doubted.doubts] == ["wrong encoding"]
    assert plain.doubts == ()


def test_windows_line_ends_make_the_paragraphs_that_others_make(tmp_path: Path) -> None:
    item = _read(tmp_path, {"e.xml": (_WXR + _item(1) + _END).replace("Words.", "One.\n\nTwo.").replace("\n", "\r\n")})[
        "Piece 1"
    ]

    assert isinstance(item, SourceItem)
    assert item.wordpress == "One.\n\nTwo."


def test_hugo_hides_by_embargo_expiry_cascade_build_and_bundle(tmp_path: Path) -> None:
    dated = "date = 2020-01-02"
    tree: dict[str, str | bytes] = {
        "hugo.toml": 'baseURL = "https://h.example/"',
        "content/posts/open.md": f'+++\ntitle = "Open"\n{dated}\n+++\nWords',
        "content/posts/embargo.md": f'+++\ntitle = "Embargo"\n{dated}\npublishDate = 2131-01-01T00:00:00Z\n+++\nWords',
        "content/posts/expired.md": f'+++\ntitle = "Expired"\n{dated}\nexpiryDate = 2021-01-01\n+++\nWords',
        "content/posts/unbuilt.md": f'+++\ntitle = "Unbuilt"\n{dated}\n[build]\nrender = "never"\n+++\nWords',
        "content/posts/broken.md": f'+++\ntitle = "Broken\n{dated}\ndraft = true\n+++\nWords',
        "content/posts/bundle/index.md": f'+++\ntitle = "Bundle"\n{dated}\n+++\nWords',
        "content/posts/bundle/part.md": '+++\ntitle = "Part"\n+++\nWords',
        "content/hidden/_index.md": '+++\ntitle = "Hidden"\n[cascade]\ndraft = true\n+++\n',
        "content/hidden/deep/one.md": f'+++\ntitle = "One"\n{dated}\n+++\nWords',
        "themes/x/content/example.md": f'+++\ntitle = "Of the theme"\n{dated}\n+++\nWords',
    }

    items = _read(tmp_path, tree)
    embargo = items["Embargo"]

    assert isinstance(embargo, SourceItem)
    assert embargo.published.startswith("2131-01-01")
    assert {title: item.status for title, item in items.items() if isinstance(item, SourceItem)} == {
        "Open": "release", "Embargo": "release", "Expired": "draft", "Unbuilt": "draft", "": "draft",
        "Bundle": "release", "One": "draft",
    }  # fmt: skip
    assert {"content/posts/bundle/part.md:1", "themes"} <= items.keys()


def test_eleventys_data_files_hide_and_address_what_stands_beside_them(tmp_path: Path) -> None:
    page = "---\ntitle: {}\ndate: 2020-01-02\n---\nWords"
    tree: dict[str, str | bytes] = {
        ".eleventy.js": "module.exports = {}",
        "posts/posts.json": json.dumps({"permalink": "/blog/{{ page.fileSlug }}/", "author": "Alice Moore"}),
        "posts/open.md": page.format("Open"),
        "posts/alone.md": page.format("Alone"),
        "posts/alone.11tydata.json": json.dumps({"draft": True}),
        "posts/wip/wip.json": json.dumps({"draft": True}),
        "posts/wip/secret.md": page.format("Secret"),
    }

    items = _read(tmp_path, tree)
    is_open = items["Open"]

    assert isinstance(is_open, SourceItem)
    assert (is_open.source_url, is_open.authors[0].name) == ("/blog/open/", "Alice Moore")
    assert {title: item.status for title, item in items.items() if isinstance(item, SourceItem)} == {
        "Open": "release", "Alone": "draft", "Secret": "draft",
    }  # fmt: skip
    assert sum("inherit" in item.reason for item in items.values() if isinstance(item, Skipped)) == 3


def test_jekylls_defaults_drafts_and_dateless_posts_stay_hidden_and_its_machinery_out(tmp_path: Path) -> None:
    config = (
        "defaults:\n- scope: {path: '', type: notes}\n  values: {published: false}\n"
        "- scope: {path: _posts/own}\n  values: {author: Bob Hale}\n"
    )
    tree: dict[str, str | bytes] = {
        "_config.yml": config,
        "_posts/own/2020-01-02-open.md": "---\ntitle: Open\n---\nWords",
        "_posts/no-date.md": "---\ntitle: No date\n---\nWords",
        "_drafts/wip.md": "---\ntitle: Draft\n---\nWords",
        "_notes/one.md": "---\ntitle: Note\n---\nWords",
        "_site/2020/open.html": "<p>" + "Built again. " * 30,
        "_layouts/default.html": "---\nlayout: base\n---\n<p>{{ content }}</p>",
        "index.html": "---\nlayout: home\n---\n{% for post in site.posts %}{{ post.title }}{% endfor %}",
    }

    items = _read(tmp_path, tree)
    is_open = items["Open"]

    assert isinstance(is_open, SourceItem)
    assert is_open.authors[0].name == "Bob Hale"
    assert {title: item.status for title, item in items.items() if isinstance(item, SourceItem)} == {
        "Open": "release", "No date": "draft", "Draft": "draft", "Note": "draft",
    }  # fmt: skip
    assert {"_site", "_layouts", "index.html:1"} <= items.keys()


@pytest.mark.parametrize(
    "said",
    ["draft: yes", "draft: True", "draft: 1", "published: no", "status: unpublished", "visibility: Members",
     "private: on", "unlisted: true", "password: quay", "permalink: false"],
)  # fmt: skip
def test_a_page_that_says_it_is_hidden_is(tmp_path: Path, said: str) -> None:
    page = f"---\ntitle: A\ndate: 2020-01-01\n{said}\n---\nWords"

    assert _statuses(tmp_path, {"a.md": page})["A"] != "release"


@pytest.mark.parametrize(
    "said", [{"draft": True}, {"published": False}, {"status": "in review"}, {"public": False}, {"status": "private"}]
)
def test_a_record_that_says_it_is_hidden_is(tmp_path: Path, said: dict[str, object]) -> None:
    record = {"id": "1", "title": "A", "authors": [{"name": "Alice Moore"}, None], **said}

    item = _read(tmp_path, {"a.jsonl": json.dumps(record)})["A"]

    assert isinstance(item, SourceItem)
    assert item.status == "draft"
    assert [author.name for author in item.authors] == ["Alice Moore"]


def test_a_pdf_without_a_page_is_named_as_one(tmp_path: Path) -> None:
    empty = pdfs.assembled({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Kids [] /Count 0 >>"})

    assert _statuses(tmp_path, {"a.pdf": empty, "b.pdf": pdfs.pdf("Words")}) == {"a.pdf": "skipped", "B": "release"}


def test_what_a_feed_holds_that_is_neither_words_nor_markup_is_no_body(tmp_path: Path) -> None:
    entry = '<entry><id>tag:a</id><title>A</title><content type="image/png">iVBORw0KGgo=</content></entry>'
    words = f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>'

    item = _read(tmp_path, {"feed.xml": words})["A"]

    assert isinstance(item, SourceItem)
    assert item.body_format is None


def test_an_archive_of_machinery_alone_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "README.md").write_text("# A package")

    with pytest.raises(IsthmusError, match="holds no file"):
        reading.files_of(tmp_path, source=None)


def test_a_picture_belongs_to_the_piece_whose_number_it_says_with_its_zeros(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    extra = "<wp:post_type>attachment</wp:post_type><wp:post_parent>120</wp:post_parent>"
    path.write_text(_WXR + _item(7, status="inherit").replace("<wp:status>", f"{extra}<wp:status>") + _END)

    found = [part for part in sources.SOURCES["wordpress"].survey(path) if isinstance(part, SourceMedia)]  # type: ignore[attr-defined]

    assert [medium.parent for medium in found] == ["120"]
