"""What `wordpress.xml` says: authors of three kinds, classic text and blocks, and what is no publication."""
# ruff: noqa: E501 -- bodies stand as they come out

from isthmus.importers.source_item import Skipped, SourceAuthor, SourceItem

SOURCE = "wordpress"
ITEMS = [
    SourceItem(
        id="11",
        source="narrows.example",
        where="wordpress.xml:17",
        title="Ferries & Letters\xa0“Open”",
        published="2019-03-04 10:30:00+09:00",
        authors=(SourceAuthor(name="", key="alice", fallback="alice"),),
        categories=("Fisheries",),
        tags=("Sea & Shore",),
        shelves=(("categories", "Fisheries", "/category/fisheries/"), ("tags", "Sea & Shore", "/tag/sea/")),
        language="en",
        summary="What became of the ferries.",
        aliases=("/?p=11", "https://narrows.example/2019/03/boats/"),
        source_url="https://narrows.example/2019/03/ferries/",
        guid="http://old.narrows.example/?p=11",
        slug="ferries",
        modified="2019-03-05 10:30:00+09:00",
        media_id="21",
        labels=(("topics", "Quays"),),
        doubts=(("comments left out", "1"),),
    ),
    SourceItem(
        id="12",
        source="narrows.example",
        where="wordpress.xml:66",
        title="Blocks",
        published="2024-01-10 09:00:00",
        authors=(
            SourceAuthor(name="", key="cap-carol-finch", fallback="carol-finch"),
            SourceAuthor(name="", key="cap-bob", fallback="bob"),
        ),
        language="en",
        summary="How they are laid",
        aliases=("/?p=12",),
        source_url="https://narrows.example/2024/01/blocks/",
        extra={"footnotes": '[{"content":"See <em>there</em>.","id":"n-1"}]'},
        slug="blocks",
    ),
    SourceItem(
        id="13",
        source="narrows.example",
        where="wordpress.xml:98",
        title="About",
        published="2018-01-01 00:00:00+00:00",
        language="en",
        aliases=("/?p=13", "/?page_id=13"),
        source_url="https://narrows.example/about/",
        type="page",
        slug="about",
    ),
    SourceItem(
        id="14",
        source="narrows.example",
        where="wordpress.xml:109",
        title="Locked",
        published="2018-01-01 00:00:00+00:00",
        language="en",
        aliases=("/?p=14",),
        source_url="https://narrows.example/locked/",
        status="password",
    ),
    SourceItem(
        id="15",
        source="narrows.example",
        where="wordpress.xml:120",
        title="Later",
        published="2031-01-01 08:00:00+00:00",
        language="en",
        aliases=("/?p=15",),
        source_url="https://narrows.example/?p=15",
        status="scheduled",
    ),
    SourceItem(
        id="16",
        source="narrows.example",
        where="wordpress.xml:130",
        title="Broken",
        language="en",
        aliases=("/?p=16",),
        source_url="https://narrows.example/broken/",
        status="draft",
        doubts=(
            ("broken XML", "read although it is not well-formed (not well-formed (invalid token)): look at this piece"),
        ),
    ),
    Skipped(id="17", where="wordpress.xml:139", reason="in the trash of the old site"),
    Skipped(id="18", where="wordpress.xml:145", reason="an entry of a menu, no publication"),
    Skipped(
        id="19",
        where="wordpress.xml:151",
        reason="feedback: forms, orders and letters that people sent in are no publications",
    ),
    Skipped(
        id="21",
        where="wordpress.xml:158",
        reason="a picture or file, no piece of its own: it comes in with the pieces that use it",
    ),
    Skipped(
        id="22", where="wordpress.xml:170", reason="a person, no piece: the name comes in with the pieces that bear it"
    ),
    Skipped(id="", where="wordpress.xml:178", reason="item 12: the file breaks off inside this item"),
]
PEOPLE = ["Alice Moore", "Bob Hale", "Carol Finch"]
MEDIA = ["https://narrows.example/up/quay.jpg"]
HOSTS = {"narrows.example", "old.narrows.example"}
BODIES = {
    "11": (
        "<p>The ferries stopped.</p>\n"
        "<p>Nobody <em>knows</em> why.<br />\n"
        'Not even Bob.<sup><a href="#isthmus-note-1" id="isthmus-note-ref-1">1</a></sup></p><figure><a href="https://narrows.example/up/quay.jpg"><img src="https://narrows.example/up/quay-300x200.jpg" alt="The quay" width="300" /></a><figcaption>The quay in winter</figcaption></figure><blockquote><p>They named no dates.</p>\n'
        "<p>They never did.</p></blockquote><ul><li>One</li><li>Two</li></ul><pre>\n"
        "a  = [1]\n"
        "\n"
        "b\n"
        '</pre><figure><img src="https://narrows.example/up/quay.jpg" alt="Ice"/><figcaption>The quay</figcaption></figure><iframe src="https://www.youtube.com/embed/abcdefghijk"></iframe><p>[this] is prose, and [gallery] is a word.</p>\n'
        '<p>Kept.</p><ol><li id="isthmus-note-1">He was asked <a href="https://narrows.example/?p=12">twice</a>. <a href="#isthmus-note-ref-1">↩</a></li></ol>'
    ),
    "12": (
        "\n"
        "<p>One\n"
        'line<sup><a href="#isthmus-note-1" id="isthmus-note-ref-1">1</a></sup></p>\n'
        "\n"
        "\n"
        '<figure><iframe src="https://player.vimeo.com/video/123456"></iframe><figcaption>A film</figcaption></figure>\n'
        "\n"
        "\n"
        "\n"
        "\n"
        "\n"
        "\n"
        '<ol><li id="isthmus-note-1">See <em>there</em>. <a href="#isthmus-note-ref-1">↩</a></li></ol>\n'
        ""
    ),
    "13": ('<p>Who we are. <a href="https://narrows.example/gone/">Gone</a> <a href="/?p=12">Here</a></p>'),
    "14": ("<p>Secret.</p>"),
    "15": ("<p>Soon.</p>"),
    "16": ("<p>Nested <![CDATA[ words ]]> end.</p>"),
}
WARNINGS = {
    "11": [("gallery", "pictures 99 are not in the archive"), ("unknown shortcode", "weather, box")],
    "12": [("block left out", "acme/clock")],
}
