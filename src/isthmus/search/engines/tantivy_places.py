"""One commit's Documents as places in arrays: what a question locates is asked once, and counting it is a sum.

A page asks for its hits, then which of some pieces are located too, then for the numbers of six groups: each was a
search of its own, together 4 of 18 ms. Needs numpy, which the extra `isthmus[semantic]` brings; `tantivy` does
without it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import tantivy

# First of all: it says how many threads numpy may take, before numpy is loaded.
from isthmus.search import semantic  # noqa: F401
from isthmus.search.engine import EngineHit, EngineHits, Sort, UnknownField
from isthmus.search.engines.tantivy_compile import Compiler, split_group
from isthmus.search.engines.tantivy_schema import MARKER_ID
from isthmus.search.fields import ID, PUBLISHED, VALUED
from isthmus.search.query import Filters, Node, Query

if TYPE_CHECKING:
    import numpy as np

    Bits = np.ndarray[Any, np.dtype[np.bool_]]
    Numbers = np.ndarray[Any, np.dtype[np.int64]]

# Above it a commit's arrays take longer to make than its searches would save until the next commit.
_MAX_DOCUMENTS = 200_000
# Above it a table of all numbers would take more than the rest: 8 MB. Numbers are given out one by one.
_MAX_NUMBER = 1_000_000
# A group of more values is counted by Tantivy: each value is one search, 20 µs.
_MAX_VALUES = 5_000
# What the parts of one page ask for again.
_MAX_ROWS = 8
_Key: TypeAlias = tuple[Node | None, bool, tuple[tuple[str, tuple[str, ...]], ...], frozenset[int]]


def places_of(schema: Any, searcher: Any, compiler: Compiler) -> Places | None:
    """The arrays of one commit, 10 ms for 9,166 Documents; None without numpy, and where they would be too large."""
    if searcher.num_docs > _MAX_DOCUMENTS:
        return None
    try:
        import numpy as np
    except ImportError:
        return None
    found = searcher.search(tantivy.Query.all_query(), limit=max(1, searcher.num_docs), count=False).hits
    addresses = [address for _, address in found]
    pairs = zip(searcher.fast_field_values(ID, addresses) if addresses else (), addresses, strict=True)
    by_number = {number: address for number, address in sorted(pairs, key=itemgetter(0)) if number != MARKER_ID}
    numbers = np.fromiter(by_number, np.int64, len(by_number))
    return Places(schema, searcher, compiler, numbers, by_number) if numbers.max(initial=0) <= _MAX_NUMBER else None


@dataclass(frozen=True, slots=True)
class _Column:
    """A group: its values, and the places of the Documents that have each, one value behind the other.

    starts: where those of each value begin.
    """

    values: list[str]
    starts: Any
    places: Any

    def counted(self, located: Bits) -> dict[str, int]:
        """How many located Documents have each value."""
        import numpy as np

        if not self.values:
            return {}
        counts = np.add.reduceat(located.take(self.places), self.starts, dtype=np.intp)
        there = counts.nonzero()[0]
        values = self.values
        return {values[place]: n for place, n in zip(there.tolist(), counts[there].tolist(), strict=True)}


class Places:
    """The Documents of one commit, those with a smaller number first; for any number of searches at once."""

    def __init__(
        self, schema: Any, searcher: Any, compiler: Compiler, numbers: Numbers, addresses: dict[int, Any]
    ) -> None:
        """Numbers: of the Documents, ascending. addresses: where each stands in the commit, in the same order."""
        import numpy as np

        self._schema, self._searcher, self._compiler = schema, searcher, compiler
        self._numbers, self.addresses = numbers, addresses
        # By their numbers, -1 where there is none: a table, for to look them up took four times as long.
        self._place_of = np.full(int(numbers.max(initial=0)) + 1, -1, np.intp)
        self._place_of[numbers] = np.arange(len(numbers))
        published = searcher.fast_field_values(PUBLISHED, list(addresses.values())) if addresses else ()
        self._published: Any = np.array(published, dtype=np.int64)
        self._columns: dict[str, _Column | None] = {}
        self._rows: OrderedDict[_Key, Bits] = OrderedDict()

    def counted(
        self, query: Query, filters: Filters, groups: Sequence[str], without: Collection[int]
    ) -> dict[str, dict[str, int]]:
        """Of those of the groups that are counted here the values with their numbers.

        A group that is asked for the first time is read for the next question, one group a question: 5 to 25 ms.
        """
        found: dict[str, dict[str, int]] = {}
        may_read = True
        for group in groups:
            if group not in self._columns and may_read:
                self._columns[group], may_read = self._read(group), False
            if column := self._columns.get(group):
                others = {name: values for name, values in filters.items() if name != group}
                found[group] = column.counted(self._located(query, others, without))
        return found

    def by_date(
        self,
        query: Query,
        filters: Filters,
        *,
        without: Collection[int],
        among: Collection[int] | None,
        order: Sort,
        part: slice,
        text_of: Callable[[Any], str] | None,
    ) -> EngineHits:
        """The located Documents, of those with the numbers in `among`, that come at `part` in the order of dates."""
        located = self._located(query, filters, without)
        places = located.nonzero()[0] if among is None else self._places(set(among))
        places = places[located[places]]
        keys = self._published[places]
        shown = places[(keys if order is Sort.OLDEST else -keys).argsort(kind="stable")[part]].tolist()
        numbers = self._numbers[shown].tolist()
        texts = [text_of(self.addresses[number]) for number in numbers] if text_of else [""] * len(shown)
        return EngineHits(len(places), tuple(map(EngineHit, numbers, [0.0] * len(shown), texts)))

    def best(
        self, query: Query, filters: Filters, without: Collection[int], found: Sequence[Any], limit: int
    ) -> EngineHits:
        """The first of all hits, without texts; which these were is remembered for what the same page asks next."""
        numbers = self._numbers_of(found)
        self._keep(query, filters, without, numbers)
        scores = [score for score, _ in found[:limit]]
        return EngineHits(len(numbers), tuple(map(EngineHit, numbers, scores, [""] * len(scores))))

    def _located(self, query: Query, filters: Filters, without: Collection[int]) -> Bits:
        """For each Document whether the question locates it; not to be written to."""
        row = self._rows.get(_key(query, filters, without))
        if row is None:
            compiled = self._compiler.located(query, filters, without=without)
            found = self._searcher.search(compiled, limit=max(1, self._searcher.num_docs), count=False).hits
            row = self._keep(query, filters, without, self._numbers_of(found))
        return row

    def _keep(self, query: Query, filters: Filters, without: Collection[int], numbers: Sequence[int]) -> Bits:
        import numpy as np

        row = np.zeros(len(self._numbers), np.bool_)
        row[self._places(numbers)] = True
        self._rows[_key(query, filters, without)] = row
        while len(self._rows) > _MAX_ROWS:
            self._rows.popitem(last=False)
        return row

    def _numbers_of(self, found: Sequence[Any]) -> list[int]:
        return list(self._searcher.fast_field_values(ID, [address for _, address in found])) if found else []

    def _places(self, numbers: Collection[int]) -> Any:
        """Where those of the Documents stand that are here."""
        import numpy as np

        asked = np.fromiter(numbers, np.int64, len(numbers))
        asked = asked[(asked >= 0) & (asked < len(self._place_of))]
        places = self._place_of[asked]
        return places[places >= 0]

    def _read(self, group: str) -> _Column | None:
        """The group as it stands in the commit; None if it has too many values."""
        import numpy as np

        field, beginning = split_group(group)
        if field not in VALUED:
            raise UnknownField(f"No index keeps values of {field!r}: ask for one of {', '.join(VALUED)}.")
        counted = self._searcher.terms_with_prefix(field, beginning, limit=_MAX_VALUES + 1)
        if len(counted) > _MAX_VALUES:
            return None
        there = [(value, some) for value, n in counted if len(some := self._having(field, value, n))]
        values = [value.removeprefix(beginning) for value, _ in there]
        flat = np.concatenate([np.zeros(0, np.intp), *(some for _, some in there)])
        starts = np.cumsum([0, *(len(some) for _, some in there[:-1])])
        return _Column(values, starts, flat)

    def _having(self, field: str, value: str, n: int) -> Any:
        term = tantivy.Query.term_query(self._schema, field, value, index_option="basic")
        hits = self._searcher.search(term, limit=max(1, n), count=False).hits
        return self._places(self._numbers_of(hits))


def _key(query: Query, filters: Filters, without: Collection[int]) -> _Key:
    return query.found_by, query.is_empty, tuple(filters.items()), frozenset(without)
