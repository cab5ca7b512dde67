"""What a reader typed, as a question that an engine can run. Pure, bounded, linear, never an error.

No text a person types reaches an engine's own parser: those have been seen to crash on nested brackets. What a typed
sign is, `scanning` decides; what one asks is decided here. docs/reference/query-language.md says it to readers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from isthmus.kit.text import shorten
from isthmus.search import keywords as registry
from isthmus.search import wording
from isthmus.search.keywords import Keywords
from isthmus.search.query import Group, In, Node, Not, Prefix, Query, Text, Word, nodes_within
from isthmus.search.scanning import Mark, Piece, scan

MAX_CHARS = 4096
MAX_WORDS = 512
MAX_OPERATORS = 24
MAX_DEPTH = 8

# A text of more words was pasted, not written for a search: quotation marks in it quote, and do not ask for phrases.
_MAX_ASKED_WORDS = 24
# Up to so many different words all must be there: short questions name what they want. Longer ones are sentences, no
# piece has all their words, and two are enough: what has more comes first anyhow, while a bound that grows with the
# question puts what has many of its small words before what it is about (asking for a third of
# them cost 10 % of nDCG@10 on judged questions, for a half 5 %, for two thirds 1 % and most located none; 2026-11).
_ALL_OF, _SOME_OF_MORE = 6, 2

_MAX_SAID_CHARS = 40

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Normalising sorts the marks on one letter in quadratic time; no script has more than a few.
_MANY_MARKS = re.compile(r"([^\w\x00-\x7f]{30})[^\w\x00-\x7f]+")
_QUOTE_SIGNS = re.compile('["“”„‟«»″＂\\s]+')


def parse(typed: str, keywords: Keywords | None = None) -> Query:
    """The question in what was typed; every text is one.

    Words must all be found, of long questions two (`n_required`). "…" is a phrase, -x leaves out what x finds, OR
    stands between two alternatives and holds nothing more together (`a b OR c` is a, and b or c), brackets group,
    x* is a beginning, `author:x` and the other keywords choose. A question that only leaves out finds all the rest.
    Beyond 4,096 characters and 512 words nothing is read; beyond 24 operators signs are read as words, and beyond
    eight brackets in each other brackets are ignored. Whatever was left out or not understood is said in the notes.
    keywords: by name; the default knows no names of kinds and languages, see `keywords.standard`.
    """
    keywords = registry.standard() if keywords is None else keywords
    text, notes = _bounded(typed)
    pieces, misread = scan(text, keywords.keys())
    reader = _Reader(keywords, [*notes, *misread])
    for piece in pieces:
        if reader.is_full:
            break
        reader.read(piece)
    return reader.query(text)


def n_required(n_words: int) -> int:
    """How many of so many different words a piece must have to be found."""
    return n_words if n_words <= _ALL_OF else _SOME_OF_MORE


def quoted(words: str) -> str:
    """Words as a phrase that `parse` reads back: for links such as author:"Robert R. King"."""
    return f'"{_QUOTE_SIGNS.sub(" ", _UNSEEN.sub(" ", words)).strip()}"'


def _bounded(typed: str) -> tuple[str, list[str]]:
    typed = typed.lstrip()
    text = _MANY_MARKS.sub(r"\1", _UNSEEN.sub(" ", typed[:MAX_CHARS])).strip()
    if len(typed) > MAX_CHARS:
        return text, [f"Only the first {MAX_CHARS:,} characters were searched."]
    return text, []


@dataclass(slots=True)
class _Item:
    """One thing asked for. texts: what it has of words and phrases to mark and to rank by.

    within: of a bracket its items, until it is known whether the bracket matters.
    """

    node: Node | None
    texts: tuple[Text, ...] = ()
    is_word: bool = False
    is_quoted: bool = False
    within: list[_Item] | None = None
    is_or: bool = False

    @property
    def is_exclusion(self) -> bool:
        """Whether it only leaves out."""
        return isinstance(self.node, Not)


@dataclass(slots=True)
class _Frame:
    """What was read of the question or of one bracket, and which signs wait for the next item."""

    items: list[_Item] = field(default_factory=list)
    has_or: bool = False
    has_minus: bool = False
    is_dropped: bool = False
    is_ignored: bool = False


class _Reader:
    """Takes pieces one by one; brackets wait on a stack."""

    def __init__(self, keywords: Keywords, notes: list[str]) -> None:
        self._keywords, self._notes = keywords, notes
        self._frames, self._depth = [_Frame()], 0
        self._n_words, self._n_operators = MAX_WORDS, MAX_OPERATORS
        self.is_full = False

    def read(self, piece: Piece) -> None:
        """The next piece."""
        match piece.mark:
            case Mark.OPEN:
                self._open()
            case Mark.CLOSE:
                self._close()
            case Mark.OR:
                self._or()
            case Mark.MINUS:
                self._minus()
            case Mark.KEYWORD:
                self._keyword(piece)
            case _:
                self._texts(piece)

    def query(self, text: str) -> Query:
        """The question, once all is read."""
        while len(self._frames) > 1:
            self._close()
        self._end(self._frames[0])
        items = _flat(self._frames[0].items)
        if sum(map(_size, items)) > _MAX_ASKED_WORDS and all(item.is_word or item.is_quoted for item in items):
            items = [_Item(item.node, item.texts, is_word=True) for item in items]
        kept = _telling(_joined(items))
        found_by = self._found_by(kept)
        if text and found_by is None:
            self._notes = [note for note in self._notes if note.startswith("Only the first")]
            self._note("There is no word in this question.")
        clauses = tuple(text for item in kept for text in item.texts)
        return Query(text, found_by, clauses, is_plain=all(item.is_word for item in kept), notes=tuple(self._notes))

    def _found_by(self, items: list[_Item]) -> Node | None:
        if items and all(item.is_exclusion for item in items):
            self._note("This question only leaves out: all other pieces are shown.")
        words = _distinct(item for item in items if item.is_word)
        n_wanted = n_required(len(words))
        if n_wanted == len(words):
            return _all_of(items)
        self._note(
            f"This is a long question: pieces with at least {n_wanted} of its {len(words)} words are shown, "
            "the closest first."
        )
        some: Node = Group(tuple(words), n_wanted)
        others = [item.node for item in items if not item.is_word and item.node is not None]
        return Group((some, *others), 1 + len(others)) if others else some

    def _open(self) -> None:
        is_deep = self._depth >= MAX_DEPTH
        if is_deep:
            self._note(f"Only {MAX_DEPTH} brackets in each other were read; the inner ones were left out.")
        is_ignored = is_deep or not self._may_operate()
        self._depth += not is_ignored
        self._frames.append(_Frame(is_ignored=is_ignored))

    def _close(self) -> None:
        if len(self._frames) > 1:
            frame = self._frames.pop()
            self._depth -= not frame.is_ignored
            self._end(frame)
            if frame.is_ignored:
                self._add_unheld(frame.items)
            else:
                self._add([_Item(None, within=frame.items)] if frame.items else [])

    def _end(self, frame: _Frame) -> None:
        if frame.has_or:
            frame.has_or = False
            self._lone_or(frame)

    def _or(self) -> None:
        frame = self._frames[-1]
        if not frame.items or frame.has_or:
            self._lone_or(frame)
        else:
            frame.has_or = True
            # An alternative too many is left out; as a word it would have to be found besides the others.
            frame.is_dropped = not self._may_operate()

    def _lone_or(self, frame: _Frame) -> None:
        self._note("OR was searched as a word: it has a meaning between two words, phrases or brackets only.")
        frame.items.append(_Item(Word("or"), (Word("or"),), is_word=True))

    def _minus(self) -> None:
        self._frames[-1].has_minus = True
        if not self._may_operate():
            self._frames[-1].is_dropped = True

    def _keyword(self, piece: Piece) -> None:
        keyword = self._keywords[piece.keyword]
        may_operate = self._may_operate()
        node = keyword.read((piece.text, piece.value)) if may_operate else None
        texts = [inner.text for inner in nodes_within(node) if isinstance(inner, In)] if node else []
        if node is None:
            if may_operate and keyword.expected:
                said = shorten(f"{piece.keyword}:{piece.text}", _MAX_SAID_CHARS)
                self._note(f"“{said}” was searched as words: {keyword.expected}.")
            self._add(_words(self._within_limit(wording.texts(f"{piece.keyword} {piece.text}"))))
        elif len(self._within_limit(texts)) == len(texts):
            self._add([_Item(node, tuple(texts) if keyword.is_sought else ())])

    def _texts(self, piece: Piece) -> None:
        if piece.mark is Mark.WORDS or not self._may_operate():
            self._add(_words(self._within_limit(wording.texts(piece.text))))
        elif piece.mark is Mark.PHRASE:
            texts = self._within_limit(wording.phrase(piece.text))
            self._add([_Item(text, (text,), is_quoted=True) for text in texts])
        else:
            texts = self._within_limit(wording.prefix(piece.text))
            if texts and not wording.is_found_inside(texts[-1]):
                self._note(f"A star was left out: at least {wording.MIN_PREFIX_CHARS} letters must stand before it.")
            self._add([_Item(text, (text,), is_word=not isinstance(text, Prefix)) for text in texts])

    def _add(self, items: list[_Item]) -> None:
        """Give the newest frame what was asked for next, under the signs that wait for it."""
        frame = self._frames[-1]
        has_or, has_minus, is_dropped = frame.has_or, frame.has_minus, frame.is_dropped
        frame.has_minus = frame.is_dropped = False
        if not items or is_dropped:
            frame.has_or = has_or and not is_dropped
            return
        frame.has_or = False
        if has_minus:
            items = [_excluded(items)]
        if has_or:
            items = [_either(frame.items.pop(), items)]
        frame.items += items

    def _add_unheld(self, items: list[_Item]) -> None:
        """What stood in brackets that are not read; what they were to leave out as a whole is left unread."""
        frame = self._frames[-1]
        if frame.has_minus or frame.is_dropped or not items:
            frame.has_or = frame.has_or and not frame.is_dropped
            frame.has_minus = frame.is_dropped = False
        elif frame.has_or:
            self._add(items[:1])
            frame.items += items[1:]
        elif frame.items:
            frame.items += items
        else:
            # Taken over, not copied: a thousand such brackets in each other would copy 512 words a thousand times.
            frame.items = items

    def _may_operate(self) -> bool:
        """Whether one more operator may be read; it is then counted."""
        self._n_operators -= 1
        if self._n_operators < 0:
            self._note(
                f"Only the first {MAX_OPERATORS} signs (quotation marks, brackets, OR, minus, colon, star) were read; "
                "what later ones stand at was left out or searched as words."
            )
        return self._n_operators >= 0

    def _within_limit(self, texts: list[Text]) -> list[Text]:
        kept: list[Text] = []
        for text in texts:
            fitting = wording.cut(text, self._n_words)
            self._n_words -= sum(map(wording.size, fitting))
            kept += fitting
            if fitting != [text]:
                self._note(f"Only the first {MAX_WORDS} words were searched.")
                self.is_full = True
                break
        return kept

    def _note(self, sentence: str) -> None:
        if sentence not in self._notes:
            self._notes.append(sentence)


def _words(texts: Iterable[Text]) -> list[_Item]:
    return [_Item(text, (text,), is_word=True) for text in texts]


def _size(item: _Item) -> int:
    return sum(map(wording.size, item.texts))


def _flat(items: Sequence[_Item]) -> list[_Item]:
    """Brackets that stand under no sign, opened: they hold together what is together anyway."""
    waiting, found = list(reversed(items)), []
    while waiting:
        item = waiting.pop()
        if item.within is None:
            found.append(item)
        else:
            waiting += reversed(item.within)
    return found


def _together(items: Sequence[_Item]) -> _Item:
    """Several items as the one that a sign stands before: all of them."""
    if len(items) == 1 and items[0].within is None:
        return items[0]
    kept = _telling(_joined(_flat(items)))
    return _Item(_all_of(kept), tuple(text for item in kept for text in item.texts))


def _excluded(items: Sequence[_Item]) -> _Item:
    node = _together(items).node
    # Two minus signs, one before a bracket and one inside it, ask for the thing again; nobody means that, but it is so.
    return _Item(node.node if isinstance(node, Not) else Not(node) if node is not None else None)


def _either(first: _Item, others: Sequence[_Item]) -> _Item:
    """`a OR b OR c` as one group."""
    left, right = _together([first]), _together(others)
    before = left.node.nodes if left.is_or and isinstance(left.node, Group) else (left.node,)
    nodes = tuple(node for node in (*before, right.node) if node is not None)
    return _Item(Group(nodes, 1), left.texts + right.texts, is_or=True)


def _joined(items: Sequence[_Item]) -> list[_Item]:
    """Words side by side made content with standing in one."""
    joined: list[_Item] = []
    run: list[_Item] = []
    for item in (*items, _Item(None)):
        if item.is_word:
            run.append(item)
            continue
        joined += _words(wording.with_neighbours([text for word in run for text in word.texts]))
        run = []
        joined.append(item)
    return joined[:-1]


def _telling(items: Sequence[_Item]) -> list[_Item]:
    """Without stop words, unless nothing else is asked for."""
    telling = [item for item in items if not (item.is_word and all(map(wording.is_stop_word, item.texts)))]
    return telling if any(not item.is_exclusion for item in telling) else list(items)


def _distinct(items: Iterable[_Item]) -> list[Node]:
    """Each word once, so that a repeated one does not count for two; with all its joined forms."""
    found: dict[object, Text] = {}
    for text in (text for item in items for text in item.texts):
        key = text.token if isinstance(text, Word) else text
        known = found.get(key)
        if isinstance(text, Word) and isinstance(known, Word):
            text = Word(text.token, tuple(dict.fromkeys(known.joined + text.joined)))
        found[key] = text
    return list(found.values())


def _all_of(items: Sequence[_Item]) -> Node | None:
    nodes = _distinct(item for item in items if item.is_word)
    nodes += [item.node for item in items if not item.is_word and item.node is not None]
    if len(nodes) < 2:
        return nodes[0] if nodes else None
    return Group(tuple(nodes), len(nodes))
