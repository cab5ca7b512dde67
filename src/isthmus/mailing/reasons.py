"""Why somebody is written to: what a piece belongs to, and how a subject stands in "You get this because …"."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from isthmus.mailing import following
from isthmus.mailing.models.people import EVERYTHING
from isthmus.publications.models import Byline, Category, Publication


def subjects_of(
    publication_ids: Collection[int], *, found: Mapping[int, Sequence[str]] | None = None
) -> dict[int, list[str]]:
    """By publication, what a person may follow to hear of it, the most specific first and `everything` last.

    The searches that locate it, the dossiers it stands in, each person in its bylines, its categories and those above
    them, its series. Four queries. found: searches and dossiers, by publication; see `matched.found_for`.
    """
    subjects: dict[int, list[str]] = {number: [*(found or {}).get(number, ())] for number in publication_ids}
    for number, person in Byline.objects.filter(publication__in=subjects).values_list("publication_id", "person_id"):
        subjects[number].append(f"person:{person}")
    parent_of = dict(Category.objects.order_by().values_list("pk", "parent_id"))
    branches = Publication.categories.through.objects.filter(publication__in=subjects)
    for number, category in branches.values_list("publication_id", "category_id"):
        subjects[number] += [f"category:{pk}" for pk in _with_those_above(category, parent_of)]
    rows = Publication.objects.filter(pk__in=subjects, series__isnull=False)
    for number, series in rows.order_by().values_list("pk", "series_id"):
        subjects[number].append(f"series:{series}")
    return {number: [*dict.fromkeys(found), EVERYTHING] for number, found in subjects.items()}


def _with_those_above(category: int | None, parent_of: dict[int, int | None]) -> Iterable[int]:
    while category is not None:
        yield category
        category = parent_of.get(category)


def words(subjects: Collection[str], *, is_campaign: bool = False) -> dict[str, str]:
    """For each subject the words after "because", such as "you follow The Peninsula".

    is_campaign: a letter to `everything` goes to every subscriber, whatever they follow.
    """
    known = following.names(subjects)
    everything = "you are on our mailing list" if is_campaign else "you follow everything we publish"
    return {subject: everything if subject == EVERYTHING else _follow(known.get(subject, "")) for subject in subjects}


def _follow(name: str) -> str:
    return f"you follow {name}" if name else "you are on our mailing list"
