"""What `feed.xml` says."""
# ruff: noqa: E501 -- bodies as they stand

from isthmus.importers.source_item import Skipped, SourceAuthor, SourceItem, SourceMedia

SOURCE = "feed"
ITEMS = [
    SourceItem(
        id="https://lantern.example.org/?p=17",
        source="feed",
        where="feed.xml:item 1",
        title="Ferries – and &amp; fog",
        published="Fri, 28 May 2021 20:11:54 -0400",
        authors=(SourceAuthor("Alice Moore, Harbour Master"), SourceAuthor("Bob Okoro")),
        categories=("Ferries",),
        language="en-GB",
        summary="Nobody sails…",
        source_url="https://lantern.example.org/ferries/",
        guid="https://lantern.example.org/?p=17",
        featured=SourceMedia("https://lantern.example.org/fog.jpg"),
    ),
    SourceItem(
        id="lantern.example.org 42",
        source="feed",
        where="feed.xml:item 2",
        title="By number",
        authors=(SourceAuthor("Carol Finch"),),
        language="en-GB",
    ),
    Skipped("", "feed.xml:item 3", "no guid, no link and no title, so a second run could not know it again"),
]
BODIES = {
    "https://lantern.example.org/?p=17": "<p>Nobody sails before the thaw, and nobody in either capital expects it.</p>",
    "lantern.example.org 42": "Only a description.",
}
HOSTS = {"lantern.example.org"}
