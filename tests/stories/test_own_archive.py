"""`init`, `import`, `serve`: an archive moves in, and every place that counts says the same number."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.stories import site
from tests.stories.conftest import N_RECORDS
from tests.stories.site import Site

pytestmark = pytest.mark.slow

_ARCHIVES = Path(os.environ.get("ISTHMUS_TEST_ARCHIVES", ""))
_REAL = _ARCHIVES / "real-archive.jsonl.gz"
_needs_real = pytest.mark.skipif(
    not os.environ.get("ISTHMUS_TEST_ARCHIVES") or not _REAL.exists(),
    reason="the real archive is not here: ISTHMUS_TEST_ARCHIVES names its folder",
)


def counts(command: list[str], served: Site) -> dict[str, int]:
    """The number of publications by every way there is of counting them."""
    paths = [link.attributes["href"] for page in served.paged("/publications/") for link in _titles(page)]
    assert len(set(paths)) == len(paths), "a piece is listed twice"
    told = json.loads(site.done(command, "--dir", served.directory, "search", "", "--json"))
    api = json.loads(served.get("/api/v1/search").text)
    return {
        "header": served.total(),
        "listing": len(paths),
        "sitemap": len(sitemap_paths(served)),
        "command": told["total"],
        "command's index total": told["index_total"],
        "API": api["total"],
        "search page": int(served.page("/search/").one("h1").text.split()[0]),
    }


def _titles(page: site.Page) -> list[site.Page]:
    return [link for title in page.all(cls="card-title") for link in title.all("a")]


def sitemap_paths(served: Site) -> set[str]:
    """The paths of the publications in the sitemap, by way of its index and of robots.txt."""
    index = re.search(r"^Sitemap: (\S+)$", served.get("/robots.txt").text, re.MULTILINE)
    assert index
    parts = [part for part in _locations(served, index[1]) if "publications" in part]
    return {urlsplit(address).path for part in parts for address in _locations(served, part)}


def _locations(served: Site, address: str) -> list[str]:
    answer = served.get(urlsplit(address).path)
    assert answer.status == 200
    return re.findall(r"<loc>([^<]+)</loc>", answer.text)


def test_every_place_that_counts_says_the_same(isthmus_command: list[str], own: Site) -> None:
    found = counts(isthmus_command, own)

    assert len(set(found.values())) == 1, found
    # The records and the saved page; what editors' stories add in this run comes on top.
    assert found["header"] >= N_RECORDS + 1


def test_the_listing_and_the_sitemap_name_the_same_pieces(own: Site) -> None:
    listed = {link.attributes["href"] for page in own.paged("/publications/") for link in _titles(page)}

    assert listed == sitemap_paths(own)


def test_page_numbers_count_from_the_oldest(own: Site) -> None:
    pages = list(own.paged("/publications/"))

    numbers = [re.search(r"Page (\d+) of (\d+)", page.text) for page in pages]
    assert [int(found[1]) for found in numbers if found] == list(range(len(pages), 0, -1))
    assert own.page("/publications/?page=1").text == pages[-1].text


def test_the_same_archive_again_changes_nothing_and_says_so(isthmus_command: list[str], own: Site) -> None:
    before = own.total()

    said = site.done(isthmus_command, "--dir", own.directory, "import", own.directory / "archive.jsonl.gz")

    assert "nothing changed" in said
    assert f"{N_RECORDS} unchanged" in said
    assert own.total() == before


def test_a_run_taken_back_is_gone_with_its_title_and_without_its_text(own: Site) -> None:
    answer = own.get("/publications/a-note-that-was-taken-back/")

    assert answer.status == 410
    assert "A Note That Was Taken Back" in answer.text
    assert "May 4, 2020" in answer.text
    assert "Canarygone" not in answer.text
    assert own.page("/search/?q=canarygone").one("h1").text.startswith("0 publications")


def test_another_visitor_gets_the_same_bytes_and_no_cookie(own: Site) -> None:
    for path in ("/", "/publications/", "/people/", "/search/?q=ba", "/series/"):
        first, second = own.get(path), own.get(path)

        assert first.body == second.body, path
        assert "set-cookie" not in first.headers, path


@pytest.fixture(scope="module")
def real(isthmus_command: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The real archive, and the real saved page where it lies beside it."""
    directory = tmp_path_factory.mktemp("real") / "institute"
    site.done(isthmus_command, "--dir", directory, "init", "--name", "The Institute")
    site.done(isthmus_command, "--dir", directory, "import", _REAL)
    for page in _real_pages():
        site.done(isthmus_command, "--dir", directory, "import", page)
    with site.served(isthmus_command, directory) as running:
        yield running


def _real_pages() -> list[Path]:
    return [path for folder in (_ARCHIVES, _ARCHIVES.parent) if (path := folder / "page.txt").exists()][:1]


@_needs_real
def test_of_the_real_archive_every_piece_is_counted_everywhere(isthmus_command: list[str], real: Site) -> None:
    found = counts(isthmus_command, real)

    with gzip.open(_REAL, "rt", encoding="utf-8") as archive:
        n_records = sum(1 for _ in archive)
    assert set(found.values()) == {n_records + len(_real_pages())}, found


@_needs_real
@pytest.mark.skipif(not _real_pages(), reason="page.txt does not lie beside the real archive")
def test_of_the_real_page_every_line_but_the_sign_ups_is_on_ours(real: Site) -> None:
    path = real.page("/the-peninsula/").all(cls="card-title")[0].one("a").attributes["href"]
    words = real.page(path).text

    missing = [line for line in _promised(_real_pages()[0]) if line not in words]
    assert missing == []


def _promised(path: Path) -> list[str]:
    """The lines of a saved page, blanks as one, without the sign-ups; the total is that of another archive."""
    text = " ".join(path.read_text(encoding="utf-8").split("\n"))
    assert text
    lines = [" ".join(line.split()) for line in path.read_text(encoding="utf-8").splitlines()]
    ours = ("Subscribe to", "Sign up", "Stay Informed", "Register to", "Total Index")
    # Author note and disclaimer stand on one line there and in two fields here.
    return [
        part
        for line in lines
        if line and not line.startswith(ours)
        for part in re.split(r"(?<=\.) (?=The views expressed)", line)
    ]
