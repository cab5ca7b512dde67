"""What `page.html` says."""
# ruff: noqa: E501 -- bodies as they stand

from isthmus.importers.source_item import SourceAuthor, SourceItem, SourceMedia

SOURCE = "html"
ITEMS = [
    SourceItem(
        id="https://lantern.example.org/ferries-stop/",
        source="html",
        where="page.html:1",
        title="Ferries stop",
        published="2019-03-04T09:00:00+09:00",
        authors=(SourceAuthor("Alice Moore"), SourceAuthor("Bob Okoro", affiliation="Institute of the Narrows")),
        tags=("Ferries", "Fog"),
        language="en-GB",
        summary="Nobody sails.",
        source_url="https://lantern.example.org/ferries-stop/",
        slug="ferries-stop",
        modified="2025-01-03T20:32:57+00:00",
        featured=SourceMedia("https://lantern.example.org/fog.jpg"),
    ),
]
BODIES = {
    "https://lantern.example.org/ferries-stop/": '<p>The ferries across the narrows have not sailed since the autumn, and nobody expects them to.<a href="#n1" id="r1">[1]</a></p>\n<h2 id="toc-two">What the letters say</h2>\n<ul><li>Short.</li></ul><pre><code>a &lt; b  &amp;&amp;  c</code></pre>\n<p>The minister, who wrote four letters last year, has written two more; neither was answered, as far as anybody knows.</p>\n<p id="n1"><a href="#r1">1</a> The letters were short.</p>',
}
HOSTS = {"lantern.example.org"}
