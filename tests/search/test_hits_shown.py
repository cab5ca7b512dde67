from datetime import UTC, date, datetime

from isthmus.publications.cards import Card, Link, SeriesLink
from isthmus.search.hits import Hit
from isthmus.search.hits_shown import hits_html
from isthmus.search.pieces import Piece
from isthmus.search.snippet import Snippet

EVIL = "<b>\"&'"
SAFE = "&lt;b&gt;&quot;&amp;&#x27;"


def hit(*, is_pinned: bool = False, snippet: Snippet | None = None, **more: object) -> Hit:
    plain = {
        "url": "/publications/a/", "title": "A piece", "kind": "post", "kind_label": "Post", "series": None,
        "published_on": None, "people": [], "summary": "", "image": None, "lang": "en",
    }  # fmt: skip
    piece = Piece(1, Card(**(plain | more)), ())  # type: ignore[arg-type]
    return Hit(piece, snippet or Snippet("", "", ""), is_pinned)


def shown(one: Hit, **how: str) -> str:
    return hits_html([one], site_language="en", **how).replace("\n", "")


def test_a_post_without_anything_is_its_title():
    assert shown(hit()) == '<li class="hit"><h2 class="hit-title"><a href="/publications/a/">A piece</a></h2></li>'


def test_everything_else_stands_where_it_is_known():
    found = hit(
        is_pinned=True, kind="paper", kind_label="Paper", series=SeriesLink("Papers", "/papers/"), lang="ko",
        published_on=date(2020, 1, 20), people=[Link("Dan", "/people/dan/", "author"), Link("Carol", "", "author")],
        snippet=Snippet("a word", "a <mark>word</mark>", ":~:text=a%20word"),
    )  # fmt: skip

    assert shown(found, heading="h3") == (
        '<li class="hit"><p class="pinned">Chosen by the editors</p>'
        '<p class="kicker"><a href="/papers/">Papers</a> <span>Paper</span> '
        '<time datetime="2020-01-20">January 20, 2020</time></p>'
        '<h3 class="hit-title"><a href="/publications/a/#:~:text=a%20word" lang="ko">A piece</a></h3>'
        '<p class="by"><a href="/people/dan/">Dan</a>, Carol</p>'
        '<p class="snippet" lang="ko">a <mark>word</mark></p></li>'
    )


def test_an_event_says_when_it_begins_and_not_when_it_was_announced():
    starts = datetime(2020, 3, 4, 18, 30, tzinfo=UTC)
    found = shown(hit(kind="event", kind_label="Event", published_on=date(2020, 1, 1), starts=starts))

    assert '<p class="kicker"><span>Event</span></p>' in found
    assert '<time datetime="2020-03-04T18:30:00+00:00">March 4, 2020, 18:30</time>' in found


def test_no_name_or_title_becomes_markup():
    found = shown(
        hit(
            title=EVIL, kind="x", kind_label=EVIL, series=SeriesLink(EVIL, f"/{EVIL}/"), lang=EVIL,
            people=[Link(EVIL, f"/people/{EVIL}/", "author"), Link(EVIL, "", "author")],
        )
    )  # fmt: skip

    assert EVIL not in found
    assert found.count(SAFE) == 8
