"""What the tree `jekyll` says: posts, a draft, a page, a table of authors, and what belongs to the repository."""
# ruff: noqa: E501 -- bodies as they stand

from isthmus.importers.source_item import Skipped, SourceAuthor, SourceItem, SourceMedia

SOURCE = "markdown"
ITEMS = [
    Skipped("lantern.example.org/README.md", "README.md:1", "belongs to the repository, not to the site"),
    Skipped("", "_data/authors.yml:1", "a table of authors: their names are taken over with the pieces that bear them"),
    SourceItem(
        id="lantern.example.org/_drafts/not-yet.md",
        source="markdown",
        where="_drafts/not-yet.md:1",
        title="Not yet",
        language="en-GB",
        status="draft",
        slug="not-yet",
    ),
    SourceItem(
        id="lantern.example.org/_posts/2015-03-07-ferries-stop.md",
        source="markdown",
        where="_posts/2015-03-07-ferries-stop.md:1",
        title="Ferries &amp; fog: a <b>history</b>",
        published="2015-03-07 14:00:00 -4",
        authors=(SourceAuthor("Alice Moore", key="alice"), SourceAuthor("Bob Okoro"), SourceAuthor("Boone Jones")),
        categories=("Transport",),
        tags=("ferries", "fog"),
        language="en-GB",
        summary="Nobody sails.",
        aliases=("/old/ferries/", "/older/ferries.html"),
        source_url="https://lantern.example.org/2015/03/07/ferries-stop/",
        slug="ferries-stop",
        featured=SourceMedia("/assets/fog.jpg", alt="Fog over the narrows"),
        doubts=(
            ("template", "a for of the old site's template"),
            ("unknown tag", "include unknown.html"),
            ("author from slug", "“boone-jones” has no profile; taken as Boone Jones"),
        ),
    ),
    SourceItem(
        id="lantern.example.org/_posts/2016-1-2-letters.md",
        source="markdown",
        where="_posts/2016-1-2-letters.md:1",
        title="Letters",
        published="2016-01-02",
        language="en-GB",
        source_url="https://lantern.example.org/2016/01/02/letters/",
        slug="letters",
        doubts=(
            (
                "front matter",
                "is no YAML (mapping values are not allowed in this context at line 2); each key was read alone",
            ),
        ),
    ),
    SourceItem(
        id="lantern.example.org/about.md",
        source="markdown",
        where="about.md:1",
        title="About us",
        language="en-GB",
        source_url="https://lantern.example.org/about/",
        type="page",
        slug="about",
    ),
]
BODIES = {
    "lantern.example.org/_drafts/not-yet.md": "<p>Soon.</p>\n",
    "lantern.example.org/_posts/2015-03-07-ferries-stop.md": '<p>See <a href="/2016/01/02/letters/#two">the letters</a> and <a href="/about/">all</a>.</p>\n<img src="/assets/map.png" alt="A map">\n<h2><a id="say"></a>What they say</h2>\n<p>Kept words</p>\n<pre><code class="language-php">&lt;?php echo &quot;{{ name }}&quot;; // [gallery] ?&gt;\n</code></pre>\n<p><code>{{ kept }}</code> and</p>\n<pre><code class="language-ruby">puts &quot;{{ x }}&quot;\n</code></pre>\n<p>A note.<sup class="footnote-ref"><a href="#fn-1" id="fnref-1" data-footnote-ref>1</a></sup></p>\n<section class="footnotes" data-footnotes>\n<ol>\n<li id="fn-1">\n<p>Not in March. <a href="#fnref-1" class="footnote-backref" data-footnote-backref data-footnote-backref-idx="1" aria-label="Back to reference 1">↩</a></p>\n</li>\n</ol>\n</section>\n',
    "lantern.example.org/_posts/2016-1-2-letters.md": "<p>Four letters.</p>\n",
    "lantern.example.org/about.md": "<p>Who we are.</p>\n",
}
PEOPLE = ["Alice Moore"]
HOSTS = {"lantern.example.org"}
