"""The one gate: may the public see this now?

Search, counts, suggestions, feeds, sitemap, redirects, links, related lists, API, files, pictures and export all
ask here and nowhere else. Release is an act with a journal row (`live`), never a clock comparison in a query:
what is due becomes public when the worker releases it, everywhere at once.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import BigIntegerField, Case, Exists, Func, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, StrIndex, Substr

from isthmus.kit import collecting
from isthmus.kit.compiled import Compiled
from isthmus.publications.models import (
    Byline,
    Category,
    Document,
    HomePage,
    Image,
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


def among(publication_ids: Iterable[Any]) -> QuerySet[Publication]:
    """Those of the given publications the public may see, in no order."""
    # As a bare column, which no index serves: SQLite would take that of listings and read 9,166 rows to find ten,
    # 1.5 ms instead of 0.1.
    return Publication.objects.filter(live=True, pk__in=list(publication_ids)).order_by()


def visible_ids(publication_ids: Iterable[int]) -> set[int]:
    """Those of the given publications the public may see; one query for up to some hundred."""
    return set(among(publication_ids).values_list("pk", flat=True))


def total() -> int:
    """How many publications the institute has: the one number that stands everywhere."""
    return _TOTAL.first() or 0


# It stands on every page, and putting it into SQL cost ten times what the database took. Not Count(), which would count
# within each row.
_TOTAL = Compiled[int](
    lambda: publications().order_by().values_list(Func("pk", function="COUNT", output_field=IntegerField()), flat=True)
)


def people() -> QuerySet[Person]:
    """People named by a visible piece, or marked public by an editor."""
    named = Byline.objects.filter(person=OuterRef("pk"), publication__live=True)
    return Person.objects.filter(Q(is_public=True) | Exists(named))


def series() -> QuerySet[Series]:
    """Series with a visible piece, or marked public by an editor."""
    filled = Publication.objects.filter(series=OuterRef("pk"), live=True)
    return Series.objects.filter(Q(is_public=True) | Exists(filled))


def category_ids() -> set[int]:
    """Categories with a visible piece in them or below them, or marked public; one query, since the trees are small."""
    return collecting.once("category_ids", _category_ids)


def _category_ids() -> set[int]:
    filled = Category.publications.through.objects.filter(category=OuterRef("pk"), publication__live=True)
    own, parent_of = set(), {}
    rows = Category.objects.order_by().values_list("pk", "parent_id", Q(is_public=True) | Q(Exists(filled)))
    for pk, parent, is_shown in rows:
        parent_of[pk] = parent
        if is_shown:
            own.add(pk)
    for pk in list(own):
        above = parent_of.get(pk)
        while above is not None and above not in own:
            own.add(above)
            above = parent_of.get(above)
    return own


def categories() -> QuerySet[Category]:
    """Categories the public may see."""
    return Category.objects.filter(pk__in=category_ids()).select_related("axis")


def images() -> QuerySet[Image]:
    """Pictures that something public shows."""
    return Image.objects.filter(Exists(_public_uses().filter(image=OuterRef("pk"))))


def documents() -> QuerySet[Document]:
    """Files that something public offers."""
    return Document.objects.filter(Exists(_public_uses().filter(document=OuterRef("pk"))))


def image_is_public(image_id: int) -> bool:
    """Whether something public shows this picture."""
    return images().filter(pk=image_id).exists()


def document_is_public(document_id: int) -> bool:
    """Whether something public offers this file."""
    return documents().filter(pk=document_id).exists()


def public_users_of(medium: Image | Document) -> set[str]:
    """What shows the picture or file in public: `pub:17`, `person:3`, `page:4`, `site`."""
    uses = _public_uses().filter(**{medium._meta.model_name: medium})
    return set(uses.values_list("user", flat=True))


def _public_uses() -> QuerySet[MediaUse]:
    """Uses by what the public may see.

    One condition of one query and no further question for what is used somewhere: the number of questions, and so
    the time, would tell an address that is not public yet from one that does not exist.
    """
    number = Cast(Substr("user", StrIndex("user", Value(":")) + 1), BigIntegerField())
    # `site` has no number, and PostgreSQL refuses to read one out of it.
    uses = MediaUse.objects.annotate(owner_id=Case(When(user__contains=":", then=number)))
    owners = {"pub": publications(), "person": people(), "page": pages()}
    # A letter's pictures are recorded when it goes out: from then on they are in people's mail, whatever becomes of it.
    is_public = Q(user="site") | Q(user__startswith="campaign:")
    for kind, rows in owners.items():
        is_public |= Q(Exists(rows.filter(pk=OuterRef("owner_id"))), user__startswith=f"{kind}:")
    return uses.filter(is_public)


def pages() -> QuerySet[Any]:
    """Pages proper that are live and not restricted to some visitors."""
    from wagtail.models import Page

    return Page.objects.live().public().type(HomePage, StandardPage)
