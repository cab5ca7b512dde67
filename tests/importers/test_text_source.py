"""A saved text page: each promise of the page in its own field, and nothing that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.importers.source_item import Skipped, SourceItem
from isthmus.importers.sources import text
from tests.importers import samples


def read(folder: Path, words: str, name: str = "page.txt") -> SourceItem | Skipped:
    path = folder / name
    path.write_text(words, "utf-8")
    (item,) = text.read(path)
    return item


def page(folder: Path, words: str, name: str = "page.txt") -> SourceItem:
    item = read(folder, words, name)
    assert isinstance(item, SourceItem)
    return item


def test_every_part_of_the_page_has_its_field(tmp_path: Path) -> None:
    item = page(tmp_path, samples.PAGE)

    assert item.title == "Ferries Stop between Aldmark and Ostrand, but the Minister Keeps Writing"
    assert item.published == "March 4, 2019"
    assert [(author.name, author.printed) for author in item.authors] == [("Alice Moore", "Alice B. Moore")]
    assert item.categories == ("Fisheries",)
    assert item.series == "The Lantern"
    assert (
        item.author_note
        == "Alice B. Moore is a Senior Fellow at the Institute of the Narrows. She was harbour master of Ostrand."
    )
    assert item.disclaimer == "The views expressed here are her own."
    assert item.photo_credit == "Photo from the Harbour Archive, Creative Commons."
    assert item.html.count("<h2>") == 1
    assert "<h2>What the Letters Say, and What They Leave “Open”</h2>" in item.html


@pytest.mark.parametrize(
    "words",
    ["Total Index", "Mailing List", "mailing list", "Return to", "Stay Informed", "Register", "By Alice", "Photo"],
)
def test_the_sites_own_words_are_not_in_the_body(words: str, tmp_path: Path) -> None:
    assert words not in page(tmp_path, samples.PAGE).html


def test_what_is_not_there_stays_empty(tmp_path: Path) -> None:
    item = page(
        tmp_path,
        "A bare title\n\nOne paragraph that says something about the narrows and ends.\n\nAnother one, with an end.\n",
    )

    assert item.title == "A bare title"
    assert (item.published, item.authors, item.series, item.author_note, item.disclaimer, item.photo_credit) == (
        "",
        (),
        "",
        "",
        "",
        "",
    )
    assert item.html.count("<p>") == 2


def test_korean_labels_on_one_line_are_read(tmp_path: Path) -> None:
    item = page(
        tmp_path,
        "등대 연구\n\n해협의 배는 멈추었다\n\n등록일 2020-01-20  저자 홍길동  조회수 123\n\n배는 가을부터 다니지 않는다.\n",  # noqa: E501
    )

    assert item.title == "해협의 배는 멈추었다"
    assert item.published == "2020-01-20"
    assert [author.name for author in item.authors] == ["홍길동"]
    assert item.series == "등대 연구"
    assert item.language == "ko"


def test_a_listing_and_an_empty_page_are_named_losses(tmp_path: Path) -> None:
    listing = "Our work\n\n" + "".join(f"Piece {n}\n\nMarch {n}, 2019\n\nRead more\n\n" for n in range(1, 9))

    assert isinstance(read(tmp_path, listing), Skipped)
    assert isinstance(read(tmp_path, "\n \n"), Skipped)
    assert isinstance(read(tmp_path, "Stay Informed\n"), Skipped)


def test_a_date_only_in_the_file_name_is_found(tmp_path: Path) -> None:
    assert page(tmp_path, "A title\n  One line of text.\n", "3Apr2005Hale17.txt").published == "3 Apr 2005"


def test_identity_is_title_and_date_whatever_the_spelling_or_the_file(tmp_path: Path) -> None:
    one = page(tmp_path, samples.PAGE, "a.txt")
    other = page(tmp_path, samples.PAGE.replace("March 4, 2019", "2019-03-04"), "b.txt")
    later = page(tmp_path, samples.PAGE.replace("March 4, 2019", "March 5, 2019"), "c.txt")

    assert one.id == other.id
    assert one.id != later.id
