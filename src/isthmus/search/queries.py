"""What readers find: one page of hits, exact totals, snippets. The only place that asks both index and gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.safestring import SafeString, mark_safe

from isthmus.kit.errors import UsageError
from isthmus.publications import queries as pieces
from isthmus.publications import visibility
from isthmus.publications.cards import Card, card
from isthmus.publications.models import JournalEntry, Publication
from isthmus.search.engine import Engine, EngineHit, Sort
from isthmus.search.language import parse
from isthmus.search.query import Query
from isthmus.search.shelf import shelf
from isthmus.search.snippet import Snippet, snippet

PER_PAGE, MAX_PER_PAGE = 10, 100
# Any number of digits is a number; this many is no page of ours.
_MAX_PAGE = 1_000_000
# Withdrawn pieces that the index may still hold; more than wait there in two seconds.
_MAX_HIDDEN = 5000


@dataclass(frozen=True, slots=True)
class Hit:
    """One found piece as it is shown. url_with_fragment leads to the passage in the piece."""

    id: int
    card: Card
    people: tuple[str, ...]
    snippet: Snippet

    @property
    def snippet_html(self) -> SafeString:
        """The passage, escaped, with <mark> around what was found."""
        return mark_safe(self.snippet.html)  # noqa: S308  (escaped by search.snippet, marks are ours)

    @property
    def url_with_fragment(self) -> str:
        """The piece's address, landing on the passage in browsers that know text fragments."""
        return f"{self.card.url}#{self.snippet.fragment}" if self.snippet.fragment else self.card.url


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what was found; total counts all pages, index_total all there is."""

    query: Query
    total: int
    index_total: int
    page: int
    per_page: int
    sort: Sort
    hits: tuple[Hit, ...]

    @property
    def n_pages(self) -> int:
        """At least 1."""
        return max(1, -(-self.total // self.per_page))

    def as_json(self, *, with_html: bool = False) -> dict[str, Any]:
        """The public contract's object; with_html adds `snippet_html` to each hit, as the API does."""
        return {
            "total": self.total,
            "index_total": self.index_total,
            "page": self.page,
            "per_page": self.per_page,
            "hits": [_hit_as_json(hit, with_html=with_html) for hit in self.hits],
            "facets": {},
        }


def _hit_as_json(hit: Hit, *, with_html: bool) -> dict[str, Any]:
    shown = hit.card
    found = {
        "url": shown.url,
        "title": shown.title,
        "published_on": shown.published_on.isoformat() if shown.published_on else None,
        "people": list(hit.people),
        "kind": shown.kind,
        "series": shown.series.title if shown.series else None,
        "snippet": hit.snippet.text,
    }
    return found | {"snippet_html": hit.snippet.html} if with_html else found


def search(query_text: str, *, page: int = 1, per_page: int = PER_PAGE, sort: str = Sort.RELEVANCE) -> Results:
    """Page `page`, counted from the best, of what answers the question; beyond the last page there are no hits.

    An empty question asks for everything, newest first, and is answered by the gate alone: it works without an
    index, and its total is the Total. sort: relevance, newest or oldest.
    Raises: UsageError for a page, size or order that cannot be; SearchAway if the index cannot answer.
    """
    order, offset = _checked(page, per_page, sort), (page - 1) * per_page
    query = parse(query_text)
    index_total = visibility.total()
    if query.is_empty:
        total, hits = index_total, _everything(order, offset=offset, limit=per_page)
    else:
        total, hits = _found(query, order, offset=offset, limit=per_page)
    return Results(query, total, index_total, page, per_page, order, hits)


def ids_of(query: str, *, limit: int) -> list[int]:
    """Numbers of the best visible pieces for a question, without snippets: for the editors' lists and feeds.

    Raises: SearchAway.
    """
    return _ids(parse(query), Sort.RELEVANCE, limit=limit)


def newest_ids(query: str, *, limit: int) -> list[int]:
    """The same, the newest instead of the best."""
    return _ids(parse(query), Sort.NEWEST, limit=limit)


def _ids(query: Query, sort: Sort, *, limit: int) -> list[int]:
    if query.is_empty:
        return [row.pk for row in _ordered(sort).only("pk")[:limit]]
    engine = shelf().current()
    found = engine.search(query, offset=0, limit=limit, sort=sort, without=_hidden(engine))
    visible = visibility.visible_ids(hit.id for hit in found.hits)
    return [hit.id for hit in found.hits if hit.id in visible]


def _checked(page: int, per_page: int, sort: str) -> Sort:
    if not 1 <= page <= _MAX_PAGE:
        raise UsageError(f"There is no page {page}: pages are numbered from 1.")
    if not 1 <= per_page <= MAX_PER_PAGE:
        raise UsageError(f"{per_page} hits on a page are not possible: ask for 1 to {MAX_PER_PAGE}.")
    try:
        return Sort(sort)
    except ValueError:
        raise UsageError(f"{sort[:40]!r} is no order of hits: write relevance, newest or oldest.") from None


def _ordered(sort: Sort) -> QuerySet[Publication]:
    order = ("listed_at", "pk") if sort is Sort.OLDEST else ("-listed_at", "-pk")
    return visibility.publications().order_by(*order)


def _everything(sort: Sort, *, offset: int, limit: int) -> tuple[Hit, ...]:
    rows = pieces.with_card_relations(_ordered(sort))[offset : offset + limit]
    return tuple(_hit(row, _opening(row)) for row in rows)


def _opening(row: Publication) -> Snippet:
    return snippet([row.excerpt], parse(""), list)


def _found(query: Query, sort: Sort, *, offset: int, limit: int) -> tuple[int, tuple[Hit, ...]]:
    """Total and hits, with what the gate no longer lets through taken out of both.

    The index may be two seconds behind. Pieces withdrawn since its last commit stand in the journal: they are told
    to the engine as absent, so that the total stays exact. A piece withdrawn within this very search is dropped
    from its page and from the total.
    """
    engine = shelf().current()
    found = engine.search(query, offset=offset, limit=limit, sort=sort, without=_hidden(engine))
    rows = visibility.publications().filter(pk__in=[hit.id for hit in found.hits])
    shown = {row.pk: row for row in pieces.with_card_relations(rows)}
    hits = tuple(
        _hit(shown[hit.id], _snippet(hit, shown[hit.id], query, engine)) for hit in found.hits if hit.id in shown
    )
    return found.total - (len(found.hits) - len(hits)), hits


def _snippet(hit: EngineHit, row: Publication, query: Query, engine: Engine) -> Snippet:
    return snippet(hit.passages or [row.excerpt], query, engine.forms)


def _hidden(engine: Engine) -> set[int]:
    """Numbers of pieces withdrawn since the index's last commit; one query, and none waits as a rule."""
    since = JournalEntry.objects.filter(seq__gt=engine.state().seq, what=JournalEntry.What.WITHDRAWN)
    subjects = since.order_by("-seq").values_list("subject", flat=True)[:_MAX_HIDDEN]
    numbers = {int(subject.removeprefix("pub:")) for subject in subjects if subject.startswith("pub:")}
    return numbers - visibility.visible_ids(numbers) if numbers else numbers


def _hit(row: Publication, shown: Snippet) -> Hit:
    return Hit(row.pk, card(row), tuple(line.name for line in row.bylines.all()), shown)
