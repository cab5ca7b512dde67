"""What the tree `hugo` says: TOML, YAML and JSON front matter, a page bundle, shortcodes, a profile, a draft in Korean."""
# ruff: noqa: E501 -- bodies as they stand

from isthmus.importers.source_item import Skipped, SourceAuthor, SourceItem, SourceMedia

SOURCE = "markdown"
ITEMS = [
    Skipped(
        "narrows.example.org/content/authors/bob/_index.md",
        "content/authors/bob/_index.md:1",
        "a person's profile: the name is taken over with the pieces that bear it",
    ),
    SourceItem(
        id="narrows.example.org/content/posts/fog/index.md",
        source="markdown",
        where="content/posts/fog/index.md:1",
        title="Fog",
        published="2019-03-11T12:00:00+09:00",
        authors=(SourceAuthor("Bob Okoro", key="bob"),),
        tags=("Weather, and more", "Fog"),
        shelves=(
            ("tags", "Weather, and more", "https://narrows.example.org/tags/weather-and-more/"),
            ("tags", "Fog", "https://narrows.example.org/tags/fog/"),
        ),
        language="en",
        aliases=("/2018/fog/", "/2019/mist"),
        source_url="https://narrows.example.org/2019/fog/",
        external_url="https://example.org/fog",
        slug="fog",
        featured=SourceMedia("fog.jpg", alt="Fog"),
        doubts=(("unresolved link", "ref “nowhere.md”"), ("unknown shortcode", "unheard")),
    ),
    Skipped(
        "narrows.example.org/content/posts/old/_index.md",
        "content/posts/old/_index.md:1",
        "the list of a section, without text of its own",
    ),
    SourceItem(
        id="narrows.example.org/content/posts/private.ko.md",
        source="markdown",
        where="content/posts/private.ko.md:1",
        title="비공개",
        published="2020-01-01",
        language="ko",
        source_url="https://narrows.example.org/ko/2020/private/",
        status="draft",
        slug="private",
    ),
    SourceItem(
        id="narrows.example.org/content/posts/thaw.md",
        source="markdown",
        where="content/posts/thaw.md:1",
        title="Thaw",
        published="2019-04-01",
        language="en",
        summary="It thaws.",
        source_url="https://narrows.example.org/2019/thaw/",
        external_url="https://elsewhere.example.org/thaw",
        slug="thaw",
    ),
]
BODIES = {
    "narrows.example.org/content/posts/fog/index.md": '<p>As /2019/thaw/#two says, <a href="/2019/thaw/">read it</a> or <a href="nowhere.md">this</a>.</p>\n<figure><img src="fog.jpg" alt="Fog &gt; sea"><figcaption>The <em>sea</em></figcaption></figure>\n<p>Mind the <strong>gap</strong>.</p>\n<iframe src="https://www.youtube.com/embed/abc123" title=""></iframe> Said \n<p>An example: <code>{{&lt; ref &quot;x.md&quot; &gt;}}</code> stays.</p>\n',
    "narrows.example.org/content/posts/private.ko.md": "<p>본문</p>\n",
}
PEOPLE = ["Bob Okoro"]
HOSTS = {"narrows.example.org"}
