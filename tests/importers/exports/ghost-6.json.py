"""What `ghost-6.json` says: an export of Ghost 6 with Lexical, mobiledoc, cards as rendered, and things for members."""

from isthmus.importers.source_item import SourceAuthor, SourceItem, SourceMedia

SOURCE = "ghost"
ITEMS = [
    SourceItem(
        id="u-1",
        source="ghost",
        where="ghost-6.json:post 1",
        title="Letters",
        slug="letters",
        published="2024-02-19T23:37:21.000Z",
        modified="2024-02-20T11:00:00.000Z",
        authors=(SourceAuthor("Alice Moore", key="1-alice"), SourceAuthor("Bob Okoro", key="2-bob")),
        tags=("Ferries",),
        language="fr",
        summary="Nobody answers.",
        featured=SourceMedia(
            "/content/images/2024/01/l.jpg", alt="A letter", caption='Photo by <a href="https://example.org">Dan</a>'
        ),
        source_url="/letters/",
        extra={"internal_tags": ["#wide"]},
    ),
    SourceItem(
        id="u-2",
        source="ghost",
        where="ghost-6.json:post 2",
        title="For members",
        slug="for-members",
        published="2024-03-01T00:00:00.000Z",
        language="fr",
        source_url="/for-members/",
        status="private",
    ),
    SourceItem(
        id="u-3",
        source="ghost",
        where="ghost-6.json:post 3",
        title="Later",
        slug="later",
        published="2031-01-01T08:00:00.000Z",
        language="fr",
        source_url="/later/",
        status="scheduled",
    ),
    SourceItem(
        id="u-4",
        source="ghost",
        where="ghost-6.json:post 4",
        title="Mail only",
        slug="mail-only",
        published="2024-04-01T00:00:00.000Z",
        language="fr",
        source_url="/mail-only/",
        status="private",
    ),
    SourceItem(
        id="u-5",
        source="ghost",
        where="ghost-6.json:post 5",
        type="page",
        title="Cards as rendered",
        slug="cards",
        published="2024-05-01T00:00:00.000Z",
        language="fr",
        source_url="/cards/",
    ),
]
PEOPLE = ["Alice Moore", "Bob Okoro"]
BODIES = {
    "u-1": (
        '<h2>Before the thaw</h2><p>Plain, <strong>bold</strong> and <code>a_b[0]</code><br><a href="/about/">about</a>'
        '</p><ol start="3"><li>three</li></ol><pre><code class="language-php">&lt;?php echo &quot;&lt;b&gt;[gallery]'
        '&lt;/b&gt;&quot;; ?&gt;</code></pre><p><a href="https://example.org/a">A &amp; B</a>: On boats</p>'
        "<blockquote><p>⚓ Mind the <strong>gap</strong></p></blockquote>"
        '<p><a href="/content/files/2024/01/timetable.pdf">Timetable</a>: PDF</p>Kept words'
    ),
    "u-2": "<p>Secret</p>",
    "u-3": (
        '<p><strong>Bold</strong><br><a href="https://example.org/b">link &lt;&amp;&gt;</a></p>\n'
        "<ul><li>one</li><li>two</li></ul>\n<p>A <em>card</em></p>\n\n"
    ),
    "u-4": "<p>Hello</p>",
    "u-5": (
        '<p>One</p><div><p><a href="https://example.org/x">X &amp; Y</a>: On X</p></div>'
        '<div><p><a href="/content/files/a.pdf">Report</a></p></div>'
        '<div><p><a href="/content/media/t.mp3">Talk</a></p></div><pre><code>a &lt; b &amp;&amp; [c]</code></pre>'
    ),
}
WARNINGS = {"u-1": [("unknown card", "hologram")], "u-3": [("unknown card", "hologram")]}
