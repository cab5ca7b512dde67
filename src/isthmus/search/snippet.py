"""The passage of a piece that answers a question best, cut to a few lines, its words marked. Pure text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from isthmus.kit import text as kit_text
from isthmus.kit.html import escape
from isthmus.search.fields import ATTACHED_MARK
from isthmus.search.query import Query
from isthmus.search.sought import Forms, Place, Sought, places

MAX_CHARS = 240
# What stands so near to each other is shown in one cut; said more often, nothing is better.
_TOGETHER_CHARS, _MAX_TIMES, _NOTHING = 230, 4, (0, 0)
# Half of all pieces are shorter than the first; of the long ones most say early what is asked for.
_STRETCHES_CHARS, _ENOUGH = (4_000, 16_000), 8
_IN_FILE = "In the attached file: "


@dataclass(frozen=True, slots=True)
class Snippet:
    """A cut passage. html: the same, escaped, with the found words in <mark>.

    fragment: the text directive that makes a browser land on the passage, `:~:text=…`; empty for an empty passage, and
    for one that stands in an attached file and not on the page, which text and html say in front of it.
    """

    text: str
    html: str
    fragment: str


def snippet(text: str, query: Query, forms: Forms, *, max_chars: int = MAX_CHARS) -> Snippet:
    """What to show under a hit; see `best_of`, which is quicker for several hits of one question."""
    return best_of(text, Sought(query, forms), max_chars=max_chars)


def best_of(text: str, sought: Sought, *, max_chars: int = MAX_CHARS) -> Snippet:
    """What to show under a hit: the passage with most of the question in it, or the beginning where none has any.

    text: passages, one a line, those of attached files marked and last. sought: with the engine's own forms, so that
    exactly what it found is marked. max_chars: of text; marks, the … of a cut and the words that name a file not
    counted.
    Empty only if all passages are.
    """
    found, seen, until = _best(text, sought)
    if not found:
        return _opening(text, max_chars)
    first, last = _passage_at(text, seen)
    start, end = _cut(text, first, last, (seen, until), max_chars)
    shown = text[start:end]
    before, after = kit_text.ELLIPSIS * (start > first), kit_text.ELLIPSIS * (end < last)
    html = before + _with_marks(text, start, end, found) + after
    if first and text[first - 1] == ATTACHED_MARK:
        return _from_file(before + shown + after, html)
    return Snippet(before + shown + after, html, kit_text.text_directive(shown, [text[:start]]))


def _opening(text: str, max_chars: int) -> Snippet:
    opening = next((passage for passage in text.split("\n") if passage.strip()), "")
    beginning = kit_text.shorten(opening.removeprefix(ATTACHED_MARK), max_chars)
    if opening.startswith(ATTACHED_MARK):
        return _from_file(beginning, escape(beginning))
    return Snippet(beginning, escape(beginning), kit_text.text_directive(beginning.removesuffix(kit_text.ELLIPSIS)))


def _from_file(text: str, html: str) -> Snippet:
    """Saying where it stands; the page has nothing to land on."""
    return Snippet(_IN_FILE + text, _IN_FILE + html, "")


def _best(text: str, sought: Sought) -> tuple[list[Place], int, int]:
    """What was found, and from where to where stands what is to be shown of it."""
    best: tuple[list[Place], int, int] = [], 0, 0
    most = _NOTHING
    for start, end in _stretches(text) if sought.clauses else ():
        found = places(text, sought, start, end)
        worth, seen, until = _fullest(text, found)
        if worth > most:
            most, best = worth, (found, seen, until)
        # What holds all of it, or much of a sentence, is as good as anything that follows.
        if most[0] >= min(len(sought.looked_for), _ENOUGH):
            break
    return best


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """The parts of a text that are looked through one after the other, files last: whole passages."""
    inside = text.find(ATTACHED_MARK)
    own = inside if inside >= 0 else len(text)
    start = 0
    for size in _STRETCHES_CHARS:
        end = text.find("\n", start + size, own)
        if start < end:
            yield start, end
            start = end
    yield start, own
    if own < len(text):
        yield own, len(text)


def _fullest(text: str, found: Sequence[Place]) -> tuple[tuple[int, int], int, int]:
    """Of all that stands together in one passage what holds most of the question, and from where to where it goes.

    Together is what can be shown in one cut. Of several alike the one that says it more often, up to four times, and
    of these the first: openings say more.
    """
    most, seen, until = _NOTHING, 0, 0
    place, last = 0, -1
    counts: dict[int, int] = {}
    for at, (start, end, clause) in enumerate(found):
        if start > last:
            place, counts, last = at, {}, _end_of_passage(text, start)
        counts[clause] = counts.get(clause, 0) + 1
        while end - found[place][0] > _TOGETHER_CHARS and place < at:
            gone = found[place][2]
            place, counts[gone] = place + 1, counts[gone] - 1
            if not counts[gone]:
                del counts[gone]
        worth = (len(counts), min(at - place + 1, _MAX_TIMES))
        if worth > most:
            most, seen, until = worth, found[place][0], end
    return most, seen, until


def _passage_at(text: str, at: int) -> tuple[int, int]:
    """From where to where the passage goes that a place is in."""
    first = text.rfind("\n", 0, at) + 1
    return first + text.startswith(ATTACHED_MARK, first), _end_of_passage(text, at)


def _end_of_passage(text: str, at: int) -> int:
    last = text.find("\n", at)
    return last if last >= 0 else len(text)


def _cut(text: str, first: int, last: int, seen: tuple[int, int], max_chars: int) -> tuple[int, int]:
    """The part of a passage, which goes from first to last, around what is seen in it, cut between words."""
    if last - first <= max_chars:
        return first, last
    # A quarter of the room goes to what stands before the first mark; a sentence that begins there begins the cut.
    earliest = max(first, seen[0] - max_chars // 4, min(seen[0], seen[1] - max_chars))
    sentence = max(text.rfind(". ", earliest, seen[0]), text.rfind("? ", earliest, seen[0]))
    start = sentence + 2 if sentence >= 0 else _next_word(text, first, earliest)
    start = min(start, seen[0])
    end = min(last, start + max_chars)
    if end < last and text[end] != " ":
        space = text.rfind(" ", start + max_chars // 2, end)
        end = space if space > 0 else end
    return start, end


def _next_word(text: str, first: int, at: int) -> int:
    if at == first:
        return at
    space = text.find(" ", at)
    return space + 1 if space >= 0 else at


def _with_marks(text: str, start: int, end: int, found: Sequence[Place]) -> str:
    """The text from start to end as HTML, with <mark> around the places, those that touch or overlap in one."""
    parts, at = [], start
    for first, last in _joined(
        (max(first, start), min(last, end)) for first, last, _ in found if first < end and last > start
    ):
        parts += [escape(text[at:first]), "<mark>", escape(text[first:last]), "</mark>"]
        at = last
    return "".join(parts) + escape(text[at:end])


def _joined(found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those that touch made one: the syllables of a Korean word are one mark."""
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
