"""Questions as Tantivy's query objects, built one by one: no text of a reader ever reaches Tantivy's own parser."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, TypeAlias, assert_never

import tantivy
from tantivy import FieldType, Occur

from isthmus.search.engine import UnknownField
from isthmus.search.engines.tantivy_schema import MARKER_ID, folded, sound, stems
from isthmus.search.fields import (
    ATTACHED,
    ATTACHED_EXACT,
    EXACT,
    ID,
    JOINED,
    NUMBERED,
    TEXT,
    VALUED,
    WORDED,
    stems_of,
    words_of,
)
from isthmus.search.query import Between, Filters, Group, Has, In, Node, Not, Phrase, Prefix, Query, Text, Word

_MAX_NUMBER = 1 << 62
# What may be read only to order hits, in entries of the lists of the words: nothing can stop a search that takes too
# long, so one that would is ordered by less. Some 200 ms; 512 words of 9,166 pieces have 1.5 million.
_MAX_WEIGHED_ENTRIES = 3_000_000
# Comparing the places of a phrase's words, for each piece that has them all, in entries.
_PHRASE_COST = 8
# A set of numbers goes through the dictionary of all numbers; so few are looked up one by one, 130 of 9,166 in a half
# to a tenth of the time.
_MANY_NUMBERS = 300
# Words and phrases whose queries are kept, 1 kB each.
_MAX_KEPT = 1_000
_Parts: TypeAlias = list[tuple[Occur, Any]]


class Compiler:
    """For all searches on one snapshot, in any number of threads.

    searcher: the snapshot, which says what words there are; schema: of its index.
    """

    def __init__(self, schema: Any, searcher: Any) -> None:
        self._schema, self._searcher = schema, searcher
        # A page asks four times for the same words, and each asks the dictionaries of three fields. No lru_cache of a
        # method: in its circle an old snapshot's files would stay open until the garbage is collected.
        self._queries: dict[Text, Any] = {}

    def located(
        self,
        query: Query,
        filters: Filters,
        *,
        without: Collection[int] = (),
        among: Collection[int] | None = None,
        is_weighed: bool = False,
    ) -> Any:
        """What finds what the question locates; scores are right only if `is_weighed`, and cheaper if not.

        A weighed word that is also asked for is put in once, for both: twice would be twice the work.
        """
        weights = _weights(query) if is_weighed else {}
        parts = self._found_by(query, weights)
        parts += [(Occur.Must, _unscored(self._chosen(group, values))) for group, values in filters.items() if values]
        if among is not None:
            parts.append((Occur.Must, _unscored(self._numbered(among))))
        if without:
            parts.append((Occur.MustNot, self._numbered(without)))
        parts += [(Occur.Should, self._scored(text, weights[text])) for text in self._affordable(weights)]
        return tantivy.Query.boolean_query(parts)

    def _affordable(self, texts: Iterable[Text]) -> list[Text]:
        """Those that may be read beside what is asked for; the rarest, for they are cheapest and tell most."""
        left, kept = _MAX_WEIGHED_ENTRIES, []
        costs = ((self._n_entries(text), place, text) for place, text in enumerate(texts))
        for cost, _, text in sorted(costs, key=lambda row: row[:2]):
            left -= cost
            if left < 0:
                break
            kept.append(text)
        return kept

    def _n_entries(self, text: Text) -> int:
        match text:
            case Word(token, joined):
                return sum(int(self._searcher.doc_freq(TEXT, form)) for form in stems([token, *joined]))
            case Phrase(tokens):
                forms = [form for token in tokens for form in folded(token)]
                return _PHRASE_COST * min((int(self._searcher.doc_freq(EXACT, form)) for form in forms), default=0)
            case Prefix():
                return int(self._searcher.num_docs)

    def _found_by(self, query: Query, weights: dict[Text, float]) -> _Parts:
        if query.found_by is not None:
            return self._required(query.found_by, weights)
        return [(Occur.Must, self._all() if query.is_empty else tantivy.Query.empty_query())]

    def _required(self, node: Node, weights: dict[Text, float]) -> _Parts:
        """The node as parts of a question that must all hold; there is always one that says what is, not what isn't."""
        nodes = node.nodes if isinstance(node, Group) and node.n_required == len(node.nodes) else (node,)
        parts = [
            (Occur.MustNot, self._node(inner.node, {}))
            if isinstance(inner, Not)
            else (Occur.Must, self._node(inner, weights))
            for inner in nodes
        ]
        is_negative = all(occur is Occur.MustNot for occur, _ in parts)
        return [*parts, (Occur.Must, self._all())] if is_negative else parts

    def _node(self, node: Node, weights: dict[Text, float]) -> Any:
        match node:
            case Word() | Phrase() | Prefix():
                # The first place where it is asked for carries its weight.
                weight = weights.pop(node, None)
                return _unscored(self._text(node)) if weight is None else self._scored(node, weight)
            case In():
                return _unscored(self._inside(node))
            case Has():
                return _unscored(self._any_value(node.field, node.values))
            case Between():
                return _unscored(self._between(node))
            case Not():
                return tantivy.Query.boolean_query(self._required(node, {}))
            case Group():
                return self._group(node, weights)
            case _:
                assert_never(node)

    def _group(self, group: Group, weights: dict[Text, float]) -> Any:
        if group.n_required > len(group.nodes):
            return tantivy.Query.empty_query()
        if group.n_required <= 0:
            return self._all()
        if group.n_required == len(group.nodes):
            return tantivy.Query.boolean_query(self._required(group, weights))
        # A word inside a part that need not hold as a whole would be weighed only where the whole part holds.
        some = [(Occur.Should, self._node(node, weights if _is_one_enough(node) else {})) for node in group.nodes]
        return tantivy.Query.boolean_query(some, minimum_number_should_match=group.n_required)

    def _scored(self, text: Text, weight: float) -> Any:
        compiled = self._text(text)
        return compiled if weight == 1 else tantivy.Query.boost_query(compiled, weight)

    def _text(self, text: Text) -> Any:
        known = self._queries.get(text)
        if known is None:
            if len(self._queries) >= _MAX_KEPT:
                self._queries.clear()
            known = self._queries[text] = self._compiled(text)
        return known

    def _compiled(self, text: Text) -> Any:
        match text:
            case Word():
                ways = [(field, form) for form in stems([text.token, *text.joined]) for field in (TEXT, ATTACHED)]
                return self._any_of([*ways, *((JOINED, form) for form in folded(text.token))])
            case Phrase():
                return self._phrase(text, EXACT, TEXT, also=(ATTACHED_EXACT, ATTACHED))
            case Prefix():
                return self._prefix(EXACT, text.start, also=ATTACHED_EXACT)

    def _inside(self, node: In) -> Any:
        if node.field not in WORDED:
            raise UnknownField(f"No index keeps the words of {node.field!r}: ask for one of {', '.join(WORDED)}.")
        words, by_stem = words_of(node.field), stems_of(node.field)
        match node.text:
            case Word(token, joined):
                return self._any_of([(by_stem, form) for form in stems([token, *joined])])
            case Phrase():
                return self._phrase(node.text, words, by_stem)
            case Prefix(start):
                return self._prefix(words, start)

    def _phrase(self, phrase: Phrase, field: str, by_stem: str, *, also: tuple[str, str] | None = None) -> Any:
        """The best of the places; `also` names fields that few Documents have, left out where a word is in none."""
        ways = self._phrase_ways(phrase, field, by_stem)
        if also and any(self._has_all(words, also[0]) for words in _spellings(phrase)):
            ways += self._phrase_ways(phrase, *also)
        return ways[0] if len(ways) == 1 else tantivy.Query.disjunction_max_query(ways)

    def _has_all(self, words: Sequence[str], field: str) -> bool:
        return all(self._searcher.doc_freq(field, word) for word in words)

    def _phrase_ways(self, phrase: Phrase, field: str, by_stem: str) -> list[Any]:
        words = _spellings(phrase)[0]
        ways = [self._side_by_side(field, words, phrase.slop)]
        if len(words) == 2 and phrase.slop:
            # Tantivy counts two words that changed places as moved by two; we as by one.
            ways.append(self._side_by_side(field, words[::-1], phrase.slop - 1))
        if phrase.joined and self._searcher.doc_freq(by_stem, stems([phrase.joined])[0]):
            ways.append(self._term(by_stem, stems([phrase.joined])[0]))
        return ways

    def _side_by_side(self, field: str, words: Sequence[str], slop: int) -> Any:
        if len(words) < 2:
            return self._any_of([(field, word) for word in words])
        return tantivy.Query.phrase_query(self._schema, field, list(words), slop)

    def _prefix(self, field: str, start: str, *, also: str = "") -> Any:
        # A word is letters and digits only, whatever was typed: nothing in it means anything to a pattern.
        beginning = "".join(folded(start))
        if not beginning:
            return _nothing()
        fields = [field, also] if also and self._searcher.terms_with_prefix(also, beginning, limit=1) else [field]
        ways = [tantivy.Query.regex_query(self._schema, name, f"{beginning}.*") for name in fields]
        return ways[0] if len(ways) == 1 else tantivy.Query.disjunction_max_query(ways)

    def _any_of(self, ways: Iterable[tuple[str, str]]) -> Any:
        """The best of these words; those that stand nowhere are left out, for one term is quicker than three."""
        there = [way for way in dict.fromkeys(ways) if self._searcher.doc_freq(*way)]
        terms = [self._term(field, form) for field, form in there]
        if len(terms) == 1:
            return terms[0]
        return tantivy.Query.disjunction_max_query(terms) if terms else _nothing()

    def _term(self, field: str, form: str) -> Any:
        option = "freq" if field in (TEXT, ATTACHED) else "basic"
        return tantivy.Query.term_query(self._schema, field, form, index_option=option)

    def _chosen(self, group: str, values: Sequence[str]) -> Any:
        field, beginning = split_group(group)
        return self._any_value(field, [beginning + value for value in values])

    def _any_value(self, field: str, values: Sequence[str]) -> Any:
        if field not in VALUED:
            raise UnknownField(f"No index keeps values of {field!r}: ask for one of {', '.join(VALUED)}.")
        terms = [self._term(field, sound(value)) for value in dict.fromkeys(values)]
        return tantivy.Query.boolean_query([(Occur.Should, term) for term in terms]) if terms else _nothing()

    def _between(self, node: Between) -> Any:
        if node.field not in NUMBERED:
            raise UnknownField(f"No index keeps numbers of {node.field!r}: ask for one of {', '.join(NUMBERED)}.")
        # Tantivy wants a bound and takes only numbers of 64 bits; those kept are far inside of these.
        first = 0 if node.first is None else min(max(node.first, 0), _MAX_NUMBER)
        before = _MAX_NUMBER if node.before is None else min(max(node.before, 0), _MAX_NUMBER)
        return tantivy.Query.range_query(
            self._schema, node.field, FieldType.Integer, first, before, include_upper=False
        )

    def _numbered(self, numbers: Collection[int]) -> Any:
        if not numbers:
            return _nothing()
        if len(numbers) > _MANY_NUMBERS:
            return tantivy.Query.term_set_query(self._schema, ID, list(numbers))
        return tantivy.Query.boolean_query([(Occur.Should, self._number(number)) for number in numbers])

    def _number(self, number: int) -> Any:
        return tantivy.Query.term_query(self._schema, ID, number, index_option="basic")

    def _all(self) -> Any:
        parts = [(Occur.Must, tantivy.Query.all_query()), (Occur.MustNot, self._number(MARKER_ID))]
        return _unscored(tantivy.Query.boolean_query(parts))


def split_group(group: str) -> tuple[str, str]:
    """The field of a facet group, and what its values begin with there: category.region → category, region/."""
    field, _, axis = group.partition(".")
    return field, f"{axis}/" if axis else ""


def _is_one_enough(node: Node) -> bool:
    return not isinstance(node, Group) or (node.n_required == 1 and all(map(_is_one_enough, node.nodes)))


def _weights(query: Query) -> dict[Text, float]:
    """What is weighed, each once: a word that was typed twice weighs twice."""
    weights: dict[Text, float] = {}
    for text, weight in query.weighed or [(clause, 1.0) for clause in query.clauses]:
        weights[text] = weights.get(text, 0.0) + weight
    return {text: weight for text, weight in weights.items() if weight}


def _spellings(phrase: Phrase) -> list[list[str]]:
    """The words of the phrase, and the one word it is written in, if there is one."""
    apart = [form for token in phrase.tokens for form in folded(token)]
    return [apart, folded(phrase.joined)] if phrase.joined else [apart]


def _nothing() -> Any:
    return tantivy.Query.empty_query()


def _unscored(compiled: Any) -> Any:
    return tantivy.Query.const_score_query(compiled, 0.0)
