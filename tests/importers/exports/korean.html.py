"""What `korean.html` says."""
# ruff: noqa: E501 -- bodies as they stand

from isthmus.importers.source_item import SourceAuthor, SourceItem, SourceMedia

SOURCE = "html"
ITEMS = [
    SourceItem(
        id="korean.html",
        source="html",
        where="korean.html:1",
        title="신년사",
        published="2018/01/01",
        authors=(SourceAuthor("Robert King"), SourceAuthor("김철수")),
        language="ko",
        slug="korean",
        attachments=(SourceMedia("https://lantern.example.org/a.pdf"),),
    ),
]
BODIES = {
    "korean.html": '<div><body id="readabilityBody"><p>조선로동당의 신년사는 해마다 첫날에 나온다. 이 글은 그 내용을 짧게 정리한 것이며 다른 뜻은 없다.<br><br>둘째 문단도 있다. 여기에는 태그로 나눈 문단이 없고 줄바꿈만 있다. 그래도 글은 모두 들어와야 한다.</p></body></div>',
}
