"""The one gate: may the public see this now?

Search, counts, suggestions, feeds, sitemap, redirects, links, related lists, API, files, pictures and export all
ask here and nowhere else. Release is an act with a journal row (`live`), never a clock comparison in a query:
what is due becomes public when the worker releases it, everywhere at once.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from isthmus.publications.models import (
    Byline,
    Category,
    HomePage,
    MediaUse,
    Person,
    Publication,
    Series,
    StandardPage,
)  # fmt: skip


def publications() -> QuerySet[Publication]:
    """Every publication the public may see, newest first."""
    # Django writes live=True as a bare column, for which SQLite takes no index: the newest ten of 9,166 then cost 96 ms
    # instead of 7. As a list of one it is a comparison, and the index of listings serves it.
    return Publication.objects.filter(live__in=[True])


def is_visible(publication_id: int) -> bool:
    """Whether the public may see this publication."""
    return publications().filter(pk=publication_id).exists()


def visible_ids(publication_ids: Iterable[int]) -> set[int]:
    """Those of the given publications the public may see; one query for up to some hundred."""
    return set(publications().filter(pk__in=list(publication_ids)).values_list("pk", flat=True))


def total() -> int:
    """How many publications the institute has: the one number that stands everywhere."""
    return publications().order_by().count()


def people() -> QuerySet[Person]:
    """People named by a visible piece, or marked public by an editor."""
    named = Byline.objects.filter(person=OuterRef("pk"), publication__live=True)
    return Person.objects.filter(Q(is_public=True) | Exists(named))


def series() -> QuerySet[Series]:
    """Series with a visible piece, or marked public by an editor."""
    filled = Publication.objects.filter(series=OuterRef("pk"), live=True)
    return Series.objects.filter(Q(is_public=True) | Exists(filled))


def category_ids() -> set[int]:
    """Categories with a visible piece in them or below them, or marked public; the trees are small."""
    own = set(
        Category.objects.filter(Q(is_public=True) | Q(publications__live=True)).values_list("pk", flat=True).distinct()
    )
    parent_of = dict(Category.objects.values_list("pk", "parent_id"))
    for pk in list(own):
        above = parent_of.get(pk)
        while above is not None and above not in own:
            own.add(above)
            above = parent_of.get(above)
    return own


def categories() -> QuerySet[Category]:
    """Categories the public may see."""
    return Category.objects.filter(pk__in=category_ids()).select_related("axis")


def image_is_public(image_id: int) -> bool:
    """Whether something public shows this picture."""
    return _is_used_in_public(MediaUse.objects.filter(image_id=image_id))


def document_is_public(document_id: int) -> bool:
    """Whether something public offers this file."""
    return _is_used_in_public(MediaUse.objects.filter(document_id=document_id))


def _is_used_in_public(uses: QuerySet[MediaUse]) -> bool:
    by_kind: dict[str, list[int]] = {}
    for user in uses.values_list("user", flat=True):
        kind, _, number = user.partition(":")
        by_kind.setdefault(kind, []).append(int(number or 0))
    return any(_any_public(kind, ids) for kind, ids in by_kind.items())


def _any_public(kind: str, ids: list[int]) -> bool:
    if kind == "site":
        return True
    found: dict[str, Any] = {
        "pub": lambda: publications().filter(pk__in=ids),
        "person": lambda: people().filter(pk__in=ids),
        "page": lambda: pages().filter(pk__in=ids),
    }
    return kind in found and found[kind]().exists()


def pages() -> QuerySet[Any]:
    """Pages proper that are live and not restricted to some visitors."""
    from wagtail.models import Page

    return Page.objects.live().public().type(HomePage, StandardPage)
