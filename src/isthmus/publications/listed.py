"""The pieces of a listing, newest first: their numbers, and their cards, each made once for a state of everything.

A piece stands in four listings or more, and putting the questions of one page into SQL took most of its time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, CharField, F, QuerySet

from isthmus.kit import collecting
from isthmus.kit.compiled import Compiled, Slot
from isthmus.publications import cards, queries, visibility
from isthmus.publications.models import Byline, Category, Person, Publication

# Of one state: they take 6 MB, and a reader's pages show some hundred of them.
_most_cards = 2000
# The numbers of so many listings are kept: a page of one, its feed and its other pages are asked for together.
_MOST_LISTS = 20
# So many rows are asked for at a time, the last one again where fewer are wanted: one statement serves all.
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a listing: pages count from the oldest, numbers of pieces come newest first."""

    number: int
    n_pages: int
    total: int
    pieces: Sequence[int]


def rows_of(name: str) -> QuerySet[Publication]:
    """The visible pieces of a listing: `all`, `series:2`, `person:3`, `category:5`."""
    kind, _, digits = name.partition(":")
    if kind == "series":
        return visibility.publications().filter(series=int(digits))
    if kind == "person":
        return visibility.publications().filter(pk__in=_of_person(int(digits)))
    if kind == "category":
        return visibility.publications().filter(pk__in=queries.in_categories(queries.branch_ids(int(digits))))
    return visibility.publications()


def _of_person(person: Any) -> QuerySet[Any]:
    return Byline.objects.filter(person=person).order_by().values("publication")


def page_of(name: str, *, number: int | None, size: int) -> Slice | None:
    """Page `number` of a listing, the newest for None; None for a number that has no page.

    Page 1 holds the oldest `size` pieces, so that a release fills the newest page and changes no other.
    """
    total = size_of(name)
    n_pages = max(1, -(-total // size))
    wanted = n_pages if number is None else number
    if not 1 <= wanted <= n_pages:
        return None
    start, end = (wanted - 1) * size, min(wanted * size, total)
    return Slice(wanted, n_pages, total, numbers(name, total - end, total - start))


def size_of(name: str) -> int:
    """How many visible pieces a listing has; counted once for a state."""
    if _is_short(name):
        return len(_all_numbers(name))
    sizes = collecting.once("sizes", dict[str, int])
    if (found := sizes.get(name)) is None:
        found = sizes[name] = rows_of(name).order_by().count()
    return found


def numbers(name: str, begin: int, end: int) -> Sequence[int]:
    """The pieces of a listing from one place to before another, counted from the newest."""
    if _is_short(name):
        return _all_numbers(name)[begin:end]
    # An index has these in order.
    return list(rows_of(name).order_by("-listed_at", "-id").values_list("pk", flat=True)[begin:end])


def _is_short(name: str) -> bool:
    """Whether no index has its order, so that all of it is read to find one page; that of a person is soon sorted."""
    return name.startswith(("person:", "category:"))


def _all_numbers(name: str) -> Sequence[int]:
    kept = collecting.once("listed", dict[str, list[int]])
    if (found := kept.get(name)) is None:
        kind, _, digits = name.partition(":")
        # The branches of every category are as many statements.
        is_person = kind == "person"
        found = _NUMBERS_OF_PERSON.rows(person=int(digits)) if is_person else list(_in_order(rows_of(name)))
        _make_room(kept, _MOST_LISTS)
        kept[name] = found
    return found


def _in_order(rows: QuerySet[Publication]) -> QuerySet[Any]:
    return rows.order_by("-listed_at", "-id").values_list("pk", flat=True)


_NUMBERS_OF_PERSON = Compiled[int](
    lambda: _in_order(visibility.publications().filter(pk__in=_of_person(Slot("person", BigIntegerField()))))
)


def cards_of(pieces: Sequence[int]) -> list[cards.Card]:
    """The cards of pieces, in their order; those that are not visible any more are left out."""
    kept = collecting.once("cards", dict[int, tuple[cards.Card, frozenset[str]]])
    # Another thread may make room meanwhile.
    found = {number: known for number in pieces if (known := kept.get(number)) is not None}
    for row in visible_rows([number for number in pieces if number not in found]):
        image = {f"image:{row.lead_image.pk}"} if row.lead_image else set()
        found[row.pk] = (cards.card(row), frozenset(named_on(row) | image))
    _make_room(kept, _most_cards - len(found))
    kept.update(found)
    shown = [found[number] for number in pieces if number in found]
    collecting.note(*(tag for _, tags in shown for tag in tags))
    return [card for card, _ in shown]


def hold(n_cards: int) -> None:
    """Keep so many cards from now on, as `kept_parts.hold`."""
    global _most_cards
    _most_cards = n_cards


def named_on(row: Publication) -> set[str]:
    """The journal's names of a piece, its series and its people, for who keeps what was made of it."""
    series = {row.series.subject} if row.series else set()
    return {row.subject, *series, *(line.person.subject for line in row.bylines.all())}


def _make_room(kept: dict[Any, Any], n_most: int) -> None:
    if len(kept) > n_most:
        kept.clear()


def visible_rows(pieces: Sequence[int]) -> list[Publication]:
    """The visible ones of these pieces with what a card shows, bodies left in the database; in no order."""
    return _with(_ROWS, {"bylines": _BYLINES}, pieces)


def whole_rows(pieces: Sequence[int]) -> list[Publication]:
    """The same with their bodies and categories."""
    return _with(_WHOLE_ROWS, {"bylines": _BYLINES, "categories": _CATEGORIES}, pieces)


def _with(
    rows: Compiled[Publication], relations: Mapping[str, Compiled[Any]], pieces: Sequence[int]
) -> list[Publication]:
    found: list[Publication] = []
    for begin in range(0, len(pieces), _AT_ONCE):
        some = list(pieces[begin : begin + _AT_ONCE])
        values = {f"n{i}": some[min(i, len(some) - 1)] for i in range(_AT_ONCE)}
        here = rows.rows(**values)
        for name, relation in relations.items() if here else ():
            _keep(here, name, relation.rows(**values))
        found += here
    return found


def _keep(pieces: list[Publication], name: str, rows: list[Any]) -> None:
    of: dict[int, list[Any]] = {piece.pk: [] for piece in pieces}
    for row in rows:
        of.get(row.publication_id, []).append(row)
    for piece in pieces:
        queries.keep_prefetched(piece, name, of[piece.pk])


_SLOTS = [Slot(f"n{i}", BigIntegerField()) for i in range(_AT_ONCE)]


def _these() -> QuerySet[Any]:
    # As numbers alone Django would read the slots as numbers.
    return Publication.objects.filter(pk__in=_SLOTS).order_by().values("pk")


_ROWS = Compiled[Publication](lambda: queries.card_rows(visibility.among(_SLOTS)))
_WHOLE_ROWS = Compiled[Publication](lambda: visibility.among(_SLOTS).select_related("series"))
_BYLINES = Compiled[Byline](lambda: Byline.objects.select_related("person").filter(publication__in=_these()))
_CATEGORIES = Compiled[Category](
    lambda: Category.objects.filter(publications__in=_these()).annotate(publication_id=F("publications"))
)


def cited_at(series_slug: str | None, slug: str) -> Publication | None:
    """The visible piece at an address as far as its citation names it; read once for both of its forms."""
    kept = collecting.once("cited", dict[tuple[str | None, str], Publication])
    piece = kept.get((series_slug, slug)) or _cited(series_slug, slug)
    if piece is not None:
        kept.clear()
        kept[series_slug, slug] = piece
        collecting.note(*named_on(piece))
    return piece


def _cited(series_slug: str | None, slug: str) -> Publication | None:
    found = _CITED_IN_SERIES.first(series=series_slug, slug=slug) if series_slug else _CITED.first(slug=slug)
    if found is not None:
        _keep([found], "bylines", _BYLINES.rows(**{slot.value: found.pk for slot in _SLOTS}))
    return found


def _with_slug() -> QuerySet[Publication]:
    rows = visibility.publications().filter(slug=Slot("slug", CharField())).order_by()
    return rows.select_related("series").defer("body", "go_live_zone", "expire_zone")


_CITED = Compiled[Publication](lambda: _with_slug().filter(series=None)[:1])
_CITED_IN_SERIES = Compiled[Publication](lambda: _with_slug().filter(series__slug=Slot("series", CharField()))[:1])


def person_at(slug: str) -> Person | None:
    """The person the public may see under a slug, with their picture."""
    return _PERSON.first(slug=slug)


_PERSON = Compiled[Person](
    lambda: visibility.people().select_related("photo").filter(slug=Slot("slug", CharField())).order_by()[:1]
)


def category_at(axis: str, slug: str) -> Category | None:
    """The category the public may see at an address, with its axis and what it is below of."""
    # Which are visible is known for the state; as a list in SQL it would be some hundred numbers each time. Asked
    # before the category is looked for, so that a hidden one takes as long as one that is not there.
    visible, found = visibility.category_ids(), _CATEGORY.first(axis=axis, slug=slug)
    return found if found is not None and found.pk in visible else None


_CATEGORY = Compiled[Category](
    lambda: (
        Category.objects.select_related("axis", "parent__axis")
        .filter(axis__slug=Slot("axis", CharField()), slug=Slot("slug", CharField()))
        .order_by()[:1]
    )
)


def categories_below(category: Category) -> list[Category]:
    """The categories right below one that the public may see."""
    found = _CATEGORIES_BELOW.rows(parent=category.pk)
    return [row for row in found if row.pk in visibility.category_ids()] if found else []


_CATEGORIES_BELOW = Compiled[Category](
    lambda: Category.objects.select_related("axis").filter(parent=Slot("parent", BigIntegerField()))
)
