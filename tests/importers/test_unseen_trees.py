"""Trees of Jekyll, Hugo and Eleventy that stand below a path, keep languages in folders and have terms of their own."""

from __future__ import annotations

from pathlib import Path

from isthmus.importers.cleaned import Cleaned
from tests.importers.samples import cleaned_in

DATED = "---\ntitle: {}\ndate: 2020-01-02\n{}---\n{}\n"


def _pieces(folder: Path, files: dict[str, str | bytes]) -> dict[str, Cleaned]:
    return {title: item for title, item in cleaned_in(folder, files).items() if isinstance(item, Cleaned)}


def test_a_jekyll_site_below_a_path_keeps_it_in_its_addresses_and_links(tmp_path: Path) -> None:
    body = (
        '{% include figure.html src="/a.png" caption="Quay" %}\n'
        "[b]({% post_url 2020-01-03-b %}) [c]({{ site.url }}{{ site.baseurl }}/c/) [d]({{ '/d/' | relative_url }})"
    )
    pieces = _pieces(
        tmp_path,
        {
            "_config.yml": "url: https://j.example\nbaseurl: /blog\npermalink: /:categories/:year/:title/\n",
            "_posts/2020-01-02-a.md": f"---\ntitle: A\ncategories: news asia\nredirect_from: /old/\n---\n{body}",
            "_posts/2020-01-03-b.md": "---\ntitle: B\n---\nWords",
        },
    )

    assert pieces["A"].former_paths == ["/blog/news/asia/2020/a/", "/blog/old/"]
    for path in ("2020/b/", "c/", "d/"):
        assert f'href=\\"https://j.example/blog/{path}\\"' in pieces["A"].body


def test_a_collection_that_jekyll_built_no_pages_of_stays_hidden(tmp_path: Path) -> None:
    config = "collections:\n  reports: {output: true}\n  notes: {}\n"
    pieces = _pieces(
        tmp_path,
        {
            "_config.yml": config,
            "_reports/r.md": DATED.format("Report", "", "Words"),
            "_notes/n.md": DATED.format("Note", "", "Words"),
        },
    )

    assert (pieces["Report"].status, pieces["Note"].status) == ("release", "draft")


def test_hugo_keeps_languages_in_folders_and_terms_of_its_own(tmp_path: Path) -> None:
    config = (
        'baseURL = "https://h.example/house/"\n[taxonomies]\nregion = "regions"\n'
        '[permalinks]\nposts = "/:year/:slug/"\n'
        '[languages.en]\ncontentDir = "content/english"\n[languages.ko]\n'
    )
    pieces = _pieces(
        tmp_path,
        {
            "hugo.toml": config,
            "content/english/posts/a.md": DATED.format("A", "regions: [East Asia]\nauthors: [carol]\n", "Words"),
            "content/ko/posts/b.md": DATED.format("B", "", '[a]({{< ref "a.md" >}})'),
            "content/ko/about.md": "---\ntitle: About\n---\nWords",
            "content/english/authors/carol/_index.md": "---\ntitle: Carol Finch\nbio: She writes.\n---\n",
        },
    )

    assert [(one.language, one.former_paths) for one in pieces.values()] == [
        ("en", ["/house/2020/a/"]), ("ko", ["/house/ko/about/"]), ("ko", ["/house/ko/2020/b/"]),
    ]  # fmt: skip
    assert pieces["A"].labels == [("regions", "East Asia")]
    assert pieces["A"].bylines[0].name == "Carol Finch"
    assert pieces["About"].type == "page"
    assert "https://h.example/house/2020/a/" in pieces["B"].body


def test_eleventys_date_in_a_permalink_is_the_pages_own(tmp_path: Path) -> None:
    link = "permalink: \"/news/{{ page.date | date: '%Y/%m' }}/{{ page.fileSlug }}/\"\n"
    pieces = _pieces(
        tmp_path,
        {
            "eleventy.config.js": "",
            "news/a.md": DATED.format("A", link, "{% image './a.jpg', 'Quay' %}"),
        },
    )

    assert pieces["A"].former_paths == ["/news/2020/01/a/"]
    assert ("missing image", "./a.jpg") in pieces["A"].warnings
