"""Which publications a journal row is about: the one it names, or all that show the person, series or category."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from isthmus.publications import queries
from isthmus.publications.models import Byline, Publication


def publication_ids(subjects: Iterable[str]) -> set[int]:
    """Numbers of all publications, visible or not, whose Documents the subjects stand in.

    `site` stands in none: a Document holds nothing of the institute's settings.
    """
    return {number for subject in set(subjects) for number in _showing(subject)}


def _showing(subject: str) -> Iterator[int]:
    kind, _, digits = subject.partition(":")
    number = int(digits) if digits.isdigit() else 0
    if kind == "pub":
        yield number
    elif kind == "person":
        yield from Byline.objects.filter(person=number).values_list("publication_id", flat=True)
    elif kind == "series":
        yield from Publication.objects.filter(series=number).values_list("pk", flat=True)
    elif kind == "category":
        branch = queries.branch_ids(number)
        through = Publication.categories.through.objects.filter(category_id__in=branch)
        yield from through.values_list("publication_id", flat=True)
