"""What `markdown.md` says: Markdown alone, whose title is its first heading."""
# ruff: noqa: E501 -- bodies as they stand

from isthmus.importers.source_item import SourceItem

SOURCE = "markdown"
ITEMS = [
    SourceItem(
        id="markdown.md",
        source="markdown",
        where="markdown.md:1",
        title="Alone, without front matter",
        slug="markdown",
    ),
]
BODIES = {
    "markdown.md": "<p>By nobody: <strong>a folder of notes</strong> has no generator.</p>\n<pre><code>{{&lt; kept &gt;}} {% kept %}\n</code></pre>\n",
}
