"""Hostile archives of every format, imported and released: wherever they are shown, in Chromium, nothing of them runs.

The Content-Security-Policy is switched off in the browser, so that what is shown here is the cleaning alone.
"""

# ruff: noqa: E501 -- an item of an archive a line

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from tests import database, pdfs
from tests.importers import vectors
from tests.served import PASSWORD, Institute, Serving

pytestmark = [pytest.mark.slow, pytest.mark.browser]

_IMPORT = """
from pathlib import Path
from isthmus.importers import actions
for name in sys.argv[1:]:
    report = actions.run_import(Path(name))
    assert report.is_success, report.as_json()
print("done")
"""
# Beside the product's own page: what the browser calls when something of an archive runs.
_TRAP = """
window.ran_here = [];
window.ran = name => { window.ran_here.push(String(name)); };
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = window.ran;
"""
# What a browser made of the page: handlers, schemes and elements that no archive may bring.
_FOUND = """() => {
    const found = [...window.ran_here.map(name => "ran " + name)];
    for (const one of document.querySelectorAll("*")) {
        for (const {name, value} of one.attributes) {
            const plain = value.replace(/[\\x00-\\x20]/g, "").toLowerCase();
            if (/^on/.test(name) || name === "srcdoc") found.push(one.outerHTML.slice(0, 120));
            if (["href", "src", "action", "formaction", "data", "xlink:href", "cite", "ping"].includes(name)
                && /^(javascript|vbscript|data:text)/.test(plain)) found.push(one.outerHTML.slice(0, 120));
        }
    }
    for (const one of document.querySelectorAll(
        "main :is(script, style, object, embed, base, meta, link, form[action*=canary], iframe, svg script, math)"))
        found.push(one.outerHTML.slice(0, 120));
    return found;
}"""


def words(n: int) -> str:
    return vectors.WORDS[n % len(vectors.WORDS)] + f" {n}"


def bodies(n_open: int, at: int) -> list[str]:
    """One body of all that may stand together, and some of the others, each alone."""
    chosen = [vectors.OPEN[(at + n) % len(vectors.OPEN)] for n in range(n_open)]
    return [f"<p>{one}</p>" for one in ["".join(vectors.CONTAINED), *chosen]]


def records(folder: Path) -> Path:
    rows = [
        {"id": f"r{n}", "source": "hostile", "title": words(n), "authors": [words(n + 1)], "categories": [words(n + 2)],
         "tags": [words(n + 3)], "published": "2020-01-02", "html": body, "summary": words(n), "photo_credit": words(n),
         "author_note": words(n), "aliases": ["/<svg onload=ran(1)>/"], "external_url": "javascript:ran('external')"}
        for n, body in enumerate(bodies(len(vectors.OPEN), 0))
    ]  # fmt: skip
    path = folder / "records.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def wordpress(folder: Path) -> Path:
    own = ["[caption]<img src=x onerror=ran('caption')> <script>ran(1)</script>[/caption]",
           "[embed]javascript:ran('embed')[/embed][gallery ids='<svg onload=ran(1)>'][youtube javascript:ran(1)]",
           "<!-- wp:html --><script>ran('block')</script><!-- /wp:html --><!-- wp:embed {\"url\":\"javascript:ran(1)\"} /-->"]  # fmt: skip
    items = "".join(
        f"<item><title>{html.escape(words(n))}</title><link>https://w.example/{n}/</link><wp:post_id>{n + 1}</wp:post_id>"
        f"<dc:creator>{html.escape(words(n + 1))}</dc:creator><category domain='category'>{html.escape(words(n))}</category>"
        "<wp:post_date>2020-01-02 10:00:00</wp:post_date><wp:post_type>post</wp:post_type><wp:status>publish</wp:status>"
        f"<content:encoded>{html.escape(body)}</content:encoded></item>"
        for n, body in enumerate([*bodies(3, 0), *own])
    )
    return written(folder / "export.xml", f"<rss xmlns:wp='http://wordpress.org/export/1.2/'><channel>{items}</channel></rss>")  # fmt: skip


def ghost(folder: Path) -> Path:
    cards = [{"type": "html", "html": body} for body in bodies(0, 0)] + [
        {"type": "embed", "url": "javascript:ran(1)", "html": "<script>ran('embed card')</script>"},
        {"type": "bookmark", "url": "javascript:ran(1)", "metadata": {"title": words(0), "icon": "javascript:ran(1)"}},
        {"type": "button", "buttonUrl": "javascript:ran('button')", "buttonText": words(1)},
        {"type": "image", "src": "x\" onerror=\"ran('card')", "alt": words(1), "caption": words(2)},
        {"type": "codeblock", "code": words(0), "language": '"><script>ran(1)</script>'},
    ]
    lexical = json.dumps({"root": {"type": "root", "children": cards}})
    posts = [{"lexical": lexical}, *({"html": body} for body in bodies(3, 3))]
    rows = [
        {"id": str(n), "uuid": f"g{n}", "slug": f"g{n}", "title": words(n), "status": "published", "type": "post",
         "visibility": "public", "published_at": "2020-01-02T00:00:00.000Z", "custom_excerpt": words(n), **post}
        for n, post in enumerate(posts)
    ]  # fmt: skip
    users = [{"id": "1", "name": words(0), "slug": "x", "bio": "".join(vectors.CONTAINED)}]
    authors = [{"post_id": str(n), "author_id": "1", "sort_order": 0} for n in range(len(rows))]
    tables = {"posts": rows, "users": users, "posts_authors": authors}
    return written(folder / "ghost.json", json.dumps({"db": [{"meta": {"exported_on": 1}, "data": tables}]}))


def markdown(folder: Path) -> Path:
    own = ["[a](javascript:ran(1)) ![b](javascript:ran(2)) [c](<java\tscript:ran(3)>) <javascript:ran(4)>",
           "[d]: javascript:ran(5)\n[d] `<script>ran(6)</script>` ```<svg onload=ran(7)>```",
           "{{< youtube \"\\\"><script>ran(8)</script>\" >}} {% raw %}<script>ran(9)</script>{% endraw %}"]  # fmt: skip
    (folder / "_posts").mkdir()
    for n, body in enumerate([*bodies(2, 6), *own]):
        head = json.dumps({"title": words(n), "author": words(n), "tags": [words(n)], "image": "javascript:ran(1).png"})
        written(folder / "_posts" / f"2020-01-0{n + 1}-a{n}.md", f"---\n{head}\n---\n\n{body}\n")
    return written(folder / "<img src=x onerror=ran('name')>.md", "Some words.\n").parent


def saved_page(folder: Path) -> Path:
    for n, body in enumerate(bodies(3, 8)):
        prose = "<p>" + "The ferries across the narrows have not sailed since the autumn. " * 4 + "</p>"
        head = (
            f'<title>{html.escape(words(n))}</title><meta name=author content="{html.escape(words(n))}">'
            f"<meta property=article:published_time content=2020-01-02><link rel=canonical href='https://h.example/{n}'>"
        )
        written(folder / f"page{n}.html", f"<!doctype html><head>{head}</head><body><article>{prose}{body}{prose}")
    return folder


def feed(folder: Path) -> Path:
    items = "".join(
        f"<item><guid>f{n}</guid><title>{html.escape(words(n))}</title><author>{html.escape(words(n))}</author>"
        f"<link>javascript:ran('link')</link><description>{html.escape(body)}</description></item>"
        for n, body in enumerate(bodies(3, 11))
    )
    return written(folder / "feed.xml", f"<rss version='2.0'><channel><title>{html.escape(words(0))}</title>{items}</channel></rss>")  # fmt: skip


def pdf(folder: Path) -> Path:
    (folder / "evil.pdf").write_bytes(pdfs.pdf("<script>ran('pdf')</script>\n" + words(1)))
    (folder / "page.pdf").write_bytes(b"%PDF-1.4\n<html><script>ran('polyglot')</script>")
    return written(folder / "list.csv", f'file;title;authors\nevil.pdf;"{words(0).replace(chr(34), chr(34) * 2)}";{words(2)}\n').parent  # fmt: skip


def media(folder: Path) -> Path:
    """A page that shows and offers files which are not what their names say."""
    for name in ("evil.svg", "picture.png", "report.pdf", "table.csv", "page.txt"):
        written(folder / name, vectors.SVG)
    shown = "".join(f"<a href='{name}'>{name}</a><img src='{name}'>" for name in ("evil.svg", "picture.png", "report.pdf", "table.csv", "page.txt"))  # fmt: skip
    return written(folder / "2020-01-02-media.md", f"---\ntitle: Media\n---\n{shown}\n").parent


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


FORMATS: tuple[Callable[[Path], Path], ...] = (records, wordpress, ghost, markdown, saved_page, feed, pdf, media)


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Serving]:
    """An institute that took all of them in."""
    if database.POSTGRES_URL:
        pytest.skip("what is shown does not depend on the database")
    institute = Institute.new(tmp_path_factory.mktemp("hostile") / "institute")
    archives = []
    for archive in FORMATS:
        (folder := tmp_path_factory.mktemp(archive.__name__)).mkdir(exist_ok=True)
        archives.append(str(archive(folder)))
    running = institute.start(_IMPORT, *archives)
    said, complaint = running.communicate(timeout=300)
    assert said == "done\n", complaint
    with institute.served() as serving:
        yield serving


class Browser:
    """A page that notes what ran and what asked for anything outside of the site."""

    def __init__(self, chromium: Any, address: str) -> None:
        self._context = chromium.new_context(bypass_csp=True)
        self._context.add_init_script(_TRAP)
        self._context.set_default_timeout(30_000)
        self.address, self.faults = address, list[str]()
        self._context.route(lambda url: not url.startswith(address), self._asked_elsewhere)
        self.page = self._context.new_page()
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))

    def _asked_elsewhere(self, route: Any) -> None:
        self.faults.append(f"{self.page.url}: asked for {route.request.url}")
        route.abort()

    def _dialog(self, dialog: Any) -> None:
        self.faults.append(f"{self.page.url}: a dialog")
        dialog.dismiss()

    def open(self, path: str) -> list[str]:
        """Look at a page, wake its handlers; the paths it leads to."""
        self.page.goto(self.address + path, wait_until="load")
        self.page.evaluate(
            """() => { for (const one of document.querySelectorAll("main *")) for (const name of
                ["mouseover", "focus", "toggle", "error", "load"]) one.dispatchEvent(new Event(name)); }"""
        )
        self.faults += [f"{path}: {fault}" for fault in self.page.evaluate(_FOUND)]
        links = self.page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))")
        return [urljoin(path, link) for link in links if not urlsplit(link).scheme]

    def log_in(self) -> None:
        """As Alice."""
        self.page.goto(self.address + "/admin/login/")
        self.page.fill("[name=username]", "alice@institute.example")
        self.page.fill("[name=password]", PASSWORD)
        with self.page.expect_navigation():
            self.page.click("button[type=submit]")


@pytest.fixture
def browser(chromium: Any, serving: Serving) -> Browser:
    return Browser(chromium, serving.address)


def test_every_public_page_of_hostile_archives_is_quiet(serving: Serving, browser: Browser) -> None:
    pieces = re.findall(r"<loc>http[^<]*?(/publications/[^<]+)</loc>", serving.get("/sitemap-publications-1.xml")[1])
    listings = ["/", "/publications/", "/people/", "/categories/", "/search/?q=ran", "/feed/", "/sitemap.xml", "/api/v1/search"]  # fmt: skip
    led_to = {link for path in listings[:5] for link in browser.open(path)}
    named = [link for link in sorted(led_to) if re.fullmatch(r"/(?:people|categories/[^/]+)/[^/]+/", link)]

    for path in [*listings[5:], *pieces, *named]:
        browser.open(path)

    assert len(pieces) >= 30
    assert len(named) >= 10
    assert "\n".join(browser.faults) == ""


def test_files_that_are_not_what_they_say_are_never_pages(serving: Serving, browser: Browser) -> None:
    shown = serving.get("/publications/media/")[1]
    files = re.findall(r"(?:href|src)=\"(/(?:files|images)/[^\"]+)\"", shown)

    for path in files:
        answer = browser.page.context.request.get(browser.address + path)
        kind, disposition = answer.headers["content-type"], answer.headers.get("content-disposition", "")
        assert kind.startswith(("text/plain", "text/csv", "application/pdf")) or "attachment" in disposition, path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert "sandbox" in answer.headers["content-security-policy"], path

    assert files
    assert "evil.svg" in shown
    assert "<svg onload" not in shown


def test_the_admins_lists_forms_and_reports_of_hostile_archives_are_quiet(serving: Serving, browser: Browser) -> None:
    browser.log_in()
    lists = ["/admin/", "/admin/publications/", "/admin/people/", "/admin/categories/", "/admin/imports/", "/admin/documents/", "/admin/images/"]  # fmt: skip
    led_to = {link for path in lists for link in browser.open(path)}
    reports = sorted(link for link in led_to if re.fullmatch(r"/admin/imports/[\d-]+/", link))
    forms = sorted(link for link in led_to if re.fullmatch(r"/admin/publications/edit/\d+/", link))

    for path in [*reports, *forms[:3]]:
        browser.open(path)

    assert len(reports) == len(FORMATS)
    assert forms
    # The admin has frames and handlers of its own; what is an archive's has one of our words in it.
    theirs = [fault for fault in browser.faults if re.search(r"\bran\b|canary|dialog", fault)]
    assert "\n".join(theirs) == ""
