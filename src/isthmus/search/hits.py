"""Found pieces as they are shown: title, people and address read through the gate, with a snippet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from isthmus.publications.cards import Card
from isthmus.search import pieces
from isthmus.search.pieces import Piece
from isthmus.search.snippet import Snippet


@dataclass(frozen=True, slots=True)
class Hit:
    """One found piece as it is shown, with the passage that answers."""

    piece: Piece
    snippet: Snippet
    is_pinned: bool = False

    @property
    def id(self) -> int:
        """The publication's number."""
        return self.piece.id

    @property
    def card(self) -> Card:
        """As listings show it."""
        return self.piece.card

    @property
    def snippet_html(self) -> SafeString:
        """The passage, escaped, with <mark> around what was found."""
        return mark_safe(self.snippet.html)  # noqa: S308  (escaped by search.snippet, marks are ours)

    @property
    def url_with_fragment(self) -> str:
        """The piece's address, landing on the passage in browsers that know text fragments."""
        return f"{self.card.url}#{self.snippet.fragment}" if self.snippet.fragment else self.card.url

    def as_json(self, *, with_html: bool = False) -> dict[str, Any]:
        """The public contract's object; with_html adds `snippet_html`, as the API does."""
        shown = self.card
        found = {
            "url": shown.url,
            "title": shown.title,
            "published_on": shown.published_on.isoformat() if shown.published_on else None,
            "people": list(self.piece.people),
            "kind": shown.kind,
            "series": shown.series.title if shown.series else None,
            "snippet": self.snippet.text,
        }
        return found | {"snippet_html": self.snippet.html} if with_html else found


def hits(numbers: Sequence[int], snippet_of: Callable[[int, str], Snippet], journal: Any) -> list[Hit]:
    """The visible ones of these publications, in the same order; what the public may not see is left out.

    snippet_of: makes the snippet of a publication from its number and its summary. journal: as `pieces.visible` has it.
    """
    found = pieces.visible(numbers, journal)
    return [Hit(found[number], snippet_of(number, found[number].card.summary)) for number in numbers if number in found]
