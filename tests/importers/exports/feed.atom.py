"""What `feed.atom` says."""

from isthmus.importers.source_item import SourceAuthor, SourceItem

SOURCE = "feed"
ITEMS = [
    SourceItem(
        id="tag:lantern.example.org,2021:1",
        source="feed",
        where="feed.atom:item 1",
        title="안개 <b>그리고</b> 배",
        published="2021-01-02T03:04:05+09:00",
        authors=(SourceAuthor("김철수"),),
        categories=("나룻배",),
        language="ko",
        source_url="https://lantern.example.org/ko/",
        guid="tag:lantern.example.org,2021:1",
        modified="2021-01-02T03:04:05+09:00",
    ),
]
BODIES = {
    "tag:lantern.example.org,2021:1": "<p>본문</p>",
}
HOSTS = {"lantern.example.org"}
