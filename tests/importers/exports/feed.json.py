"""What `feed.json` says."""

from isthmus.importers.source_item import Skipped, SourceAuthor, SourceItem, SourceMedia

SOURCE = "feed"
ITEMS = [
    SourceItem(
        id="https://lantern.example.org/a/",
        source="feed",
        where="feed.json:item 1",
        title="A",
        published="2021-05-28T20:11:54-04:00",
        authors=(SourceAuthor("Alice Moore"),),
        categories=("Fähren",),
        language="de",
        source_url="https://lantern.example.org/a/",
        featured=SourceMedia("https://lantern.example.org/a.jpg"),
        attachments=(SourceMedia("https://lantern.example.org/a.pdf", title="The report", type="application/pdf"),),
    ),
    SourceItem(
        id="lantern.example.org 7",
        source="feed",
        where="feed.json:item 2",
        title="B",
        language="de",
        guid="7",
        external_url="https://example.org/b",
    ),
    Skipped("", "feed.json:item 3", "no guid, no link and no title, so a second run could not know it again"),
]
BODIES = {
    "https://lantern.example.org/a/": "<p>Nebel</p>",
    "lantern.example.org 7": "<p>One.</p><p>Two.</p>",
}
HOSTS = {"lantern.example.org"}
