"""Found pieces as they are shown: title, people and address read through the gate, with a snippet. Two queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, ExpressionWrapper, F, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.encoding import iri_to_uri
from django.utils.safestring import SafeString, mark_safe

from isthmus.kit.compiled import Compiled, Slot
from isthmus.publications import visibility
from isthmus.publications.cards import Card, Link, SeriesLink, kind_label
from isthmus.publications.models import Byline
from isthmus.publications.recording import publication_path
from isthmus.search.snippet import Snippet

SHOWN_ROLES = (Byline.Role.AUTHOR, Byline.Role.SPEAKER, Byline.Role.INTERVIEWEE)

# A page of results is read by statements with room for this many numbers; rows that are models cost three times the
# time of the plain values that a hit needs.
_N_SLOTS = 10
_COLUMNS = (
    "pk", "slug", "kind", "title", "excerpt", "language", "published_on", "details__start",
    "series__slug", "series__title",
)  # fmt: skip
_BYLINE_COLUMNS = ("publication_id", "printed_name", "role", "person__name", "person__slug")


@dataclass(frozen=True, slots=True)
class Hit:
    """One found piece as it is shown. people: every name as printed, whatever the role."""

    id: int
    card: Card
    people: tuple[str, ...]
    snippet: Snippet
    is_pinned: bool = False

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
            "people": list(self.people),
            "kind": shown.kind,
            "series": shown.series.title if shown.series else None,
            "snippet": self.snippet.text,
        }
        return found | {"snippet_html": self.snippet.html} if with_html else found


def hits(numbers: Sequence[int], snippet_of: Callable[[int, str], Snippet]) -> list[Hit]:
    """The visible ones of these publications, in the same order; what the public may not see is left out.

    snippet_of: makes the snippet of a publication from its number and its summary.
    """
    if not numbers:
        return []
    rows = {row[0]: row for row in _rows(_PIECES, _pieces, numbers)}
    bylines: dict[int, list[tuple[Any, ...]]] = {}
    for number, *line in _rows(_BYLINES, _bylines, numbers):
        bylines.setdefault(number, []).append(tuple(line))
    return [
        _hit(rows[number], bylines.get(number, []), snippet_of(number, rows[number][4]))
        for number in numbers
        if number in rows
    ]


def _hit(row: tuple[Any, ...], bylines: Iterable[tuple[Any, ...]], shown: Snippet) -> Hit:
    number, slug, kind, title, summary, language, published_on, start, series_slug, series_title = row
    lines = [(printed or name, role, person) for printed, role, name, person in bylines]
    made = Card(
        url=iri_to_uri(publication_path(slug, series_slug)),
        title=title,
        kind=kind,
        kind_label=kind_label(kind),
        series=SeriesLink(series_title, iri_to_uri(f"/{series_slug}/")) if series_slug else None,
        published_on=published_on,
        people=[Link(name, iri_to_uri(f"/people/{slug}/"), role) for name, role, slug in lines if role in SHOWN_ROLES],
        summary=summary,
        image=None,
        lang=language,
        starts=_start(kind, start),
    )
    return Hit(number, made, tuple(name for name, _, _ in lines), shown)


def _start(kind: str, start: object) -> datetime | None:
    return parse_datetime(str(start)) if kind == "event" and start else None


def _pieces(numbers: Sequence[Any]) -> QuerySet[Any]:
    return visibility.among(numbers).values_list(*_COLUMNS)


def _bylines(numbers: Sequence[Any]) -> QuerySet[Any]:
    # As a plain number, or Django would want numbers where a compiled statement has slots.
    of = ExpressionWrapper(F("publication_id"), output_field=BigIntegerField())
    return Byline.objects.alias(of=of).filter(of__in=numbers).values_list(*_BYLINE_COLUMNS)


_SLOTS = [Slot(f"n{place}", BigIntegerField()) for place in range(_N_SLOTS)]
_PIECES = Compiled[tuple[Any, ...]](lambda: _pieces(_SLOTS))
_BYLINES = Compiled[tuple[Any, ...]](lambda: _bylines(_SLOTS))


def _rows(
    compiled: Compiled[tuple[Any, ...]], queryset: Callable[[Sequence[int]], QuerySet[Any]], numbers: Sequence[int]
) -> Iterable[tuple[Any, ...]]:
    """In tens, since a page of results has ten as a rule; many at once are not worth a statement of their own."""
    if len(numbers) > 2 * _N_SLOTS:
        return queryset(numbers)
    rows: list[tuple[Any, ...]] = []
    for start in range(0, len(numbers), _N_SLOTS):
        some = numbers[start : start + _N_SLOTS]
        # No publication has the number 0.
        padded = [*some, *[0] * (_N_SLOTS - len(some))]
        rows += compiled.rows(**{f"n{place}": number for place, number in enumerate(padded)})
    return rows
