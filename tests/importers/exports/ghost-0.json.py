"""What `ghost-0.json` says: an export of Ghost 0.x, bare, with numbers for dates."""

from isthmus.importers.source_item import Skipped, SourceAuthor, SourceItem, SourceMedia

SOURCE = "ghost"
ALICE = SourceAuthor("Alice Moore", key="1-alice")
ITEMS = [
    SourceItem(
        id="0b6e3f7c-0000-4000-8000-000000000007",
        source="ghost",
        where="ghost-0.json:post 1",
        title="Ferries &amp; Fog",
        slug="ferries-and-fog",
        published="2015-08-23T18:59:46+00:00",
        modified="2015-08-24T18:59:46+00:00",
        authors=(ALICE,),
        tags=("Weather", "Ferries"),
        shelves=(("tags", "Weather", "/tag/weather/"), ("tags", "Ferries", "/tag/ferries/")),
        language="en-US",
        featured=SourceMedia("/content/images/2015/08/fog.jpg"),
        source_url="/2015/08/ferries-and-fog/",
        aliases=("/ferries-and-fog/",),
    ),
    SourceItem(
        id="8",
        source="ghost",
        where="ghost-0.json:post 2",
        type="page",
        title="About",
        slug="about",
        published="2015-08-23 18:59:46Z",
        authors=(ALICE,),
        source_url="/about/",
    ),
    SourceItem(
        id="0b6e3f7c-0000-4000-8000-000000000009",
        source="ghost",
        where="ghost-0.json:post 3",
        title="Not ready",
        slug="not-ready",
        published="Invalid date",
        authors=(SourceAuthor("Bob Okoro", key="2-bob"),),
        source_url="/not-ready/",
        status="draft",
    ),
    Skipped("", "ghost-0.json:post 4", "neither uuid nor id, so a second run could not know it again"),
]
PEOPLE = ["Alice Moore", "Bob Okoro"]
BODIES = {
    "0b6e3f7c-0000-4000-8000-000000000007": (
        '<p>Fog <em>stops</em> the ferry.<sup class="footnote-ref"><a href="#fn-1" id="fnref-1" data-footnote-ref>1</a>'
        "</sup></p>\n<pre><code>if (fog) { stop(&quot;[ferry]&quot;); }\n</code></pre>\n"
        '<section class="footnotes" data-footnotes>\n<ol>\n<li id="fn-1">\n<p>Not in March. <a href="#fnref-1" '
        'class="footnote-backref" data-footnote-backref data-footnote-backref-idx="1" '
        'aria-label="Back to reference 1">↩</a></p>\n</li>\n</ol>\n</section>\n'
    ),
    "8": '<p>Who we are. <a href="/ferries-and-fog/">Fog</a></p>',
}
