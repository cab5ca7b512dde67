"""A WordPress export of any size made from a fixed seed: posts with people, terms, notes, pictures, links, comments."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from generated import SYLLABLES

SITE = "https://old.example"
_HEAD = f"""<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>Made</title><link>{SITE}</link><language>en</language>
<wp:wxr_version>1.2</wp:wxr_version><wp:base_site_url>{SITE}</wp:base_site_url><wp:base_blog_url>{SITE}</wp:base_blog_url>
"""
_N_AUTHORS, _N_TAGS, _N_PARAGRAPHS = 200, 400, 4000


def write(path: Path, *, n_posts: int | None = None, n_bytes: int | None = None, seed: int = 11) -> tuple[Path, int]:
    """A file of so many posts, or of at least so many bytes, 8 kB a post; returns the path and how many posts."""
    chance, written, n = random.Random(seed), 0, 0
    parts = _Parts(chance)
    with path.open("w", encoding="utf-8") as out:
        written += out.write(_HEAD + "".join(_author(number, parts) for number in range(_N_AUTHORS)))
        while (n_posts is None or n < n_posts) and (n_bytes is None or written < n_bytes):
            n += 1
            written += out.write(_post(n, chance, parts))
        out.write("</channel>\n</rss>\n")
    return path, n


class _Parts:
    """Words after Zipf, and paragraphs of them that posts share, so that half a gigabyte is made in a minute."""

    def __init__(self, chance: random.Random) -> None:
        self.words = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(30_000)]
        weights = list(accumulate(1 / rank for rank in range(1, len(self.words) + 1)))
        self.paragraphs = [
            " ".join(chance.choices(self.words, cum_weights=weights, k=90)).capitalize() + "."
            for _ in range(_N_PARAGRAPHS)
        ]

    def name(self, number: int) -> str:
        """Of a person."""
        return f"{self.words[number].capitalize()} {self.words[number * 7 + 3].capitalize()}"


def _author(number: int, parts: _Parts) -> str:
    name = parts.name(number)
    return (
        f"<wp:author><wp:author_id>{number}</wp:author_id><wp:author_login>login{number}</wp:author_login>"
        f"<wp:author_display_name><![CDATA[{name}]]></wp:author_display_name></wp:author>\n"
    )


def _post(number: int, chance: random.Random, parts: _Parts) -> str:
    at = datetime(1990, 1, 1, 9, tzinfo=UTC) + timedelta(hours=5 * number)
    title = " ".join(chance.choices(parts.words, k=7)).capitalize()
    tags = "".join(
        f'<category domain="post_tag" nicename="tag-{tag}"><![CDATA[Tag {tag}]]></category>'
        for tag in chance.sample(range(_N_TAGS), k=3)
    )
    category = chance.randint(1, 30)
    return f"""<item>
<title>{title}</title><link>{SITE}/{at:%Y/%m}/post-{number}/</link><pubDate>{at:%a, %d %b %Y %H:%M:%S} +0000</pubDate>
<dc:creator><![CDATA[login{chance.randrange(_N_AUTHORS)}]]></dc:creator>
<guid isPermaLink="false">{SITE}/?p={number}</guid>
<content:encoded><![CDATA[{"".join(_body(number, chance, parts))}]]></content:encoded>
<excerpt:encoded><![CDATA[]]></excerpt:encoded>
<wp:post_id>{number}</wp:post_id><wp:post_date>{at:%Y-%m-%d %H:%M:%S}</wp:post_date>
<wp:post_date_gmt>{at:%Y-%m-%d %H:%M:%S}</wp:post_date_gmt><wp:post_name>post-{number}</wp:post_name>
<wp:status>publish</wp:status><wp:post_parent>0</wp:post_parent><wp:post_type>post</wp:post_type>
<category domain="category" nicename="category-{category}"><![CDATA[Category {category}]]></category>{tags}
<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_content>Agreed.</wp:comment_content></wp:comment>
</item>
"""


def _body(number: int, chance: random.Random, parts: _Parts) -> Iterator[str]:
    """Every other one as today's editor writes it, the rest as the old one did."""
    paragraphs = chance.sample(parts.paragraphs, k=11)
    link = f'<a href="{SITE}/?p={chance.randint(1, number)}">earlier</a>'
    paragraphs[2] += f" As we said {link}."
    if number % 2:
        yield from (f"<!-- wp:paragraph -->\n<p>{words}</p>\n<!-- /wp:paragraph -->\n\n" for words in paragraphs)
        yield "<!-- wp:list -->\n<ul><li>One</li><li>Two</li></ul>\n<!-- /wp:list -->\n"
    else:
        paragraphs[1] += '<sup><a href="#fn1" id="ref1">1</a></sup>'
        yield "\n\n".join(paragraphs)
        yield '\n\n<h2>Notes</h2>\n\n<p id="fn1">1. The first of them. <a href="#ref1">Back</a></p>\n'
