"""Reads across rows for the public pages; every one starts from the gate."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
)  # fmt: skip
from django.db.models.functions import Coalesce
from wagtail.models import Page

from isthmus.kit import collecting
from isthmus.kit.compiled import Compiled, Slot
from isthmus.publications import visibility
from isthmus.publications.models import (
    Attachment,
    Byline,
    Category,
    FormerAddress,
    Person,
    Publication,
    Series,
    StandardPage,
    Withdrawal,
)  # fmt: skip


def piece_at(series_slug: str | None, slug: str) -> Publication | None:
    """The visible piece at an address, with everything its page shows, in four queries; None where there is none."""
    found = _PIECE_IN_SERIES.first(series_slug=series_slug, slug=slug) if series_slug else _PIECE_ALONE.first(slug=slug)
    if found is not None:
        _fetch_page_relations(found)
    return found


def _fetch_page_relations(piece: Publication) -> None:
    changed = getattr(piece, "_cluster_related_objects", {})
    for name, relation in _PAGE_RELATIONS.items():
        if name not in changed:
            keep_prefetched(piece, name, relation.rows(piece=piece.pk))


@contextmanager
def page_relations_held(piece: Publication) -> Iterator[None]:
    """Have `piece.bylines.all()` and the like answer from memory within the block, in three queries at most.

    A relation with unsaved changes is left alone: those are what the piece shows already, and saving them would leave
    the rows fetched here as they were before.
    """
    _fetch_page_relations(piece)
    try:
        yield
    finally:
        piece.__dict__.pop("_prefetched_objects_cache", None)


def _pieces_with_slug() -> QuerySet[Publication]:
    rows = visibility.publications().filter(slug=Slot("slug", CharField()))
    return rows.select_related("series", "lead_image").order_by()


_PIECE_IN_SERIES = Compiled[Publication](
    lambda: _pieces_with_slug().filter(series__slug=Slot("series_slug", CharField()))[:1]
)
_PIECE_ALONE = Compiled[Publication](lambda: _pieces_with_slug().filter(series=None)[:1])
_OF_PIECE = Slot("piece", BigIntegerField())
_PAGE_RELATIONS: dict[str, Compiled[Any]] = {
    "bylines": Compiled(lambda: Byline.objects.select_related("person").filter(publication=_OF_PIECE)),
    "categories": Compiled(lambda: Category.objects.select_related("axis").filter(publications=_OF_PIECE)),
    "attachments": Compiled(lambda: Attachment.objects.select_related("document").filter(publication=_OF_PIECE)),
}


def keep_prefetched(piece: Publication, name: str, rows: Sequence[Any]) -> None:
    """Let `piece.<name>.all()` answer with these rows, where `prefetch_related` would have put them."""
    for row in rows:
        if hasattr(row, "publication_id"):
            row.publication = piece
    kept = getattr(piece, name).model._default_manager.all()
    kept._result_cache = list(rows)
    piece.__dict__.setdefault("_prefetched_objects_cache", {})[name] = kept


def with_page_relations(rows: QuerySet[Publication]) -> QuerySet[Publication]:
    """The rows with all that a publication page shows, in four queries however many rows there are."""
    return rows.select_related("series", "lead_image").prefetch_related(
        Prefetch("bylines", Byline.objects.select_related("person")),
        Prefetch("categories", Category.objects.select_related("axis")),
        Prefetch("attachments", Attachment.objects.select_related("document")),
    )


def with_card_relations(rows: QuerySet[Publication]) -> QuerySet[Publication]:
    """The rows with what a listing shows, bodies left in the database."""
    return card_rows(rows).prefetch_related(Prefetch("bylines", Byline.objects.select_related("person")))


def card_rows(rows: QuerySet[Publication]) -> QuerySet[Publication]:
    """The rows with what a listing shows but for their bylines."""
    # All that stands behind a long text in the row.
    return rows.select_related("series", "lead_image").defer("body", "go_live_zone", "expire_zone")


def total_in_words(n: int | None = None) -> str:
    """What every page says of the institute's Total: `5822 publications`. n: None to ask the gate."""
    n = visibility.total() if n is None else n
    return f"{n} publication{'' if n == 1 else 's'}"


def page_number_of(piece: Publication, *, size: int) -> int:
    """The page of its series' listing (or of all publications without a series) that a visible piece stands on."""
    return _n_older(piece) // size + 1


def _n_older(piece: Publication) -> int:
    """How many visible pieces stand before one in its listing, counted on from the nearest that was counted.

    To count 9,166 rows takes 1.5 ms and grows with the archive; while the pages of one state are made, most of it is
    known from the page before.
    """
    counted = collecting.once("places", dict[int | None, list[tuple[datetime, int, int]]])
    known = counted.setdefault(piece.series_id, [])
    place = (piece.listed_at, piece.pk)
    above = bisect_left(known, place)
    if above:
        *below, n_below = known[above - 1]
        n = n_below + _n_between(piece.series_id, below, place)
    elif known:
        *over, n_over = known[0]
        n = n_over - _n_between(piece.series_id, place, over)
    else:
        n = _n_between(piece.series_id, (datetime.min.replace(tzinfo=UTC), 0), place)
    if len(known) < _MOST_PLACES:
        insort(known, (*place, n))
    return n


# Of one list and one state; more would bring nothing nearer.
_MOST_PLACES = 500


def _n_between(series_id: int | None, first: Sequence[Any], end: Sequence[Any]) -> int:
    """How many visible pieces stand at a place or after it, and before another."""
    between = _BETWEEN_IN_SERIES if series_id else _BETWEEN
    place = {"from_at": first[0], "from_pk": first[1], "to_at": end[0], "to_pk": end[1]}
    return between.first(**place, series=series_id) or 0


def _number_between(beside: QuerySet[Publication]) -> QuerySet[Any]:
    from_at, to_at = Slot("from_at", DateTimeField()), Slot("to_at", DateTimeField())
    from_pk, to_pk = Slot("from_pk", BigIntegerField()), Slot("to_pk", BigIntegerField())
    # A range and two exceptions: for "earlier, or as early with a smaller number" SQLite takes no index.
    rows = beside.filter(listed_at__gte=from_at, listed_at__lte=to_at)
    rows = rows.exclude(listed_at=from_at, pk__lt=from_pk).exclude(listed_at=to_at, pk__gte=to_pk).order_by()
    # Not Count(), which would count within each row.
    return rows.values_list(Func("pk", function="COUNT", output_field=IntegerField()), flat=True)


_BETWEEN = Compiled[int](lambda: _number_between(visibility.publications()))
_BETWEEN_IN_SERIES = Compiled[int](
    lambda: _number_between(visibility.publications().filter(series=Slot("series", BigIntegerField())))
)


def in_categories(branches: list[int]) -> QuerySet[Any]:
    """The numbers of the pieces in any of these categories."""
    return Publication.categories.through.objects.filter(category_id__in=branches).values("publication_id")


def series_with_counts() -> list[tuple[Series, int]]:
    """Public series and how many visible pieces each has."""
    collecting.note("counts:series")
    n_visible = Count("publications", filter=Q(publications__live=True))
    return [(row, row.n_visible) for row in visibility.series().annotate(n_visible=n_visible)]


def people_with_counts() -> list[tuple[Person, int]]:
    """Public people in the order of their sorting names, with the number of visible pieces that name them."""
    collecting.note("counts:people")
    counted = (
        Byline.objects.filter(person=OuterRef("pk"), publication__live=True)
        .order_by()
        .values("person")
        .annotate(n=Count("publication", distinct=True))
        .values("n")
    )
    rows = visibility.people().select_related("photo")
    rows = rows.annotate(n_visible=Coalesce(Subquery(counted, output_field=IntegerField()), Value(0)))
    return [(row, row.n_visible) for row in rows]


def branch_ids(category_id: int) -> list[int]:
    """The category and all below it; the trees are small, so one query for the whole of them."""
    children = collecting.once("children", _children)
    found, waiting = [], [category_id]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def _children() -> dict[int | None, list[int]]:
    children: dict[int | None, list[int]] = {}
    for pk, parent in Category.objects.values_list("pk", "parent_id"):
        children.setdefault(parent, []).append(pk)
    return children


def category_counts() -> dict[int, int]:
    """Visible pieces of every category that has some, counting those below it, each piece once; three queries."""
    parent_of = dict(Category.objects.values_list("pk", "parent_id"))
    has_children = set(parent_of.values())
    own = dict(
        visibility.publications()
        .order_by()
        .filter(categories__isnull=False)
        .values_list("categories")
        .annotate(n=Count("pk", distinct=True))
    )
    counts = {pk: n for pk, n in own.items() if pk not in has_children}
    for pk in has_children - {None}:
        branch = visibility.publications().filter(pk__in=in_categories(branch_ids(pk)))
        counts[pk] = branch.order_by().count()
    return {pk: n for pk, n in counts.items() if n}


def upcoming_events(now: datetime, *, limit: int = 4) -> list[Publication]:
    """Visible events that start at `now` or later, the next first.

    Starts are kept as typed, each with its own offset, so that their texts do not sort as their instants do. The
    database leaves out what is past in every zone; the few that remain are compared here.
    """
    events = visibility.publications().filter(kind="event").order_by()
    since = (now - _WIDEST_OFFSET).date().isoformat()
    starts = events.filter(details__start__gte=since).values_list("pk", "details__start")
    ahead = sorted((at, pk) for pk, text in starts if (at := _instant(text)) is not None and at >= now)[:limit]
    if ahead:
        collecting.right_until(ahead[0][0].timestamp())
    rows = with_card_relations(visibility.publications()).in_bulk([pk for _, pk in ahead])
    return [rows[pk] for _, pk in ahead if pk in rows]


# From -12:00 to +14:00; a day more for what a date without a time leaves open.
_WIDEST_OFFSET = timedelta(hours=38)


def _instant(text: object) -> datetime | None:
    """The instant of a start; in the institute's zone where it names none, None for what is no date with a time."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))


def standard_page(path: str) -> StandardPage | None:
    """The page proper at a path such as `about/` below home; None where there is no public one."""
    return (
        visibility.pages()
        .type(StandardPage)
        .filter(url_path__endswith=f"/{path}", depth__gt=2)
        .specific()
        .filter(depth=2 + path.count("/"))
        .first()
    )


def visible_target_of(path: str) -> str | None:
    """Where a former address leads now; None for none and for a target the public may not see.

    Asks the same number of questions for both, so that time tells nothing either.
    """
    is_visible = Q(category__in=visibility.category_ids()) | Q(page__live=True)
    gates = {"publication": visibility.publications(), "person": visibility.people(), "series": visibility.series()}
    for name, rows in gates.items():
        # Looked up for this one row: a list of all that is visible would be made only where the address is known.
        is_visible |= Q(Exists(rows.filter(pk=OuterRef(name))))
    former = FormerAddress.objects.select_related("publication__series", "person", "series", "category__axis", "page")
    found = former.filter(is_visible, path=path).first()
    if found is not None:
        target = found.publication or found.person or found.series or found.category
        return target.path if target else _path_of_page(found.page)
    head, _, rest = path.lstrip("/").partition("/")
    moved = FormerAddress.objects.filter(path=f"/{head}/", series=OuterRef("series"))
    slug = rest.rstrip("/")
    # In the order of numbers: for the newest first, SQLite would walk the index of listings and not that of slugs.
    pieces = visibility.publications().filter(Exists(moved), slug=slug).select_related("series").order_by("pk")
    piece = pieces.first() if slug else None
    return piece.path if piece else None


def _path_of_page(page: Page) -> str:
    """Root-relative: a page's address is its place below the home page."""
    return "/".join(["", *page.url_path.strip("/").split("/")[1:], ""])


def withdrawal_at(path: str) -> Withdrawal | None:
    """What stood at an address whose piece is gone; for a former address, what stood at the newest one; one query."""
    # A list and no condition on each row: for that, every withdrawal would be read at every address that is not there.
    formerly = FormerAddress.objects.filter(path=path, publication__isnull=False).values("publication")
    stood = Withdrawal.objects.filter(Q(path=path) | Q(publication__in=formerly))
    return stood.annotate(is_elsewhere=~Q(path=path)).order_by("is_elsewhere", "-withdrawn_at").first()


def newest(rows: QuerySet[Publication], *, limit: int) -> list[Publication]:
    """The newest visible rows, with what a card shows."""
    return list(with_card_relations(rows.order_by(F("listed_at").desc(), "-id"))[:limit])
