"""What the database holds already, kept in memory while an import runs: people, branches, series, taken addresses.

One look at the start instead of five queries a piece; only one import runs at a time, and what editors add meanwhile is
caught by the constraints of the tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, partial

from isthmus.kit import text
from isthmus.publications import naming, recording
from isthmus.publications.models import (
    Category,
    CategoryAxis,
    FormerAddress,
    Person,
    Publication,
    Series,
    Withdrawal,
)  # fmt: skip


class People:
    """People by the folded key of their name; of two with one key the older is meant."""

    def __init__(self) -> None:
        rows = Person.objects.order_by("-pk").values_list("name_key", "pk", "name", "slug")
        self._known = {key: (pk, name) for key, pk, name, _ in rows}
        self._slugs = {slug for *_, slug in rows}
        self._filled: set[int] = set()

    def add_missing(self, names: Iterable[str]) -> None:
        """Make a record for each name that has none; nobody is public before a piece of theirs is."""
        new = {}
        for name in names:
            key = naming.name_key(name)
            if key not in self._known and key not in new:
                slug = naming.next_free(text.slug(name), self._slugs.__contains__)
                self._slugs.add(slug)
                new[key] = Person(name=name, name_key=key, sort_name=naming.sort_name(name), slug=slug)
        for person in Person.objects.bulk_create(new.values(), batch_size=500):
            self._known[person.name_key] = (person.pk, person.name)

    def fill_in(self, said: Iterable[tuple[str, str, str, str, list[str], int | None]]) -> None:
        """What profiles say of people, where nothing is said of them yet; their old pages lead to the new ones."""
        for name, bio, title, affiliation, paths, photo in said:
            known = self._known.get(naming.name_key(name))
            if known is None or known[0] in self._filled:
                continue
            self._filled.add(known[0])
            person = Person.objects.get(pk=known[0])
            values = {"bio": bio, "title": title, "affiliation": affiliation, "photo_id": photo}
            new = {field: value for field, value in values.items() if value and not getattr(person, field)}
            if new:
                for field, value in new.items():
                    setattr(person, field, value)
                person.save()
            rows = [FormerAddress(path=path, person=person) for path in paths]
            FormerAddress.objects.bulk_create(rows, ignore_conflicts=True)

    def find(self, name: str) -> tuple[int, str]:
        """Number and own name of somebody `add_missing` was called for."""
        return self._known[naming.name_key(name)]


class Branches:
    """Categories by axis and folded label."""

    def __init__(self) -> None:
        self._axes = dict(CategoryAxis.objects.values_list("slug", "pk"))
        rows = list(Category.objects.values_list("axis__slug", "label", "slug", "pk"))
        self._known = {(axis, text.fold(label)): pk for axis, label, _, pk in rows}
        self._slugs = {(axis, slug) for axis, _, slug, _ in rows}

    def add_missing(self, branches: Iterable[tuple[str, str]]) -> None:
        """Make the categories that are not there, and the axes they need."""
        new: dict[tuple[str, str], Category] = {}
        for axis, label in branches:
            axis = _axis_slug(axis)
            key = (axis, text.fold(label))
            if key in self._known or key in new:
                continue
            slug = naming.next_free(text.slug(label), partial(self._is_taken, axis))
            self._slugs.add((axis, slug))
            new[key] = Category(axis_id=self._axis_id(axis), label=label, slug=slug)
        for key, category in zip(new, Category.objects.bulk_create(new.values(), batch_size=500), strict=True):
            self._known[key] = category.pk

    def _is_taken(self, axis: str, slug: str) -> bool:
        return (axis, slug) in self._slugs

    def _axis_id(self, slug: str) -> int:
        if slug not in self._axes:
            label = slug.replace("-", " ").capitalize()
            self._axes[slug] = CategoryAxis.objects.create(slug=slug, label=label).pk
        return self._axes[slug]

    def has(self, axis: str, label: str) -> bool:
        """Whether there is such a category; "Uncategorized" never becomes one."""
        return (_axis_slug(axis), text.fold(label)) in self._known

    def find(self, axis: str, label: str) -> int:
        """Number of a category `add_missing` was called for."""
        return self._known[_axis_slug(axis), text.fold(label)]


@lru_cache(maxsize=1000)
def _axis_slug(axis: str) -> str:
    return text.slug(axis, 60)


class Shelf:
    """Series by folded title."""

    def __init__(self) -> None:
        self._known = {text.fold(row.title): row for row in Series.objects.all()}

    def find_or_add(self, title: str) -> Series | None:
        """The series of this title, made if it is not there; None for no title."""
        if not title:
            return None
        key = text.fold(title)
        if key not in self._known:
            series = Series(title=title)
            series.save()
            self._known[key] = series
        return self._known[key]


class Addresses:
    """Every taken address of a publication, with the identity that may take it again.

    By the path's hash, for 60,000 pieces have 20 MB of paths. That two of 200,000 share 64 bits happens once in a
    billion imports; the second of them would be taken for taken.
    """

    def __init__(self) -> None:
        self._taken: dict[int, str] = {}
        for path, identity in FormerAddress.objects.values_list("path", "publication__identity"):
            self._taken[hash(path)] = identity or ""
        for path, identity in Withdrawal.objects.values_list("path", "identity"):
            self._taken.setdefault(hash(path), identity)
        for slug, series, _ in Publication.objects.values_list("slug", "series__slug", "pk"):
            self._taken[hash(recording.publication_path(slug, series))] = "\x00"

    def take(self, slug: str, series: str | None, identity: str) -> str:
        """The first free slug; a piece that comes back gets the address it had."""
        free = naming.next_free(slug, lambda candidate: not self._is_free(candidate, series, identity))
        self._taken[hash(recording.publication_path(free, series))] = "\x00"
        return free

    def _is_free(self, slug: str, series: str | None, identity: str) -> bool:
        owner = self._taken.get(hash(recording.publication_path(slug, series)))
        return slug != "feed" and (owner is None or (bool(owner) and owner == identity))

    def add_shelves(self, shelves: Iterable[tuple[str, int]]) -> None:
        """Lead old listings, as (path, number of a category), to ours; one that leads somewhere already stays."""
        new = {path: pk for path, pk in shelves if hash(path) not in self._taken}
        self._taken.update(dict.fromkeys(map(hash, new), "\x00"))
        rows = [FormerAddress(path=path, category_id=pk) for path, pk in new.items()]
        FormerAddress.objects.bulk_create(rows, ignore_conflicts=True)

    def take_former(self, paths: Iterable[str], identity: str) -> list[str]:
        """Those of the old addresses that lead nowhere else yet, taken from now on; a piece come back has its own."""
        free = [path for path in paths if self._taken.get(hash(path)) in (None, identity or None)]
        self._taken.update(dict.fromkeys(map(hash, free), "\x00"))
        return free
