"""The passage of a piece that answers a question best, cut to a few lines, its words marked. Pure text."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest

from isthmus.kit import text as kit_text
from isthmus.kit.html import escape
from isthmus.search import analysis
from isthmus.search.fields import ATTACHED_MARK
from isthmus.search.query import Phrase, Prefix, Query, Text, Word

MAX_CHARS = 240
# Words looked for when passages are compared; a long question's longest words tell its passages apart well enough.
_MAX_NEEDLES = 16
# Passages compared word by word after the rough comparison.
_N_CLOSE = 3
# Of a piece that is nothing but a file, where only the dear comparison is left.
_N_OPENING = 100
# Paragraphs of attached files that are looked through: the first 500 kB of a long report, 5 ms.
_MAX_ATTACHED = 5000
_IN_FILE = "In the attached file: "

Forms = Callable[[Sequence[str]], list[str]]
_Needle = Callable[[Sequence[str]], list[bool]]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A cut passage. html: the same, escaped, with the found words in <mark>.

    fragment: the text directive that makes a browser land on the passage, `:~:text=…`; empty for an empty passage, and
    for one that stands in an attached file and not on the page, which text and html say in front of it.
    """

    text: str
    html: str
    fragment: str


@dataclass(frozen=True, slots=True)
class _Marked:
    """A passage with the places of what was found in it: start, end, which clause; and whether a file holds it."""

    passage: str
    places: tuple[tuple[int, int, int], ...]
    is_attached: bool

    @property
    def n_clauses(self) -> int:
        """How many different clauses of the query were found in it."""
        return len({clause for _, _, clause in self.places})

    @property
    def worth(self) -> tuple[int, int]:
        """By which passages are compared."""
        return self.n_clauses, min(len(self.places), 4)


class Sought:
    """What the passages of one page of hits are searched for, worked out once for all of them."""

    def __init__(self, query: Query, forms: Forms) -> None:
        self._query, self._forms = query, forms

    @cached_property
    def clauses(self) -> list[Text]:
        """Each clause and what means the same, once: a word may be typed five hundred times."""
        sought = (*self._query.clauses, *self._query.beside)
        return list({clause.token if isinstance(clause, Word) else clause: clause for clause in sought}.values())

    @cached_property
    def needles(self) -> list[_Needle]:
        """Rough tests of passages in lower case, one for each clause: quick, and wrong only by finding too much."""
        clauses = sorted(self.clauses, key=lambda clause: -len(_letters(clause)))[:_MAX_NEEDLES]
        return [_needle(clause, self._forms) for clause in clauses]

    @cached_property
    def spread_needles(self) -> list[_Needle]:
        """The same for words that a text may have in two parts."""
        return [_spread(clause) for clause in self.clauses[:_MAX_NEEDLES] if isinstance(clause, Word)]

    @cached_property
    def by_form(self) -> Mapping[str, list[int]]:
        """The numbers of the clauses that a word in this form answers."""
        words = [(number, clause) for number, clause in enumerate(self.clauses) if isinstance(clause, Word)]
        return _grouped((form, number) for number, word in words for form in self._forms_of(word))

    def _forms_of(self, word: Word) -> list[str]:
        return list(dict.fromkeys(self._forms([word.token, *word.joined])))

    def stems(self, words: Sequence[str]) -> list[str]:
        """The engine's form of each word."""
        return self._forms(words)


def snippet(passages: Sequence[str], query: Query, forms: Forms, *, max_chars: int = MAX_CHARS) -> Snippet:
    """What to show under a hit; see `best_of`, which is quicker for several hits of one question."""
    return best_of(passages, Sought(query, forms), max_chars=max_chars)


def best_of(passages: Sequence[str], sought: Sought, *, max_chars: int = MAX_CHARS) -> Snippet:
    """What to show under a hit: the passage with most of the question in it, or the beginning where none has any.

    passages: paragraphs as plain text, those of attached files marked and last. sought: with the engine's own forms, so
    that exactly what it found is marked. max_chars: of text; marks, the … of a cut and the words that name a file not
    counted.
    Empty only if all passages are.
    """
    best = _best(passages, sought)
    if best is None:
        opening = next((passage for passage in passages if passage.strip()), "")
        beginning = kit_text.shorten(opening.removeprefix(ATTACHED_MARK), max_chars)
        whole = Snippet(
            beginning, escape(beginning), kit_text.text_directive(beginning.removesuffix(kit_text.ELLIPSIS))
        )
        return _from_file(whole) if opening.startswith(ATTACHED_MARK) else whole
    start, end = _window(best, max_chars)
    shown = best.passage[start:end]
    before = kit_text.ELLIPSIS if start else ""
    after = kit_text.ELLIPSIS if end < len(best.passage) else ""
    places = _joined((max(a, start) - start, min(b, end) - start) for a, b, _ in best.places if a < end and b > start)
    earlier = itertools.takewhile(lambda passage: passage != best.passage, passages)
    fragment = "" if best.is_attached else kit_text.text_directive(shown, [*earlier, best.passage[:start]])
    cut = Snippet(before + shown + after, before + _with_marks(shown, places) + after, fragment)
    return _from_file(cut) if best.is_attached else cut


def _from_file(cut: Snippet) -> Snippet:
    """The same, saying where it stands; the page has nothing to land on."""
    return Snippet(_IN_FILE + cut.text, _IN_FILE + cut.html, "")


def _best(passages: Sequence[str], sought: Sought) -> _Marked | None:
    best: _Marked | None = None
    for place in _closest(passages, sought):
        marked = _marked(passages[place], sought)
        # The first of equals: openings say more than endings.
        if marked.places and (best is None or marked.worth > best.worth):
            best = marked
        if best is not None and best.n_clauses == len(sought.clauses):
            # Taking words apart is the dear part, and nothing can hold more.
            break
    return best


def _closest(passages: Sequence[str], sought: Sought) -> list[int]:
    """The places of the few passages that hold most of the needles, those with most first, then in order of place."""
    needles = sought.needles
    n_own = _n_own(passages)
    close, n_held = _holding_most([passage.lower() for passage in passages[:n_own]], needles)
    # A passage of the page that holds all of it is as good as any in a file, and files are long.
    if n_held < len(needles) and n_own < len(passages):
        close, _ = _holding_most([passage.lower() for passage in passages[: n_own + _MAX_ATTACHED]], needles)
    if close:
        return close
    passages = passages[:n_own] or passages[:_N_OPENING]
    # Zurich where the text has Zürich, then Jongun where it has Jong-un: dearer, and seldom needed.
    folded = [kit_text.fold(analysis.plain(passage)) for passage in passages]
    return _holding_most(folded, needles)[0] or _holding_most(folded, sought.spread_needles)[0]


def _n_own(passages: Sequence[str]) -> int:
    """How many passages stand on the page, before those of files."""
    if not passages or not passages[-1].startswith(ATTACHED_MARK):
        return len(passages)
    return next(at for at, passage in enumerate(passages) if passage.startswith(ATTACHED_MARK))


def _holding_most(passages: Sequence[str], needles: Sequence[_Needle]) -> tuple[list[int], int]:
    """The places of the passages with most needles, and how many that is."""
    counts = list(map(sum, zip(*[needle(passages) for needle in needles], strict=True)))
    most = max(counts, default=0)
    if not most:
        return [], 0
    # Those that seem to hold most, or one less: needles are wrong now and then.
    best = [(-n, place) for place, n in enumerate(counts) if n >= max(1, most - 1)]
    return [place for _, place in nsmallest(_N_CLOSE, best)], most


def _spread(word: Word) -> _Needle:
    """The word with a hyphen or space anywhere in it."""
    return _found_by("[- ]?".join(re.escape(letter) for letter in kit_text.fold(word.token)[:40]))


def _found_by(pattern: str) -> _Needle:
    search = re.compile(pattern).search
    return lambda passages: [search(seen) is not None for seen in passages]


def _beginning_with(letters: str) -> _Needle:
    """A word that begins so. The pattern looks back from its letters: the other way round a search takes ten times as
    long."""
    written = re.escape(letters)
    return _found_by(rf"{written}(?<![^\W_]{written})")


def _letters(clause: Text) -> str:
    match clause:
        case Word(token):
            return token
        case Phrase(tokens):
            return "".join(tokens)
        case Prefix(start):
            return start


def _needle(clause: Text, forms: Forms) -> _Needle:
    if isinstance(clause, Prefix):
        return _beginning_with(kit_text.fold(clause.start))
    if isinstance(clause, Phrase):
        return _found_by(r"[\W_]{0,3}".join(re.escape(kit_text.fold(token)) for token in clause.tokens[:8]))
    form = forms([clause.token])[0]
    # A stem is not always a beginning of its words: policy becomes polici.
    stem = form[:-1] if form.endswith("i") and len(form) > 3 else form
    if len(stem) > 3 or analysis.is_cjk(stem):
        return lambda passages: [stem in seen for seen in passages]
    return _beginning_with(stem)


def _marked(whole: str, sought: Sought) -> _Marked:
    passage = whole.removeprefix(ATTACHED_MARK)
    words = [span for span in analysis.spans(passage) if span[0]]
    seen = _Seen([word for word, _, _ in words])
    places = [(words[first][1], words[last][2], number) for first, last, number in _answers(seen, sought)]
    return _Marked(passage, tuple(sorted(places)), whole.startswith(ATTACHED_MARK))


class _Seen:
    """The words of a passage, and where each stands, so that five hundred clauses are found as quickly as one."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.exact = [word if word.isascii() else kit_text.fold(word) for word in words]

    @cached_property
    def by_word(self) -> Mapping[str, list[int]]:
        """Where each word stands as it is, for phrases."""
        return _grouped((word, at) for at, word in enumerate(self.exact))

    @cached_property
    def in_one(self) -> str:
        """All words without anything between them."""
        return "".join(self.exact)


def _grouped(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    grouped: dict[str, list[int]] = {}
    for word, number in pairs:
        grouped.setdefault(word, []).append(number)
    return grouped


def _answers(seen: _Seen, sought: Sought) -> Iterable[tuple[int, int, int]]:
    """First and last word of each place that answers a clause, and the clause's number."""
    by_form = sought.by_form
    found = [
        (at, number) for at, form in enumerate(sought.stems(seen.words)) if form in by_form for number in by_form[form]
    ]
    yield from ((at, at, number) for at, number in found)
    numbers = {number for _, number in found}
    for number, clause in enumerate(sought.clauses):
        if number not in numbers:
            yield from ((first, last, number) for first, last in _clause_at(clause, seen))


def _clause_at(clause: Text, seen: _Seen) -> list[tuple[int, int]]:
    match clause:
        case Word(token):
            return _in_two_at(kit_text.fold(token), seen)
        case Phrase():
            return _phrase_at(clause, seen)
        case Prefix(start):
            beginning = kit_text.fold(start)
            return [(at, at) for at, word in enumerate(seen.exact) if word.startswith(beginning)]


def _phrase_at(phrase: Phrase, seen: _Seen) -> list[tuple[int, int]]:
    wanted = [kit_text.fold(token) for token in phrase.tokens]
    size = len(wanted)
    starts = [at for at in seen.by_word.get(wanted[0], ()) if seen.exact[at : at + size] == wanted]
    joined = seen.by_word.get(phrase.joined, ()) if phrase.joined else ()
    return [(at, at + size - 1) for at in starts] + [(at, at) for at in joined]


def _in_two_at(word: str, seen: _Seen) -> list[tuple[int, int]]:
    """Jongun, where the text has Jong-un or Jong Un."""
    if word not in seen.in_one:
        return []
    pairs = enumerate(itertools.pairwise(seen.exact))
    return [(at, at + 1) for at, (first, second) in pairs if first + second == word]


def _window(marked: _Marked, max_chars: int) -> tuple[int, int]:
    """The part of the passage with most different clauses in it, cut between words."""
    passage, places = marked.passage, marked.places
    if len(passage) <= max_chars:
        return 0, len(passage)

    def seen_from(place: int) -> tuple[int, int]:
        latest = places[place][0] + max_chars * 3 // 4
        beyond = bisect_right(places, (latest,), lo=place)
        inside = [clause for _, b, clause in places[place:beyond] if b <= latest]
        return len(set(inside)), len(inside)

    first = places[max(range(len(places)), key=seen_from)][0]
    # A quarter of the room goes to what stands before the first mark; a sentence that begins there begins the cut.
    earliest = max(0, first - max_chars // 4)
    sentence = max(passage.rfind(". ", earliest, first), passage.rfind("? ", earliest, first))
    start = sentence + 2 if sentence >= 0 else _next_word(passage, earliest)
    start = min(start, first)
    end = min(len(passage), start + max_chars)
    if end < len(passage):
        space = passage.rfind(" ", start + max_chars // 2, end)
        end = space if space > 0 else end
    return start, end


def _next_word(passage: str, at: int) -> int:
    if at == 0:
        return 0
    space = passage.find(" ", at)
    return space + 1 if space >= 0 else at


def _joined(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places in order, those that touch or overlap made one: the syllables of a Korean word are one mark."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _with_marks(shown: str, places: list[tuple[int, int]]) -> str:
    parts, at = [], 0
    for start, end in places:
        parts += [escape(shown[at:start]), "<mark>", escape(shown[start:end]), "</mark>"]
        at = end
    return "".join(parts) + escape(shown[at:])
