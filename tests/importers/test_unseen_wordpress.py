"""WordPress exports of sites that keep much in fields, blocks and shortcodes of their plugins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from isthmus.importers.archive import Archive
from isthmus.importers.cleaned import Cleaned
from isthmus.importers.source_item import Skipped, SourceItem
from isthmus.importers.sources import wordpress
from isthmus.importers.wanting import files_of
from tests.importers.samples import cleaned_in

HEAD = (
    '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:wp="http://wordpress.org/export/1.2/"><channel><link>https://q.example</link>'
)
KEY = "field_5a1b2c3d4e5f6"
NOTE = "A paragraph of nine words stands in this field."


def _item(
    number: int, body: str = "", meta: Mapping[str, str] | None = None, *, kind: str = "post", more: str = ""
) -> str:
    fields = "".join(
        f"<wp:postmeta><wp:meta_key>{name}</wp:meta_key><wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>"
        for name, value in (meta or {}).items()
    )
    return (
        f"<item><title>Piece {number}</title><link>https://q.example/piece-{number}/</link>"
        f"<wp:post_id>{number}</wp:post_id><wp:status>publish</wp:status><wp:post_type>{kind}</wp:post_type>"
        f"<content:encoded><![CDATA[{body}]]></content:encoded>{fields}{more}</item>"
    )


def _export(*items: str) -> str:
    return f"{HEAD}{''.join(items)}</channel></rss>"


def _cleaned(folder: Path, *items: str) -> dict[str, Cleaned | Skipped]:
    return cleaned_in(folder, {"export.xml": _export(*items)})


def test_words_in_fields_are_kept_and_nobody_sees_them_before_an_editor_did(tmp_path: Path) -> None:
    fields = {"main_text": NOTE, "_main_text": KEY, "colour": "red", "_colour": KEY}

    pieces = _cleaned(tmp_path, _item(1, "", fields), _item(2, "Words.", fields))
    first, second = pieces["Piece 1"], pieces["Piece 2"]

    assert isinstance(first, Cleaned)
    assert isinstance(second, Cleaned)
    assert (first.status, second.status) == ("draft", "release")
    assert NOTE in first.body
    assert NOTE not in second.body
    assert ("fields left out", "main_text") in second.warnings


def test_a_file_that_a_field_names_by_number_or_address_is_offered(tmp_path: Path) -> None:
    address = "https://q.example/up/map.pdf"
    fields = {"report_pdf": "9", "_report_pdf": KEY, "map": address, "_map": KEY, "order": "9", "_order": KEY}
    pdf = "<wp:attachment_url>https://q.example/up/report.pdf</wp:attachment_url>"
    path = tmp_path / "export.xml"
    path.write_text(_export(_item(1, "Words.", fields), _item(9, kind="attachment", more=pdf)))
    archive = Archive()
    for part in wordpress.survey(path):
        archive.add(part)

    item = next(item for item in wordpress.read(path) if isinstance(item, SourceItem))

    assert [medium.address for medium in files_of(item, archive)] == ["https://q.example/up/report.pdf", address]


def test_what_a_plugins_block_or_shortcode_says_or_leads_to_is_kept_and_named(tmp_path: Path) -> None:
    block = '<!-- wp:acf/note {"data":{"words":"Three small words","_words":"field_1"}} /-->'
    body = (
        f'{block}\n<!-- wp:paragraph --><p>[viewer url="https://q.example/a.pdf"] [tweet 123]</p><!-- /wp:paragraph -->'
    )

    piece = _cleaned(tmp_path, _item(1, body))["Piece 1"]

    assert isinstance(piece, Cleaned)
    assert "Three small words" in piece.body
    assert '<a href=\\"https://q.example/a.pdf\\">' in piece.body
    assert "https://twitter.com/i/status/123" in piece.body
    assert [words for _, words in piece.warnings] == ["acf/note", "viewer"]


def test_events_name_what_has_no_place_here_and_their_places_are_no_pieces(tmp_path: Path) -> None:
    when = {"_EventStartDate": "2018-05-01 18:00:00"}

    pieces = _cleaned(tmp_path, _item(1, "Come.", when, kind="tribe_events"), _item(2, kind="tribe_venue"))
    event = pieces["Piece 1"]

    assert isinstance(event, Cleaned)
    assert event.kind == "event"
    assert ("fields left out", "StartDate 2018-05-01 18:00:00") in event.warnings
    assert "place of events" in str([item for item in pieces.values() if isinstance(item, Skipped)])


def test_who_took_a_picture_and_where_a_guest_had_a_page(tmp_path: Path) -> None:
    picture = {"_wp_attachment_metadata": 'a:1:{s:10:"image_meta";a:1:{s:6:"credit";s:9:"Dan Smith";}}'}
    guest = {"cap-display_name": "Bob Hale"}
    path = tmp_path / "export.xml"
    slug = "<wp:post_name>cap-bob</wp:post_name>"
    path.write_text(
        _export(_item(1, "", picture, kind="attachment"), _item(2, "", guest, kind="guest-author", more=slug))
    )
    archive = Archive()
    for part in wordpress.survey(path):
        archive.add(part)

    assert archive.media["q.example"]["1"].credit == "Dan Smith"
    assert archive.profiles["q.example", "cap-bob"].addresses == ("https://q.example/author/bob/",)
