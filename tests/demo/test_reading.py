import shutil
from pathlib import Path

import pytest

from isthmus.demo import reading
from isthmus.demo.entries import Content
from isthmus.demo.toml_table import ContentError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the content that a test may spoil."""
    return Path(shutil.copytree(reading.CONTENT, tmp_path / "content"))


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


FLAGSHIP = "pieces/2020-01-20-ardor-cools-across-the-narrows.md"


def test_every_content_file_reads(content: Content):
    n_files = len(list((reading.CONTENT / "pieces").glob("*.md")))

    assert len(content.pieces) + 1 == n_files
    assert n_files >= 60
    assert len(content.people) == 20
    assert len(content.series) == 3
    assert {page.slug for page in content.pages} == {"home", "about", "contact", "privacy"}


def test_pieces_come_in_the_order_of_their_dates(content: Content):
    dates = [piece.published_at for piece in content.pieces]

    assert dates == sorted(dates)


def test_two_pieces_are_in_korean(content: Content):
    assert [piece.language for piece in content.pieces].count("ko") == 2


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('person = "robert-hale"', 'person = "robert-hail"', "names the person robert-hail"),
        ('series = "the-narrows"', 'series = "the-narrow"', "names the series the-narrow,"),
        ('"region/vardhal"', '"region/vardal"', "names the category region/vardal"),
        ('image = "narrows-pilot-boat.webp"', 'image = "boat.webp"', "names the picture boat.webp"),
        ("(pub:aldmark-without-a-text)", "(pub:aldmark)", "names the piece aldmark,"),
        ('kind = "post"', 'kind = "post"\nmood = "calm"', "has mood, which means nothing here"),
        ("+++\ntitle", "title", "has no front matter"),
        ('role = "author"', 'role = "writer"', "has the role writer"),
    ],
)
def test_mistake_in_a_piece_is_named_with_its_file(folder: Path, old: str, new: str, problem: str):
    spoil(folder / FLAGSHIP, old, new)

    with pytest.raises(ContentError) as error:
        reading.read(folder)

    assert problem in str(error.value)
    assert Path(FLAGSHIP).name in str(error.value)


def test_link_to_the_scheduled_piece_is_refused(folder: Path):
    spoil(folder / FLAGSHIP, "(pub:aldmark-without-a-text)", "(pub:a-third-summit-has-a-place)")

    with pytest.raises(ContentError, match="names the piece a-third-summit-has-a-place"):
        reading.read(folder)


def test_two_pieces_with_one_slug_are_refused(folder: Path):
    spoil(folder / FLAGSHIP, 'slug = "ardor-cools-across-the-narrows"', 'slug = "nine-days"')

    with pytest.raises(ContentError, match="nine-days twice"):
        reading.read(folder)


def test_picture_without_its_file_is_refused(folder: Path):
    (folder / "images" / "lantern-light.webp").unlink()

    with pytest.raises(ContentError, match=r"lantern-light\.webp, which is not in"):
        reading.read(folder)


def test_content_without_a_scheduled_piece_is_refused(folder: Path):
    (folder / "pieces" / "scheduled-third-summit-note.md").unlink()

    with pytest.raises(ContentError, match="has 0 pieces with release_in_seconds"):
        reading.read(folder)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('kind = "organisation"', 'kind = "newspaper"', "has the kind newspaper"),
        ('name = "Anja Röhl"', 'name = "Bastian Orro"', "has Bastian Orro twice"),
        ("last_on = 2019-02-28", "last_on = 2019-02-26", "needs first_on and last_on, in this order"),
        ('companion = "Ostrand"', 'beside = "Ostrand"', "has beside, which means nothing here"),
    ],
)
def test_mistake_in_the_vocabulary_of_dossiers_is_named(folder: Path, old: str, new: str, problem: str):
    spoil(folder / "dossiers.toml", old, new)

    with pytest.raises(ContentError, match=problem):
        reading.read(folder)
