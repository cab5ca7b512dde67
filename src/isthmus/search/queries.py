"""What readers find: hits, exact totals, facets, what helps. The only place that asks both index and gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import BigIntegerField, QuerySet

from isthmus.kit.compiled import Compiled, Slot
from isthmus.kit.errors import UsageError
from isthmus.publications import visibility
from isthmus.publications.models import JournalEntry, Publication
from isthmus.search import facets, hits, meaning, pins, spelling, standing, synonyms
from isthmus.search.asked import CATEGORY, Asked
from isthmus.search.engine import Engine, EngineHit, SearchAway, Sort
from isthmus.search.facets import Facet
from isthmus.search.hits import Hit
from isthmus.search.language import parse
from isthmus.search.names import Names
from isthmus.search.query import Filters, Query
from isthmus.search.retrieval import retrieve
from isthmus.search.shelf import shelf
from isthmus.search.snippet import Snippet, best_of
from isthmus.search.sought import Sought
from isthmus.search.standing import Standing
from isthmus.search.synonyms import Synonyms

PER_PAGE, MAX_PER_PAGE = 10, 100
# Pieces with some of the words, or near in meaning, that follow the last located one.
_N_CLOSE = 10
# Any number of digits is a number; this many is no page of ours.
_MAX_PAGE = 1_000_000
# Withdrawn pieces that the index may still hold; more than wait there in two seconds.
_MAX_HIDDEN = 5000
# Ways out of a search without hits, each of which costs one search.
_MAX_WAYS = 6


@dataclass(frozen=True, slots=True)
class Way:
    """A search that finds something: what was done to get there, its address, how many it locates."""

    label: str
    url: str
    n: int


@dataclass(frozen=True, slots=True)
class Offer:
    """The question as it was probably meant, and how many that locates."""

    text: str
    total: int


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what was found; total counts all pages, index_total all there is.

    pinned: on the first page, what editors put first although it is not located; not counted.
    close: on the last page of a plain question, pieces that come close to it; not counted.
    missing: words as they were typed that stand in no piece. wider: where there is no hit, searches that have some.
    """

    query: Query
    asked: Asked
    names: Names
    total: int
    index_total: int
    page: int
    per_page: int
    hits: tuple[Hit, ...]
    facets: tuple[Facet, ...] = ()
    pinned: tuple[Hit, ...] = ()
    close: tuple[Hit, ...] = ()
    offer: Offer | None = None
    missing: tuple[str, ...] = ()
    wider: tuple[Way, ...] = ()

    @property
    def n_pages(self) -> int:
        """At least 1."""
        return max(1, -(-self.total // self.per_page))

    def as_json(self, *, with_html: bool = False) -> dict[str, Any]:
        """The public contract's object; `close` only where there are some; with_html adds `snippet_html`."""
        found = {
            "total": self.total,
            "index_total": self.index_total,
            "page": self.page,
            "per_page": self.per_page,
            "hits": [hit.as_json(with_html=with_html) for hit in self.hits],
            "facets": {facet.group: facet.as_json() for facet in self.facets},
        }
        close = [hit.as_json(with_html=with_html) for hit in self.close]
        return found | {"close": close} if close else found


def search(
    query_text: str,
    *,
    chosen: Mapping[str, tuple[str, ...]] | None = None,
    page: int = 1,
    per_page: int = PER_PAGE,
    sort: str = Sort.RELEVANCE,
    now: Standing | None = None,
) -> Results:
    """Page `page`, counted from the best, of what answers the question; beyond the last page there are no hits.

    An empty question asks for everything, newest first; with nothing chosen it is answered by the gate alone: it works
    without an index, and its total is the Total. chosen: facets as `asked.chosen_in` reads them; an axis that is none
    is left out. sort: relevance, newest or oldest. now: what stands now, where the caller has just asked for it.
    Raises: UsageError for a page, size or order that cannot be; SearchAway if the index cannot answer.
    """
    order, offset = _checked(page, per_page, sort), (page - 1) * per_page
    now = now or standing.now()
    query = question(query_text, now.editors.synonyms)
    asked = Asked(query.text, _known(chosen or {}, now.names), order)
    empty = Results(query, asked, now.names, 0, now.total, page, per_page, ())
    if query.is_empty and not asked.chosen:
        return _everything(empty, offset, now)
    return _found(empty, offset, now)


def ids_of(query: str, *, limit: int) -> list[int]:
    """Numbers of the best visible pieces for a question, without snippets: for the editors' lists and feeds.

    Raises: SearchAway.
    """
    return _ids(query, {}, Sort.RELEVANCE, limit=limit, now=standing.now())


def newest_ids(query: str, *, limit: int, chosen: Mapping[str, tuple[str, ...]] | None = None) -> list[int]:
    """The same, the newest instead of the best, of what is chosen."""
    now = standing.now()
    return _ids(query, Asked("", _known(chosen or {}, now.names)).filters, Sort.NEWEST, limit=limit, now=now)


def _ids(typed: str, filters: Filters, sort: Sort, *, limit: int, now: Standing) -> list[int]:
    query = question(typed, now.editors.synonyms)
    if query.is_empty and not filters:
        return [row.pk for row in _ordered(sort).only("pk")[:limit]]
    engine = shelf().current()
    hidden = _hidden(engine, now)
    found = engine.search(query, filters=filters, limit=limit, sort=sort, without=hidden, with_texts=False)
    visible = visibility.visible_ids(hit.id for hit in found.hits)
    return [hit.id for hit in found.hits if hit.id in visible]


def question(typed: str, kept: Synonyms | None = None) -> Query:
    """The question in what was typed as every search of this site reads it, with whatever editors say means the same.

    kept: the synonyms, where thousands of questions are read in a row; those that hold now unless given.
    """
    return synonyms.widened(parse(typed), kept)


def _checked(page: int, per_page: int, sort: str) -> Sort:
    if not 1 <= page <= _MAX_PAGE:
        raise UsageError(f"There is no page {page}: pages are numbered from 1.")
    if not 1 <= per_page <= MAX_PER_PAGE:
        raise UsageError(f"{per_page} hits on a page are not possible: ask for 1 to {MAX_PER_PAGE}.")
    try:
        return Sort(sort)
    except ValueError:
        raise UsageError(f"{sort[:40]!r} is no order of hits: write relevance, newest or oldest.") from None


def _known(chosen: Mapping[str, tuple[str, ...]], known: Names) -> dict[str, tuple[str, ...]]:
    """What is chosen, without axes that are none: parameters nobody knows are ignored."""
    return {
        group: values
        for group, values in chosen.items()
        if not group.startswith(CATEGORY) or group.removeprefix(CATEGORY) in known.axes
    }


def _ordered(sort: Sort) -> QuerySet[Publication]:
    order = ("listed_at", "pk") if sort is Sort.OLDEST else ("-listed_at", "-pk")
    return visibility.publications().order_by(*order)


def _everything(empty: Results, offset: int, now: Standing) -> Results:
    """Every visible piece, counted and listed by the gate; facets where there is an index."""
    numbers = _ordered(empty.asked.sort).values_list("pk", flat=True)[offset : offset + empty.per_page]
    counted: tuple[Facet, ...] = ()
    with suppress(SearchAway):
        engine = shelf().current()
        counted = _facets(empty, engine, _hidden(engine, now))
    shown = hits.hits(list(numbers), _opening, now.journal)
    return replace(empty, total=empty.index_total, hits=tuple(shown), facets=counted)


def _opening(number: int, summary: str) -> Snippet:
    return best_of(summary, Sought(Query("", None), list))


def _found(empty: Results, offset: int, now: Standing) -> Results:
    """Total, hits and facets, with what the gate no longer lets through taken out of all of them.

    The index may be two seconds behind. Pieces withdrawn since its last commit stand in the journal: they are told
    to the engine as absent, so that the total stays exact. A piece withdrawn within this very search is dropped
    from its page and from the total.
    """
    engine, query, asked = shelf().current(), empty.query, empty.asked
    hidden = _hidden(engine, now)
    pinned = pins.for_question(query, now.editors) if asked.sort is Sort.RELEVANCE and not asked.chosen else []
    located = _located(empty, engine, offset=offset, hidden=hidden, pinned=pinned)
    beside = [EngineHit(number, 0.0, "") for number in pinned if number not in located.pinned and empty.page == 1]
    # All that the page shows, in one reading of the database.
    shown = _shown((*located.hits, *beside, *located.close), Sought(query, engine.forms), pinned, now)
    hits_, pinned_, close_ = (
        tuple(shown[hit.id] for hit in part if hit.id in shown) for part in (located.hits, beside, located.close)
    )
    results = replace(
        empty,
        total=located.total - (len(located.hits) - len(hits_)),
        hits=hits_,
        pinned=pinned_,
        close=tuple(hit for hit in close_ if not hit.is_pinned),
        facets=_facets(empty, engine, hidden),
    )
    return _helped(results, engine, hidden)


@dataclass(frozen=True, slots=True)
class _Located:
    """One page as the engine found it. pinned: the numbers editors put first that are located, on whatever page."""

    total: int
    hits: tuple[EngineHit, ...]
    close: tuple[EngineHit, ...]
    pinned: tuple[int, ...]


def _located(empty: Results, engine: Engine, *, offset: int, hidden: set[int], pinned: Sequence[int]) -> _Located:
    """The page from `offset` on: located pieces that are pinned, then all others in their order, none twice."""
    query, asked, limit = empty.query, empty.asked, empty.per_page
    first: list[EngineHit] = []
    if pinned:
        among = engine.search(query, limit=len(pinned), without=hidden, among=pinned)
        first = sorted(among.hits, key=lambda hit: pinned.index(hit.id))
    numbers = tuple(hit.id for hit in first)
    here = first[offset : offset + limit]
    rest = retrieve(
        engine,
        query,
        filters=asked.filters,
        offset=max(0, offset - len(first)),
        # At least one, for the total.
        limit=max(1, limit - len(here)),
        # Without a question nothing fits better than anything else.
        sort=Sort.NEWEST if query.is_empty and asked.sort is Sort.RELEVANCE else asked.sort,
        without=hidden.union(numbers),
        n_close=_N_CLOSE,
        meaning=None if query.is_empty else meaning.current(),
    )
    total = rest.total + len(first)
    is_last = offset < max(1, total) <= offset + limit
    return _Located(total, (*here, *rest.hits)[:limit], rest.close if is_last else (), numbers)


def _shown(found: Sequence[EngineHit], sought: Sought, pinned: Sequence[int], now: Standing) -> dict[int, Hit]:
    """The visible ones by number, each with its best passage."""
    texts = {hit.id: hit.text for hit in found}

    def passage_of(number: int, summary: str) -> Snippet:
        return best_of(texts[number] or summary, sought)

    made = hits.hits(list(texts), passage_of, now.journal)
    return {hit.id: replace(hit, is_pinned=True) if hit.id in pinned else hit for hit in made}


def _facets(empty: Results, engine: Engine, hidden: set[int]) -> tuple[Facet, ...]:
    counts = engine.facets(empty.query, filters=empty.asked.filters, groups=facets.groups(empty.names), without=hidden)
    return facets.facets(counts, empty.asked, empty.names)


def _hidden(engine: Engine, now: Standing) -> set[int]:
    """Numbers of pieces withdrawn since the index's last commit; no query where that covers the whole journal."""
    covered = engine.state().seq
    if covered >= now.seq:
        return set()
    subjects = _WITHDRAWN.rows(seq=covered)
    numbers = {int(subject.removeprefix("pub:")) for subject in subjects if subject.startswith("pub:")}
    return numbers - visibility.visible_ids(numbers) if numbers else numbers


def _withdrawn_since() -> QuerySet[Any]:
    since = JournalEntry.objects.filter(seq__gt=Slot("seq", BigIntegerField()), what=JournalEntry.What.WITHDRAWN)
    return since.order_by("-seq").values_list("subject", flat=True)[:_MAX_HIDDEN]


_WITHDRAWN = Compiled[str](_withdrawn_since)


def _helped(results: Results, engine: Engine, hidden: set[int]) -> Results:
    """With what was probably meant and, where nothing was found, the ways out; seldom needed, some milliseconds."""

    def n_located(asked: Asked) -> int:
        return engine.search(
            question(asked.text), filters=asked.filters, offset=0, limit=1, without=hidden, with_texts=False
        ).total

    offer = _offer(results, engine, n_located)
    if results.total:
        return replace(results, offer=offer)
    missing = tuple(spelling.missing(results.query, engine)) if results.query.is_plain else ()
    wider = [way for way in _wider(results, missing) if way[1] != results.asked]
    ways = [Way(label, asked.address(), n) for label, asked in wider[:_MAX_WAYS] if (n := n_located(asked))]
    return replace(results, offer=offer, missing=missing, wider=tuple(ways))


def _offer(results: Results, engine: Engine, n_located: Any) -> Offer | None:
    meant = spelling.corrected(results.query, engine, n_located=results.total)
    if meant is None:
        return None
    total = n_located(replace(results.asked, text=meant.text))
    return Offer(meant.text, total) if total > results.total else None


def _wider(results: Results, missing: Iterable[str]) -> Iterable[tuple[str, Asked]]:
    """The same search with one thing left out: all that is chosen, each of it, a missing word, each thing typed."""
    asked = results.asked
    if len(asked.chosen) > 1:
        yield "Everywhere, with nothing chosen", asked.unfiltered()
    for group, values in asked.chosen.items():
        for value in values:
            yield f"Not only {facets.label_of(group, value, results.names)}", asked.without_values(group, [value])
    left = spelling.without(asked.text, missing)
    if missing and left:
        yield f"Only “{left}”", replace(asked, text=left)
    if (unquoted := spelling.unquoted(asked.text)) != asked.text:
        yield "Without quotation marks", replace(asked, text=unquoted)
    runs = spelling.runs(asked.text) if not missing else []
    if 1 < len(runs) <= _MAX_WAYS:
        for place, run in enumerate(runs):
            left = " ".join(runs[:place] + runs[place + 1 :])
            yield f"Without {spelling.named(run)}", replace(asked, text=left)
