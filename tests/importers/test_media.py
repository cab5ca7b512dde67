"""Pictures and files of the old site: found beside it or fetched, looked at first, public only with their piece."""

from __future__ import annotations

import io
import shutil
import struct
import zlib
from pathlib import Path

import pytest
from django.test import Client
from PIL import Image as Picture

from isthmus.importers import actions, media
from isthmus.importers.models import ImportedMedium
from isthmus.importers.source_item import SourceMedia
from isthmus.kit import fetch
from isthmus.publications import setup
from isthmus.publications.models import Document, Image, Publication
from tests.importers import samples

pytestmark = pytest.mark.django_db
EXPORT = Path(__file__).parent / "exports" / "wordpress.xml"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def png(side: int = 40, colour: str = "red") -> bytes:
    buffer = io.BytesIO()
    Picture.new("RGB", (side, side), colour).save(buffer, "PNG")
    return buffer.getvalue()


def flood() -> bytes:
    """A picture of 90,000 by 90,000 pixels in its head, in 60 bytes."""
    head = struct.pack(">IIBBBBB", 90_000, 90_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def jpeg() -> bytes:
    buffer = io.BytesIO()
    Picture.new("RGB", (60, 40), "blue").save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def export(tmp_path: Path) -> Path:
    setup.prepare_site("The Narrows")
    (tmp_path / "uploads" / "up").mkdir(parents=True)
    (tmp_path / "uploads" / "up" / "quay.jpg").write_bytes(jpeg())
    return Path(shutil.copy(EXPORT, tmp_path / "wordpress.xml"))


def page_with(html: str, folder: Path, **files: bytes) -> Path:
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_bytes(content)
    rows = [samples.record(1, html=html, source_url="https://old.example/1/")]
    samples.write_records(folder / "export.jsonl", rows)
    return folder


def test_pictures_beside_an_export_become_our_pictures_with_their_captions(export: Path) -> None:
    actions.run_import(export)

    image = Image.objects.get()
    piece = Publication.objects.get(imported_item__source_id="11")
    assert (image.alt_text, piece.lead_image, piece.lead_image_caption) == ("Ice", image, "The quay")
    shown = [block["value"] for block in piece.body.raw_data if block["type"] == "image"]
    assert shown == [
        {"image": image.pk, "alt": "The quay", "caption": "The quay in winter"},
        {"image": image.pk, "alt": "Ice", "caption": "The quay"},
    ]


def test_a_dry_run_says_of_pictures_and_files_what_the_real_run_says_and_keeps_none(tmp_path: Path) -> None:
    shown = "".join(f'<img src="{name}.png">' for name in ("red", "same", "flood", "away"))
    files = {"red__png": png(), "same__png": png(), "flood__png": flood(), "plan__pdf": PDF, "old__png": png(9)}
    folder = page_with(f'{shown}<a href="plan.pdf">Plan</a>', tmp_path, **files)

    dry = actions.run_import(folder, dry_run=True)
    n_kept = Image.objects.count() + Document.objects.count() + ImportedMedium.objects.count()
    real = actions.run_import(folder)

    assert n_kept == 0
    assert (dry.counts, dry.skipped, dry.warnings) == (real.counts, real.skipped, real.warnings)
    assert all(f"{name}.png" in str(real.warnings) for name in ("flood", "away"))
    assert (Image.objects.count(), Document.objects.count()) == (1, 1)


def test_a_picture_is_public_with_its_piece_and_not_before(export: Path) -> None:
    actions.run_import(export, hold=True)
    image = Image.objects.get()
    address = f"/images/{image.pk}/{image.file_hash[:10]}/60.webp"
    assert Client().get(address).status_code == 404

    actions.run_import(None, release=True)

    assert Client().get(address).status_code == 200


def test_importing_again_brings_nothing_twice_and_undoing_takes_it_away(export: Path) -> None:
    report = actions.run_import(export)
    again = actions.run_import(export)

    assert again.counts["unchanged"] == 6
    assert (Image.objects.count(), ImportedMedium.objects.count()) == (1, 2)
    actions.undo(report.run)
    assert (Image.objects.count(), ImportedMedium.objects.count()) == (0, 0)


def test_files_are_offered_where_the_text_links_to_them(tmp_path: Path) -> None:
    html = (
        '<p>Read <a href="/files/report.pdf">the report</a>.</p>'
        '<table><tr><td><a href="/files/b.pdf">b</a></td></tr></table>'
    )
    actions.run_import(page_with(html, tmp_path, report__pdf=PDF, b__pdf=PDF + b"\n"))

    piece = Publication.objects.get()
    report, other = Document.objects.order_by("title")[::-1]
    assert f'<a linktype="document" id="{report.pk}">the report</a>' in str(piece.body.raw_data[0]["value"])
    assert [file.document for file in piece.attachments.all()] == [other]
    assert Client().get(f"/files/{other.pk}/{other.filename}").status_code == 200


def test_a_picture_amid_a_sentence_stands_before_what_follows_it(tmp_path: Path) -> None:
    html = '<p>One <a href="x.png"><img src="x.png" alt="An x"></a> two</p><ul><li>Three <img src="x.png"></li></ul>'
    actions.run_import(page_with(html, tmp_path, x__png=png()))

    blocks = list(Publication.objects.get().body.raw_data)

    assert [(block["type"], block["value"] if block["type"] != "image" else "") for block in blocks] == [
        ("text", "<p>One</p>"), ("image", ""), ("text", "<p>two</p>"),
        ("html", "<ul><li>Three </li></ul>"), ("image", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.png", b"<svg onload=alert(1)>", "no picture"),
        ("x.png", png()[:60], "broken"),
        ("x.pdf", b"MZ not a pdf", "not what its name says"),
        ("x.png", flood(), "pixels"),
    ],
)
def test_what_is_not_what_it_says_is_refused_and_named(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    html = f'<p>A <a href="{name}">file</a> and <img src="{name}" alt="a picture"></p>'
    folder = page_with(html, tmp_path)
    (folder / name).write_bytes(content)

    report = actions.run_import(folder)

    said = [row["text"] for row in report.warnings if row["kind"] == "missing media"]
    assert len(said) == 1
    assert reason in said[0]
    assert not Image.objects.exists()
    assert not Document.objects.exists()


def test_of_two_files_that_fit_as_well_none_is_taken(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.png").write_bytes(png())
    shelf = media.Shelf(tmp_path, is_unpacked=False)

    assert shelf.find(SourceMedia("https://old.example/up/x.png")) is None
    assert shelf.find(SourceMedia("https://old.example/b/x.png")) == tmp_path / "b" / "x.png"
    assert shelf.find(SourceMedia("https://old.example/b/x-300x200.png")) == tmp_path / "b" / "x.png"
    assert shelf.find(SourceMedia("x", local="../../etc/passwd")) is None


def test_media_are_fetched_only_when_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(address: str, **limits: object) -> fetch.Fetched:
        asked.append(address)
        if "gone" in address:
            raise fetch.FetchRefused(address, "it answers with status 404")
        return fetch.Fetched(address, 200, "image/png", png())

    monkeypatch.setattr(fetch, "fetch", answer)
    html = '<p><img src="/a.png" alt="a"> <img src="/gone.png" alt="gone"></p>'
    path = page_with(html, tmp_path) / "export.jsonl"

    actions.run_import(path)
    assert asked == []
    report = actions.run_import(path, series="The Lantern", fetch_media=True)

    assert asked == ["https://old.example/a.png", "https://old.example/gone.png"]
    assert [row["text"] for row in report.warnings if row["kind"] == "missing media"] == [
        "https://old.example/gone.png: it answers with status 404"
    ]
    assert [block["type"] for block in Publication.objects.get().body.raw_data] == ["image", "text"]
