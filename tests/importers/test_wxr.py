"""WordPress's file cut into items: a broken one costs itself, and nothing in it reaches out of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from isthmus.importers.source_item import Skipped, SourceItem
from isthmus.importers.sources import wordpress, wxr

HEAD = '<?xml version="1.0" encoding="{encoding}"?>{doctype}<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><link>https://a.example</link>'


def item(number: int, body: str = "Words.", *, title: str = "") -> str:
    return (
        f"<item>\n<title>{title or f'Piece {number}'}</title><wp:post_id>{number}</wp:post_id>"
        f"<wp:status>publish</wp:status><content:encoded><![CDATA[{body}]]></content:encoded></item>\n"
    )


def read(folder: Path, *items: str, encoding: str = "UTF-8", doctype: str = "") -> list[SourceItem | Skipped]:
    path = folder / "a.xml"
    words = HEAD.format(encoding=encoding, doctype=doctype) + "".join(items) + "</channel></rss>"
    path.write_bytes(words.encode(encoding))
    return list(wordpress.read(path))


def bodies(items: list[SourceItem | Skipped]) -> list[str]:
    return [each.wordpress if isinstance(each, SourceItem) else each.reason for each in items]


def test_entities_of_the_files_own_do_not_exist(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("canary", "utf-8")
    doctype = (
        f'<!DOCTYPE rss [<!ENTITY a "{"x" * 1000}"><!ENTITY b "{"&a;" * 1000}"><!ENTITY c "{"&b;" * 1000}">'
        f'<!ENTITY s SYSTEM "file://{tmp_path}/secret"><!ENTITY % p SYSTEM "http://127.0.0.1/x">%p;]>'
    )

    items = read(tmp_path, item(1, title="&c; &s; &amp; &nbsp;&eacute;"), doctype=doctype)

    assert [each.title for each in items if isinstance(each, SourceItem)] == ["&c; &s; & \xa0é"]


def test_an_item_that_is_no_xml_is_mended_or_named_and_the_others_come_in(tmp_path: Path) -> None:
    items = read(
        tmp_path,
        item(1),
        item(2, title="Ferries & <b>Letters</b>"),
        item(3, title="Fish <i>unclosed"),
        item(4, "See <![CDATA[ this ]]> here"),
        "<item><oops></item>\n",
        item(6),
    )

    titles = [each.title if isinstance(each, SourceItem) else each.reason for each in items]
    assert titles[0] == "Piece 1"
    assert titles[2] == "Fish <i>unclosed"
    assert titles[4].startswith("item 5: not well-formed XML")
    assert bodies(items)[3] == "See <![CDATA[ this ]]> here"
    assert [len(each.doubts) for each in items if isinstance(each, SourceItem)] == [0, 0, 1, 1, 0]


def test_an_item_end_inside_a_body_is_words(tmp_path: Path) -> None:
    items = read(tmp_path, item(1, "Write </item> at the end."), item(2))

    assert bodies(items) == ["Write </item> at the end.", "Words."]


@pytest.mark.parametrize("words", ["<item ", "<![CDATA[" + "</item>" * 200_000 + "]]>", "<!-- <item> -->" * 9_000])
def test_beginnings_and_ends_without_number_are_read_once_each(words: str) -> None:
    # Some hundredths of a second each; looked at again from each of them, the first two took minutes.
    text = f"<rss>{item(1)}" + (words * 200_000 if words == "<item " else f"<item>{words}</item>") + item(2)

    begun = time.process_time()
    cuts = list(wxr._cut(iter([text])))

    assert time.process_time() - begun < 5
    assert [cut.number for cut in cuts][:2] == [0, 1]
    assert cuts[-1].text == item(2).strip()


def test_a_section_that_was_never_closed_costs_its_own_item(tmp_path: Path) -> None:
    items = read(tmp_path, item(1).replace("]]>", ""), item(2), item(3))

    assert [each.id for each in items if isinstance(each, SourceItem)] == ["1", "2", "3"]
    assert bodies(items)[1:] == ["Words.", "Words."]


def test_a_file_that_breaks_off_names_its_last_item(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(HEAD.format(encoding="UTF-8", doctype="") + item(1) + "<item><title>Cut", "utf-8")

    assert [type(each).__name__ for each in wordpress.read(path)] == ["SourceItem", "Skipped"]


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "UTF-16"])
def test_the_declared_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    assert bodies(read(tmp_path, item(1, "Zürich"), encoding=encoding)) == ["Zürich"]


def test_items_longer_than_any_are_named_and_not_kept_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wxr, "ITEM_MAX_CHARS", 3_000_000)

    items = read(tmp_path, item(1), item(2, "x" * 9_000_000), item(3))

    assert [each.id for each in items if isinstance(each, SourceItem)] == ["1", "3"]
    assert any("longer than" in each.reason for each in items if isinstance(each, Skipped))


def test_a_file_without_items_says_so(tmp_path: Path) -> None:
    assert "holds no item" in bodies(read(tmp_path))[0]
