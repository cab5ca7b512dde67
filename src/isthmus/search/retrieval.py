"""One page of what a question locates, in the order of relevance: the engine's words and the meaning put together.

The only place that knows that two things rank. Total and membership are the engine's alone; meaning decides the order
of the first places and what else comes close. Pure but for the engine: whoever asks brings both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from isthmus.search import fusion, ranking
from isthmus.search.engine import NO_FILTERS, Engine, EngineHit, EngineHits, Sort
from isthmus.search.query import Filters, Query

if TYPE_CHECKING:
    from isthmus.search.fusion import Scores
    from isthmus.search.meaning import Meaning, Near
    from isthmus.search.semantic import Numbers, Vector

_DEPTH = int(ranking.DEPTH.value)
_EVERYTHING = Query("", None)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """One page and how many are located in all; close: what follows the last located piece, never counted."""

    total: int
    hits: tuple[EngineHit, ...]
    close: tuple[EngineHit, ...] = ()


def retrieve(
    engine: Engine,
    query: Query,
    *,
    filters: Filters = NO_FILTERS,
    offset: int = 0,
    limit: int,
    sort: Sort = Sort.RELEVANCE,
    without: Collection[int] = (),
    n_close: int = 0,
    meaning: Meaning | None = None,
    with_texts: bool = True,
) -> Retrieved:
    """The located pieces from place `offset` on, and after the last of them up to `n_close` that come close.

    Close are, of a question in plain words, pieces with some of the words or near in meaning, by relevance whatever
    the sort; given only with the page that reaches the last located piece. without: numbers that count as absent.
    meaning: `meaning.current()`; None ranks by words alone. Pages never overlap while index and meaning stay as they
    are, since the order of the first 200 depends on the question alone, and the rest is the engine's without them.
    Raises: what `Engine.search` raises.
    """
    search = _Search(engine, ranking.weigh(query), filters, without, meaning)
    if sort is not Sort.RELEVANCE or query.is_empty or query.found_by is None:
        return search.plainly(offset, limit, sort, n_close, with_texts=with_texts)
    return search.by_relevance(offset, limit, n_close, with_texts=with_texts)


@dataclass(frozen=True, slots=True)
class _Ranked:
    """The first places. located: numbers in order, all of them up to the depth; close: what else came near."""

    total: int
    located: list[int]
    close: list[int]


@dataclass(frozen=True, slots=True)
class _Search:
    engine: Engine
    query: Query
    filters: Filters
    without: Collection[int]
    meaning: Meaning | None

    def plainly(self, offset: int, limit: int, sort: Sort, n_close: int, *, with_texts: bool) -> Retrieved:
        """In an order that is the engine's alone."""
        found = self.engine.search(
            self.query,
            filters=self.filters,
            offset=offset,
            limit=limit,
            sort=sort,
            without=self.without,
            with_texts=with_texts,
        )
        is_last = found.total <= offset + limit
        if not (is_last and n_close and self.query.is_plain and self.query.found_by and found.total < _DEPTH):
            return Retrieved(found.total, found.hits)
        close = self._ranked().close[:n_close]
        return Retrieved(found.total, found.hits, self._hits(close, found.total, with_texts=with_texts))

    def by_relevance(self, offset: int, limit: int, n_close: int, *, with_texts: bool) -> Retrieved:
        """The fused places first, then what is located beyond them by words alone."""
        ranked = self._ranked()
        page, end = ranked.located[offset : offset + limit], offset + limit
        close = ranked.close[:n_close] if ranked.total <= end else []
        shown = self._hits([*page, *close], offset, with_texts=with_texts)
        on_page = set(page)
        hits = [hit for hit in shown if hit.id in on_page]
        if end > len(ranked.located) and ranked.total > len(ranked.located):
            hits += self._beyond(ranked.located, offset, limit, with_texts=with_texts)
        return Retrieved(ranked.total, tuple(hits), tuple(hit for hit in shown if hit.id not in on_page))

    def _beyond(self, first: Sequence[int], offset: int, limit: int, *, with_texts: bool) -> tuple[EngineHit, ...]:
        start = max(0, offset - len(first))
        found = self.engine.search(
            self.query,
            filters=self.filters,
            offset=start,
            limit=offset + limit - len(first) - start,
            without={*self.without, *first},
            with_texts=with_texts,
        )
        return found.hits

    def _ranked(self) -> _Ranked:
        found = self._found(self.query, limit=_DEPTH)
        words, located = _scores(found.hits), {hit.id for hit in found.hits}
        has_close = self.query.is_plain and found.total < _DEPTH
        if has_close:
            words = _scores(self._found(ranking.widened(self.query), limit=_DEPTH).hits) | words
        order = self._by_both(words, located, found.total, has_close=has_close) or _by_score(words)
        return _Ranked(
            found.total,
            [number for number in order if number in located][:_DEPTH],
            [number for number in order if number not in located] if has_close else [],
        )

    def _by_both(self, words: dict[int, float], located: set[int], total: int, *, has_close: bool) -> list[int] | None:
        """The order by words and meaning, with what is near in meaning only; None where meaning says nothing.

        located: is told which of the latter are.
        """
        meaning, question = self.meaning, self._question()
        if meaning is None or question is None:
            return None
        numbers, by_words = fusion.arrays(words)
        moved = self._moved(meaning, question, numbers, by_words)
        # Where words have found all that is located, and nothing else is shown, the nearest of all need no look.
        near = meaning.near(moved, _DEPTH if has_close or total > len(located) else 0, also=numbers)
        strangers = self._admitted(near, located, total, has_close=has_close)
        if not strangers and not (near.asked == near.asked).any():
            return None
        more, by_meaning = fusion.arrays(strangers)
        return self._in_order(
            meaning,
            fusion.joined(numbers, more),
            fusion.joined(by_words, fusion.none_of(more)),
            fusion.joined(near.asked, by_meaning),
        )

    def _moved(self, meaning: Meaning, question: Vector, numbers: Numbers, by_words: Scores) -> Vector:
        """The question, moved towards the pieces that come out first."""
        # A look at what has the words is enough to tell what the question is about, and spares one of two products.
        first = meaning.near(question, 0 if len(numbers) else _DEPTH, also=numbers)
        if not len(numbers):
            numbers, by_words, nearness = first.others, fusion.none_of(first.others), first.scores
        else:
            nearness = first.asked
        order, _ = fusion.fuse(numbers, by_words, nearness, share=self._share(ranking.FIRST_MEANING))
        best = numbers[order]
        if self.without:
            best = best[[number not in self.without for number in best.tolist()]]
        return meaning.towards(question, best[: int(ranking.N_FEEDBACK.value)], ranking.FEEDBACK.value)

    def _admitted(self, near: Near, located: set[int], total: int, *, has_close: bool) -> dict[int, float]:
        """Near in meaning, but not among the best by words: located or not, and to be shown at all?"""
        pairs = zip(near.others.tolist(), near.scores.tolist(), strict=True)
        strangers = {number: score for number, score in pairs if number not in self.without}
        if not strangers:
            return strangers
        if total > len(located):
            # Their words are below those of all that competes, so only whether they are in is asked.
            located |= self._numbers(self.query, strangers)
        known = self._allowed(strangers) if has_close else located
        return {number: score for number, score in strangers.items() if number in known}

    def _in_order(self, meaning: Meaning, numbers: Numbers, by_words: Scores, by_meaning: Scores) -> list[int]:
        """By both; the first places then by what comes out beside each as well."""
        order, fused = fusion.fuse(numbers, by_words, by_meaning, share=self._share(ranking.MEANING))
        first, share = order[:_DEPTH], self._share(ranking.ALIKE)
        evened = meaning.evened(numbers[first], fused[first], int(ranking.N_ALIKE.value), share)
        first = first[(-evened).argsort(kind="stable")]
        return [*numbers[first].tolist(), *numbers[order[_DEPTH:]].tolist()]

    def _question(self) -> Vector | None:
        return self.meaning.question(ranking.words_of(self.query)) if self.meaning is not None else None

    def _share(self, weight: ranking.Weight) -> float:
        known = self.meaning.familiarity(ranking.words_of(self.query)) if self.meaning is not None else 0.0
        return ranking.share_of_meaning(known, weight)

    def _found(self, query: Query, *, limit: int) -> EngineHits:
        return self.engine.search(query, filters=self.filters, limit=limit, without=self.without, with_texts=False)

    def _allowed(self, numbers: Collection[int]) -> set[int]:
        """Those of the numbers that answer the filters; one that is not in the index is left out when it is shown."""
        if not any(self.filters.values()):
            return set(numbers)
        return self._numbers(_EVERYTHING, numbers)

    def _numbers(self, query: Query, among: Collection[int]) -> set[int]:
        """Which of these are located; by date, for then nothing is weighed."""
        found = self.engine.search(
            query, filters=self.filters, limit=len(among), sort=Sort.NEWEST, without=self.without, among=among,
            with_texts=False,
        )  # fmt: skip
        return {hit.id for hit in found.hits}

    def _hits(self, numbers: Sequence[int], offset: int, *, with_texts: bool) -> tuple[EngineHit, ...]:
        """The hits with these numbers, in their order; one that left the index meanwhile is left out.

        offset: the place of the first; a place further down is a lower score.
        """
        scored = [(number, float(-place)) for place, number in enumerate(numbers, offset)]
        if not with_texts or not numbers:
            return tuple(EngineHit(number, score, "") for number, score in scored)
        found = self.engine.search(_EVERYTHING, limit=len(numbers), among=numbers).hits
        texts = {hit.id: hit.text for hit in found}
        return tuple(EngineHit(number, score, texts[number]) for number, score in scored if number in texts)


def _scores(hits: Iterable[EngineHit]) -> dict[int, float]:
    return {hit.id: hit.score for hit in hits}


def _by_score(scores: dict[int, float]) -> list[int]:
    """Best first; what ties stays in its order."""
    return sorted(scores, key=lambda number: -scores[number])
