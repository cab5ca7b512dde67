"""What a PDF gives up, and that none of them harms whoever reads it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from isthmus.publications import pdf_text as reading
from isthmus.publications.pdf_text import PdfRefused, PdfText, cleaned, paragraphs, pdf_text
from tests import pdfs

_DEMO = Path(reading.__file__).parents[1] / "demo/content/files/two-shores-paper-07-merrow-cables.pdf"


def read(content: bytes, folder: Path) -> PdfText:
    path = folder / "report.pdf"
    path.write_bytes(content)
    return pdf_text(path)


def test_every_page_of_a_report_is_read(tmp_path: Path):
    found = read(pdfs.pdf("Cables across the Merrow", "The lamp at (the) pier"), tmp_path)

    assert found == PdfText("Cables across the Merrow\nThe lamp at (the) pier", 2, 2)


def test_a_report_as_a_program_sets_it_comes_out_in_paragraphs():
    found = pdf_text(_DEMO)

    assert found.n_pages_read == found.n_pages == 6
    assert any(
        line.startswith("The joint inquiry accepted on May 19 has still to meet")
        and line.endswith("somebody has written down what is already known.")
        for line in found.text.split("\n")
    )


def test_lines_become_paragraphs_and_divided_words_whole():
    page = "Summary\nThe inquiry was accepted on condition that the co-\noperation of both sides goes on as be-"
    page += "\nfore.\nMore"

    assert list(paragraphs(page)) == [
        "Summary",
        "The inquiry was accepted on condition that the cooperation of both sides goes on as before.",
        "More",
    ]


def test_signs_that_no_page_can_hold_are_taken_out():
    assert cleaned("The \x00of\ufb01ce\ud800 of the mi\x1enister\nsaid") == "The office of the minister\nsaid"


def test_page_numbers_alone_are_no_text():
    assert cleaned("1\n2\n3\nii") == ""


def test_a_scan_has_no_text(tmp_path: Path):
    assert read(pdfs.pdf("", ""), tmp_path) == PdfText("", 2, 2)


def test_what_opens_without_a_password_is_read(tmp_path: Path):
    assert "pier" in read(pdfs.encrypted("The lamp at the pier", password=""), tmp_path).text


def test_what_needs_a_password_is_refused(tmp_path: Path):
    with pytest.raises(PdfRefused, match="password"):
        read(pdfs.encrypted("The lamp at the pier", password="narrows"), tmp_path)


def outcome(content: bytes, folder: Path) -> str:
    """The text, or why there is none."""
    try:
        return read(content, folder).text
    except PdfRefused as refused:
        return f"refused: {refused}"


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7", b"%PDF-1.7\n%%EOF", b"PK\x03\x04 a zip", b"\x00" * 5000, pdfs.pdf("The lamp")[:200]],
    ids=["empty", "head", "head and end", "zip", "zeros", "torn"],
)
def test_what_is_no_pdf_is_refused_or_empty(content: bytes, tmp_path: Path):
    assert outcome(content, tmp_path) in (
        "",
        "refused: it is damaged or no PDF",
        "refused: none of its pages can be read",
    )


def test_a_tree_of_pages_that_contains_itself_ends(tmp_path: Path):
    assert outcome(pdfs.with_page_loop(), tmp_path) in ("", "refused: it is damaged or no PDF")


def test_a_broken_page_costs_its_own_text_only(tmp_path: Path):
    whole = pdfs.pdf("The first page", "The second page", "The third page")
    torn = whole.replace(b"/Contents 13 0 R", b"/Contents [ 99 ]")

    found = read(torn, tmp_path)

    assert "first" in found.text
    assert "third" in found.text
    assert "second" not in found.text


def test_a_file_too_large_is_not_even_opened(tmp_path: Path):
    path = tmp_path / "large.pdf"
    with path.open("wb") as opened:
        opened.truncate(reading.MAX_BYTES + 1)

    with pytest.raises(PdfRefused, match="200 MB"):
        pdf_text(path)


def test_a_reply_that_is_none_is_believed_in_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    path = tmp_path / "report.pdf"
    path.write_bytes(b"%PDF-1.7")
    for reply in (None, 7, "nonsense", [1, 2], [1, 2, b"bytes"], {"text": "x"}, ["1", 2, "text"]):
        monkeypatch.setattr(reading, "run_limited", lambda *_, reply=reply, **__: reply)

        with pytest.raises(PdfRefused):
            pdf_text(path)


@pytest.mark.slow
def test_ten_thousand_pages_are_read_as_far_as_the_limit(tmp_path: Path):
    found = read(pdfs.pdf(*(f"Page {n} of the annals" for n in range(10_000))), tmp_path)

    assert found.n_pages == 10_000
    assert 0 < found.n_pages_read <= reading.MAX_PAGES
    assert found.text.startswith("Page 0 of the annals")


@pytest.mark.slow
def test_a_billion_pages_in_a_kilobyte_end_in_time(tmp_path: Path):
    begun = time.monotonic()

    assert outcome(pdfs.with_many_pages(9), tmp_path).startswith("refused: ")

    # 20 s of CPU, and 60 of any kind.
    assert time.monotonic() - begun < 90


@pytest.mark.slow
@pytest.mark.parametrize("n_bytes", [50_000_000, 300_000_000, 1_000_000_000])
def test_a_stream_that_unpacks_to_hundreds_of_megabytes_ends(n_bytes: int, tmp_path: Path):
    assert outcome(pdfs.with_bomb(n_bytes), tmp_path).startswith("refused: ")
