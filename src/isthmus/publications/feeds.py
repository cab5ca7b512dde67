"""Atom feeds of the site and of every listing: full text, authors in order, newest first (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import feedgenerator
from django.utils.encoding import iri_to_uri
from django.views.decorators.http import require_safe

from isthmus.kit import collecting
from isthmus.publications import context, listed, rendering, visibility
from isthmus.publications.kept_views import kept
from isthmus.publications.models import Byline, HomePage, Publication

# What XML 1.0 cannot hold even as an entity; one such sign in one piece would cost every reader the feed.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

# The name space of entry ids. To change it would show every subscriber every piece anew.
_ENTRIES = UUID("5f0c8a52-3d0e-4c1b-9a52-6f6d1e0b7c49")
# Of one state: with their bodies 6 MB.
_MOST_ENTRIES = 300


class _Atom(feedgenerator.Atom1Feed):
    """Django's Atom with the full text, one author element for each author, and dates of our own."""

    def latest_post_date(self) -> datetime:
        """When anything in it changed last; an empty feed says the same day each time."""
        return super().latest_post_date() if self.items else datetime(1970, 1, 1, tzinfo=UTC)

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """Write one entry."""
        super().add_item_elements(handler, item)
        for name in item["authors"]:
            handler.startElement("author", {})
            handler.addQuickElement("name", name)
            handler.endElement("author")
        handler.addQuickElement("content", item["content_html"], {"type": "html"})


def atom(pieces: Iterable[int], *, title: str, page_path: str, feed_path: str, name: str = "") -> HttpResponse:
    """Visible pieces as Atom, newest first; entry ids never change with an address.

    name: of the listing, as `listed.rows_of` has it; empty for a feed that is never kept.

    page_path, feed_path: root-relative and percent-encoded; feed_path may hold a query string.
    """
    collecting.note(*([f"feed:{name}"] if name else []))
    site = context.current_site()
    feed = _Atom(
        title=_xml_text(title),
        link=settings.PUBLIC_URL + page_path,
        description=_xml_text(site.description),
        language=site.language,
        feed_url=settings.PUBLIC_URL + feed_path,
        author_name=_xml_text(site.name),
        feed_guid=_feed_id(feed_path),
    )
    for entry in _entries(list(pieces)):
        feed.add_item(**entry)
    return HttpResponse(feed.writeString("utf-8"), content_type=f"{_Atom.content_type}")


def _entries(pieces: list[int]) -> list[dict[str, Any]]:
    """The entries of these pieces, each made once for a state: a piece stands in the feeds of all that it names."""
    kept = collecting.once("entries", dict[int, tuple[dict[str, Any], frozenset[str]]])
    found = {number: known for number in pieces if (known := kept.get(number)) is not None}
    state = outer.state if (outer := collecting.current()) else None
    for row in listed.whole_rows([number for number in pieces if number not in found]):
        with collecting.gathering(state) as own:
            collecting.note(*listed.named_on(row), *(category.subject for category in row.categories.all()))
            entry = _entry(row)
        found[row.pk] = (entry, frozenset(own.tags))
    if len(kept) + len(found) > _MOST_ENTRIES:
        kept.clear()
    kept.update(found)
    shown = [found[number] for number in pieces if number in found]
    collecting.note(*(tag for _, tags in shown for tag in tags))
    return [entry for entry, _ in shown]


def _entry(row: Publication) -> dict[str, Any]:
    authors = [_xml_text(line.name) for line in row.bylines.all() if line.role == Byline.Role.AUTHOR]
    changed = row.last_published_at or row.released_at or datetime(1970, 1, 1, tzinfo=UTC)
    return {
        "title": _xml_text(row.title),
        "link": context.absolute(row.path),
        "description": _xml_text(row.excerpt),
        "unique_id": _entry_id(row),
        "pubdate": row.published_at or row.released_at,
        "updateddate": changed,
        "categories": [_xml_text(category.label) for category in row.categories.all()],
        "authors": authors,
        "content_html": _xml_text(rendering.render_body(row.body.raw_data).html),
    }


def _feed_id(feed_path: str) -> str:
    """The same wherever the site moves: made of the feed's path and of a number that was drawn for the front page.

    That number is Wagtail's own for the page and its translations; it is in the database, so it moves with a backup.
    """
    drawn = HomePage.objects.order_by("pk").values_list("translation_key", flat=True).first()
    return uuid5(drawn or _ENTRIES, feed_path).urn


def _entry_id(row: Publication) -> str:
    """The same for ever (RFC 4287, 4.2.6), wherever the site moves and whatever becomes of slug and series.

    Made of what is written once and never again: the row's number and the microsecond of its first release, which
    together no other institute has.
    """
    first = row.released_at.astimezone(UTC).isoformat(timespec="microseconds") if row.released_at else ""
    return uuid5(_ENTRIES, f"{row.pk} {first}").urn


def _xml_text(text: str) -> str:
    return _NOT_IN_XML.sub("", text)


@kept()
@require_safe
def site_feed(request: HttpRequest) -> HttpResponse:
    """Everything the institute publishes."""
    title = context.current_site().name
    newest = listed.numbers("all", 0, settings.ISTHMUS.feed_items)
    return atom(newest, title=title, page_path="/", feed_path="/feed/", name="all")


@kept()
@require_safe
def series_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """A series."""
    row = visibility.series().filter(slug=slug).first()
    if row is None:
        raise Http404
    return _listing_feed(row, row.title)


@kept()
@require_safe
def person_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything a person had a part in."""
    row = listed.person_at(slug)
    if row is None:
        raise Http404
    return _listing_feed(row, row.name)


@kept()
@require_safe
def category_feed(request: HttpRequest, axis: str, slug: str) -> HttpResponse:
    """A category and what is below it."""
    row = listed.category_at(axis, slug)
    if row is None:
        raise Http404
    collecting.note("tree:categories")
    return _listing_feed(row, row.label)


def _listing_feed(of: Any, name: str) -> HttpResponse:
    url = iri_to_uri(of.path)
    title = f"{name} · {context.current_site().name}"
    newest = listed.numbers(of.subject, 0, settings.ISTHMUS.feed_items)
    return atom(newest, title=title, page_path=url, feed_path=f"{url}feed/", name=of.subject)
