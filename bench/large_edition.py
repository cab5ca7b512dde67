"""What a purge costs in an edition of many pages: rows and kept pages are made up, the keeper is the real one.

Pages are not rendered: 60,000 would take ten minutes, and a purge looks at their tags alone, which are those that
rendering notes on the page of a piece and on its listings.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

_N_PEOPLE, _N_CATEGORIES, _N_SERIES = 600, 60, 12
_FIRST = datetime(2006, 1, 2, 9, 0, tzinfo=UTC)
_PAGE_SIZE = 20
_CONTENT = b"<p>A page of an archive that was made up.</p>" * 100


def measure(n: int) -> Iterator[tuple[str, float]]:
    """CPU milliseconds of each step, with its name. Django must be open on an institute without pieces."""
    from isthmus.edition import editions
    from isthmus.edition.keeper import Keeper
    from isthmus.publications import actions
    from isthmus.publications.models import Publication

    _fill_database(n)
    keeper = Keeper()
    yield "a new edition with the facts of all pieces", _cpu_ms(keeper.rebuild)
    store: Any = editions.own()
    _fill_store(store, n)
    n_pages = len(store.keys())
    yield f"pages in it, of {n} pieces and their listings: {n_pages}", 0.0
    in_order = Publication.objects.order_by("listed_at", "id")
    for name, at in (("newest", n - 1), ("middle", n // 2), ("oldest", 0)):
        piece = in_order[at : at + 1].get()
        for what, act in (("withdrawn", actions.withdraw), ("released", actions.release)):
            before = len(store.keys())
            acting = _cpu_ms(lambda act=act, pk=piece.pk: act(Publication.objects.get(pk=pk)))
            spent = _cpu_ms(keeper.tick)
            yield f"the {name} piece {what} ({acting:.0f} ms): purged {before - len(store.keys())} pages in", spent


def _fill_database(n: int) -> None:
    from isthmus.publications.models import Byline, Category, CategoryAxis, Person, Publication, Series

    chance = random.Random(60)
    people = Person.objects.bulk_create(Person(name=f"Person {i}", slug=f"person-{i}") for i in range(_N_PEOPLE))
    axis = CategoryAxis.objects.create(label="Theme", slug="bench-theme")
    categories = Category.objects.bulk_create(
        Category(axis=axis, label=f"Theme {i}", slug=f"theme-{i}") for i in range(_N_CATEGORIES)
    )
    series = Series.objects.bulk_create(Series(title=f"Series {i}", slug=f"series-{i}") for i in range(_N_SERIES))
    pieces = Publication.objects.bulk_create(
        (
            Publication(
                title=f"No. {i}", slug=f"no-{i}", live=True, listed_at=(at := _FIRST + timedelta(hours=3 * i)),
                released_at=at, published_on=at.date(), excerpt="Made up.", series=chance.choice([None, *series]),
            )
            for i in range(n)
        ),
        batch_size=400,
    )  # fmt: skip
    Byline.objects.bulk_create(
        (Byline(publication=piece, person=chance.choice(people), sort_order=0) for piece in pieces), batch_size=2000
    )
    through: Any = Publication.categories.through
    through.objects.bulk_create(
        (through(publication_id=piece.pk, category_id=chance.choice(categories).pk) for piece in pieces),
        batch_size=2000,
    )


def _fill_store(store: Any, n: int) -> None:
    from isthmus.edition import queries
    from isthmus.publications import journal

    seq = journal.latest_seq()
    facts = list(queries.all_facts().values())
    facts.sort(key=lambda one: one.place)
    lists: dict[str, list[int]] = {}
    pages: list[Any] = []
    for index, one in enumerate(facts):
        for name in one.lists:
            lists.setdefault(name, []).append(one.number)
        near = [f"pub:{other.number}" for other in facts[max(0, index - 4) : index]]
        own = (f"pub:{one.number}", f"self:{one.number}", "site", *one.shares, *near)
        _keep(store, pages, f"/publications/no-{one.number}/", own, seq)
    for name, numbers in lists.items():
        n_pages = -(-len(numbers) // _PAGE_SIZE)
        for page in range(n_pages):
            shown = [f"pub:{pk}" for pk in numbers[page * _PAGE_SIZE : (page + 1) * _PAGE_SIZE]]
            newest = [f"list:{name}:newest"] if page == n_pages - 1 else []
            own = (f"list:{name}", f"list:{name}:{page + 1}", "site", *newest, *shown)
            _keep(store, pages, f"/{name}/?page={page + 1}", own, seq)
    store.put_many(pages)


def _keep(store: Any, pages: list[Any], key: str, tags: tuple[str, ...], seq: int) -> None:
    from isthmus.edition.page import Page

    pages.append(Page(key, (("Content-Type", "text/html"),), frozenset(tags), seq, content=_CONTENT, places=(10,)))
    if len(pages) >= 500:
        store.put_many(pages)
        pages.clear()


def _cpu_ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000
