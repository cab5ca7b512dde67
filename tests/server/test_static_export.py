"""The export is the public site and nothing else: every link works from plain files, and what is gone goes."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from isthmus.kit.errors import UsageError
from isthmus.publications import actions
from isthmus.publications.models import Document, FormerAddress, Publication
from isthmus.server.static_export import addresses, rewriting, walking
from isthmus.server.static_export.addresses import Found
from isthmus.server.static_export.rewriting import Site
from isthmus.server.static_export.walking import Exported, export_static
from tests import makers
from tests.publications.test_gate import picture
from tests.server.backups import ticking
from tests.stories.crawl import crawl
from tests.stories.site import Site as Crawled

LIVE = "https://live.institute.example"
CANARY = "Quillonium"


class _Files(SimpleHTTPRequestHandler):
    """Python's own server, but a directory without an index is nothing, as everywhere else."""

    def list_directory(self, path: Any) -> None:
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(directory: Path, settings: Any) -> Iterator[str]:
    """The address at which a plain web server sends the files; readers find the site there."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(directory))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.PUBLIC_URL = f"http://127.0.0.1:{server.server_port}"
        yield settings.PUBLIC_URL
        server.shutdown()


@pytest.fixture
def pieces(db: None, settings: Any) -> list[Publication]:
    """8 pieces of a series, so that it has two pages, with all that a piece can have; and some nobody may see."""
    settings.ISTHMUS = replace(settings.ISTHMUS, listing_page_size=5)
    report = Document.objects.create(title="Report", file=ContentFile(b"%PDF-1.4 a report", "report one.pdf"))
    secret = Document.objects.create(title="Secret", file=ContentFile(CANARY.encode(), f"{CANARY}.txt"))
    king, series = makers.person(), makers.series()
    shared: dict[str, Any] = {"people": (king,), "series": series, "categories": (makers.category(),)}
    rows = [
        makers.released(f"Ardor {n}", lead_image=picture(f"Pier{n}") if n < 2 else None, **shared) for n in range(7)
    ]
    body = [("text", '<p>See <a href="/the-peninsula/ardor-1/?from=mail#top">it</a>, written href="/x/".</p>')]
    rows.append(makers.released("With a file", body=[*body, ("file", {"document": report, "title": ""})], **shared))
    makers.draft(
        f"{CANARY} draft", text=f"<p>{CANARY}</p>", lead_image=picture(CANARY), people=(makers.person(CANARY),)
    )
    makers.draft(f"{CANARY} file", body=[("file", {"document": secret, "title": CANARY})])
    FormerAddress.objects.create(path="/2010/05/ardor.html/", publication=rows[3])
    FormerAddress.objects.create(path="/?p=17", publication=rows[4])
    FormerAddress.objects.create(path="/blog/", series=series)
    return rows


def export(directory: Path) -> Exported:
    return export_static(directory, live_url=LIVE, ticking=ticking)


@pytest.mark.slow
def test_every_link_works_from_plain_files_and_nothing_else_is_there(pieces: Any, settings: Any, tmp_path: Path):
    with served(tmp_path / "site", settings) as url:
        done = export(tmp_path / "site")
        found = crawl(Crawled(url, tmp_path, ""))

    assert (done.dead, done.unfit, done.is_steady, done.total) == ([], [], True, 8)
    # The one address that the crawl begins at and a copy does not have.
    assert found.dead == {"/search/help/": 404}
    assert not found.lost
    assert {"/the-peninsula/page/1/", "/the-peninsula/feed/index.xml"} <= found.statuses.keys()
    assert any(path.startswith("/images/") for path in found.statuses)
    assert any(path.startswith("/files/") for path in found.statuses)
    files = [one for one in (tmp_path / "site").rglob("*") if one.is_file()]
    assert not [one for one in files if CANARY.encode() in one.read_bytes() or CANARY.lower() in one.name.lower()]


@pytest.mark.slow
def test_pages_say_the_total_and_lead_to_the_live_site_for_what_needs_it(pieces: Any, settings: Any, tmp_path: Path):
    export(tmp_path / "site")

    page = (tmp_path / "site" / "the-peninsula" / "ardor-1" / "index.html").read_text()
    assert "Total Index: 8 publications." in page
    assert f'action="{LIVE}/search/" method="get"' in page
    assert f'<a href="{LIVE}/subscribe/">Subscribe on the live site</a>' in page
    assert 'method="post"' not in page
    assert "search.js" not in page
    assert '<a href="/the-peninsula/page/1/"' in page, "Return to the Peninsula leads to its page of the list"
    assert f"{LIVE}/search/" in (tmp_path / "site" / "search" / "index.html").read_text()
    missing = (tmp_path / "site" / "404.html").read_text()
    assert "This page does not exist" in missing
    assert "Total Index: 8 publications." in missing


@pytest.mark.slow
def test_former_addresses_lead_on_by_pages_and_by_lists_for_servers(pieces: Any, tmp_path: Path):
    export(tmp_path / "site")

    small = (tmp_path / "site" / "2010" / "05" / "ardor.html" / "index.html").read_text()
    assert 'content="0; url=/the-peninsula/ardor-3/"' in small
    assert "url=/the-peninsula/ardor-2/" in (tmp_path / "site" / "blog" / "ardor-2" / "index.html").read_text()
    assert "url=/the-peninsula/" in (tmp_path / "site" / "blog" / "index.html").read_text()
    assert "/2010/05/ardor.html/ /the-peninsula/ardor-3/ 301" in (tmp_path / "site" / "_redirects").read_text()
    assert '"/?p=17" "/the-peninsula/ardor-4/";' in (tmp_path / "site" / "_redirects.nginx").read_text()


@pytest.mark.slow
def test_a_second_run_changes_what_has_changed_and_removes_what_is_gone(pieces: Any, tmp_path: Path):
    site = tmp_path / "site"
    export(site)
    gone = site / "the-peninsula" / "ardor-5" / "index.html"
    picture_file = next((site / "images").rglob("*.webp"))
    before = picture_file.stat().st_mtime_ns
    assert gone.exists()

    again = export(site)
    assert (again.n_written, again.n_removed) == (0, 0)
    actions.withdraw(pieces[5])
    after = export(site)

    assert not gone.exists()
    assert after.n_removed >= 1
    assert after.n_written > 10, "the number stands on every page"
    assert picture_file.stat().st_mtime_ns == before
    assert "Total Index: 7 publications." in (site / "index.html").read_text()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["site"]


@pytest.mark.slow
def test_what_is_served_stays_whole_when_an_export_fails(pieces: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    site = tmp_path / "site"
    export(site)
    whole = sorted(site.rglob("*"))
    monkeypatch.setattr(rewriting, "rewritten_xml", lambda *_, **__: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        export(site)

    assert sorted(site.rglob("*")) == whole
    assert sorted(one.name for one in tmp_path.iterdir()) == ["site"]


def test_an_export_during_releases_is_made_again_and_then_says_so(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    numbers, walks = itertools.count(), []
    monkeypatch.setattr(walking.journal, "latest_seq", lambda: next(numbers))
    monkeypatch.setattr(walking._Walk, "walk", lambda walk: walks.append(walk) or Exported(tmp_path / "site"))

    done = export(tmp_path / "site")

    assert len(walks) == 3
    assert not done.is_steady


def test_a_directory_with_something_else_in_it_is_left_alone(db: None, tmp_path: Path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "letters.txt").write_text("mine")

    with pytest.raises(UsageError, match="no export"):
        export(tmp_path / "site")

    assert (tmp_path / "site" / "letters.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("/x/?page=3#a", Found("/x/?page=3", "#a")),
        ("https://i.example/x/", Found("/x/", "")),
        ("https://i.example", Found("/", "")),
        ("https://i.example.org/x/", None),
        ("//i.example/x/", None),
        ("mailto:a@i.example", None),
        ("#a", None),
        ("../y/z", Found("/a/y/z", "")),
        ("?page=2", Found("/a/b/?page=2", "")),
    ],
)
def test_a_link_is_taken_as_a_browser_takes_it(link: str, found: Found | None):
    assert addresses.found_in(link, public_url="https://i.example", page="/a/b/") == found


@pytest.mark.parametrize(
    ("key", "file"),
    [
        ("/", "index.html"),
        ("/a/b/", "a/b/index.html"),
        ("/a/?page=12", "a/page/12/index.html"),
        ("/a/feed/", "a/feed/index.xml"),
        ("/files/3/report%20one.pdf", "files/3/report one.pdf"),
        ("/caf%C3%A9/", "café/index.html"),
        ("/a/%2e%2e/%2e%2e/etc/", None),
        ("/" + "x" * 300 + "/", None),
    ],
)
def test_an_address_is_a_file_below_the_export_or_none(key: str, file: str | None):
    assert addresses.file_of(key) == file


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("/a/?page=3", "/a/?page=3"),
        ("/a/?page=03", None),
        ("/a/?year=2010", None),
        ("/search/", None),
        ("/searching/", "/searching/"),
        ("/api/v1/docs", None),
        ("/theme.css?v=1", "/theme.css"),
    ],
)
def test_what_a_program_has_to_answer_is_left_to_the_live_site(key: str, found: str | None):
    assert addresses.key_of(key) == found


def test_only_tags_are_changed_and_text_stays_byte_for_byte():
    text = (
        '<!-- <a href="/x/"> --><script src="/s.js">\'<a href="/x/">\'</script>'
        '<p title="a > b">href="/x/" &lt;a href="/x/"&gt;</p><a class="k" href="/x/?page=2&amp;a=1">x</a>'
        '<img srcset="/i/1.webp 320w, /i/2.webp 640w" src="/i/1.webp"><meta content="/x/">'
        '<meta content="https://i.example/i/1.webp">'
    )
    seen: list[str] = []

    def written(found: Found) -> str:
        seen.append(found.key)
        return f"/new{found.key}"

    site = Site("https://i.example", LIVE)
    changed = rewriting.rewritten_html(text, site=site, path="/", written=written)

    assert seen == ["/s.js", "/x/?page=2&a=1", "/i/1.webp", "/i/2.webp", "/i/1.webp", "/i/1.webp"]
    assert changed == (
        '<!-- <a href="/x/"> --><script src="/new/s.js">\'<a href="/x/">\'</script>'
        '<p title="a > b">href="/x/" &lt;a href="/x/"&gt;</p><a class="k" href="/new/x/?page=2&amp;a=1">x</a>'
        '<img srcset="/new/i/1.webp 320w, /new/i/2.webp 640w" src="/new/i/1.webp"><meta content="/x/">'
        '<meta content="https://i.example/new/i/1.webp">'
    )


def test_the_summary_is_for_programs_too(tmp_path: Path):
    found = Exported(tmp_path, dead=["/b/", "/a/"])

    assert json.loads(json.dumps(found.as_json()))["dead"] == ["/a/", "/b/"]
