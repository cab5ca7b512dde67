"""The pieces that editors put first when a question is asked."""

from __future__ import annotations

from isthmus.publications import visibility
from isthmus.search import editors
from isthmus.search.editors import Kept
from isthmus.search.models import MAX_QUESTION_CHARS
from isthmus.search.query import Query
from isthmus.search.question_key import question_key


def for_question(query: Query, kept: Kept | None = None) -> list[int]:
    """Numbers of the pieces pinned to a question, three at most, those the public may see, in the editors' order.

    For the first page in the order of relevance, without filters: shown above the rest, counted only if located. Words
    alone are compared, folded, in any order; a question with operators has no pins. No query where none is pinned.
    kept: what editors keep, where it was read just now.
    """
    pins = (kept or editors.kept()).pins
    if not pins or not query.is_plain or len(query.text) > MAX_QUESTION_CHARS:
        return []
    pinned = pins.get(question_key(query.text), ())
    visible = visibility.visible_ids(pinned) if pinned else set()
    return [number for number in pinned if number in visible]
